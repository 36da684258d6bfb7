"""Draws from Hypothesis that are the same on any machine, in any folder.

Hypothesis by itself mines constants from the modules around it and remembers failures in a
database; both would make the requests depend on where a run is started.
"""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, find, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample
from hypothesis.internal.cache import LRUCache
from hypothesis.internal.conjecture import providers

from b24_conformance.chat_ids.makers import Maker, strategy

T = TypeVar("T")
Source = Maker[T] | st.SearchStrategy[T]
BATCH = 50


class EnoughError(BaseException):
    """Ends a search; no Exception, which Hypothesis would take for a finding."""


# Hypothesis keeps what it mined for all: two runs in two threads must not undo each other.
_MINING = threading.Lock()


@contextmanager
def _nothing_mined() -> Iterator[None]:
    """Keeps Hypothesis from reading local files for constants, and from caching them on disk."""
    with _MINING:
        kept = providers._get_local_constants, providers.CONSTANTS_CACHE
        providers._get_local_constants = providers.Constants
        providers.CONSTANTS_CACHE = LRUCache(1024)
        try:
            yield
        finally:
            providers._get_local_constants, providers.CONSTANTS_CACHE = kept


def _settings(**more: Any) -> settings:
    return settings(
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


def draw(source: Source[T], count: int, *words: object) -> list[T]:
    """`count` different values, or fewer where there are no more; up to 50 an example."""
    collected: list[list[T]] = []
    batch = _batch_of(source, min(count, BATCH), number(*words))
    # Each value of a strategy costs Hypothesis as much as fifty of a maker: one batch will do.
    examples = 1 if isinstance(source, st.SearchStrategy) else -(-count // BATCH)

    @seed(number(*words))
    @_settings(max_examples=examples + 1, phases=[Phase.generate])
    @given(batch)
    def collect(values: list[T]) -> None:
        collected.append(values)

    if count:
        with _nothing_mined():
            collect()
    # The first example is the simplest there is, whatever the seed: it counts last.
    drawn = (value for values in (*collected[1:], *collected[:1]) for value in values)
    return list(dict.fromkeys(drawn))[:count]


def _batch_of(source: Source[T], size: int, salt: int) -> st.SearchStrategy[list[T]]:
    if isinstance(source, st.SearchStrategy):
        return st.lists(source, min_size=size, max_size=size)

    def made(start: int) -> list[T]:
        dice = random.Random(start ^ salt)
        return [source(dice) for _ in range(size)]

    return st.integers(0, 2**64 - 1).map(made)


def smallest(source: Source[T], fails: Callable[[T], bool], *words: object) -> T | None:
    """The simplest value of `source` that fails, as far as Hypothesis can find it.

    `fails` may raise EnoughError to end the search.
    """
    simple = source if isinstance(source, st.SearchStrategy) else strategy(source)
    wanted = _settings(max_examples=200, phases=[Phase.generate, Phase.shrink])
    try:
        with _nothing_mined():
            return find(simple, fails, settings=wanted, random=random.Random(number(*words)))
    except (NoSuchExample, EnoughError):
        return None
