"""How fast requests may leave, and what is done when the portal says that it is too much.

A stand-in is asked as fast as it answers, or at the rate that the user wants; its limits are
waited for briefly. A live portal shares its limits with its owner's bots: it is asked at a steady
rate, slower each time it complains, and not at all any more once it has complained enough.
"""

from __future__ import annotations

import abc
import math
import time
from collections.abc import Callable
from typing import Literal, TypeVar

import msgspec
from pyrate_limiter import Duration, Limiter, Rate

from b24_conformance import strict_json, strict_xml
from b24_conformance.errors import LimitReachedError
from b24_conformance.exchange import Response

LIVE_RATE = 1.0
LIVE_BURST = 5
MOST_REFUSALS = 3
LONGEST_WAIT = 600.0
_SHORT_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
# How long the time limit of a stand-in is waited for, once it has said until when.
_SHORT_WAIT = 15.0
_TOO_FAST = "QUERY_LIMIT_EXCEEDED"
OPERATION_TIME_LIMIT = "OPERATION_TIME_LIMIT"
_LIMITS = {503: (_TOO_FAST, "OVERLOAD_LIMIT"), 429: (OPERATION_TIME_LIMIT,)}
NAMELESS_LIMIT = "HTTP 503"
_LATER = "run again later: what was not asked is not checked"
Answer = TypeVar("Answer", bound=Response | None)


class Wait(msgspec.Struct, frozen=True):
    """Requests wait: for their own pace, or for a limit of the portal, which `reason` tells.

    `rate` is how many requests a second may leave from now on.
    """

    why: Literal["pace", "limit"]
    rate: float
    seconds: float
    reason: str = ""


class Pace(abc.ABC):
    """Lets requests leave one by one. `rate` is how many a second, or None.

    `tell` hears of waits. `ended` says why nothing may be sent any more, and is empty till then.
    """

    rate: float | None = None
    ended: str = ""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.tell: Callable[[Wait], None] = _nobody
        self._clock = clock
        self._reset: float | None = None

    def ask(self, send: Callable[[], Answer], sleep: Callable[[float], None]) -> Answer:
        """Sends a question until the portal has looked at it, or is not asked again.

        An answer that names a limit came before the question was looked at, so that even a join
        may be sent again: it is no second one. LimitReachedError: nothing may be sent any more.
        """
        tries = 0
        while True:
            self.wait()
            answer = send()
            tries += 1
            pause = self.pause(answer, tries) if answer is not None else None
            if pause is None:
                return answer
            sleep(pause)

    def reopen(self) -> None:
        """Lets requests leave once more after a limit has ended the run: undoing needs them."""
        self.ended = ""

    @abc.abstractmethod
    def wait(self) -> None:
        """Returns when a request may leave; LimitReachedError if none may."""

    def pause(self, response: Response, tries: int) -> float | None:
        """For how long to sleep before asking again, after `tries` of them; None: do not ask."""
        limit = limit_of(response)
        if limit == OPERATION_TIME_LIMIT:
            left = self._left()
            return left if 0 < left <= _SHORT_WAIT else None
        self._reset = reset_of(response) or self._reset
        if nameless_limit(response):
            # Whatever stands before a portal may limit, too; a fault of its own stays one.
            return _SHORT_PAUSES[0] if tries == 1 else None
        if limit != _TOO_FAST or tries > len(_SHORT_PAUSES):
            return None
        return _SHORT_PAUSES[tries - 1]

    def _left(self) -> float:
        """The seconds until the moment that the portal named last; each is waited for once."""
        reset, self._reset = self._reset, None
        # The portal names whole seconds.
        return 0.0 if reset is None or reset <= self._clock() else reset - self._clock() + 1


class Unlimited(Pace):
    """No pace at all."""

    def wait(self) -> None:
        """Returns at once."""


class Even(Pace):
    """At most `rate` requests a second on average, and at most `burst` of them at once."""

    def __init__(
        self, rate: float, burst: int = LIVE_BURST, *, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(clock)
        self.rate: float = rate
        self._limiter = _limiter(rate, burst)

    def wait(self) -> None:
        """Returns when a request may leave."""
        if self._limiter.try_acquire("portal", blocking=False) is not True:
            self.tell(Wait("pace", self.rate, 1 / self.rate))
            self._limiter.try_acquire("portal", blocking=True)


class Steady(Even):
    """The pace of a live portal: what it says of its limits is heeded, for the whole run.

    Too many requests, or a 503 without a code: half the rate, and no bursts any more; at the
    third time the end. Too much time used: a wait for the moment that the portal named in its
    last success; where it named none, or says so again afterwards, the end. After the end `wait`
    raises LimitReachedError.
    """

    def __init__(
        self,
        rate: float = LIVE_RATE,
        burst: int = LIVE_BURST,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(rate, burst, clock=clock)
        self._refusals = 0

    def wait(self) -> None:
        """Returns when a request may leave; LimitReachedError once a limit has ended the run."""
        if self.ended:
            raise LimitReachedError(self.ended, hint=_LATER)
        super().wait()

    def pause(self, response: Response, tries: int) -> float | None:
        """For how long to sleep before asking again; None: do not ask."""
        limit = limit_of(response)
        if limit == _TOO_FAST or nameless_limit(response):
            return self._slow_down(limit or NAMELESS_LIMIT)
        if limit == OPERATION_TIME_LIMIT:
            return self._until_reset()
        self._reset = reset_of(response) or self._reset
        return None

    def _slow_down(self, limit: str) -> float | None:
        self._refusals += 1
        if self._refusals >= MOST_REFUSALS:
            self.ended = f"the portal answered {limit} {self._refusals} times"
            return None
        self.rate /= 2
        self._limiter = _limiter(self.rate, 1)
        # The refused request counts as the first one at the new rate.
        self._limiter.try_acquire("portal", blocking=False)
        slower = f"the portal answers {limit}: {self.rate:g} requests a second from now on"
        self.tell(Wait("limit", self.rate, 1 / self.rate, slower))
        return 0.0

    def _until_reset(self) -> float | None:
        left = self._left()
        if left <= 0:
            self.ended = f"the portal answers {OPERATION_TIME_LIMIT} and does not say until when"
            return None
        seconds = min(left, LONGEST_WAIT)
        self.tell(Wait("limit", self.rate, seconds, f"the portal answers {OPERATION_TIME_LIMIT}"))
        return seconds


def pace_of(*, stand_in: bool, rate: float | None = None) -> Pace:
    """The pace of a portal; `rate` is what the user wants, None for the default."""
    if not stand_in:
        return Steady(rate or LIVE_RATE)
    return Even(rate) if rate else Unlimited()


def limit_of(response: Response) -> str | None:
    """The code of the limit that kept the portal from looking at a request."""
    codes = _LIMITS.get(response.status)
    if codes is None:
        return None
    code = code_of(response)
    return code if code in codes else None


def nameless_limit(response: Response) -> bool:
    """Whether a 503 names no code: it need not come from the portal itself."""
    return response.status == 503 and code_of(response) is None


def code_of(response: Response) -> str | None:
    """The code of a refusal, be it JSON or, to a question that ends in .xml, XML."""
    named = _body(response).get("error") or _error_in_xml(response)
    return named if isinstance(named, str) else None


def reset_of(response: Response) -> float | None:
    """When the portal's count of used time starts anew, in seconds since 1970, if it says so."""
    times = _body(response).get("time") if response.status == 200 else None
    reset = times.get("operating_reset_at") if isinstance(times, dict) else None
    if isinstance(reset, bool) or not isinstance(reset, int | float) or not math.isfinite(reset):
        return None
    return float(reset)


def _body(response: Response) -> dict[str, object]:
    try:
        body = strict_json.decode(response.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _error_in_xml(response: Response) -> str | None:
    try:
        return strict_xml.decode(response.body).findtext("error")
    except ValueError:
        return None


def _limiter(rate: float, burst: int) -> Limiter:
    return Limiter(Rate(burst, max(1, round(burst / rate * Duration.SECOND))))


def _nobody(wait: Wait) -> None:
    """Where nobody is told of waits."""
