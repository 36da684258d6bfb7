"""Examples in PHP: with b24phpsdk, or with CRest; both from files that the user gives."""

from __future__ import annotations

import shutil
from pathlib import Path

from b24_conformance.docs_page import Tab
from b24_conformance.examples import process
from b24_conformance.examples.hearing import Run
from b24_conformance.examples.printed import Access
from b24_conformance.examples.runner import READY, Runner, found, heard_of

_HERE = Path(__file__).parent / "php"
# The messages of PHP itself go where the example's own error_log goes, and only once.
_SETTINGS = ("display_errors=stderr", "log_errors=0", "html_errors=0")


class _Php(Runner):
    prelude: str

    def run(self, tab: Tab, code: str, access: Access, folder: Path) -> Run:
        """Runs the example after the prelude, in the same scope, as a page of a site would."""
        (folder / "example.php").write_text(_opened(code), encoding="utf-8")
        client = self.known(self.client)
        given = self.place(found(client, self.file), folder)
        ready = folder / READY
        variables = {"EXAMPLE_READY": str(ready), "EXAMPLE_WEBHOOK": access.webhook}
        settings = [word for each in _SETTINGS for word in ("-d", each)]
        settings += ["-d", f"auto_prepend_file={_HERE / self.prelude}"]
        argv = (found(client, "program:php"), *settings, "example.php")
        env = process.environment(folder, access.ca, EXAMPLE_CLIENT=given, **variables)
        ended = process.run(argv, folder, env)
        return heard_of(ended, "error log", ready=ready.exists())

    @property
    def file(self) -> str:
        """The requirement that is the user's own file."""
        return f"file:{self.client}"

    def place(self, given: str, folder: Path) -> str:
        """Puts the user's file where the example looks for it; returns where that is."""
        return given


class PhpSdk(_Php):
    """An example that takes `$b24Service` for granted."""

    kind = "b24phpsdk"
    client = "b24phpsdk"
    prelude = "b24phpsdk.php"


class CRest(_Php):
    """An example that finds crest.php beside itself."""

    kind = "crest"
    client = "crest"
    prelude = "crest.php"

    def place(self, given: str, folder: Path) -> str:
        """Copies crest.php, which reads its settings beside itself and writes there."""
        copy = folder / "crest.php"
        shutil.copyfile(given, copy)
        (folder / "settings.php").write_text("<?php\n", encoding="utf-8")
        return str(copy)


def _opened(code: str) -> str:
    return code if code.lstrip().startswith("<?") else f"<?php\n{code}\n"
