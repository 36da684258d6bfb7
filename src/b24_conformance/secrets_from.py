"""Where a secret comes from: the environment, a file of its owner's, or a command.

No error here shows a value, nor anything that a command said: only names, paths and exit codes.
"""

from __future__ import annotations

import contextlib
import os
import select
import shlex
import stat
import subprocess
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import IO

from b24_conformance.errors import ConfigError, nearest

Secret = str | dict[str, str]
COMMAND_SECONDS = 10.0
_LONGEST = 64 * 1024
_FORMS = '{ env = "NAME" }, { file = "PATH" } or { command = "…" }'


def reveal(secret: Secret | None, key: str, *, optional: bool = False) -> str | None:
    """The value of a secret, from where it says: `env`, `file`, `command`, or the text itself.

    One that is not there (an unset variable, no file, nothing in it) raises ConfigError, or
    gives None where the secret is optional.
    """
    if secret is None or isinstance(secret, str):
        return secret
    if len(secret) != 1:
        raise ConfigError(f"{key} must be a text or {_FORMS}")
    ((source, where),) = secret.items()
    if source not in _SOURCES:
        hint = f"{nearest(source, _SOURCES)} A secret is a text or {_FORMS}"
        raise ConfigError(f"{key} has the unknown source {source!r}", hint=hint)
    value, absent, hint = _SOURCES[source](where, key)
    if value or optional:
        return value or None
    raise ConfigError(f"{key}: {absent}", hint=hint)


Found = tuple[str, str, str]


def _from_env(name: str, key: str) -> Found:
    value = os.environ.get(name, "").strip()
    absent = f"the environment variable {name} is not set"
    return value, absent, f"export {name}=… and run again"


def _from_file(name: str, key: str) -> Found:
    path = Path(name).expanduser()
    hint = 'write the secret, and nothing else, into it, or use { env = "NAME" }'
    try:
        # Not to wait for ever for somebody who writes into a pipe.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return "", f"there is no file {name}", hint
    except OSError as error:
        raise ConfigError(f"{key}: the file {name} cannot be read: {error.strerror}") from None
    try:
        _refuse_shared(os.fstat(descriptor), name, key)
        data = os.read(descriptor, _LONGEST + 1)
    finally:
        os.close(descriptor)
    return _first_line(data, f"{key}: the file {name}"), f"the file {name} is empty", hint


def _refuse_shared(found: os.stat_result, name: str, key: str) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise ConfigError(f"{key}: {name} is no file")
    if os.name == "posix" and found.st_mode & 0o077:
        raise ConfigError(
            f"{key}: the file {name} is open to others (mode {found.st_mode & 0o777:o})",
            hint=f"chmod 600 {shlex.quote(name)}",
        )


def _from_command(command: str, key: str) -> Found:
    words = _words(command, key)
    value = _said(tuple(words), key)
    return value, f"the command {words[0]} said nothing", "its first line must be the secret"


def _words(command: str, key: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise ConfigError(f"{key}: the command cannot be split into words: {error}") from None
    if not words:
        raise ConfigError(f"{key}: the command is empty")
    return words


# Asked for several times in one run, and a command may ask its user for a password each time.
@cache
def _said(words: tuple[str, ...], key: str) -> str:
    who = f"{key}: the command {words[0]}"
    code, data = run_command(words, who)
    if code:
        hint = "run it by hand to see what it says; that is not shown here"
        raise ConfigError(f"{who} ended with exit code {code}", hint=hint)
    return _first_line(data, who)


def run_command(words: tuple[str, ...], who: str, given: bytes = b"") -> tuple[int, bytes]:
    """The exit code and the output of a command that gets `given` as its input; no shell.

    Raises ConfigError where it cannot be started, takes too long, or says too much.
    """
    try:
        with subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            try:
                return _conversed(process, given, who)
            except BaseException:
                process.kill()
                raise
    except OSError as error:
        raise ConfigError(f"{who} cannot be run: {error.strerror}") from None


def _conversed(process: subprocess.Popen[bytes], given: bytes, who: str) -> tuple[int, bytes]:
    deadline = time.monotonic() + COMMAND_SECONDS
    assert process.stdin is not None
    assert process.stdout is not None
    # A command that does not want its input need not take it.
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(given)
    with contextlib.suppress(BrokenPipeError):
        process.stdin.close()
    data = _read(process.stdout, deadline, who)
    try:
        return process.wait(max(0.1, deadline - time.monotonic())), data
    except subprocess.TimeoutExpired:
        raise _too_slow(who) from None


def _read(output: IO[bytes], deadline: float, who: str) -> bytes:
    data = b""
    while len(data) <= _LONGEST:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([output], [], [], left)[0]:
            raise _too_slow(who)
        piece = os.read(output.fileno(), _LONGEST)
        if not piece:
            return data
        data += piece
    raise ConfigError(f"{who} says more than a secret")


def _too_slow(who: str) -> ConfigError:
    return ConfigError(f"{who} did not end within {COMMAND_SECONDS:g} seconds")


def _first_line(data: bytes, who: str) -> str:
    if len(data) > _LONGEST:
        raise ConfigError(f"{who} holds more than a secret")
    text = data.decode("utf-8", "replace").strip()
    if "\N{REPLACEMENT CHARACTER}" in text:
        # An error of the decoder would carry the bytes along.
        raise ConfigError(f"{who} gives no text in UTF-8")
    return text.splitlines()[0].strip() if text else ""


_SOURCES: dict[str, Callable[[str, str], Found]] = {
    "env": _from_env,
    "file": _from_file,
    "command": _from_command,
}
