"""Ways of asking: each gets the answers of the plain one."""

from collections.abc import Iterable
from itertools import cycle, islice

import msgspec

from b24_conformance import ways
from b24_conformance.chat_ids.apart import apart
from b24_conformance.declaration import ChatKind
from b24_conformance.histories import members
from b24_conformance.probe import Asking, Probe, Step
from b24_conformance.suite import Wants, World, clause


def _by(world: World, *askings: Asking, thorough: bool = False, enough: int = 1) -> Wants:
    telling = [probe for asking in askings for probe in world.by(asking, thorough=thorough)]
    return Wants(tuple(telling), world.drawn_by(askings[0]), share=0.1, enough=enough)


@clause("asking.no-suffix")
def without_a_suffix(world: World) -> Wants:
    return _by(world, ways.NO_SUFFIX, enough=2)


@clause("asking.json-spelling")
def by_json_spelt_otherwise(world: World) -> Wants:
    return Wants(world.by(ways.JSON_SPELT))


@clause("asking.form")
def by_form(world: World) -> Wants:
    return _by(world, ways.FORM, thorough=True, enough=2)


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
    return _by(world, ways.UPPER_SUFFIX, *upper_xml)


@clause("asking.slashes")
def by_a_path_with_more_slashes(world: World) -> Wants:
    return _by(world, ways.DOUBLE_SLASH, ways.TRAILING_SLASH)


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
    chats = world.telling_chats[:2]
    return Wants(tuple(Probe(str(chat), key="chat_id") for chat in chats), packs=True)


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
    return Wants(tuple(probes), wants.drawn, share=wants.share, enough=2)


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
    return Wants(tuple(Probe(str(chat), asking=ways.XML) for chat in chats), enough=2)


@clause("xml.content-type")
def the_type_of_xml(world: World) -> Wants:
    return Wants((Probe("0", asking=ways.XML), *world.by(ways.XML)))


@clause("batch.agrees")
def in_a_batch(world: World) -> Wants:
    return Wants(_batches(world), packs=True)


@clause("batch.shape")
def the_shape_of_a_batch(world: World) -> Wants:
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
    some = [*chats[:1], "0", *chats[1:30], "", "  ", "abc", "Москва", "-1", *_negative(world)]
    mixed = [*(Probe(chat, asking=ways.BATCH) for chat in some), *_with_more(world)]
    refused = [str(chat) for chat in world.chats("not_open_line", "access_denied")[:2]]
    alone = tuple(Probe(chat, asking=ways.BATCH) for chat in ("0", *refused))
    otherwise = () if world.live else _written_otherwise(world, alone)
    return (*_watched(world, mixed), *otherwise, alone)


def _written_otherwise(world: World, alone: Step) -> tuple[Step, ...]:
    """The colleague's chats as a form, or the operator's; some of each kind in the URL."""
    # Whoever unescapes it once too often reads another CHAT_ID.
    escaped = [Probe(str(chat), extra=(("LANG", "ru&CHAT_ID=0"),)) for chat in world.targets[:1]]
    mixed = [Probe("0"), *(Probe(str(chat)) for chat in world.telling_chats), *escaped]
    form = _of_the_colleague(world) or (_dressed(alone, ways.BATCH_FORM),)
    return (*form, _dressed(mixed, ways.BATCH_QUERY))


def _dressed(probes: Iterable[Probe], asking: Asking) -> Step:
    return tuple(msgspec.structs.replace(probe, asking=asking) for probe in probes)


def _early(world: World, kind: ChatKind) -> tuple[int, ...]:
    """The chats of a kind without those whose first join is left to others."""
    chats = world.chats(kind)
    shared = [c for c in chats[1:] if c in world.chats("joinable", operator="colleague")]
    kept = {*apart(chats[1:]), *apart(shared)} if kind == "joinable" else {*_proxied(world)}
    return tuple(chat for chat in chats if chat not in kept)


def _proxied(world: World) -> tuple[int, ...]:
    """A joined chat that is left to those who name another user, who is no member of it."""
    joined = [c for c in world.chats("joined") if c not in world.telling_chats]
    theirs = world.chats("joined", operator="colleague")
    return apart([chat for chat in joined if chat not in theirs])


def _negative(world: World) -> list[str]:
    """What a reader who loses the sign, or the high bits, takes for a chat."""
    chats = world.telling_chats[:2]
    numbers = [-chat for chat in chats]
    numbers += [chat - 2**bits for bits in (32, 16) for chat in chats if chat < 2**bits]
    return [str(number) for number in numbers if world.may(Probe(str(number)))]


def _with_more(world: World) -> list[Probe]:
    """Parameters beside CHAT_ID and in its place, and another user's id."""
    unknown = (("bx24_request_id", "0"), ("LANG", "ru?en"))
    probes = [Probe(str(chat), extra=unknown) for chat in world.telling_chats[:1]]
    for chat in map(str, world.telling_chats[1:2]):
        instead = (("DIALOG_ID", f"chat{chat}"), ("ID", chat), ("SESSION_ID", chat))
        probes.append(Probe(None, extra=instead))
    colleague = world.declaration.colleague
    if colleague is not None and colleague.user_id is not None:
        user = (("USER_ID", str(colleague.user_id)), ("SESSION_ID", "1"))
        probes += [Probe(str(chat), extra=user) for chat in _proxied(world)]
    return [probe for probe in map(_in_batch, probes) if world.may(probe)]


def _in_batch(probe: Probe) -> Probe:
    return msgspec.structs.replace(probe, asking=ways.BATCH)


def _watched(world: World, mixed: list[Probe]) -> tuple[Step, ...]:
    """A full batch, and who is in some chats of each kind before and afterwards.

    The looks are batches of their own, since nobody says that items are run in their order; a
    first plain join stands between them, too.
    """
    if world.live:
        return (tuple(mixed),)
    early = _early(world, "joinable")
    fresh = early[1:] or early
    # One that is joined before is left out, unless it is the only one: that is asked again.
    items = [item for item in mixed if item.chat_id not in map(str, fresh[:1]) or fresh == early]
    full = tuple(islice(cycle(items), _ITEMS))
    if "members" in world.declaration.without:
        return (full,)
    seen = [chat for kind in _KINDS[:-1] for chat in _early(world, kind)[-1:]]
    stranger = _by_a_stranger(world)
    seen += [*fresh[:1], *fresh[1:][-1:], *_proxied(world), *_left_to_get(world)[: len(stranger)]]
    if not seen:
        return (full,)
    before, after = (
        tuple(_in_batch(members(chat, occasion=when)) for chat in seen)
        for when in ("before all", "after all")
    )
    occasion = "first of all" if fresh == early else ""
    joins = tuple((Probe(str(chat), occasion=occasion),) for chat in fresh[:1])
    return (before, *joins, *([stranger] if stranger else []), full, after)


def _by_a_stranger(world: World) -> Step:
    """Who shows a wrong secret is refused; that nothing was stored all the same is to be seen."""
    chats = _left_to_get(world) if world.has(place="webhook") else ()
    return tuple(Probe(str(chat), asking=Asking(identity="random")) for chat in chats)


def _left_to_get(world: World) -> tuple[int, ...]:
    """A joinable chat whose first join is left to a GET."""
    return apart(world.chats("joinable")[1:])


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
    items = _dressed(chats, ways.BATCH_FORM)
    if not items:
        return ()
    theirs = world.chats("joinable", operator="colleague")
    # The operator looks: lists that different people see cannot be compared.
    seen = [chat for chat in world.chats("joined") if chat in theirs]
    return ((*items, *(members(chat, occasion="after his") for chat in seen[:1])),)
