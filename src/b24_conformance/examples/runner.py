"""What every kind of example has: what it needs on the machine, and how one is run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from b24_conformance.clients.catalogue import KNOWN
from b24_conformance.clients.entry import Client
from b24_conformance.docs_page import Tab
from b24_conformance.examples.hearing import Printed, Run
from b24_conformance.examples.printed import Access
from b24_conformance.examples.process import Ended

READY = "ready"


class Runner(ABC):
    """Runs examples of one kind; `paths` are those that the user's config gives for clients."""

    kind: ClassVar[str]
    tls: ClassVar[bool] = False
    client: ClassVar[str]

    def __init__(self, paths: Mapping[str, str] | None = None) -> None:
        self.paths = dict(paths or {})

    def clients(self, tab: Tab) -> tuple[Client, ...]:
        """The known clients that the example takes for granted."""
        return (self.known(self.client),)

    def needs(self, tab: Tab) -> str:
        """What is missing, and how to get it; empty if nothing is."""
        return "; ".join(_lacking(client) for client in self.clients(tab) if client.missing)

    def used(self, tab: Tab) -> tuple[str, ...]:
        """What the example runs with: programs and versions, or the file that the user gives."""
        return tuple(
            dict.fromkeys(
                _shown(client, each) for client in self.clients(tab) for each in client.requires
            )
        )

    def prepare(self, folder: Path) -> str:
        """Makes ready what all runs share; what went wrong, or nothing."""
        return ""

    def scripts(self, tab: Tab) -> Mapping[str, str]:
        """Addresses that the example loads scripts from, and the files that stand for them."""
        return {}

    @abstractmethod
    def run(self, tab: Tab, code: str, access: Access, folder: Path) -> Run:
        """Runs `code`, which is the tab's with all replacements made, in an empty folder."""

    def known(self, name: str) -> Client:
        """A client of the catalogue, with the user's own paths."""
        return replace(KNOWN[name], paths=self.paths)


def found(client: Client, requirement: str) -> str:
    """Where a requirement of a client was found."""
    (path,) = replace(client, argv=(f"{{{requirement}}}",)).command
    return path


def heard_of(ended: Ended, stderr: str = "stderr", *, ready: bool = True) -> Run:
    """The run of a program that writes to its standard streams."""
    streams = (("stdout", ended.stdout), (stderr, ended.stderr))
    printed = tuple(Printed(channel, text) for channel, text in streams if text)
    return Run(printed, ended.exit_code, ready=ready, overdue=ended.overdue)


def _lacking(client: Client) -> str:
    what = ", ".join(each.partition(":")[2] or "a browser" for each in client.missing)
    return f"{what} ({client.how_to_get})"


def _shown(client: Client, requirement: str) -> str:
    kind, _, name = requirement.partition(":")
    if kind == "file":
        # With its folder, which tells more than autoload.php does.
        return "/".join(Path(found(client, requirement)).parts[-2:])
    if kind == "browser":
        return Path(found(client, requirement)).name
    return name
