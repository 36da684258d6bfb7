"""The adapter protocol as a Python adapter speaks it: one JSON object a line.

An adapter program makes its caller from a `Setup` and hands it to `serve`, which does the rest.
Nothing here may import anything heavy: the loop starts with every client process.
"""

from __future__ import annotations

import json
import math
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO

METHOD = "imopenlines.session.join"
CODES = frozenset({"ACCESS_DENIED", "CHAT_TYPE", "CHAT_ID", "USER_ID"})
Answer = dict[str, Any]


class NotSentError(Exception):
    """The client refused to call; the message says why."""


class OverdueError(BaseException):
    """The client's time is up; no Exception, or clients that retry on those would swallow it."""


@dataclass(frozen=True)
class Setup:
    """The first line: where the portal is, whose credentials to use, which authority to trust."""

    portal: dict[str, str]
    ca: str | None = None
    deadline_s: float = 30.0

    @property
    def patience(self) -> float:
        """The client's own time limit: shorter than the deadline, so that it can still tell."""
        return self.deadline_s * 0.9

    @property
    def last_moment(self) -> float:
        """When a client is interrupted that knows no time limit of its own, or does not keep it."""
        return self.deadline_s * 0.95


@dataclass(frozen=True)
class Call:
    """One call: `text` is the JSON object of its parameters exactly as it came."""

    text: str

    @cached_property
    def params(self) -> dict[str, Any]:
        """The parameters as Python values."""
        try:
            params: dict[str, Any] = json.loads(self.text, parse_float=_finite)
        except (ValueError, RecursionError) as error:
            raise NotSentError(f"Python cannot hold the value: {error}") from error
        return params


def result(value: object) -> Answer:
    """The answer to a call that returned `value`: nothing but true is a success."""
    return {"joined": True} if value is True else broken(f"the call returned {value!r}")


def refused(code: str, via: str = "field", status: int | None = None) -> Answer:
    """A refusal whose code the caller finds in a field of its own, or else says where.

    `status` is the HTTP status, where the client's caller can have it.
    """
    answer: Answer = {"refused": code, "via": via}
    return answer if status is None else {**answer, "status": status}


def refused_in(message: str, pattern: str) -> Answer:
    """A refusal whose code only the message has, where `pattern` finds it, in any case."""
    found = re.search(pattern, message)
    code = found[1].upper() if found else ""
    return refused(code, "message") if code in CODES else broken(message)


def broken(what: str) -> Answer:
    """What the caller saw, when it was neither a success nor a refusal."""
    return {"broken": what}


def read_body(status: int, body: bytes) -> Answer:
    """What a caller sees who gets the bare body, as the documentation shows it."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return broken(f"HTTP {status}, and no JSON: {body[:80]!r}")
    if isinstance(answer, dict) and isinstance(answer.get("error"), str):
        return refused(answer["error"], status=status)
    if isinstance(answer, dict) and "error" not in answer and answer.get("result") is True:
        return result(True)
    return broken(f"HTTP {status}, neither success nor error: {body[:80]!r}")


def serve(
    adapter: str, client: str, make_caller: Callable[[Setup], Callable[[Call], Answer]]
) -> None:
    """Answers every call on standard input until it ends."""
    out = _own_standard_output()
    setup = Setup(**json.loads(sys.stdin.buffer.readline()))
    caller = make_caller(setup)
    _say(out, {"adapter": adapter, "client": client})
    for line in sys.stdin.buffer:
        # The line is {"call": PARAMS}; PARAMS is cut out, not parsed: 1e400 or twenty digits
        # must reach the client as they were written.
        text = line.decode("utf-8").partition(":")[2].strip().removesuffix("}").strip()
        _say(out, _answer(caller, Call(text), setup.last_moment))


def _answer(caller: Callable[[Call], Answer], call: Call, seconds: float) -> Answer:
    try:
        with _within(seconds):
            return caller(call)
    except NotSentError as reason:
        return {"not_sent": str(reason)}
    except OverdueError:
        return broken(f"the call did not return within {seconds:g} s")
    except Exception as error:  # whatever the client throws is what its caller sees
        return broken(f"{type(error).__name__}: {error}")


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    """Interrupts a client that knows no time limit, while its adapter can still tell."""

    def interrupt(*_: object) -> None:
        raise OverdueError

    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _finite(literal: str) -> float:
    value = float(literal)
    if math.isinf(value):
        raise NotSentError(f"Python cannot hold the value {literal}")
    return value


def _own_standard_output() -> BinaryIO:
    """Keeps standard output for the protocol; whatever else prints lands on standard error."""
    own = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return own


def _say(out: BinaryIO, answer: Answer) -> None:
    out.write(json.dumps(answer).encode() + b"\n")
    out.flush()
