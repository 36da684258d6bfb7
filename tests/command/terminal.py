"""The command as it is started from a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from b24_conformance.reference import Server

COMMAND = Path(sys.executable).with_name("b24-conformance")
Command = Callable[..., subprocess.CompletedProcess[str]]
Serve = Callable[..., Server]
KEPT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT")


def environment(folder: Path, **more: str) -> dict[str, str]:
    """An environment without anybody's secrets or settings."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**kept, "HOME": str(folder), "TMPDIR": str(folder), "NO_COLOR": "1", **more}
