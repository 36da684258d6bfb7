"""Credentials: without sound ones nobody joins, whatever CHAT_ID is."""

from b24_conformance.probe import Asking, Identity, Place, Probe
from b24_conformance.suite import Wants, World, clause


def _with(world: World, place: Place, *identities: Identity, own: bool = True) -> tuple[Probe, ...]:
    """A chat that the operator could join, and one that could not be."""
    chats = (world.chats("joined") + world.chats("joinable") + world.chats("not_open_line"))[:1]
    if not own:
        chats = world.chats("not_open_line")[:1] + world.chats("joined")[:1]
    return tuple(
        Probe(str(chat), asking=Asking(place=place, identity=identity))
        for identity in identities
        for chat in chats
    )


def _wrong(world: World) -> tuple[Identity, ...]:
    """A live portal only ever sees random secrets, never pieces of the real one."""
    spoilt: tuple[Identity, ...] = ("altered", "truncated", "extended", "beheaded", "recased")
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


@clause("credentials.none")
def no_credentials(world: World) -> Wants:
    return Wants(_with(world, "webhook", "none"))


@clause("credentials.wrong-secret")
def wrong_secrets(world: World) -> Wants:
    if not world.has(place="webhook"):
        return Wants()
    return Wants(_with(world, "webhook", *_wrong(world)))


@clause("credentials.anothers-secret")
def secret_of_another_user(world: World) -> Wants:
    both = world.has(place="webhook") and world.has(place="webhook", operator="colleague")
    return Wants(_with(world, "webhook", "anothers") if both else ())


@clause("credentials.scope")
def webhook_without_scope(world: World) -> Wants:
    known = world.has(identity="without_scope")
    return Wants(_with(world, "webhook", "without_scope", own=False) if known else ())


@clause("oauth.wrong-token")
def wrong_tokens(world: World) -> Wants:
    if not world.has(place="oauth_body"):
        return Wants()
    return Wants(_with(world, "oauth_body", *_wrong(world)))


@clause("oauth.expired-token")
def expired_token(world: World) -> Wants:
    known = world.has(identity="expired")
    return Wants(_with(world, "oauth_body", "expired") if known else ())


@clause("credentials.codes")
def codes_of_credentials(world: World) -> Wants:
    return Wants(_with_zero(world))


@clause("precedence.credentials")
def credentials_before_chat_id(world: World) -> Wants:
    return Wants(_with_zero(world))


def _with_zero(world: World) -> tuple[Probe, ...]:
    return tuple(
        Probe("0", asking=Asking(place=place, identity=identity))
        for place, identity in _shown(world)
    )
