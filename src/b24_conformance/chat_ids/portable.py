"""Draws from Hypothesis that are the same on any machine, in any folder.

Hypothesis by itself mines constants from the modules around it and remembers failures in a
database; both would make the requests depend on where a run is started.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, find, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider

T = TypeVar("T")
BATCH = 50
_BACKEND = "b24-portable"


class PortableProvider(HypothesisProvider):  # type: ignore[misc]
    """Hypothesis's own choices, without constants mined from local files."""

    def _maybe_draw_constant(self, *_args: Any, **_named: Any) -> None:
        return None


AVAILABLE_PROVIDERS[_BACKEND] = f"{__name__}.PortableProvider"


def _settings(**more: Any) -> settings:
    return settings(
        backend=_BACKEND,
        database=None,
        deadline=None,
        derandomize=False,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
        **more,
    )


def number(*words: object) -> int:
    """A seed made from words; the same words give the same seed everywhere."""
    text = "\0".join(map(str, words))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def draw(strategy: st.SearchStrategy[T], count: int, *words: object) -> list[T]:
    """`count` values, or fewer where the strategy has no more; up to 50 an example."""
    drawn: dict[T, None] = {}
    size = min(count, BATCH)

    @seed(number(*words))
    @_settings(max_examples=max(1, -(-count // size)) + 2, phases=[Phase.generate])
    @given(st.lists(strategy, min_size=size, max_size=size))
    def collect(values: list[T]) -> None:
        drawn.update(dict.fromkeys(values))

    if count:
        collect()
    return list(drawn)[:count]


def smallest(
    strategy: st.SearchStrategy[T], fails: Callable[[T], bool], *words: object
) -> T | None:
    """The simplest value that fails, as far as Hypothesis can find it."""
    dice = random.Random(number(*words))
    wanted = _settings(max_examples=200, phases=[Phase.generate, Phase.shrink])
    try:
        return find(strategy, fails, settings=wanted, random=dice)
    except NoSuchExample:
        return None
