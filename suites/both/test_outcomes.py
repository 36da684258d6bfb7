"""The outcome itself: what joins, what is refused, and with which code."""

from b24_conformance.chat_ids import makers
from b24_conformance.chat_ids.negatives import negatives
from b24_conformance.declaration import ChatKind
from b24_conformance.histories import watched
from b24_conformance.probe import Probe
from b24_conformance.suite import Wants, World, as_probes, clause, plain


@clause("success.joinable")
def chats_that_may_be_joined(world: World) -> Wants:
    """The first join of the run is watched from before to after."""
    chats = world.free_chats("joinable")
    if world.declaration.side == "client":
        return Wants(plain(chats))
    first = [watched(chat, Probe(str(chat))) for chat in chats[:1]]
    return Wants((*first, *plain(chats[1:]), *_colleagues(world, "joinable")))


def _colleagues(world: World, kind: ChatKind) -> tuple[Probe, ...]:
    """A few of the colleague's chats; a batch asks for all."""
    return world.colleagues(kind, 6 if "batch" in world.declaration.without else 2)


@clause("refusal.zero")
def zero(world: World) -> Wants:
    return Wants(plain(["0", "-0"]), packs=True)


@clause("refusal.chat-type")
def chats_of_another_kind(world: World) -> Wants:
    chats = plain(world.chats("not_open_line"))
    return Wants((*chats, *_colleagues(world, "not_open_line")), packs=True)


@clause("refusal.access-denied")
def chats_that_may_not_be_joined(world: World) -> Wants:
    chats = plain(world.chats("access_denied"))
    return Wants((*chats, *_colleagues(world, "access_denied")), packs=True)


@clause("success.member")
def chats_already_joined(world: World) -> Wants:
    return Wants((*plain(world.chats("joined")), *_colleagues(world, "joined")), packs=True)


@clause("refusal.missing")
def missing(world: World) -> Wants:
    return Wants((Probe(None),), packs=True)


@clause("refusal.negative")
def negative(world: World) -> Wants:
    """Also numbers that a careless reader mirrors or wraps to a declared chat."""
    chats = (*world.telling_chats[:2], *(world.chats("absent") if world.live else ()))
    numbers = (-1, *negatives(chats, world.every_chat))
    telling = [probe for probe in plain(numbers) if world.may(probe)]
    return Wants(tuple(telling), as_probes(makers.negative), packs=True)


@clause("refusal.empty")
def empty(world: World) -> Wants:
    return Wants(plain(['""']), packs=True)


@clause("refusal.text")
def text_without_a_digit(world: World) -> Wants:
    telling = ['"abc"', '" "', '"NaN"', '"true"', '"Москва"', '"O\'Brien"', '"null"']
    return Wants(plain(telling), as_probes(makers.text_without_digits), packs=True)


@clause("refusal.absent-never-joined")
def absent_chats_by_any_way(world: World) -> Wants:
    return Wants(plain(world.chats("absent")), packs=True)


@clause("refusal.absent")
def absent_chats(world: World) -> Wants:
    return Wants(plain(world.chats("absent")), packs=True)


@clause("refusal.absent-chat-id")
def absent_chats_by_code(world: World) -> Wants:
    return Wants(plain(world.chats("absent")), packs=True)
