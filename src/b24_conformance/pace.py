"""How fast requests may leave: unlimited for stand-ins, a steady rate with a burst otherwise."""

from __future__ import annotations

from typing import Protocol

from pyrate_limiter import Duration, Limiter, Rate

LIVE_RATE = 1.0
LIVE_BURST = 5


class Pace(Protocol):
    """Waits until the next request may leave."""

    def wait(self) -> None:
        """Returns when a request may leave."""
        ...


class Unlimited:
    """No pace at all."""

    def wait(self) -> None:
        """Returns at once."""


class Steady:
    """At most `rate` requests a second on average, and at most `burst` of them at once."""

    def __init__(self, rate: float, burst: int = LIVE_BURST) -> None:
        window = max(1, round(burst / rate * Duration.SECOND))
        self._limiter = Limiter(Rate(burst, window))

    def wait(self) -> None:
        """Returns when a request may leave."""
        self._limiter.try_acquire("portal", blocking=True)
