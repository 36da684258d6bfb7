"""Credentials: without sound ones nobody joins, whatever CHAT_ID is."""

from itertools import cycle

import msgspec

from b24_conformance import ways
from b24_conformance.probe import Asking, Identity, Place, Probe, Step
from b24_conformance.suite import Wants, World, clause


def _with(world: World, place: Place, *identities: Identity, own: bool = True) -> tuple[Probe, ...]:
    """A chat that the operator could join, and one that could not be; none where live.

    Nor where the rung allows none: a refusal of the credentials is one for CHAT_ID 0, too.
    """
    if world.live:
        return _asking_for((0,), place, identities)
    chats = (world.chats("joined") + world.chats("joinable") + world.chats("not_open_line"))[:1]
    if not own:
        chats = world.chats("not_open_line")[:1] + world.chats("joined")[:1]
    return _asking_for(chats or (0,), place, identities)


def _asking_for(
    chats: tuple[int, ...], place: Place, identities: tuple[Identity, ...]
) -> tuple[Probe, ...]:
    return tuple(
        Probe(str(chat), asking=Asking(place=place, identity=identity))
        for identity in identities
        for chat in chats
    )


def _wrong(world: World) -> tuple[Identity, ...]:
    """A live portal only ever sees random secrets, never pieces of the real one."""
    spoilt: tuple[Identity, ...] = ("altered", "truncated", "extended", "beheaded")
    return ("random", *spoilt) if world.declaration.stand_in else ("random",)


def _shown(world: World) -> tuple[tuple[Place, Identity], ...]:
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


# Each may have a door of its own.
_DOORS = (ways.QUERY, ways.FORM, ways.XML, ways.BATCH, ways.TRAILING_SLASH)
# Shown at one door each, as whoever is careless with them is so at every door.
_AT_DOORS: tuple[Identity, ...] = ("prefixed", "altered", "extended", "truncated", "beheaded")


def _by_every_door(world: World, *identities: Identity) -> tuple[Step, ...]:
    """Wrong credentials, shown where a GET, a form, XML or a batch comes in: others at each."""
    lacks = world.declaration.without
    doors = [d for d in _DOORS if d.suffix.strip(".") not in lacks]
    doors = [door for door in doors if not (door.batch and "batch" in lacks)]
    shown = zip(doors, cycle(identities), strict=False)
    steps = (_through(world, door, identity) for door, identity in shown)
    return tuple(step for step in steps if step)


def _through(world: World, door: Asking, identity: Identity) -> Step:
    """What one request can show: a batch has room for a CHAT_ID that is no chat, too."""
    asking = msgspec.structs.replace(door, identity=identity)
    probes = _with(world, "webhook", identity) + ((Probe("0"),) * door.batch)
    return tuple(dict.fromkeys(msgspec.structs.replace(one, asking=asking) for one in probes))


@clause("credentials.none")
def no_credentials(world: World) -> Wants:
    doors = (step for step in _by_every_door(world, "none") if not step[0].asking.slashes)
    return Wants((*_with(world, "webhook", "none"), *doors))


@clause("credentials.wrong-secret")
def wrong_secrets(world: World) -> Wants:
    if not world.has(place="webhook"):
        return Wants()
    shown = _with(world, "webhook", *_wrong(world))
    if world.declaration.stand_in:
        shown += _with(world, "webhook", "nobodys")
    at_doors = _AT_DOORS if world.declaration.stand_in else _wrong(world)
    return Wants(shown + _by_every_door(world, *at_doors))


@clause("credentials.anothers-secret")
def secret_of_another_user(world: World) -> Wants:
    both = world.has(place="webhook") and world.has(place="webhook", operator="colleague")
    return Wants(_with(world, "webhook", "anothers") if both else ())


@clause("credentials.scope")
def webhook_without_scope(world: World) -> Wants:
    if not world.has(identity="without_scope"):
        return Wants()
    single = _with(world, "webhook", "without_scope", own=False)
    # A batch itself needs no scope: its items do.
    doors = [step for step in _by_every_door(world, "without_scope") if _is_scoped(step[0].asking)]
    return Wants((*single, *doors))


def _is_scoped(asking: Asking) -> bool:
    return asking.batch or asking.verb == "GET"


@clause("oauth.wrong-token")
def wrong_tokens(world: World) -> Wants:
    if not world.has(place="oauth_body"):
        return Wants()
    shown = _with(world, "oauth_body", *_wrong(world))
    places: tuple[Place, ...] = ("bearer", "oauth_query")
    others = zip(
        places, _AT_DOORS if world.declaration.stand_in else _wrong(world) * 2, strict=False
    )
    return Wants(shown + tuple(one for place, how in others for one in _with(world, place, how)))


@clause("oauth.expired-token")
def expired_token(world: World) -> Wants:
    if not world.has(identity="expired"):
        return Wants()
    places: tuple[Place, ...] = ("oauth_body", "bearer")
    shown = [probe for place in places for probe in _with(world, place, "expired")]
    by_get = msgspec.structs.replace(ways.OAUTH_GET, identity="expired")
    shown += [msgspec.structs.replace(probe, asking=by_get) for probe in shown[:1]]
    return Wants(tuple(shown))


@clause("credentials.codes")
def codes_of_credentials(world: World) -> Wants:
    return Wants(_with_zero(world), enough=9)


@clause("precedence.credentials")
def credentials_before_chat_id(world: World) -> Wants:
    return Wants(_with_zero(world))


def _with_zero(world: World) -> tuple[Probe, ...]:
    return tuple(
        Probe("0", asking=Asking(place=place, identity=identity))
        for place, identity in _shown(world)
    )
