"""What is said at the end of an interrupted run: who stands in which chat, and how to go on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from b24_conformance.events import Event, ImplementationStarted, Joining, Left
from b24_conformance.live.joins import joined, pending
from b24_conformance.live.pending import undo_command
from b24_conformance.reports import read_events


def told_interrupted(events: Path, config: Path | None) -> Iterator[str]:
    """The lines for a run that wrote down what it did in `events`."""
    happened = tuple(read_events(events))
    yield f"interrupted: what was seen so far is in {events.parent}/index.html"
    standing = tuple(_standing(happened))
    yield from standing
    if pending(happened):
        yield f"a join is not undone: {undo_command(events, config)}"
    elif not standing and _asks_a_live_portal(happened):
        yield "no chat was joined"
    yield "the same command with --resume goes on where it was interrupted"


def _standing(happened: Sequence[Event]) -> Iterator[str]:
    """What became of the joins of the run, but for those that are still to be undone."""
    last = {(e.operator, e.chat): e for e in happened if isinstance(e, Joining | Left)}
    sure = joined(happened)
    for (operator, chat), event in last.items():
        if isinstance(event, Left):
            yield f"chat {chat}: {event.how}"
        elif event.stays and (operator, chat) in sure:
            yield f"chat {chat}: the {operator} stays in it (--stay)"


def _asks_a_live_portal(happened: Sequence[Event]) -> bool:
    asked = [e.declaration for e in happened if isinstance(e, ImplementationStarted)]
    return any(one.side == "portal" and not one.stand_in for one in asked)
