"""What all parts of the reference portal share."""

from __future__ import annotations

import threading
from collections.abc import Callable

from b24_conformance.reference.state import State


class Site:
    """The declared state, the clock, and one lock for all that changes."""

    def __init__(self, state: State, clock: Callable[[], float]) -> None:
        self.state = state
        self.clock = clock
        self.lock = threading.Lock()
