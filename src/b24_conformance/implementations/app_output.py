"""What an application says beside its answers: on standard error, and without secrets."""

from __future__ import annotations

import io
import sys
import sysconfig
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from b24_conformance.redaction import Redaction
from b24_conformance.resources import PACKAGE

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

# Frames of those who call an application say nothing about it.
_CALLERS = (str(PACKAGE / "implementations"), "<frozen")
_CALLERS_FOLDERS = ("asyncio", "importlib", "wsgiref")
_LIBRARIES = tuple(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib"))


class AppOutput:
    """The standard streams of an application, and its log of exceptions.

    Whatever it prints goes to standard error, as standard output is for verdicts. `stream` hides
    line by line.
    """

    def __init__(self, redaction: Redaction) -> None:
        self.hide = redaction.hide
        self._behind = sys.stderr
        self.stream = io.TextIOWrapper(
            io.BufferedWriter(_Hiding(self)),
            encoding="utf-8",
            errors="backslashreplace",
            line_buffering=True,
        )
        self._lock = threading.Lock()
        self._told: set[str] = set()

    @property
    def behind(self) -> TextIO:
        """Where the hidden text goes."""
        return self._behind

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Redirects what is printed as long as the context lasts."""
        if sys.stderr is not self.stream:
            self._behind = sys.stderr
        with redirect_stdout(self.stream), redirect_stderr(self.stream):
            try:
                yield
            finally:
                self.stream.flush()

    def raised(self, error: BaseException) -> str:
        """Where an exception comes from, in words; its traceback is told once for each place."""
        told = described(error)
        with self._lock:
            new = told not in self._told
            self._told.add(told)
        if new:
            self.stream.write(f"the application raised (told once):\n{_traceback(error)}")
        return told


class _Hiding(io.RawIOBase):
    """The bytes behind the stream: a whole one, as applications may do anything with theirs."""

    def __init__(self, output: AppOutput) -> None:
        self._output = output

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._output.behind.fileno()

    def write(self, data: ReadableBuffer) -> int:
        text = bytes(data).decode("utf-8", "replace")
        self._output.behind.write(self._output.hide(text))
        return len(bytes(data))


def described(error: BaseException) -> str:
    """The kind of an exception and its place; never its message, which may hold anything."""
    frames = _own_frames(error)
    if not frames:
        return type(error).__name__
    # Where the application itself was, rather than the library that it called last.
    own = [frame for frame in frames if not frame.filename.startswith(_LIBRARIES)]
    last = (own or frames)[-1]
    return f"{type(error).__name__} in {Path(last.filename).name}, line {last.lineno}"


def _traceback(error: BaseException) -> str:
    told = traceback.TracebackException.from_exception(error)
    told.stack[:] = _own_frames(error)
    return "".join(told.format())


def _own_frames(error: BaseException) -> list[traceback.FrameSummary]:
    frames = traceback.extract_tb(error.__traceback__)
    return [frame for frame in frames if not _is_callers(frame.filename)]


def _is_callers(filename: str) -> bool:
    return filename.startswith(_CALLERS) or Path(filename).parent.name in _CALLERS_FOLDERS
