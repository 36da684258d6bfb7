"""Examples in JavaScript or TypeScript that take `$b24` of @bitrix24/b24jssdk for granted."""

from __future__ import annotations

import json
import re
import subprocess
from functools import cache
from pathlib import Path

from b24_conformance.clients.kits import AMARO
from b24_conformance.docs_page import Tab
from b24_conformance.examples import process
from b24_conformance.examples.hearing import Printed, Run
from b24_conformance.examples.printed import Access
from b24_conformance.examples.runner import READY, Runner, found, heard_of

HERE = Path(__file__).parent / "js"
SDK = "installed:b24jssdk-2.2.0"
NODE = "program:node"
_EVENTS = "events"
_TYPES = re.compile(r"\bimport type\b|^\s*declare\s|\)!\.|\bmake<", re.MULTILINE)
_STRIPS = "process.exit(require('node:module').stripTypeScriptTypes ? 0 : 1)"


class JavaScript(Runner):
    """A module for node, with the SDK beside it; B24Hook calls by HTTPS only."""

    kind = "b24jssdk"
    client = "b24jssdk"
    tls = True

    def needs(self, tab: Tab) -> str:
        """Also something that takes off types, where there are any."""
        missing = super().needs(tab)
        if missing or not typed(tab) or self._strips():
            return missing
        way = "b24-conformance clients install all"
        return f"node 22.13 or newer, or the package amaro for TypeScript ({way})"

    def run(self, tab: Tab, code: str, access: Access, folder: Path) -> Run:
        """Runs the example as a module, after `$b24` is made."""
        client = self.known(self.client)
        example = folder / "example.mjs"
        example.write_text(code + "\n", encoding="utf-8")
        modules = Path(found(client, SDK)) / "node_modules"
        (folder / "node_modules").symlink_to(modules, target_is_directory=True)
        node, ready = found(client, NODE), folder / READY
        env = process.environment(
            folder,
            access.ca,
            EXAMPLE_WEBHOOK=access.webhook,
            EXAMPLE_READY=str(ready),
            EXAMPLE_EVENTS=str(folder / _EVENTS),
        )
        if typed(tab):
            strip = (node, "--no-warnings", str(HERE / "strip.mjs"), str(example))
            stripped = process.run((*strip, str(AMARO.folder)), folder, env)
            if stripped.exit_code:  # it is no TypeScript, then
                return heard_of(stripped)
        ended = process.run((node, str(HERE / "module.mjs"), str(folder)), folder, env)
        return told(folder, heard_of(ended, ready=ready.exists()))

    def _strips(self) -> bool:
        node = found(self.known(self.client), NODE)
        return AMARO.installed or _strips_types(node)


def typed(tab: Tab) -> bool:
    """Whether an example is TypeScript."""
    return tab.language in ("ts", "typescript") or _TYPES.search(tab.code) is not None


def told(folder: Path, run: Run) -> Run:
    """The run with what the console showed, before what went to the standard streams."""
    events = folder / _EVENTS
    lines = events.read_text(encoding="utf-8").splitlines() if events.exists() else []
    shown = tuple(Printed(**json.loads(line)) for line in lines)
    return Run((*shown, *run.printed), run.exit_code, run.ready, run.overdue)


@cache
def _strips_types(node: str) -> bool:
    return subprocess.run((node, "-e", _STRIPS), check=False).returncode == 0
