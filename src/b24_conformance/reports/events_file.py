"""The file of events: written while a run goes on, read back by every report."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from b24_conformance.closing import Closing
from b24_conformance.errors import TranscriptError
from b24_conformance.events import Event, Joining, RunFinished, RunStarted
from b24_conformance.redaction import Redaction

# Values of closed lists: a secret that is spelt like one of them may not make a line unreadable.
_CLOSED = frozenset(
    {"type", "side", "rung", "level", "status", "verdict"}
    | {"kind", "place", "encoding", "identity", "operator", "fault"}
)
_HINT = "give the events.jsonl of a run of this suite"


class EventWriter(Closing):
    """Writes one line per event to a new file at `path`; each line is complete when it is there.

    A context manager. Every string of an event is hidden by `redaction` before it is written.
    With `append` an existing file goes on, but for a last line that was cut.
    """

    def __init__(self, path: Path, redaction: Redaction, *, append: bool = False) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("r+b" if append else "wb")
        if append:
            self._file.seek(_whole(self._file.read()))
            self._file.truncate()
        self._redaction = redaction

    def write(self, event: Event) -> None:
        """Appends `event` as one line and flushes it; a join is on the disk before it is sent."""
        self._file.write(_line(event, self._redaction) + b"\n")
        self._file.flush()
        if isinstance(event, Joining):
            self.settle()

    def settle(self) -> None:
        """Returns when all that was written is on the disk."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def as_written(event: Event, redaction: Redaction) -> Event:
    """An event as whoever reads the file gets it: without its secrets."""
    written: Event = msgspec.json.Decoder(Event).decode(_line(event, redaction))
    return written


def _line(event: Event, redaction: Redaction) -> bytes:
    try:
        line = msgspec.json.encode(event)
        if not redaction.suspects(line.decode()):
            return line
    except UnicodeEncodeError:
        # Half a surrogate pair has no UTF-8: it is written as an escape in words.
        pass
    # The values and not the line are hidden: half an escape would be no JSON any more.
    return msgspec.json.encode(_hidden(msgspec.to_builtins(event), redaction))


def _hidden(value: Any, redaction: Redaction, key: str = "") -> Any:
    match value:
        case str() if key not in _CLOSED:
            hidden = redaction.hide(value)
            return hidden.encode("utf-8", "backslashreplace").decode()
        case dict():
            return {name: _hidden(item, redaction, name) for name, item in value.items()}
        case list() | tuple():
            return [_hidden(item, redaction) for item in value]
    return value


def rewrite(path: Path, events: Iterable[Event]) -> None:
    """Replaces the file at `path` at once: whenever that is cut off, one whole run is there.

    The events were hidden when they were written first.
    """
    fresh = path.with_name(f".{path.name}.kept")
    with EventWriter(fresh, Redaction({})) as writer:
        for event in events:
            writer.write(event)
        writer.settle()
    fresh.replace(path)


def _whole(content: bytes) -> int:
    """Where the last whole line ends."""
    return content.rfind(b"\n") + 1


def read_events(path: Path) -> Iterator[Event]:
    """The events of the file at `path`, in their order.

    A last line without its end belongs to a run that was killed and is left out. Anything else
    that is no event raises TranscriptError with the number of the line.
    """
    decoder = msgspec.json.Decoder(Event)
    number = 0
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    yield decoder.decode(line)
                except (msgspec.DecodeError, UnicodeDecodeError) as error:
                    if number > 1 and _is_cut(line, error):
                        return
                    raise _no_event(path, number, line, error) from error
    except OSError as error:
        raise TranscriptError(f"{path} cannot be read: {error.strerror}", hint=_HINT) from error
    if not number:
        raise TranscriptError(f"{path} is empty", hint=_HINT)


def _is_cut(line: bytes, error: Exception) -> bool:
    return not line.endswith(b"\n") and not isinstance(error, msgspec.ValidationError)


def _no_event(path: Path, number: int, line: bytes, error: Exception) -> TranscriptError:
    hint = _HINT
    if line.lstrip().startswith(b'{"log"') or (number == 1 and line.strip() in (b"{", b"[")):
        hint = f"this looks like a HAR or another JSON document; {_HINT}"
    return TranscriptError(f"{path}, line {number}, is no event: {error}", hint=hint)


def join_events(paths: Sequence[Path], target: Path) -> None:
    """Joins the events of several processes of one run into the file `target`.

    The first file's beginning counts for all, and the worst end.
    """
    events = [event for path in paths for event in read_events(path)]
    began = [event for event in events if isinstance(event, RunStarted)][:1]
    ends = [event for event in events if isinstance(event, RunFinished)]
    inner = [event for event in events if not isinstance(event, RunStarted | RunFinished)]
    with EventWriter(target, Redaction({})) as writer:
        for event in (*began, *inner):
            writer.write(event)
        if len(ends) == len(paths):
            codes = [end.exit_code for end in ends]
            seconds = max(end.seconds for end in ends)
            writer.write(RunFinished(next((c for c in (4, 2, 1, 3) if c in codes), 0), seconds))
    for path in paths:
        path.unlink(missing_ok=True)
