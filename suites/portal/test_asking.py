"""Ways of asking: each gets the answers of the plain one."""

from collections.abc import Iterable
from itertools import chain, cycle, islice

import msgspec

from b24_conformance import ways
from b24_conformance.chat_ids.apart import apart
from b24_conformance.chat_ids.negatives import negatives
from b24_conformance.declaration import ChatKind
from b24_conformance.histories import members
from b24_conformance.probe import Asking, Probe, Step
from b24_conformance.suite import Wants, World, clause, plain


def _by(world: World, *askings: Asking, thorough: bool = False, enough: int = 1) -> Wants:
    telling = [probe for asking in askings for probe in world.by(asking, thorough=thorough)]
    return Wants(tuple(telling), world.drawn_by(askings[0]), share=0.1, enough=enough)


def _shared_by(world: World, *askings: Asking) -> Wants:
    """The chats of each kind dealt out to ways that differ little."""
    wants = _by(world, *askings)
    count = len(askings)
    dealt = (world.by(asking)[place::count] for place, asking in enumerate(askings))
    return msgspec.structs.replace(wants, telling=tuple(chain.from_iterable(dealt)))


@clause("asking.no-suffix")
def without_a_suffix(world: World) -> Wants:
    return _by(world, ways.NO_SUFFIX, enough=2)


@clause("asking.json-spelling")
def by_json_spelt_otherwise(world: World) -> Wants:
    return Wants(world.by(ways.JSON_SPELT))


@clause("asking.form")
def by_form(world: World) -> Wants:
    wants = _by(world, ways.FORM, thorough=True, enough=2)
    spelt = world.by(ways.FORM_SPELT)[:1]
    return msgspec.structs.replace(wants, telling=(*wants.telling, *spelt))


@clause("asking.query")
def by_query(world: World) -> Wants:
    return _by(world, ways.QUERY, thorough=True, enough=2)


@clause("asking.multipart")
def by_multipart(world: World) -> Wants:
    return _by(world, ways.MULTIPART, thorough=True, enough=2)


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
    return _shared_by(world, ways.UPPER_SUFFIX, *upper_xml)


@clause("asking.slashes")
def by_a_path_with_more_slashes(world: World) -> Wants:
    return _shared_by(world, ways.DOUBLE_SLASH, ways.TRAILING_SLASH)


@clause("asking.digit-string")
def by_digits_in_a_string(world: World) -> Wants:
    return Wants(tuple(Probe(f'"{chat}"') for chat in world.telling_chats))


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
        probes += [Probe(literal, extra=siblings) for literal in (None, "0")]
    probes = [probe for probe in probes if world.may(probe)]
    if not world.live:
        asked = (("LANG", "ru?en"),)
        chats = world.telling_chats[:1]
        probes += [Probe(str(chat), asking=ways.QUERY, extra=asked) for chat in chats]
    return Wants(tuple(probes), packs=True)


@clause("asking.lower-case-key")
def by_a_key_in_lower_case(world: World) -> Wants:
    asked = zip(world.telling_chats, ("chat_id", "chatId"), strict=False)
    return Wants(tuple(Probe(str(chat), key=key) for chat, key in asked), packs=True)


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
    wants = _by(world, asking, enough=2)
    return msgspec.structs.replace(wants, telling=(*wants.telling, *world.by(other)[:1]))


@clause("oauth.bearer")
def by_a_token_in_a_header(world: World) -> Wants:
    if not world.has(place="bearer"):
        return Wants()
    wants = _by(world, ways.BEARER)
    # Those who read the header read it behind any spelling, and the parameter by both names.
    spelt = (ways.BEARER, ways.BEARER_LOWER, ways.ACCESS_TOKEN, ways.BEARER)
    asked = zip(wants.telling, cycle(spelt), strict=False)
    telling = tuple(msgspec.structs.replace(probe, asking=asking) for probe, asking in asked)
    return msgspec.structs.replace(wants, telling=telling)


@clause("xml.success")
def success_in_xml(world: World) -> Wants:
    chats = world.chats("joined", "joinable")
    return Wants(tuple(Probe(str(chat), asking=ways.XML) for chat in chats[:2]))


@clause("xml.refusal")
def refusals_in_xml(world: World) -> Wants:
    chats = (0, *world.chats("not_open_line")[:1], *world.chats("access_denied")[:1])
    return Wants(tuple(Probe(str(chat), asking=ways.XML) for chat in chats), enough=2)


@clause("xml.content-type")
def the_type_of_xml(world: World) -> Wants:
    return Wants((Probe("0", asking=ways.XML), *world.by(ways.XML)))


@clause("xml.contents")
def the_contents_of_xml(world: World) -> Wants:
    chats = (0, *world.chats("joined", "joinable")[:1])
    return Wants(tuple(Probe(str(chat), asking=ways.XML) for chat in chats))


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


@clause("batch.time")
def the_times_of_a_batch(world: World) -> Wants:
    return Wants(_batches(world), packs=True)


_KINDS: tuple[ChatKind, ...] = ("not_open_line", "joined", "access_denied", "joinable")
# Whoever drops the last ones of as many as are allowed must not get away with it.
_ITEMS = 50


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
    full = tuple(islice(cycle(items), _ITEMS))
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
    looks = [members(c, occasion="after his") for c in inside if str(c) in asked][:_ITEMS]
    return (*looks[:1], *map(_in_batch, looks[1:]))
