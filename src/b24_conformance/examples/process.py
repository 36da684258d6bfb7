"""An example as a process: in a folder of its own, without anybody's settings, and bounded."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SECONDS = 30.0
_GRACE = 2.0
_LONGEST = 20_000
# No proxies, no tokens, no options of interpreters: an example gets what a new shell has.
_KEPT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR")
_AUTHORITIES = ("CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")


@dataclass(frozen=True)
class Ended:
    """How a process ended, and what it wrote; the start of it, if that is long."""

    stdout: str
    stderr: str
    exit_code: int
    overdue: bool = False


def environment(folder: Path, ca: str | None = None, **more: str) -> dict[str, str]:
    """The variables for an example; `folder` is its home."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    trusted = dict.fromkeys(_AUTHORITIES, ca) if ca else {}
    return {**kept, "HOME": str(folder), "NO_COLOR": "1", "NO_PROXY": "*", **trusted, **more}


def run(
    argv: Sequence[str], folder: Path, env: Mapping[str, str], *, seconds: float = SECONDS
) -> Ended:
    """Runs a program to its end, or to the end of its time; what it has started ends with it."""
    with subprocess.Popen(
        argv,
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        overdue = False
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            overdue = True
            # First politely: a browser must take its own children along.
            _signal(process, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE)
            _signal(process, signal.SIGKILL)
            out, err = process.communicate()
        finally:
            _signal(process, signal.SIGKILL)
    return Ended(_text(out), _text(err), process.returncode, overdue)


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    """Signals the group that was made for the process: no child of an example outlives it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _text(data: bytes) -> str:
    return data[:_LONGEST].decode("utf-8", "replace")
