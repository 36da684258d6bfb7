"""Joins that a killed run has left behind: a new run does not start over them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from b24_conformance.errors import ConformanceError, UsageError
from b24_conformance.events import Event, EventSink, Joining, Left
from b24_conformance.implementations.base import Implementation
from b24_conformance.live.joins import pending
from b24_conformance.live.lock import lock_file
from b24_conformance.reports import read_events


def refuse_over_pending(addresses: Iterable[str], events: Path) -> None:
    """Raises UsageError where a join is still to be undone.

    Looks into the events that the new run would replace, and into those of the last run that
    joined at one of these addresses, wherever its reports are.
    """
    known = [note_of(address) for address in addresses]
    noted = [Path(note.read_text(encoding="utf-8")) for note in known if note.is_file()]
    for path in dict.fromkeys((events.absolute(), *noted)):
        if left := _pending(path):
            chats = ", ".join(str(one.chat) for one in left)
            raise UsageError(
                f"an earlier run has joined chat {chats} of {left[0].implementation} and was ended "
                "before it could leave again",
                hint=f"b24-conformance undo {path}",
            )
    for note in known:
        note.unlink(missing_ok=True)


def live_addresses(found: Iterable[Implementation]) -> tuple[str, ...]:
    """Where the live portals among the implementations are."""
    declared = (one.declaration for one in found)
    return tuple(d.address for d in declared if d.side == "portal" and not d.stand_in)


def remembering(sink: EventSink, events: Path) -> EventSink:
    """A sink that also notes beside the portal's lock where its joins are written down.

    The note stays as long as one of them is not undone.
    """
    left_open: set[tuple[str, str, int]] = set()

    def noted(event: Event) -> None:
        if isinstance(event, Joining) and not event.stays:
            left_open.add((event.implementation, event.operator, event.chat))
            note = note_of(event.implementation)
            note.touch(mode=0o600)
            note.write_text(str(events.absolute()), encoding="utf-8")
        sink(event)
        if isinstance(event, Left):
            left_open.discard((event.implementation, event.operator, event.chat))
            if not any(name == event.implementation for name, _, _ in left_open):
                note_of(event.implementation).unlink(missing_ok=True)

    return noted


def note_of(address: str) -> Path:
    """The note for a portal: it holds a path, never a secret."""
    return lock_file(address).with_suffix(".pending")


def _pending(path: Path) -> tuple[Joining, ...]:
    if not path.is_file():
        return ()
    try:
        return pending(read_events(path))
    except ConformanceError:
        # Another file of that name is nobody's journal.
        return ()
