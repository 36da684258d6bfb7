"""How far a run is, what it waits for and how long it will take: a bar, or a line now and then."""

from __future__ import annotations

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from b24_conformance.closing import Closing
from b24_conformance.pace import Wait

_EVERY_REQUESTS = 100
_EVERY_SECONDS = 10


class _Count(msgspec.Struct):
    """The requests of one implementation, by their numbers, and how many there will be."""

    numbers: set[int] = msgspec.field(default_factory=set)
    planned: int | None = None


class Headway(Closing):
    """Shows requests done and planned, waits, and the time left; nothing if `quiet`.

    A bar where the console is a terminal, else plain lines. A context manager.
    """

    def __init__(self, console: Console, *, quiet: bool = False) -> None:
        self._console = console
        self._plain = not quiet and not console.is_terminal
        self._counts: dict[str, _Count] = {}
        self._rate: float | None = None
        self._next = 0
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("requests{task.fields[state]}", markup=False),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=quiet or not console.is_terminal,
        )
        self._task = self._bar.add_task("", total=None, state="")

    def close(self) -> None:
        """Takes the bar away."""
        self._bar.stop()

    def begin(self, name: str) -> None:
        """An implementation is about to be asked."""
        self._counts[name] = _Count()
        self._rate, self._next = None, _EVERY_REQUESTS
        self._bar.update(self._task, description=name)
        self._bar.start()
        self._show()

    def plan(self, name: str, requests: int, rate: float | None) -> None:
        """It is known how many requests an implementation will get, and how fast."""
        self._counts.setdefault(name, _Count()).planned = requests
        self._rate = rate
        self._next = self._done + self._every
        if rate is not None:
            self._line(f"{requests} requests, {rate:g} a second{self._left}")
        self._show()

    def count(self, name: str, numbers: set[int]) -> None:
        """Requests with these numbers were sent."""
        self._counts.setdefault(name, _Count()).numbers |= numbers
        if self._done >= self._next:
            self._next = self._done + self._every
            of = f" of {self._total}" if self._total is not None else ""
            self._line(f"{self._done}{of} requests{self._left}")
        self._show()

    def end(self, name: str) -> None:
        """An implementation has its verdict."""
        self._counts.pop(name, None)

    def wait(self, wait: Wait) -> None:
        """Requests wait. A wait for their own pace is shown by the bar only: it is the rule."""
        self._rate = wait.rate
        if wait.why == "limit":
            self._line(in_words(wait))
        self._show(in_words(wait))

    @property
    def _done(self) -> int:
        return sum(len(one.numbers) for one in self._counts.values())

    @property
    def _total(self) -> int | None:
        """All requests, or None where not all are known. What is asked again comes on top."""
        planned = [one.planned for one in self._counts.values()]
        known = [count for count in planned if count is not None]
        return max(sum(known), self._done) if known and len(known) == len(planned) else None

    @property
    def _every(self) -> int:
        return _EVERY_REQUESTS if self._rate is None else max(1, round(_EVERY_SECONDS * self._rate))

    @property
    def _left(self) -> str:
        """The time that is left, in words; nothing where there is no rate to tell it by."""
        if self._rate is None or self._total is None or self._total == self._done:
            return ""
        return f", about {_duration((self._total - self._done) / self._rate)} left"

    def _line(self, text: str) -> None:
        if self._plain:
            self._console.print(f"  {text}", markup=False, emoji=False)

    def _show(self, waiting: str = "") -> None:
        state = f"{self._left}, {waiting}" if waiting else self._left
        self._bar.update(self._task, completed=self._done, total=self._total, state=state)


def in_words(wait: Wait) -> str:
    """Why requests wait, and for how long."""
    if wait.why == "pace":
        return f"waiting: {wait.rate:g} a second"
    return f"waiting {_duration(wait.seconds)}: {wait.reason}"


def _duration(seconds: float) -> str:
    whole = max(1, round(seconds))
    return f"{whole} s" if whole < 100 else f"{round(whole / 60)} min"
