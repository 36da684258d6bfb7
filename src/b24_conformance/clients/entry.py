"""A known client: how its adapter is started, what that needs, and how to get what is missing."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from b24_conformance.clients.kits import KITS

Credentials = Literal["webhook", "oauth"]
# What no registry serves: the key in the table [clients] of the config, the environment
# variable, and what the path must lead to.
FILES: dict[str, tuple[str, str]] = {
    "crest": ("CREST_PATH", "crest.php, the one file of PHP CRest"),
    "b24phpsdk": ("B24PHPSDK_AUTOLOAD", "vendor/autoload.php, made by composer for b24phpsdk"),
    "bx24js": ("BX24_JS", "your copy of BX24.js, as the vendor's api/v1 serves it"),
    "b24gosdk": ("B24GOSDK_PATH", "a checkout of the module github.com/bitrix24/b24gosdk"),
}
_PACKAGES = {
    "curl": "curl",
    "node": "nodejs",
    "php": "php-cli",
}
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Client:
    """A client that its adapter program drives.

    `argv` starts the adapter, without a shell. `requires` names what must be on the machine, as
    `program:NAME` on the PATH, `module:NAME` of Python, `php:NAME`, an extension of PHP,
    `browser:` a Chromium, `file:KEY` of FILES, or `installed:LABEL` of KITS. A requirement in
    braces in `argv` stands for the path where it was found. `paths` are those of the config.
    """

    name: str
    argv: tuple[str, ...]
    needs_tls: bool = False
    credentials: Credentials = "webhook"
    requires: tuple[str, ...] = ()
    kind: Literal["client", "exec"] = "client"
    paths: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def target(self) -> str:
        """What the user writes to mean this client; also its name in reports."""
        return f"{self.kind}:{self.name}"

    @property
    def missing(self) -> tuple[str, ...]:
        """Which of the requirements this machine does not meet."""
        return tuple(each for each in self.requires if self._find(each) is None)

    @property
    def how_to_get(self) -> str:
        """What to do about all that is missing; empty when nothing is."""
        ways = (_how_to_get(each, self.name) for each in self.missing)
        return "; ".join(dict.fromkeys(ways))

    @property
    def command(self) -> tuple[str, ...]:
        """`argv` with the paths of this machine."""
        found = {f"{{{each}}}": self._find(each) or "" for each in self.requires}
        return tuple(_filled(word, found) for word in self.argv)

    def _find(self, requirement: str) -> str | None:
        kind, _, name = requirement.partition(":")
        if kind == "file":
            path = os.environ.get(FILES[name][0]) or self.paths.get(name)
            return str(Path(path).absolute()) if path and Path(path).exists() else None
        return _FIND[kind](name)


def _filled(word: str, found: Mapping[str, str]) -> str:
    for place, path in found.items():
        word = word.replace(place, path)
    return word


def _installed(label: str) -> str | None:
    kit = KITS[label]
    return str(kit.folder) if kit.installed else None


def _module(name: str) -> str | None:
    spec = importlib.util.find_spec(name)
    return None if spec is None else spec.origin


def _browser(_: str) -> str | None:
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    return next((path for each in _BROWSERS if (path := shutil.which(each))), None)


def _extension(name: str) -> str | None:
    php = shutil.which("php")
    return name if php and name in _extensions(php) else None


@cache
def _extensions(php: str) -> frozenset[str]:
    shown = subprocess.run((php, "-m"), capture_output=True, text=True, check=False).stdout
    return frozenset(shown.split())


_FIND: dict[str, Callable[[str], str | None]] = {
    "program": shutil.which,
    "module": _module,
    "php": _extension,
    "browser": _browser,
    "installed": _installed,
}


def _how_to_get(requirement: str, client: str) -> str:
    kind, _, name = requirement.partition(":")
    if kind == "file":
        variable, what = FILES[name]
        return f"set {variable}, or {name} in [clients] of the config, to the path of {what}"
    if kind == "installed":
        return f"b24-conformance clients install {client}"
    if kind == "browser":
        return "apt install chromium, or set CHROMIUM to the path of one"
    if kind == "php":
        return f"apt install php-{name}"
    if kind == "module":
        return f"pip install {name}"
    package = _PACKAGES.get(name, name)
    return f"apt install {package} (or your system's package of that name)"
