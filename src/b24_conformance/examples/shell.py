"""Examples for a shell, which call by curl."""

from __future__ import annotations

import shutil
from pathlib import Path

from b24_conformance.docs_page import Tab
from b24_conformance.examples import process
from b24_conformance.examples.hearing import Run
from b24_conformance.examples.printed import Access
from b24_conformance.examples.runner import Runner, heard_of


class Shell(Runner):
    """A script for bash, or for sh where there is no bash."""

    kind = "shell"
    client = "curl-webhook"

    def run(self, tab: Tab, code: str, access: Access, folder: Path) -> Run:
        """Runs the script as typed at a terminal, where curl shows no progress."""
        (folder / ".curlrc").write_text("no-progress-meter\n", encoding="utf-8")
        script = folder / "example.sh"
        script.write_text(code + "\n", encoding="utf-8")
        argv = (shutil.which("bash") or "sh", str(script))
        return heard_of(process.run(argv, folder, process.environment(folder, access.ca)))
