"""The outcome itself: what joins, what is refused, and with which code."""

from b24_conformance.chat_ids import strategies
from b24_conformance.histories import watched
from b24_conformance.probe import Probe
from b24_conformance.suite import Wants, World, as_probes, clause, plain


@clause("success.joinable")
def chats_that_may_be_joined(world: World) -> Wants:
    """The first join of the run is watched from before to after."""
    chats = world.chats("joinable")
    if world.declaration.side == "client":
        return Wants(plain(chats))
    first = [watched(chat, Probe(str(chat))) for chat in chats[:2]]
    return Wants((*first, *plain(chats[2:])))


@clause("refusal.zero")
def zero(world: World) -> Wants:
    return Wants(plain(["0", "-0"]))


@clause("refusal.chat-type")
def chats_of_another_kind(world: World) -> Wants:
    return Wants(plain(world.chats("not_open_line")))


@clause("refusal.access-denied")
def chats_that_may_not_be_joined(world: World) -> Wants:
    return Wants(plain(world.chats("access_denied")))


@clause("success.member")
def chats_already_joined(world: World) -> Wants:
    return Wants(plain(world.chats("joined")))


@clause("refusal.missing")
def missing(world: World) -> Wants:
    return Wants((Probe(None),))


@clause("refusal.negative")
def negative(world: World) -> Wants:
    """Also the negatives of declared chats: whoever takes the absolute value joins them."""
    mirrored = [f"-{chat}" for chat in world.telling_chats]
    return Wants(plain(["-1", *mirrored]), as_probes(strategies.negative()))


@clause("refusal.empty")
def empty(world: World) -> Wants:
    return Wants(plain(['""']))


@clause("refusal.text")
def text_without_a_digit(world: World) -> Wants:
    telling = ['"abc"', '"chat"', '"NaN"', '"true"', '"Москва"', '"null"']
    return Wants(plain(telling), as_probes(strategies.text_without_digits()))


@clause("refusal.absent-never-joined")
def absent_chats_by_any_way(world: World) -> Wants:
    return Wants(plain(world.chats("absent")))


@clause("refusal.absent")
def absent_chats(world: World) -> Wants:
    return Wants(plain(world.chats("absent")))


@clause("refusal.absent-chat-id")
def absent_chats_by_code(world: World) -> Wants:
    return Wants(plain(world.chats("absent")))
