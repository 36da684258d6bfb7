"""Envelopes: status, content type, fields and their types, in every answer."""

from msgspec.structs import replace

from b24_conformance import ways
from b24_conformance.chat_ids import makers
from b24_conformance.openapi import calls
from b24_conformance.probe import UNKNOWN, Probe
from b24_conformance.suite import Wants, World, as_probes, clause, plain


def _refusals(world: World) -> tuple[Probe, ...]:
    chats = world.chats("not_open_line")[:1] + world.chats("access_denied")[:1]
    return plain(["0", *chats])


def _successes(world: World) -> tuple[Probe, ...]:
    return plain(world.chats("joined")[:1] + world.chats("joinable")[:1])


def _all(world: World) -> Wants:
    return Wants(_refusals(world) + _successes(world))


@clause("envelope.json")
def one_json_object(world: World) -> Wants:
    return _all(world)


@clause("envelope.one-outcome")
def result_or_error(world: World) -> Wants:
    return _all(world)


@clause("envelope.success-status")
def status_of_success(world: World) -> Wants:
    return Wants(_successes(world))


@clause("envelope.refusal-status")
def status_of_refusals(world: World) -> Wants:
    return Wants(_refusals(world))


@clause("envelope.refusal-strings")
def strings_of_refusals(world: World) -> Wants:
    return Wants(_refusals(world))


@clause("envelope.content-type")
def content_type(world: World) -> Wants:
    return _all(world)


@clause("time.present")
def time_is_there(world: World) -> Wants:
    return Wants(_successes(world))


@clause("time.fields")
def fields_of_time(world: World) -> Wants:
    return Wants(_successes(world))


@clause("time.order")
def order_of_time(world: World) -> Wants:
    return Wants(_successes(world))


@clause("shape.openapi")
def shape(world: World) -> Wants:
    """Schemathesis generates the calls, with our CHAT_IDs in them."""
    drawn = calls(makers.anything)
    return Wants(_refusals(world) + _successes(world), drawn)


@clause("cors.origin")
def open_to_browsers(world: World) -> Wants:
    return _all(world)


@clause("cors.preflight")
def preflight_of_a_browser(world: World) -> Wants:
    """Live portals are spared a request that only a SHOULD asks for."""
    return Wants() if world.live else Wants((Probe(asking=ways.PREFLIGHT),))


@clause("throttle.shape")
def throttled(world: World) -> Wants:
    return Wants(plain(["0"]))


@clause("secret.not-echoed")
def secrets_in_answers(world: World) -> Wants:
    """All that is asked; of a method that is not there many tell the address."""
    wants = _all(world)
    unknown = () if world.live else (Probe(method=UNKNOWN),)
    return replace(wants, telling=(*wants.telling, *unknown))


@clause("robust.answers")
def complete_answers(world: World) -> Wants:
    return _all(world)


@clause("robust.no-server-error")
def no_server_error(world: World) -> Wants:
    """Values that break a careless reader: huge, deep, empty, of another type or script."""
    telling = [
        "0",
        '"\\ud800"',
        '"' + "9" * 5000 + '"',
        "9" * 5000,
        '"' + "0" * 5000 + '"',
        "[" * 600 + "]" * 600,
        "[" * 2000 + "]" * 2000,
        "[]",
        '"' + "x" * 5000 + '"',
        "[" * 60 + "]" * 60,
        '"\\u0000"',
        "-1e400",
        "18446744073709551617",
        '{"":{}}',
    ]
    telling = [literal for literal in telling if world.may(Probe(literal))]
    return Wants(plain(telling), as_probes(makers.anything), enough=0)


# What a careless reader, template, query or database each fails on, in one text.
_ODD = '"<b>O\'Brien & Москва \\ud83d\\ude00\\u0000</b>"'


@clause("robust.no-html")
def no_html(world: World) -> Wants:
    telling = [_ODD, '"<b>"', '"\\u0000"', '"\\ud83d\\ude00"', "null"]
    return Wants(plain(telling), as_probes(makers.anything), enough=0)
