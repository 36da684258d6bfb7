"""Builds the adapter of b24gosdk with the checkout that its user gives, and becomes it."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from b24_conformance.clients.environment import without_secrets
from b24_conformance.clients.kits import cache

MODULE = "github.com/bitrix24/b24gosdk"
_SOURCES = Path(__file__).parent / "go"
# Nothing is fetched: neither modules (the SDK has no others) nor another toolchain.
_OFFLINE = {"GOPROXY": "off", "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod", "GOSUMDB": "off"}


def built(go: str, checkout: Path) -> Path:
    """The adapter program, built anew only when the checkout, Go or our sources have changed."""
    folder = cache() / "b24gosdk-adapter" / _fingerprint(go, checkout)
    program = folder / "adapter"
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as work:
            _build(go, checkout, Path(work)).replace(program)
    return program


def _build(go: str, checkout: Path, work: Path) -> Path:
    for source in _SOURCES.glob("*.go"):
        shutil.copy(source, work)
    lines = (
        "module adapter",
        "go 1.21",
        f"require {MODULE} v0.0.0",
        f"replace {MODULE} => ./sdk",
    )
    # By a link: a path with blanks or other signs would have to be quoted in go.mod.
    (work / "sdk").symlink_to(checkout, target_is_directory=True)
    (work / "go.mod").write_text("\n".join(lines) + "\n", encoding="utf-8")
    environment = {"GOCACHE": str(cache() / "go-build"), **without_secrets(os.environ), **_OFFLINE}
    # What Go complains of goes to standard error, which the reports show.
    subprocess.run((go, "build", "-o", "adapter", "."), cwd=work, env=environment, check=True)
    return work / "adapter"


def _fingerprint(go: str, checkout: Path) -> str:
    files = sorted([*checkout.rglob("*.go"), checkout / "go.mod", *_SOURCES.glob("*.go"), Path(go)])
    seen = "\n".join(f"{path} {path.stat().st_mtime_ns}" for path in files if path.exists())
    return hashlib.sha256(seen.encode()).hexdigest()[:16]


if __name__ == "__main__":
    adapter = str(built(sys.argv[1], Path(sys.argv[2])))
    os.execv(adapter, (adapter,))
