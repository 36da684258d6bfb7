"""The events of a run, put together: who was asked, what was judged, how it ended."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from b24_conformance.declaration import Declaration
from b24_conformance.errors import TranscriptError
from b24_conformance.events import (
    Event,
    ImplementationFinished,
    ImplementationStarted,
    Joining,
    Judged,
    Left,
    Observed,
    RunFinished,
    RunStarted,
    Witnessed,
)


class Chapter(msgspec.Struct):
    """What happened with one implementation; `finished` is None if the run was cut off."""

    declaration: Declaration
    client_version: str | None = None
    judged: dict[str, Judged] = {}
    exchanges: set[int] = set()
    looks: list[Witnessed] = []
    joins: dict[tuple[str, int], Joining | Left] = {}
    finished: ImplementationFinished | None = None

    @property
    def name(self) -> str:
        """How the implementation is called."""
        return self.declaration.name

    @property
    def requests(self) -> int:
        """How many HTTP exchanges there were, as far as is known."""
        return self.finished.requests if self.finished else len(self.exchanges)


class Story(msgspec.Struct):
    """A run: its beginning, a chapter per implementation, and its end if it came to one."""

    started: RunStarted
    chapters: dict[str, Chapter] = {}
    finished: RunFinished | None = None

    @property
    def complete(self) -> bool:
        """Whether the run came to its end."""
        return self.finished is not None and all(c.finished for c in self.chapters.values())

    def chapter(self, name: str) -> Chapter:
        """The chapter of the implementation called `name`, or TranscriptError."""
        if name not in self.chapters:
            raise TranscriptError(
                f"the events speak of {name!r}, which was never started",
                hint="the file has lost lines: run again",
            )
        return self.chapters[name]


def read_story(events: Iterable[Event]) -> Story:
    """The story that `events` tell; TranscriptError if it has no beginning or two of them."""
    story: Story | None = None
    for event in events:
        if isinstance(event, RunStarted) == (story is not None):
            what = "a second run begins" if story else "the beginning of the run is missing"
            raise TranscriptError(f"{what} in the events", hint="give the file of one whole run")
        if isinstance(event, RunStarted):
            story = Story(event)
        elif story:
            _tell(story, event)
    if not story:
        raise TranscriptError("there are no events", hint="run again")
    return story


def _tell(story: Story, event: Event) -> None:
    match event:
        case ImplementationStarted():
            chapter = Chapter(event.declaration, event.client_version)
            story.chapters[chapter.name] = chapter
        case Observed():
            numbers = (exchange.number for exchange in event.observation.exchanges)
            story.chapter(event.implementation).exchanges.update(numbers)
        case Witnessed():
            story.chapter(event.implementation).looks.append(event)
        case Joining() | Left():
            place = (event.operator, event.chat)
            story.chapter(event.implementation).joins[place] = event
        case Judged():
            story.chapter(event.implementation).judged[event.clause] = event
        case ImplementationFinished():
            story.chapter(event.implementation).finished = event
        case RunFinished():
            story.finished = event
