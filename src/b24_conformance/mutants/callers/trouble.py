"""Clients that go wrong when something else does."""

from __future__ import annotations

import json
import time

from b24_conformance.clients.protocol import Answer, broken
from b24_conformance.mutants.callers.base import (
    LIMIT,
    Caller,
    OAuthCaller,
    Params,
    Reply,
    faulty,
    pause,
)

JOINED: Answer = {"joined": True}


@faulty("client.only-success-joins")
class StatusIsAll(Caller):
    """Looks at the HTTP status alone."""

    def tell(self, reply: Reply) -> Answer:
        return JOINED if reply.status == 200 else super().tell(reply)


@faulty("client.only-success-joins")
class NoErrorIsSuccess(Caller):
    """Takes whatever holds no error for a success, a gateway's page included."""

    def nonsense(self, reply: Reply) -> Answer:
        return JOINED


@faulty("client.only-success-joins")
class TimeOutIsSuccess(Caller):
    """Fires and forgets: if no answer comes in time, all went well."""

    def lost(self, error: Exception) -> Answer:
        return JOINED if isinstance(error, TimeoutError) else super().lost(error)


@faulty("client.only-success-joins")
class BrokenLineIsSuccess(Caller):
    """Believes that what was sent has arrived."""

    def lost(self, error: Exception) -> Answer:
        return JOINED if isinstance(error, ConnectionError) else super().lost(error)


@faulty("client.only-success-joins")
class RedirectIsSuccess(Caller):
    """Takes every status below 400 without an error for a success."""

    def nonsense(self, reply: Reply) -> Answer:
        return JOINED if 300 <= reply.status < 400 else super().nonsense(reply)


@faulty("client.only-success-joins")
class EmptyIsSuccess(Caller):
    """Takes an empty body for a success."""

    def nonsense(self, reply: Reply) -> Answer:
        return super().nonsense(reply) if reply.body else JOINED


@faulty("client.only-success-joins")
class HalfIsEnough(Caller):
    """Looks for the first words of a success, and does not wait for the last."""

    def lost(self, error: Exception) -> Answer:
        partial = getattr(error, "partial", b"")
        return JOINED if b'"result":true' in partial else super().lost(error)


@faulty("client.only-success-joins")
class AnyResultIsSuccess(Caller):
    """Looks for a result and not at it."""

    def result(self, value: object, reply: Reply) -> Answer:
        return JOINED


@faulty("client.only-success-joins")
class ServerErrorIsSuccess(Caller):
    """Passes over the server's own errors, as if they were none of its business."""

    def refusal(self, code: str, reply: Reply) -> Answer:
        return JOINED if reply.status == 500 else super().refusal(code, reply)


@faulty("client.only-success-joins")
class PlanIsSuccess(Caller):
    """Knows the refusals of the method, which have HTTP status 400, and no others."""

    def refusal(self, code: str, reply: Reply) -> Answer:
        return JOINED if reply.status == 401 else super().refusal(code, reply)


@faulty("client.true-only")
class TextIsSuccess(Caller):
    """Takes any result that is not empty for true."""

    def result(self, value: object, reply: Reply) -> Answer:
        return JOINED if value else super().result(value, reply)


@faulty("client.throttled")
class LimitIsLost(Caller):
    """Knows of a 503 only that the service is not available."""

    def tell(self, reply: Reply) -> Answer:
        return broken("Service Unavailable") if reply.status == 503 else super().tell(reply)


@faulty("client.throttled")
class AttemptsExhausted(Caller):
    """Tries again after a limit, and in the end reports its own tries instead of the code."""

    def ask(self, params: Params) -> Reply:
        reply = super().ask(params)
        for _ in range(2):
            if reply.error != LIMIT:
                return reply
            pause(0.2)
            reply = super().ask(params)
        if reply.error != LIMIT:
            return reply
        return Reply(503, json.dumps({"error": "ALL_ATTEMPTS_EXHAUSTED"}).encode())


@faulty("client.throttled-pause")
class HammersTheLimit(Caller):
    """Tries again after a limit, at once."""

    def ask(self, params: Params) -> Reply:
        reply = super().ask(params)
        for _ in range(3):
            if reply.error != LIMIT:
                break
            reply = super().ask(params)
        return reply


@faulty("client.operation-limit")
class HammersTheBlock(Caller):
    """Tries again while the method is blocked, at once."""

    def ask(self, params: Params) -> Reply:
        reply = super().ask(params)
        for _ in range(3):
            if reply.status != 429:
                break
            reply = super().ask(params)
        return reply


@faulty("client.operation-limit")
class WearsTheBlockDown(Caller):
    """Tries eight times more while the method is blocked, politely."""

    def ask(self, params: Params) -> Reply:
        reply = super().ask(params)
        for _ in range(8):
            if reply.status != 429:
                break
            pause(0.15)
            reply = super().ask(params)
        return reply


@faulty("client.expired-token")
class ExpiryIsLost(OAuthCaller):
    """Calls every 401 by one name."""

    def refusal(self, code: str, reply: Reply) -> Answer:
        if reply.status == 401:
            return broken("UNAUTHORIZED request error")
        return super().refusal(code, reply)


@faulty("client.expired-token")
class RenewsInVain(OAuthCaller):
    """Renews an expired token, calls again with the old one, and gives up without a code."""

    def ask(self, params: Params) -> Reply:
        reply = super().ask(params)
        if reply.error != "expired_token":
            return reply
        old = self.token
        self.renew()
        self.token = old
        return Reply(super().ask(params).status, b"")


@faulty("client.without-time")
class NeedsTime(Caller):
    """Unpacks the object time whether it is there or not."""

    def result(self, value: object, reply: Reply) -> Answer:
        if "time" not in reply.value:
            return broken("KeyError: 'time'")
        return super().result(value, reply)


@faulty("client.told-in-time")
class SilentOnServerErrors(Caller):
    """Its callback never fires on HTTP 500."""

    def tell(self, reply: Reply) -> Answer:
        if reply.status == 500:
            time.sleep(3600)
        return super().tell(reply)


@faulty("client.told-in-time")
class SilentOnBrokenLines(Caller):
    """Its callback never fires when the connection breaks."""

    def lost(self, error: Exception) -> Answer:
        if isinstance(error, ConnectionError):
            time.sleep(3600)
        return super().lost(error)
