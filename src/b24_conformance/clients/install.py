"""Installs what registries serve for a client: each version into a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from b24_conformance.clients import b24gosdk
from b24_conformance.clients.entry import Client
from b24_conformance.clients.environment import without_secrets
from b24_conformance.clients.kits import KITS, Kit
from b24_conformance.errors import ConformanceError

Say = Callable[[str], None]
_PATIENCE = 600
_LAST = 5
# What npm and pip say when they did not reach their registry.
_UNREACHED = ("ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN", "ENETUNREACH", "NewConnection")


class InstallError(ConformanceError):
    """An installation did not succeed; the message says at which step."""

    exit_code = 1


def kits_of(client: Client) -> list[Kit]:
    """What is to be installed for a client, in the order of its requirements."""
    labels = (each.removeprefix("installed:") for each in client.requires if _is_kit(each))
    return [KITS[label] for label in labels]


def install(kit: Kit, say: Say) -> None:
    """Installs a kit unless it is there; what an earlier try left half done is made anew."""
    if kit.installed:
        say(f"{kit.label}: already in {kit.folder}")
        return
    shutil.rmtree(kit.folder, ignore_errors=True)
    try:
        kit.folder.mkdir(parents=True)
        _INSTALLERS[kit.registry](kit)
        kit.marker.write_text("\n".join(kit.packages) + "\n", encoding="utf-8")
    except OSError as error:
        raise InstallError(
            f"{kit.label}: {kit.folder} cannot be written: {error.strerror}",
            hint="B24_CONFORMANCE_CACHE names another folder",
        ) from None
    say(f"{kit.label}: installed {', '.join(kit.packages)} into {kit.folder}")


def build(client: Client, say: Say) -> None:
    """Builds an adapter that must be compiled, so that no call has to wait for it."""
    if client.name != "b24gosdk" or client.missing:
        return
    go, checkout = client.command[-2:]
    try:
        say(f"{client.name}: its adapter is {b24gosdk.built(go, Path(checkout))}")
    except subprocess.CalledProcessError:
        raise InstallError(f"{client.name}: its adapter does not build with {checkout}") from None


def _npm(kit: Kit) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise InstallError(f"{kit.label}: there is no npm", hint="apt install nodejs npm")
    # Without scripts: a package must not run anything before it is asked to.
    quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--no-update-notifier")
    _run(kit, (npm, "install", "--prefix", str(kit.folder), *quiet, *kit.packages))


def _pip(kit: Kit) -> None:
    _run(kit, (sys.executable, "-m", "venv", str(kit.folder)), hint="apt install python3-venv")
    python = str(Path(kit.folder) / "bin" / "python")
    quiet = ("--quiet", "--disable-pip-version-check", "--no-input")
    _run(kit, (python, "-m", "pip", "install", *quiet, *kit.packages))


_INSTALLERS: dict[str, Callable[[Kit], None]] = {"npm": _npm, "pip": _pip}


def _run(kit: Kit, argv: Sequence[str], *, hint: str = "") -> None:
    try:
        done = subprocess.run(
            argv,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE,
            check=False,
            stdin=subprocess.DEVNULL,
            env=without_secrets(os.environ),  # a package may run code of its own
        )
    except subprocess.TimeoutExpired:
        raise InstallError(
            f"{kit.label}: {Path(argv[0]).name} did not end in {_PATIENCE} s"
        ) from None
    if done.returncode:
        said = done.stderr + done.stdout
        if any(word in said for word in _UNREACHED):
            hint = f"the {kit.registry} registry was not reached; is there a network or a proxy?"
        last = "\n  ".join(said.strip().splitlines()[-_LAST:])
        raise InstallError(
            f"{kit.label}: {' '.join(argv[:3])} … ended with {done.returncode}\n  {last}",
            hint=hint,
        )


def _is_kit(requirement: str) -> bool:
    return requirement.startswith("installed:")
