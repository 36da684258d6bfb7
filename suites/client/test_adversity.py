"""A client in trouble: for one call the portal plays a condition."""

from b24_conformance import conditions
from b24_conformance.probe import Probe
from b24_conformance.suite import Wants, World, clause, plain


def _under(world: World, *names: str) -> tuple[Probe, ...]:
    """A chat of which the operator is a member, so that nothing is changed by a success."""
    chats = (world.chats("joined") + world.chats("joinable"))[:1]
    return tuple(Probe(str(chat), when=name) for chat in chats for name in names)


def _contrast(world: World) -> tuple[Probe, ...]:
    """An undisturbed success: a client that never tells of one proves nothing."""
    return plain((world.chats("joined") + world.chats("joinable"))[:1])


@clause("client.only-success-joins")
def no_success(world: World) -> Wants:
    names = (
        conditions.HTML_502,
        conditions.DROPPED,
        conditions.HANG,
        conditions.REDIRECT,
        conditions.EMPTY_200,
        conditions.NOT_JSON_200,
        conditions.TRUNCATED,
        conditions.RESULT_FALSE,
        conditions.ERROR_WITH_200,
        conditions.INTERNAL_500,
        conditions.PLAN_ACCESS_DENIED,
    )
    return Wants(_contrast(world) + _under(world, *names))


@clause("client.true-only")
def no_boolean(world: World) -> Wants:
    return Wants(_contrast(world) + _under(world, conditions.RESULT_STRING_TRUE))


@clause("client.throttled")
def throttled(world: World) -> Wants:
    return Wants(_under(world, conditions.THROTTLED_ONCE, conditions.THROTTLED_ALWAYS))


@clause("client.throttled-pause")
def throttled_and_trying_again(world: World) -> Wants:
    return Wants(_under(world, conditions.THROTTLED_ONCE, conditions.THROTTLED_ALWAYS))


@clause("client.operation-limit")
def blocked_for_minutes(world: World) -> Wants:
    return Wants(_under(world, conditions.OPERATION_LIMIT))


@clause("client.expired-token")
def expired(world: World) -> Wants:
    known = world.has(place="oauth_body")
    return Wants(_under(world, conditions.EXPIRED_TOKEN) if known else ())


@clause("client.without-time")
def without_time(world: World) -> Wants:
    return Wants(_under(world, conditions.WITHOUT_TIME))


@clause("client.plan-denied")
def plan_and_dialogue(world: World) -> Wants:
    dialogue = plain(world.chats("access_denied")[:1])
    return Wants(dialogue + _under(world, conditions.PLAN_ACCESS_DENIED))


@clause("client.user-id")
def the_fourth_code(world: World) -> Wants:
    return Wants(_under(world, conditions.USER_ID))


@clause("client.told-in-time")
def any_condition(world: World) -> Wants:
    names = [name for name in conditions.CONDITIONS if name != conditions.EXPIRED_TOKEN]
    known = world.has(place="oauth_body")
    expired = _under(world, conditions.EXPIRED_TOKEN) if known else ()
    return Wants(_under(world, *names) + expired)
