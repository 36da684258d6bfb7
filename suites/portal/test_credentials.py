"""Credentials: without sound ones nobody joins, whatever CHAT_ID is."""

from collections.abc import Iterable
from itertools import cycle

from msgspec.structs import replace

from b24_conformance import ways
from b24_conformance.declaration import ChatKind
from b24_conformance.probe import UNKNOWN, Asking, Identity, Place, Probe, Step
from b24_conformance.suite import Wants, World, clause

Shown = Iterable[tuple[Asking, Identity]]

# Each may have a lock of its own.
_DOORS = (ways.PLAIN, ways.QUERY, ways.FORM, ways.XML)
_TOKEN_DOORS = (
    ways.OAUTH_BODY,
    ways.OAUTH_FORM,
    ways.OAUTH_QUERY,
    ways.OAUTH_GET,
    ways.OAUTH_XML,
)
# Not everybody has these, or looks there: what they show is shown elsewhere as well.
_MORE_DOORS = (ways.BATCH, ways.TRAILING_SLASH)
_MORE_TOKEN_DOORS = (ways.OAUTH_BATCH, ways.BEARER)
_SPOILT: tuple[Identity, ...] = ("altered", "truncated", "extended", "beheaded")


def _having(world: World, doors: Iterable[Asking]) -> list[Asking]:
    """Those of the doors that the portal does not lack."""
    lacks = world.declaration.without
    there = [door for door in doors if door.suffix.strip(".") not in lacks]
    return [door for door in there if not (door.batch and "batch" in lacks)]


def _spread(doors: Iterable[Asking], identities: Iterable[Identity]) -> Shown:
    """Each kind once: whoever is careless with it is so at every door."""
    return zip(cycle(doors), identities, strict=False)


def _at_each(doors: Iterable[Asking], identity: Identity) -> Shown:
    return ((door, identity) for door in doors)


def _steps(world: World, shown: Shown) -> tuple[Step, ...]:
    return tuple(_step(world, asking, identity) for asking, identity in shown)


def _step(world: World, asking: Asking, identity: Identity) -> Step:
    """What one request can show: a batch has room for a CHAT_ID that is no chat, too."""
    shown = replace(asking, identity=identity)
    chats = dict.fromkeys((_chat(world), 0) if asking.batch else (_chat(world),))
    return tuple(Probe(str(chat), asking=shown) for chat in chats)


def _chat(world: World) -> int:
    """A chat that the operator could join; none where live.

    Nor where the rung allows none: a refusal of the credentials is one for CHAT_ID 0, too.
    """
    kinds: tuple[ChatKind, ...] = ("joined", "joinable", "not_open_line")
    chats = [chat for kind in kinds for chat in world.free_chats(kind)]
    return 0 if world.live or not chats else chats[0]


def _of_another_kind(world: World, asking: Asking, identity: Identity) -> tuple[Step, ...]:
    """With a chat whose refusal, if it came first, would tell a stranger what the chat is."""
    chats = () if world.live else world.chats("not_open_line")[:1]
    shown = replace(asking, identity=identity)
    return ((Probe(str((*chats, _chat(world))[0]), asking=shown),),)


@clause("credentials.none")
def no_credentials(world: World) -> Wants:
    doors = _having(world, (*_DOORS, ways.BATCH))
    return Wants(_steps(world, _at_each(doors, "none")) + _without_a_token(world))


def _without_a_token(world: World) -> tuple[Step, ...]:
    """`auth` is there and holds no token; loose comparisons take some of these for any."""
    if world.live:
        return ()
    empty = ((ways.PLAIN, "auth", "null"), (ways.PLAIN, "auth", "true"))
    empty += ((ways.FORM, "auth", ""), (ways.FORM, "auth[]", "x"))
    chat = str(_chat(world))
    return tuple(
        (Probe(chat, asking=replace(door, identity="none"), extra=((name, text),)),)
        for door, name, text in empty
    )


@clause("credentials.wrong-secret")
def wrong_secrets(world: World) -> Wants:
    if not world.has(place="webhook"):
        return Wants()
    doors, more = _having(world, _DOORS), _having(world, _MORE_DOORS)
    if world.live:
        # It only ever sees random secrets, never pieces of the real one.
        return Wants(_steps(world, _at_each((*doors, *more), "random")))
    swapped: tuple[Identity, ...] = ("swapped",) if world.has(place="oauth_body") else ()
    forged: tuple[Identity, ...] = ("nobodys", *swapped, "doubled", "wildcard", "quoted")
    nothing = (ways.DOUBLE_SLASH, "empty")
    shown = (*_spread(doors, (*_SPOILT, *forged)), *_at_each(more, "altered"), nothing)
    return Wants(_of_another_kind(world, ways.PLAIN, "random") + _steps(world, shown))


@clause("credentials.anothers-secret")
def secret_of_another_user(world: World) -> Wants:
    both = world.has(place="webhook") and world.has(place="webhook", operator="colleague")
    return Wants(_steps(world, [(ways.PLAIN, "anothers")]) if both else ())


@clause("credentials.scope")
def webhook_without_scope(world: World) -> Wants:
    if not world.has(identity="without_scope"):
        return Wants()
    # A batch itself needs no scope: its items do.
    doors = _having(world, (*_DOORS[1:], ways.BATCH))
    plainly = _of_another_kind(world, ways.PLAIN, "without_scope")
    return Wants(plainly + _steps(world, _at_each(doors, "without_scope")))


@clause("oauth.wrong-token")
def wrong_tokens(world: World) -> Wants:
    if not world.has(place="oauth_body"):
        return Wants()
    doors, more = _having(world, _TOKEN_DOORS), _having(world, _MORE_TOKEN_DOORS)
    if world.live:
        return Wants(_steps(world, _at_each((*doors, *more), "random")))
    swapped: tuple[Identity, ...] = ("swapped",) if world.has(place="webhook") else ()
    shown = _spread(doors, ("random", *_SPOILT, *swapped))
    empty = (ways.BEARER, "empty")
    return Wants(_steps(world, (*shown, *_at_each(more, "altered"), empty)))


@clause("oauth.expired-token")
def expired_token(world: World) -> Wants:
    if not world.has(identity="expired"):
        return Wants()
    places = (ways.OAUTH_BODY, ways.BEARER, ways.OAUTH_GET, ways.OAUTH_FORM, ways.OAUTH_BATCH)
    return Wants(_steps(world, _at_each(_having(world, places), "expired")))


@clause("credentials.codes")
def codes_of_credentials(world: World) -> Wants:
    """Live portals are spared a wrong secret of a user who could do nothing by a right one."""
    spared = world.live or not world.has(identity="without_scope")
    unscoped = () if spared else (Probe("0", asking=Asking(identity="unscoped")),)
    return Wants((*_without_a_chat(world), *unscoped), enough=9)


@clause("precedence.credentials")
def credentials_before_chat_id(world: World) -> Wants:
    return Wants(_without_a_chat(world))


@clause("precedence.method")
def method_before_credentials(world: World) -> Wants:
    """Once, by a webhook or else by a token; the gate spares a live portal."""
    places: tuple[Place, ...] = ("webhook", "oauth_body")
    asked = (
        Probe(method=UNKNOWN, asking=Asking(place=place, identity="random"))
        for place in places
        if world.has(place=place)
    )
    return Wants(tuple(asked)[:1])


def _without_a_chat(world: World) -> tuple[Probe, ...]:
    """CHAT_ID 0; with the commonest kinds also none, and a chat that does not exist."""
    kinds = _kinds(world)
    asked: list[tuple[str | None, Place, Identity]] = [("0", *kind) for kind in kinds]
    if not world.live:
        asked += [(None, *kind) for kind in kinds if kind[1] in ("none", "random")]
        absent = map(str, world.chats("absent")[:1])
        asked += [(chat, *kind) for chat in absent for kind in kinds if kind[1] == "random"]
    return tuple(
        Probe(chat_id, asking=Asking(place=place, identity=identity))
        for chat_id, place, identity in asked
    )


def _kinds(world: World) -> tuple[tuple[Place, Identity], ...]:
    """Every kind of unsound credentials that this run can show."""
    kinds: list[tuple[Place, Identity]] = [("webhook", "none")]
    if world.has(place="webhook"):
        kinds.append(("webhook", "random"))
    if world.has(place="webhook", operator="colleague"):
        kinds.append(("webhook", "anothers"))
    if world.has(identity="without_scope"):
        kinds.append(("webhook", "without_scope"))
    if world.has(place="oauth_body"):
        kinds.append(("oauth_body", "random"))
    if world.has(identity="expired"):
        kinds.append(("oauth_body", "expired"))
    return tuple(kinds)
