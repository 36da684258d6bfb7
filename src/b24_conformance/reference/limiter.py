"""The limit on how fast a portal may be called."""

from __future__ import annotations

from typing import Final

# All plans but the largest: a bucket of 50 that leaks 2 a second (docs: limits.md).
BURST_OVER_RATE: Final = 25


class LeakyBucket:
    """A bucket that fills by one a call and leaks steadily; no rate means no limit."""

    def __init__(self, rate: float | None, burst: float | None) -> None:
        self._rate = rate
        self._size = burst or (rate or 0) * BURST_OVER_RATE
        self._level = 0.0
        self._at: float | None = None

    def admit(self, now: float) -> bool:
        """Take one call in; False where it would make the bucket overflow."""
        if self._rate is None:
            return True
        elapsed = max(0.0, now - self._at) if self._at is not None else 0.0
        self._at = now
        self._level = max(0.0, self._level - elapsed * self._rate)
        if self._level + 1 > max(self._size, 1.0):
            return False
        self._level += 1
        return True
