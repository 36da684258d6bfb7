"""Outcomes that only a portal can be asked about."""

from b24_conformance import ways
from b24_conformance.chat_ids.apart import apart
from b24_conformance.histories import history_of, members, watched
from b24_conformance.probe import Probe
from b24_conformance.suite import Wants, World, clause, plain

_WIDE = 2**32


@clause("success.exactly-true")
def successes(world: World) -> Wants:
    return Wants(plain(world.chats("joined")))


@clause("success.participant")
def participants_after_a_join(world: World) -> Wants:
    """A chat that the operator may not access shows a list without him."""
    fresh = world.chats("joinable")
    telling = [watched(chat, Probe(str(chat))) for chat in (*fresh[:1], *fresh[1:][-1:])]
    telling += [watched(chat, Probe(str(chat))) for chat in apart(world.chats("joined"))]
    telling += [
        (Probe(str(chat), asking=ways.QUERY), members(chat, occasion="after GET"))
        for chat in apart(fresh[1:])
    ]
    moves = [("operator", chat) for chat in world.chats("joinable", "joined", "access_denied")]
    moves += [("colleague", chat) for chat in _shared(world)]
    return Wants(tuple(telling), history_of(moves) if fresh else None, shrinks=False, share=0.25)


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
    probes: list[Probe] = []
    for asking, other in (("operator", "colleague"), ("colleague", "operator")):
        declared = world.declaration.chats(asking)
        chats = [c for c in world.chats("not_open_line", operator=other) if not declared.kind(c)]
        if asking in world.declaration.people:
            probes += plain(chats[:2], asking)
    return tuple(probes)


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
    for chat in world.telling_chats[1:2]:
        session = (("USER_ID", str(_somebody(world))), ("SESSION_ID", str(chat)))
        # Whatever else names a chat or somebody: without CHAT_ID none of them counts.
        siblings = (("DIALOG_ID", f'"chat{chat}"'), ("ID", str(chat)))
        probes.insert(0, Probe(None, extra=(*session, *siblings)))
    return Wants(tuple(dict.fromkeys(probes)), packs=True)


def _contested(world: World) -> list[int]:
    """Chats whose answer to the user that is named would be another: one that may, one that not."""
    declared, may = world.declaration, ("joined", "joinable")
    both = {c: [declared.kind(who, c) for who in ("operator", "colleague")] for c in world.targets}
    contested = [c for c, (own, other) in both.items() if other and (own in may) != (other in may)]
    return list({both[chat][0] in may: chat for chat in reversed(contested)}.values())


@clause("proxy.nobody-joined")
def nobody_joined_by_proxy(world: World) -> Wants:
    """A chat with the operator in it: its participants are his to see."""
    chats = apart(world.chats("joined")) + apart(world.chats("joinable")[1:], 2)[:-1]
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
    steps = [watched(c, Probe(str(c)), Probe(str(c), occasion="again")) for c in chats]
    return Wants(tuple(steps), packs=True)


@clause("state.join-is-own")
def participants_after_a_join_of_one(world: World) -> Wants:
    """Where both may join, the colleague comes first and must still be there afterwards."""
    alone = [watched(c, Probe(str(c))) for c in world.chats("joinable")[:1]]
    theirs = set(world.chats("joinable", operator="colleague"))
    shared = [chat for chat in world.chats("joinable") if chat in theirs][-1:]
    both = [watched(c, Probe(str(c), operator="colleague"), Probe(str(c))) for c in shared]
    return Wants((*both, *alone))


@clause("state.colleague-unaffected")
def a_colleague_after_the_operators_join(world: World) -> Wants:
    """The operator joins what the colleague may not; the colleague asks before and after."""
    refused = set(world.chats("access_denied", operator="colleague"))
    chats = [chat for chat in world.chats("joinable", "joined") if chat in refused][:2]
    if world.live:
        return Wants(plain(chats, "colleague"))
    return Wants(
        tuple(
            (
                Probe(str(chat), operator="colleague"),
                Probe(str(chat), occasion="for both"),
                Probe(str(chat), operator="colleague", occasion="after the other"),
            )
            for chat in chats
        )
    )
