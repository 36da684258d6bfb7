"""Interruptions that wait for the answer under way, so that it is known what was done."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_KINDS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def patient() -> Iterator[None]:
    """Holds back the first interruption until the block has ended; a second one is heard at once.

    A join that was broken off might be carried out after somebody has looked whether it was.
    """
    heard: list[signal.Signals] = []
    former = _former()

    def restore() -> None:
        for kind, handler in former.items():
            signal.signal(kind, handler)

    def note(number: int, frame: FrameType | None) -> None:
        heard.append(signal.Signals(number))
        restore()

    for kind in former:
        signal.signal(kind, note)
    try:
        yield
    finally:
        restore()
        if heard:
            signal.raise_signal(heard[0])


def _former() -> dict[signal.Signals, Callable[[int, FrameType | None], object]]:
    """What hears interruptions now; only the main thread can put anything in its place."""
    if threading.current_thread() is not threading.main_thread():
        return {}
    handlers = {kind: signal.getsignal(kind) for kind in _KINDS}
    return {kind: one for kind, one in handlers.items() if callable(one)}
