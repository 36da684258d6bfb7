"""Joins that a killed run has left behind: a new run does not start over them."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path

from b24_conformance.config import config_file
from b24_conformance.errors import ConfigError, ConformanceError, UsageError
from b24_conformance.events import Event, EventSink, Joining
from b24_conformance.implementations.base import Implementation
from b24_conformance.live.joins import pending
from b24_conformance.live.lock import lock_file
from b24_conformance.reports import read_events


def refuse_over_pending(addresses: Iterable[str], events: Path, config: Path | None = None) -> None:
    """Raises UsageError where a join is still to be undone.

    Looks into the events that the new run, of this `config`, would replace, and into those of
    the last run that joined at one of these addresses, wherever its reports are.
    """
    known = [note_of(address) for address in addresses]
    looked_into = {events.absolute(): config}
    for path, configured in (_noted(note) for note in known if note.is_file()):
        looked_into[path] = configured or looked_into.get(path)
    for path, configured in looked_into.items():
        if left := _pending(path):
            chats = ", ".join(str(one.chat) for one in left)
            raise UsageError(
                f"an earlier run has joined chat {chats} of {left[0].implementation} and was ended "
                "before it could leave again",
                hint=undo_command(path, configured),
            )
    for note in known:
        note.unlink(missing_ok=True)


def undo_command(events: Path, config: Path | None) -> str:
    """The command that undoes what is in `events`; a config is named where it is not found."""
    named = [] if config is None or _is_found_here(config) else ["--config", str(config)]
    return shlex.join(["b24-conformance", "undo", str(events), *named])


def _is_found_here(config: Path) -> bool:
    try:
        found = config_file(Path.cwd())
    except ConfigError:
        # The command is told all the same: somebody stands in a chat.
        return False
    return found is not None and found.absolute() == config.absolute()


def live_addresses(found: Iterable[Implementation]) -> tuple[str, ...]:
    """Where the live portals among the implementations are."""
    declared = (one.declaration for one in found)
    return tuple(d.address for d in declared if d.side == "portal" and not d.stand_in)


def remembering(sink: EventSink, events: Path, config: Path | None = None) -> EventSink:
    """A sink that also notes beside the portal's lock where its joins are written down.

    The note stays as long as one of them is to be undone; it also names the run's `config`.
    """
    told: dict[str, list[Event]] = {}

    def noted(event: Event) -> None:
        name = getattr(event, "implementation", "")
        if isinstance(event, Joining):
            told.setdefault(name, [])
        elif name not in told:
            # Most are no live portal, and have joined nothing that anybody sees.
            sink(event)
            return
        before = pending(told[name])
        told[name].append(event)
        after = pending(told[name])
        if after and not before:
            _note(name, events, config)
        sink(event)
        if before and not after:
            note_of(name).unlink(missing_ok=True)

    return noted


def _note(address: str, events: Path, config: Path | None) -> None:
    note = note_of(address)
    note.touch(mode=0o600)
    paths = [path.absolute() for path in (events, config) if path]
    note.write_text("\n".join(map(str, paths)), encoding="utf-8")


def _noted(note: Path) -> tuple[Path, Path | None]:
    """Where the joins are written down, and the config of the run that made them."""
    events, _, config = note.read_text(encoding="utf-8").partition("\n")
    return Path(events), Path(config) if config else None


def note_of(address: str) -> Path:
    """The note for a portal: it holds paths, never a secret."""
    return lock_file(address).with_suffix(".pending")


def _pending(path: Path) -> tuple[Joining, ...]:
    if not path.is_file():
        return ()
    try:
        return pending(read_events(path))
    except ConformanceError:
        # Another file of that name is nobody's journal.
        return ()
