"""The conditions that a portal plays for one call of a client: their names, and what happens.

Values only, so that suites, rules and the portal's side can speak of them. How each is played
stands in `implementations/stage.py`.
"""

from __future__ import annotations

from typing import Final, NamedTuple

NOT_TOLD: Final = "the caller was told nothing"
"""How the outcome of a call begins whose caller heard of neither success nor failure."""


class Condition(NamedTuple):
    """A named condition.

    `telling` says what the portal does. `alone`: a client may remember it, so that the call
    gets a process of its own. `deadline` is the limit that the client is told for the call.
    """

    name: str
    telling: str
    alone: bool = False
    deadline: float | None = None


HTML_502: Final = "html-502"
DROPPED: Final = "dropped"
HANG: Final = "hang"
REDIRECT: Final = "redirect"
EMPTY_200: Final = "empty-200"
NOT_JSON_200: Final = "not-json-200"
TRUNCATED: Final = "truncated"
RESULT_FALSE: Final = "result-false"
RESULT_STRING_TRUE: Final = "result-string-true"
ERROR_WITH_200: Final = "error-with-200"
INTERNAL_500: Final = "internal-500"
PLAN_ACCESS_DENIED: Final = "plan-access-denied"
USER_ID: Final = "user-id"
THROTTLED_ONCE: Final = "throttled-once"
THROTTLED_ALWAYS: Final = "throttled-always"
OPERATION_LIMIT: Final = "operation-limit"
EXPIRED_TOKEN: Final = "expired-token"
WITHOUT_TIME: Final = "without-time"

_ALL = (
    Condition(HTML_502, "a gateway answers with a page, HTTP 502"),
    Condition(DROPPED, "the connection is reset instead of an answer"),
    # Short: every client waits it out. Clients with a limit of their own give up before it ends.
    Condition(HANG, "no answer comes within the client's deadline", alone=True, deadline=2.0),
    Condition(REDIRECT, "HTTP 302 to a page of the same host"),
    Condition(EMPTY_200, "HTTP 200 with an empty body"),
    Condition(NOT_JSON_200, "HTTP 200 with a page for people"),
    Condition(TRUNCATED, "HTTP 200 whose body is cut off"),
    Condition(RESULT_FALSE, "HTTP 200 with the result false"),
    Condition(RESULT_STRING_TRUE, 'HTTP 200 with the result "true", a string'),
    Condition(ERROR_WITH_200, "the refusal CHAT_TYPE with HTTP 200"),
    Condition(INTERNAL_500, "HTTP 500 with INTERNAL_SERVER_ERROR"),
    Condition(PLAN_ACCESS_DENIED, "HTTP 401 with ACCESS_DENIED: the plan has no REST API"),
    Condition(USER_ID, "the refusal USER_ID, HTTP 400"),
    Condition(THROTTLED_ONCE, "HTTP 503 with QUERY_LIMIT_EXCEEDED, once", alone=True),
    Condition(THROTTLED_ALWAYS, "HTTP 503 with QUERY_LIMIT_EXCEEDED, each time", alone=True),
    Condition(OPERATION_LIMIT, "HTTP 429 with OPERATION_TIME_LIMIT, each time", alone=True),
    Condition(EXPIRED_TOKEN, "the token has expired; the token endpoint renews it", alone=True),
    Condition(WITHOUT_TIME, "a success without the object time"),
)
CONDITIONS: Final = {condition.name: condition for condition in _ALL}
