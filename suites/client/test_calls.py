"""A client in a calm sea: what it sends, and what its caller is told."""

from random import Random

from b24_conformance import conditions
from b24_conformance.probe import Probe
from b24_conformance.suite import Wants, World, as_probes, clause, plain

# A language without integers holds no more digits than these.
_WIDEST = 2**53 - 1


def _any_id(dice: Random) -> str:
    return str(dice.randint(1, dice.choice((100, 2**31, 2**32 + 100, _WIDEST))))


def _successes(world: World) -> tuple[Probe, ...]:
    return plain(world.chats("joined")[:1] + world.chats("joinable")[:1])


def _refusals(world: World) -> tuple[Probe, ...]:
    chats = world.chats("not_open_line")[:1] + world.chats("access_denied")[:1]
    return plain([*chats, *world.chats("absent")[:1], "0"])


@clause("client.success")
def success(world: World) -> Wants:
    return Wants(_successes(world) + _refusals(world)[:1])


@clause("client.codes")
def codes(world: World) -> Wants:
    return Wants(_refusals(world))


@clause("client.codes-exact")
def codes_exact(world: World) -> Wants:
    return Wants(_refusals(world))


@clause("client.wire-chat-id")
def chat_id_on_the_wire(world: World) -> Wants:
    """Also digits in a string, negatives, and ids beyond 32 bits."""
    chats = world.chats("joined", "joinable")
    wide = [chat for chat in chats if chat >= 2**31]
    given = [*chats[:1], *wide, f'"{chats[0]}"', f"-{chats[0]}"] if chats else []
    return Wants(plain(given), as_probes(_any_id))


@clause("client.wire-missing")
def missing_on_the_wire(world: World) -> Wants:
    return Wants((Probe(None),))


@clause("client.method")
def method(world: World) -> Wants:
    return Wants(_successes(world))


@clause("client.nothing-else")
def nothing_else(world: World) -> Wants:
    return Wants(_successes(world) + _refusals(world))


@clause("client.refusal-not-retried")
def refusals_are_final(world: World) -> Wants:
    fourth = [Probe(one.chat_id, when=conditions.USER_ID) for one in _successes(world)[:1]]
    return Wants((*_refusals(world), *fourth))


@clause("client.success-once")
def success_is_final(world: World) -> Wants:
    return Wants(_successes(world))


@clause("client.no-secret")
def secrets(world: World) -> Wants:
    """Errors of every kind: it is they that quote what was asked."""
    names = (conditions.DROPPED, conditions.HTML_502, conditions.HANG, conditions.NOT_JSON_200)
    asked = _successes(world)[:1]
    return Wants(tuple(Probe(one.chat_id, when=name) for one in asked for name in names))
