"""A client's adapter as a process: started without a shell, asked line by line, ended for sure.

Whatever the program does wrong becomes one `AdapterError` that shows the last it wrote: the
fault is the adapter's, and must never be counted against the client.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

LAST_OUTPUT = 2000
LONGEST_LINE = 1_000_000
GRACE = 2.0
KINDS: dict[str, type] = {"joined": bool, "refused": str, "broken": str, "not_sent": str}
VIA = ("field", "message", "body")


class AdapterError(Exception):
    """The adapter did not keep the protocol: `what` it did, and the last that it wrote."""

    def __init__(self, what: str, last_output: str = "") -> None:
        super().__init__(f"{what}; {last_output}" if last_output else what)
        self.what = what
        self.last_output = last_output


class AdapterProcess:
    """A running adapter program. `setup` is the first line that it is sent.

    Until its first line of the protocol the program may write what it likes: many announce
    themselves. From then on every line counts.
    """

    def __init__(
        self,
        argv: Sequence[str],
        setup: Mapping[str, Any],
        *,
        env: Mapping[str, str] | None = None,
        deadline: float = 30.0,
    ) -> None:
        self.adapter: str | None = None
        self.version: str | None = None
        self._deadline = deadline
        self._spoke = False
        self._overran = False
        self._tails = {"stdout": b"", "stderr": b""}
        # Bounded: a program that floods us waits in its own pipe.
        self._lines: queue.Queue[bytes] = queue.Queue(maxsize=100)
        self._process = _start(argv, env)
        self._readers = [
            threading.Thread(target=reader, daemon=True) for reader in (self._read, self._drain)
        ]
        for reader in self._readers:
            reader.start()
        with contextlib.suppress(AdapterError):  # the first call tells what went wrong
            self._write(json.dumps(dict(setup)).encode() + b"\n")

    @property
    def pid(self) -> int:
        """The process id of the program."""
        return self._process.pid

    def call(self, params: Mapping[str, str]) -> dict[str, Any]:
        """The answer to a call; `params` maps names to JSON literals, which stay as written."""
        ends = time.monotonic() + self._deadline
        self._refuse_stray()
        with self._watchdog():
            self._write(_call_line(params))
        while True:
            answer = self._next(ends)
            if answer is not None:
                return answer

    def close(self) -> None:
        """Ends the program: by the end of its input, or else by force."""
        with contextlib.suppress(OSError):
            _pipe(self._process.stdin).close()
        stopping = threading.Thread(target=self._empty, daemon=True)
        stopping.start()
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGTERM)
            try:
                self._process.wait(GRACE)
            except subprocess.TimeoutExpired:
                self._kill()
        for thread in (*self._readers, stopping):
            thread.join(GRACE)

    # What comes in

    def _next(self, ends: float) -> dict[str, Any] | None:
        """The answer, or None for a line that is none yet: babble, or the hello."""
        line = self._line(ends)
        if not line:
            raise self._ended()
        message = _parse(line)
        if message is None and not self._spoke:
            return None
        if message is not None and "adapter" in message and not self._spoke:
            self._spoke = True
            self.adapter, self.version = str(message["adapter"]), _text(message.get("client"))
            return None
        self._spoke = True
        complaint = _complaint(line, message)
        if message is None or complaint:
            raise self._error(complaint)
        return message

    def _line(self, ends: float) -> bytes:
        with contextlib.suppress(queue.Empty):
            left = ends - time.monotonic()
            if left > 0:  # lines enough may be waiting, if all that it does is babble
                return self._lines.get(timeout=left)
        self._kill()
        self._readers[0].join(GRACE / 4)  # half a line counts as last output, too
        raise self._error(f"gave no answer within {self._deadline:g} s")

    def _refuse_stray(self) -> None:
        """A second answer to one call would be taken for the answer to the next."""
        with contextlib.suppress(queue.Empty):
            if self._spoke:
                line = self._lines.get_nowait()
                raise self._error("wrote without being asked") if line else self._ended()

    def _read(self) -> None:
        with _pipe(self._process.stdout) as stdout:
            for line in iter(lambda: stdout.readline(LONGEST_LINE), b""):
                self._keep("stdout", line)
                self._lines.put(line)
        self._lines.put(b"")

    def _drain(self) -> None:
        with _pipe(self._process.stderr) as stderr:
            for line in iter(lambda: stderr.readline(LONGEST_LINE), b""):
                self._keep("stderr", line)

    def _keep(self, stream: str, line: bytes) -> None:
        self._tails[stream] = (self._tails[stream] + line)[-LAST_OUTPUT // 2 :]

    def _empty(self) -> None:
        """Lets a reader go that waits for a place in the queue."""
        while self._readers[0].is_alive():
            with contextlib.suppress(queue.Empty):
                self._lines.get(timeout=0.1)

    # What goes out

    def _write(self, data: bytes) -> None:
        stdin = _pipe(self._process.stdin)
        try:
            stdin.write(data)
            stdin.flush()
        except OSError:
            raise self._ended() from None

    @contextlib.contextmanager
    def _watchdog(self) -> Iterator[None]:
        """Kills a program that does not read: nothing else ends a write that waits."""
        timer = threading.Timer(self._deadline, self._overrun)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _overrun(self) -> None:
        self._overran = True
        self._kill()

    # How it ends

    def _ended(self) -> AdapterError:
        try:
            status = self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            return self._error("closed its standard output")
        self._readers[1].join(GRACE)
        if self._overran:
            return self._error(f"did not read its call within {self._deadline:g} s")
        return self._error(f"ended with status {status} instead of an answer")

    def _error(self, what: str) -> AdapterError:
        tails = {stream: tail.decode(errors="replace") for stream, tail in self._tails.items()}
        shown = "; ".join(f"last {name}: {text.strip()}" for name, text in tails.items() if text)
        return AdapterError(f"the adapter {what}", shown or "it wrote nothing")

    def _kill(self) -> None:
        self._signal(getattr(signal, "SIGKILL", signal.SIGTERM))
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(GRACE)

    def _signal(self, number: int) -> None:
        """Signals the program's own group, which we made for it: so its children end as well."""
        if self._process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, number)
            else:
                self._process.send_signal(number)


def _start(argv: Sequence[str], env: Mapping[str, str] | None) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            list(argv),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=None if env is None else dict(env),
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise AdapterError(f"the adapter cannot be started: {error}") from error


def _call_line(params: Mapping[str, str]) -> bytes:
    # Outside of strings JSON may be spread over lines; inside, a bare line end is no JSON.
    pairs = ", ".join(f"{json.dumps(name)}: {_one_line(text)}" for name, text in params.items())
    return f'{{"call": {{{pairs}}}}}\n'.encode("utf-8", "backslashreplace")


def _one_line(literal: str) -> str:
    return literal.replace("\r", " ").replace("\n", " ")


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) else None


def _complaint(line: bytes, message: dict[str, Any] | None) -> str:
    """What is wrong with an answer; empty when nothing is."""
    if message is None:
        whole = line.endswith(b"\n")
        return "wrote a line that is no JSON object" if whole else "stopped amid a line"
    kinds = [kind for kind in KINDS if kind in message]
    if len(kinds) != 1:
        return f"gave an answer that is not one of {', '.join(KINDS)}"
    value = message[kinds[0]]
    if not isinstance(value, KINDS[kinds[0]]) or value is False:
        return f"gave an answer whose {kinds[0]!r} is {value!r}"
    if message.get("via", "field") not in VIA:
        return f"gave an answer whose 'via' is not one of {', '.join(VIA)}"
    return ""


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe
