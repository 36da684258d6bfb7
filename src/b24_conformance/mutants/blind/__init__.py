"""The blind gallery: a portal in PHP by somebody who knew the specification and no clause.

Nobody chose its faults for the sake of our questions, so that it tells how many faults are found,
and how soon, that nobody had in mind. What it showed to be missing was asked afterwards.
"""

from __future__ import annotations

import json
import select
import shutil
import subprocess
import tempfile
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

import msgspec

from b24_conformance.errors import UsageError
from b24_conformance.implementations.building import Asked
from b24_conformance.implementations.embedded import stand_in
from b24_conformance.implementations.http import ServedTransport
from b24_conformance.implementations.portal import PortalImplementation
from b24_conformance.reference import default_state

_FOLDER = Path(str(files("b24_conformance.mutants.blind")))
_PORTAL = _FOLDER / "portal.php"
_GREETING = "listening on "
_DEADLINE = 10.0


class Entry(msgspec.Struct, frozen=True):
    """One switch of the blind portal.

    `level` is the author's, by the rule that makes a MUST; `clauses` are those whose statement
    forbids the fault, the first one foremost; where the suite leaves the fault alone, `disputed`
    says why. A freedom has none of them; `without` are the features that it declares it lacks.
    """

    name: str
    type: Literal["fault", "freedom"]
    kind: str
    what: str
    level: Literal["MUST", "SHOULD"] | None = None
    clauses: tuple[str, ...] = ()
    disputed: str = ""
    without: tuple[str, ...] = ()


@cache
def entries() -> dict[str, Entry]:
    """Every switch by its name, in the order of the catalogue."""
    text = (_FOLDER / "catalogue.json").read_bytes()
    return {one.name: one for one in msgspec.json.decode(text, type=tuple[Entry, ...])}


def faults() -> tuple[Entry, ...]:
    """Every single fault, without those that are disputed."""
    return tuple(e for e in entries().values() if e.type == "fault" and not e.disputed)


def disputed() -> tuple[Entry, ...]:
    """Every fault that the suite leaves alone."""
    return tuple(entry for entry in entries().values() if entry.disputed)


def freedoms() -> tuple[Entry, ...]:
    """Every sound variation."""
    return tuple(entry for entry in entries().values() if entry.type == "freedom")


def missing() -> str | None:
    """Why the gallery cannot be shown on this machine; None where it can."""
    return None if shutil.which("php") else "no `php` on PATH; `make system` installs it on Debian"


def demand() -> None:
    """UsageError, with what is missing, where the gallery cannot be shown on this machine."""
    if why := missing():
        raise UsageError(f"the blind gallery is a portal in PHP: {why}")


def implementation(entry: Entry | None, asked: Asked) -> PortalImplementation:
    """The portal with that switch, or as it is; to be closed by its user."""
    process = _Process(entry.name if entry else None)
    transport = ServedTransport(process.address, process.end, timeout=asked.timeout)
    name = f"blind-{entry.name}" if entry else "blind"
    portal = stand_in(name, transport, process.address, asked)
    without = entry.without if entry else ()
    portal.declaration = msgspec.structs.replace(portal.declaration, without=without)
    return portal


class _Process:
    """The portal's process: it ends when its input does."""

    def __init__(self, switch: str | None) -> None:
        demand()
        with tempfile.NamedTemporaryFile("w", suffix=".json") as world:
            json.dump(_world(), world)
            world.flush()
            command = ["php", str(_PORTAL), "--world", world.name]
            command += ["--switch", switch] if switch else []
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            self.address = f"http://{self._greeted()}"

    def _greeted(self) -> str:
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], _DEADLINE)
        line = self._process.stdout.readline() if ready else ""
        if not line.startswith(_GREETING):
            self.end()
            raise OSError(f"the portal in PHP did not start (see above); it said {line.strip()!r}")
        return line.removeprefix(_GREETING).strip()

    def end(self) -> None:
        """Ends the process, and waits until it has."""
        try:
            self._process.communicate(timeout=_DEADLINE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()


def _world() -> dict[str, object]:
    """The reference portal's users and chats, as the portal in PHP reads them."""
    state = default_state()
    users = {
        str(user.id): {
            "webhook_secret": user.webhook_secret,
            "access_token": user.access_token,
            "expired_token": user.expired_token,
            "login": user.login,
            "scopes": list(user.scopes),
        }
        for user in state.users.values()
    }
    chats = {
        str(chat.id): {
            "kind": chat.kind,
            "members": sorted(chat.members),
            "may_join": sorted(chat.may_join | chat.offered_to),
        }
        for chat in state.chats.values()
    }
    return {"users": users, "chats": chats}
