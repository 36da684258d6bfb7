"""Batches: each item gets the answer of the plain question."""

from collections.abc import Iterable
from itertools import cycle, islice

import msgspec

from b24_conformance import ways
from b24_conformance.chat_ids.apart import apart
from b24_conformance.chat_ids.negatives import negatives
from b24_conformance.declaration import ChatKind
from b24_conformance.histories import members
from b24_conformance.probe import Asking, Probe, Step
from b24_conformance.suite import Wants, World, clause, plain

_KINDS: tuple[ChatKind, ...] = ("not_open_line", "joined", "access_denied", "joinable")


@clause("batch.agrees")
def in_a_batch(world: World) -> Wants:
    return Wants(_batches(world), packs=True)


@clause("batch.shape")
def the_shape_of_a_batch(world: World) -> Wants:
    return Wants(_batches(world), packs=True)


@clause("batch.halts")
def a_halting_batch(world: World) -> Wants:
    refused = world.chats("not_open_line", "access_denied")[:1]
    # On a live portal refusals and joins share no batch.
    joined = () if world.live else world.chats("joined")[:1]
    step = tuple(Probe(str(chat), asking=ways.BATCH_HALTING) for chat in (*joined, *refused, 0))
    return Wants((step,) if refused else ())


@clause("batch.length")
def a_batch_too_long(world: World) -> Wants:
    """One command more than there is room for, and if it can be with another answer than others.

    By itself, since it may be refused as a whole; in a list, since names in JSON have no order.
    The gate spares a live portal.
    """
    chats = map(str, world.chats("joined", "not_open_line", "access_denied"))
    asked = (*["0"] * ways.ROOM, next(chats, None))
    return Wants((tuple(Probe(chat, asking=ways.BATCH_LONG) for chat in asked),))


@clause("batch.time")
def the_times_of_a_batch(world: World) -> Wants:
    return Wants(_batches(world), packs=True)


def _batches(world: World) -> tuple[Step, ...]:
    """Every kind of chat in one batch, refusals among successes; so for the colleague."""
    chats = [str(chat) for kind in _KINDS for chat in _early(world, kind)]
    chats += [str(chat) for chat in world.chats("absent")]
    if not chats:
        return ()
    # The first one is asked for between two looks of a member.
    foreign = [str(chat) for chat in world.foreign_chats("operator")[1:3]]
    senseless = ["", "  ", "abc", "Москва", "-1", *_negative(world)]
    some = [*chats[:1], "0", *foreign, *chats[1:30], *senseless]
    mixed = [*(Probe(chat, asking=ways.BATCH) for chat in some), *_with_more(world)]
    refused = [str(chat) for chat in world.chats("not_open_line", "access_denied")[:2]]
    alone = tuple(Probe(chat, asking=ways.BATCH) for chat in ("0", *refused))
    otherwise = (alone,) if world.live else _written_otherwise(world, alone)
    return (*_watched(world, mixed), *otherwise)


def _written_otherwise(world: World, alone: Step) -> tuple[Step, ...]:
    """The colleague's chats as a form, or the operator's; some of each in the URL or in a list."""
    # Whoever unescapes it once too often reads another CHAT_ID.
    escaped = [Probe(str(chat), extra=(("LANG", "ru&CHAT_ID=0"),)) for chat in world.targets[:1]]
    mixed = [Probe("0"), *(Probe(str(chat)) for chat in world.telling_chats), *escaped]
    form = _of_the_colleague(world) or (_dressed(alone, ways.BATCH_FORM),)
    joined = [Probe(str(chat)) for chat in world.chats("joined")[:1]]
    # The last command names no chat, though one stands before it, and beside them all.
    listed = _dressed((*alone, *joined, Probe(None)), ways.BATCH_LIST)
    return (*form, _dressed(mixed, ways.BATCH_QUERY), listed)


def _dressed(probes: Iterable[Probe], asking: Asking) -> Step:
    return tuple(msgspec.structs.replace(probe, asking=asking) for probe in probes)


def _early(world: World, kind: ChatKind) -> tuple[int, ...]:
    """The chats of a kind without those whose first join is left to others."""
    kept = _proxied(world)
    return tuple(chat for chat in world.free_chats(kind) if chat not in kept)


def _proxied(world: World) -> tuple[int, ...]:
    """A joined chat that is left to those who name another user, who is no member of it."""
    joined = [c for c in world.chats("joined") if c not in world.telling_chats]
    theirs = world.chats("joined", operator="colleague")
    return apart([chat for chat in joined if chat not in theirs])


def _negative(world: World) -> list[str]:
    """What a reader who loses the sign, or the high bits, takes for a chat."""
    numbers = negatives(world.telling_chats[:2], world.every_chat)
    return [str(number) for number in numbers if world.may(Probe(str(number)))]


def _with_more(world: World) -> list[Probe]:
    """Parameters beside CHAT_ID and in its place, and another user's id."""
    unknown = (("bx24_request_id", "0"), ("LANG", "ru?en"))
    probes = [Probe(str(chat), extra=unknown) for chat in world.telling_chats[:1]]
    for chat in map(str, world.telling_chats[1:2]):
        probes.append(Probe(None, extra=(("SESSION_ID", chat),)))
    colleague = world.declaration.colleague
    if colleague is not None and colleague.user_id is not None:
        user = (("USER_ID", str(colleague.user_id)), ("SESSION_ID", "1"))
        probes += [Probe(str(chat), extra=user) for chat in _proxied(world)]
    return [probe for probe in map(_in_batch, probes) if world.may(probe)]


def _in_batch(probe: Probe) -> Probe:
    return msgspec.structs.replace(probe, asking=ways.BATCH)


def _watched(world: World, mixed: list[Probe]) -> tuple[Step, ...]:
    """A full batch, and who is in some chats of each kind before and afterwards.

    The looks are batches of their own, since nobody says that items are run in their order. A
    first plain join and a stranger's stand between them, too.
    """
    if world.live:
        return (tuple(mixed),)
    fresh = _early(world, "joinable")
    # One that is joined before is left out, unless it is the only one: that is asked again.
    known = [str(chat) for chat in fresh[:1] if fresh[1:]]
    items = [item for item in mixed if item.chat_id not in known]
    full = tuple(islice(cycle(items), ways.ROOM))
    if "members" in world.declaration.without:
        return (full,)
    seen = [chat for kind in _KINDS[:-1] for chat in _early(world, kind)[-1:]]
    stranger = _by_a_stranger(world)
    seen += [
        *fresh[:1],
        *fresh[1:][-1:],
        *_proxied(world),
        *_left_for_later(world)[: len(stranger)],
    ]
    seen += [*_where_the_colleague_joins(world), *world.foreign_chats("colleague")[:2]]
    if not seen:
        return (full,)
    before, after = (
        tuple(_in_batch(members(chat, occasion=when)) for chat in seen)
        for when in ("before all", "after all")
    )
    joins = tuple((Probe(str(chat), occasion="first of all"),) for chat in fresh[:1])
    if stranger:
        return (before, *joins, stranger, full, after)
    return (before, *_by_a_stranger_before(world, fresh[:1]), *joins, full, after)


def _by_a_stranger(world: World) -> Step:
    """Who shows a wrong secret is refused; that nothing was stored all the same is to be seen."""
    chats = _left_for_later(world) if world.has(place="webhook") else ()
    return tuple(Probe(str(chat), asking=Asking(identity="random")) for chat in chats)


def _by_a_stranger_before(world: World, chats: Iterable[int]) -> tuple[Step, ...]:
    """The same before the first plain join, with a look of its own."""
    if not world.has(place="webhook"):
        return ()
    stranger = Asking(identity="random")
    look = "after the stranger"
    return tuple((Probe(str(c), asking=stranger), members(c, occasion=look)) for c in chats)


def _left_for_later(world: World) -> tuple[int, ...]:
    """A joinable chat whose first join comes later, by a way of its own."""
    return tuple(world.first_joins.get("operator", {}))[:1]


def _where_the_colleague_joins(world: World) -> list[int]:
    """A chat with the operator in it, who must still be there when the colleague has joined."""
    theirs = world.chats("joinable", operator="colleague")
    seen = _early(world, "joined")[-1:]
    return [c for c in world.chats("joined") if c in theirs and c not in seen][:1]


def _of_the_colleague(world: World) -> tuple[Step, ...]:
    """All his chats but those that the operator may join as well, and who is in one of them.

    As a form, which PHP's clients send.
    """
    shared = {str(chat) for chat in world.chats("joinable")}
    chats = [
        probe
        for kind in (*_KINDS, "absent")
        for probe in world.colleagues(kind)
        if not (kind == "joinable" and probe.chat_id in shared)
    ]
    chats += plain(world.foreign_chats("colleague")[:2], "colleague")
    items = _dressed(chats, ways.BATCH_FORM)
    if not items:
        return ()
    return ((*items, *_after_his(world, [probe.literal for probe in chats])),)


def _after_his(world: World, asked: list[str]) -> Step:
    """The operator looks: lists that different people see cannot be compared.

    One look is a call of its own, so that the others are a batch of their own.
    """
    if "members" in world.declaration.without:
        return ()
    theirs = world.chats("joinable", operator="colleague")
    inside = sorted(world.chats("joined", "joinable"), key=lambda chat: chat not in theirs)
    inside += world.foreign_chats("colleague")
    looks = [members(c, occasion="after his") for c in inside if str(c) in asked][: ways.ROOM]
    return (*looks[:1], *map(_in_batch, looks[1:]))
