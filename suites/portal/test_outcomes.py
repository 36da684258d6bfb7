"""Outcomes that only a portal can be asked about."""

from collections.abc import Iterable

import msgspec

from b24_conformance import ways
from b24_conformance.chat_ids.apart import apart
from b24_conformance.first_joins import shared
from b24_conformance.histories import history_of, members, watched
from b24_conformance.probe import Asking, Probe, Step
from b24_conformance.suite import Wants, World, clause, plain

_WIDE = 2**32
_OTHER = {"operator": "colleague", "colleague": "operator"}


@clause("success.exactly-true")
def successes(world: World) -> Wants:
    return Wants(plain(world.chats("joined")))


@clause("success.participant")
def participants_after_a_join(world: World) -> Wants:
    """A chat that the operator may not access shows a list without him."""
    fresh, inside = world.free_chats("joinable"), apart(world.chats("joined"))
    # What a batch asks for is watched anyway.
    batched = not world.live and "batch" not in world.declaration.without
    alone = fresh[:1] or inside if batched else (*fresh[:1], *fresh[1:][-1:], *inside)
    telling = [watched(chat, Probe(str(chat))) for chat in alone]
    telling += _first_joins(world)
    telling += [_at_last(world)] if batched else []
    moves = [("operator", chat) for chat in world.chats("joinable", "joined", "access_denied")]
    moves += [("colleague", chat) for chat in _shared(world)]
    drawn = history_of(moves) if fresh else None
    return Wants(tuple(filter(None, telling)), drawn, shrinks=False, share=0.25)


@clause("state.once")
def participants_after_another_join(world: World) -> Wants:
    """The same looks show it: each of these chats is asked for more than once."""
    return msgspec.structs.replace(participants_after_a_join(world), drawn=None)


def _first_joins(world: World) -> list[Step]:
    """Every way of asking has a chat of its own, as far as there are enough; one look at all."""
    found: list[Step] = []
    for operator, chats in world.first_joins.items():
        joins = [
            Probe(str(chat), operator=operator, asking=way)
            for chat, way in chats.items()
            if chat not in shared(world.declaration)
        ]
        looks = [members(_chat(one), operator, "after the first") for one in joins]
        if "batch" not in world.declaration.without:
            looks = [*_in_one_batch(looks)]
        again = [(Probe(one.chat_id, operator=operator),) for one in joins]
        found += [(*joins, *looks), *(step for step in again if step[0] not in joins)]
    return list(filter(None, found))


def _chat(probe: Probe) -> int:
    return int(str(probe.chat_id))


def _in_one_batch(looks: Iterable[Probe]) -> Step:
    return tuple(msgspec.structs.replace(look, asking=ways.BATCH) for look in looks)


def _at_last(world: World) -> Step:
    """One more look at whatever the operator has joined: he is still there."""
    chats = [*world.chats("joined"), *world.chats("joinable")]
    return _in_one_batch(members(chat, occasion="at last") for chat in chats[: ways.ROOM])


def _shared(world: World) -> list[int]:
    own = set(world.chats("joinable", "joined"))
    theirs = world.chats("joinable", "joined", "access_denied", operator="colleague")
    return [chat for chat in theirs if chat in own]


@clause("refusal.closed-set")
def any_answer(world: World) -> Wants:
    return Wants(plain(["0", *world.telling_chats]))


@clause("precedence.foreign-chat")
def chats_of_another_kind_without_membership(world: World) -> Wants:
    return Wants(_foreign(world), packs=True)


@clause("precedence.type-over-access")
def type_over_access(world: World) -> Wants:
    return Wants(_foreign(world), packs=True)


def _foreign(world: World) -> tuple[Probe, ...]:
    own, theirs = map(world.foreign_chats, _OTHER)
    return (*plain(own[:2]), *plain(theirs[:1], "colleague"))


@clause("chat-id.wide")
def ids_beyond_32_bits(world: World) -> Wants:
    """Each declared chat, with one more bit beyond the 32nd; where live, only declared ones."""
    if world.live:
        kinds = ("absent", "not_open_line", "access_denied", "joined")
        return Wants(plain([c for c in world.chats(*kinds) if c >= _WIDE]), packs=True)
    chats = [chat for chat in world.telling_chats if chat < _WIDE]
    return Wants(plain([_WIDE + chat for chat in chats]))


@clause("consistency.same-answer")
def the_same_question_again(world: World) -> Wants:
    chats = [*world.telling_chats, *world.chats("absent")[:1]]
    again = [Probe(str(chat), occasion="again") for chat in ("0", *chats)]
    first = plain(["0", *chats])
    late = [Probe(str(chat), occasion="once more") for chat in chats[:2]]
    if world.live:
        pairs = tuple(one for pair in zip(first, again, strict=True) for one in pair)
        return Wants(pairs, packs=True, enough=2)
    return Wants((*first, *again, *late))


@clause("proxy.ignored")
def another_user_named(world: World) -> Wants:
    chats = [str(chat) for chat in (*_contested(world), *world.telling_chats[:2], 0)]
    named = (("USER_ID", str(_somebody(world))), ("SESSION_ID", "1"))
    probes = [Probe(chat, extra=named) for chat in chats]
    for chat in () if world.live else world.telling_chats[1:2]:
        # Without CHAT_ID no session is taken for the chat.
        session = (("USER_ID", str(_somebody(world))), ("SESSION_ID", str(chat)))
        probes.insert(0, Probe(None, extra=session))
    return Wants(tuple(dict.fromkeys(probes)), packs=True)


def _contested(world: World) -> list[int]:
    """Chats whose answer to the user that is named would be another: one that may, one that not."""
    declared, may = world.declaration, ("joined", "joinable")
    both = {c: [declared.kind(who, c) for who in ("operator", "colleague")] for c in world.targets}
    contested = [c for c, (own, other) in both.items() if other and (own in may) != (other in may)]
    return list({both[chat][0] in may: chat for chat in reversed(contested)}.values())


@clause("proxy.nobody-joined")
def nobody_joined_by_proxy(world: World) -> Wants:
    """A first join, and a chat with the operator in it: its participants are his to see before."""
    theirs = world.chats("joined", "joinable", operator="colleague")
    fresh = [chat for chat in world.free_chats("joinable")[1:] if chat not in theirs]
    chats = (*fresh[:1], *apart(world.chats("joined")))
    named = (("USER_ID", str(_somebody(world))),)
    steps = (watched(chat, Probe(str(chat), extra=named)) for chat in chats)
    return Wants(tuple(steps), packs=True)


def _somebody(world: World) -> int:
    colleague = world.declaration.colleague
    if colleague is not None and colleague.user_id is not None:
        return colleague.user_id
    return (world.declaration.operator.user_id or 1) + 1


@clause("state.refusal-changes-nothing")
def participants_after_a_refusal(world: World) -> Wants:
    chats = apart(world.chats("access_denied")) + apart(world.chats("not_open_line"))
    steps = [watched(c, Probe(str(c))) for c in chats]
    return Wants((*steps, *_watched_strangers(world)), packs=True)


def _watched_strangers(world: World) -> tuple[Step, ...]:
    """Whoever is no member of a chat of another kind asks for it; a member of it looks."""
    if world.live:
        return ()
    asked = [(world.foreign_chats(asker)[:1], asker) for asker in ("operator", "colleague")]
    return tuple(
        watched(chat, Probe(str(chat), operator=asker), operator=_OTHER[asker])
        for chats, asker in asked
        for chat in chats
    )


@clause("state.join-is-own")
def participants_after_a_join_of_one(world: World) -> Wants:
    """Where both may join, the colleague comes first and sees himself still there afterwards."""
    alone = [watched(c, Probe(str(c))) for c in world.free_chats("joinable")[:1]]
    return Wants((*_after_the_colleague(world), *alone))


def _after_the_colleague(world: World) -> list[Step]:
    """The operator joins a chat that the colleague has just joined, and one that he is in."""
    if world.live:
        return []
    kept, theirs = world.first_joins["colleague"], world.chats("joined", operator="colleague")
    steps = []
    for chat in shared(world.declaration):
        join = Probe(str(chat), operator="colleague", asking=kept.get(chat, ways.PLAIN))
        steps.append((join, *watched(chat, Probe(str(chat)), operator="colleague")))
    inside = [chat for chat in world.chats("joinable") if chat in theirs][:1]
    return steps + [_joined_beside(world, chat) for chat in inside]


def _joined_beside(world: World, chat: int) -> Step:
    return watched(chat, Probe(str(chat), asking=_way(world, chat)), operator="colleague")


def _way(world: World, chat: int) -> Asking:
    """By which way the operator joins a chat first."""
    return world.first_joins["operator"].get(chat, ways.PLAIN)


@clause("state.colleague-unaffected")
def a_colleague_after_the_operators_join(world: World) -> Wants:
    """The operator joins what the colleague may not; the colleague asks before and after."""
    refused = set(world.chats("access_denied", operator="colleague"))
    chats = [chat for chat in world.chats("joinable", "joined") if chat in refused][:2]
    if world.live or not chats:
        return Wants(plain(chats, "colleague"))
    before = plain(chats, "colleague")
    joins = [Probe(str(c), asking=_way(world, c), occasion="for both") for c in chats]
    after = [msgspec.structs.replace(probe, occasion="after the other") for probe in before]
    return Wants(((*before, *joins, *after, *_in_a_batch(world, after)),))


def _in_a_batch(world: World, probes: list[Probe]) -> list[Probe]:
    """By a token if there is one: such a batch of his is not seen elsewhere."""
    if "batch" in world.declaration.without:
        return []
    token = world.has(place="oauth_body", operator="colleague")
    way = ways.OAUTH_BATCH if token else ways.BATCH
    return [msgspec.structs.replace(probe, asking=way) for probe in probes]
