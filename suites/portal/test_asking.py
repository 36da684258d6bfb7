"""Ways of asking: each gets the answers of the plain one."""

from itertools import cycle, islice

import msgspec

from b24_conformance import ways
from b24_conformance.declaration import ChatKind
from b24_conformance.probe import Asking, Probe
from b24_conformance.suite import Wants, World, clause


def _by(world: World, *askings: Asking, thorough: bool = False) -> Wants:
    telling = [probe for asking in askings for probe in world.by(asking, thorough=thorough)]
    return Wants(tuple(telling), world.drawn_by(askings[0]), share=0.5)


@clause("asking.no-suffix")
def without_a_suffix(world: World) -> Wants:
    return _by(world, ways.NO_SUFFIX)


@clause("asking.form")
def by_form(world: World) -> Wants:
    return _by(world, ways.FORM, thorough=True)


@clause("asking.query")
def by_query(world: World) -> Wants:
    return _by(world, ways.QUERY, thorough=True)


@clause("asking.multipart")
def by_multipart(world: World) -> Wants:
    return _by(world, ways.MULTIPART, thorough=True)


@clause("asking.posted-query")
def by_the_query_of_a_post(world: World) -> Wants:
    return _by(world, ways.POSTED_QUERY)


@clause("asking.text-form")
def by_form_as_plain_text(world: World) -> Wants:
    return _by(world, ways.TEXT_FORM)


@clause("asking.method-case")
def by_a_name_in_another_case(world: World) -> Wants:
    return _by(world, ways.ANY_CASE)


@clause("asking.suffix-case")
def by_a_suffix_in_another_case(world: World) -> Wants:
    upper_xml = () if "xml" in world.declaration.without else (ways.UPPER_XML,)
    return _by(world, ways.UPPER_SUFFIX, *upper_xml)


@clause("asking.slashes")
def by_a_path_with_more_slashes(world: World) -> Wants:
    return _by(world, ways.DOUBLE_SLASH, ways.TRAILING_SLASH)


@clause("asking.digit-string")
def by_digits_in_a_string(world: World) -> Wants:
    chats = world.telling_chats + world.chats("absent")[:1]
    return Wants(tuple(Probe(f'"{chat}"') for chat in chats))


@clause("asking.body-over-query")
def by_body_and_query_at_once(world: World) -> Wants:
    """The two name chats with different answers."""
    chats = [str(chat) for chat in (*world.telling_chats[:2], 0)]
    pairs = zip(chats, chats[1:] + chats[:1], strict=True)
    different = [(body, query) for body, query in pairs if body != query]
    probes = [Probe(body, beside=query) for body, query in different]
    probes += [Probe(body, beside=query, asking=ways.FORM) for body, query in different[:1]]
    return Wants(tuple(probes))


@clause("asking.unknown-parameters")
def with_unknown_parameters(world: World) -> Wants:
    unknown = (("bx24_request_id", '"0"'), ("LANG", '"ru"'))
    probes = [Probe(str(chat), extra=unknown) for chat in (*world.telling_chats[:2], 0)]
    for chat in world.telling_chats[1:2]:
        # Names that other methods of the same module know, aimed at another chat.
        siblings = (("DIALOG_ID", f'"chat{chat}"'), ("ID", str(chat)))
        probes += [Probe(literal, extra=siblings) for literal in ("0", None)]
    return Wants(tuple(probe for probe in probes if world.may(probe)))


@clause("asking.lower-case-key")
def by_a_key_in_lower_case(world: World) -> Wants:
    chats = world.telling_chats[:2]
    return Wants(tuple(Probe(str(chat), key="chat_id") for chat in chats))


@clause("oauth.body")
def by_a_token_in_the_body(world: World) -> Wants:
    if not world.has(place="oauth_body"):
        return Wants()
    return _with_tokens(world, ways.OAUTH_BODY, ways.OAUTH_FORM)


@clause("oauth.query")
def by_a_token_in_the_query(world: World) -> Wants:
    if not world.has(place="oauth_query"):
        return Wants()
    return _with_tokens(world, ways.OAUTH_QUERY, ways.OAUTH_GET)


def _with_tokens(world: World, asking: Asking, other: Asking) -> Wants:
    """Also by the colleague, for a chat that demands another answer of him."""
    wants = _by(world, asking)
    probes = [*wants.telling, *world.by(other)[:1]]
    if world.has(place=asking.place, operator="colleague"):
        chats = world.colleagues("access_denied") + world.colleagues("joinable")
        probes += [msgspec.structs.replace(probe, asking=asking) for probe in chats[:1]]
    return Wants(tuple(probes), wants.drawn, share=wants.share)


@clause("oauth.bearer")
def by_a_token_in_a_header(world: World) -> Wants:
    return _by(world, ways.BEARER) if world.has(place="bearer") else Wants()


@clause("xml.success")
def success_in_xml(world: World) -> Wants:
    chats = world.chats("joined", "joinable")
    return Wants(tuple(Probe(str(chat), asking=ways.XML) for chat in chats[:2]))


@clause("xml.refusal")
def refusals_in_xml(world: World) -> Wants:
    chats = (0, *world.chats("not_open_line")[:1], *world.chats("access_denied")[:1])
    return Wants(tuple(Probe(str(chat), asking=ways.XML) for chat in chats))


@clause("xml.content-type")
def the_type_of_xml(world: World) -> Wants:
    return Wants(world.by(ways.XML))


@clause("batch.agrees")
def in_a_batch(world: World) -> Wants:
    return Wants(_batch(world))


@clause("batch.shape")
def the_shape_of_a_batch(world: World) -> Wants:
    return Wants(_batch(world))


_IN_BATCH = 3


def _but_last(chats: tuple[int, ...]) -> tuple[int, ...]:
    """The last chat of a kind is kept for those who watch its participants."""
    return chats[:-1] or chats


def _batch(world: World) -> tuple[tuple[Probe, ...], ...]:
    """Every kind of chat in one batch, refusals among successes, then refusals alone."""
    kinds: tuple[ChatKind, ...] = ("not_open_line", "joined", "access_denied", "joinable")
    chats = [str(chat) for kind in kinds for chat in _but_last(world.chats(kind))[:_IN_BATCH]]
    chats += [str(chat) for chat in world.chats("absent")]
    if not chats:
        return ()
    some = (*chats[:1], "0", *chats[1:46], "", "abc", "-1")
    # Fifty items are allowed: whoever drops the last ones must not get away with it.
    mixed = tuple(islice(cycle(some), 50))
    refused = [str(chat) for chat in world.chats("not_open_line", "access_denied")[:2]]
    steps = [
        tuple(Probe(c, asking=ways.BATCH) for c in batch) for batch in (mixed, ("0", *refused))
    ]
    colleague = [
        msgspec.structs.replace(probe, asking=ways.BATCH)
        for kind in ("access_denied", "joined")
        for probe in world.colleagues(kind)[:2]
    ]
    return tuple(steps) + ((tuple(colleague),) if colleague else ())
