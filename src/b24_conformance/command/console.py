"""What a run says on the terminal: a progress line, the verdict, and every failed clause."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO, cast

from rich.console import Console
from rich.text import Text

from b24_conformance.closing import Closing
from b24_conformance.command.progress import Headway
from b24_conformance.contract import load_contract
from b24_conformance.events import (
    Event,
    ImplementationFinished,
    ImplementationStarted,
    Judged,
    Observed,
    Planned,
)
from b24_conformance.pace import Wait
from b24_conformance.redaction import HidingWriter, Redaction
from b24_conformance.reports.chat_id import shown
from b24_conformance.reports.request_line import request_line
from b24_conformance.reports.texts import elided

_COLOURS = {"conformant": "green", "nonconformant": "red", "incomplete": "yellow"}
_SHOWN = 120
_SAID = 400
_LINE = 800


def hiding_console(redaction: Redaction) -> Console:
    """Standard output, letter for letter, without secrets."""
    return Console(
        file=cast("TextIO", HidingWriter(sys.stdout, redaction)),
        force_terminal=sys.stdout.isatty(),
        soft_wrap=True,
        highlight=False,
        emoji=False,
    )


class Teller(Closing):
    """Tells events to a person; plain lines where the output is no terminal."""

    def __init__(self, redaction: Redaction, *, quiet: bool = False) -> None:
        self._console = hiding_console(redaction)
        self._quiet = quiet
        self._failed: list[Judged] = []
        self._open: list[Judged] = []
        self._headway = Headway(self._console, quiet=quiet)

    def close(self) -> None:
        """Takes the progress line away."""
        self._headway.close()

    def wait(self, wait: Wait) -> None:
        """Tells what requests wait for."""
        self._headway.wait(wait)

    def tell(self, event: Event) -> None:
        """Tells one event as it happens."""
        if isinstance(event, ImplementationStarted):
            self._say(f"asking {event.declaration.name} …")
            self._headway.begin(event.declaration.name)
        elif isinstance(event, Planned):
            self._headway.plan(event.implementation, event.requests, event.rate)
        elif isinstance(event, Observed):
            numbers = {exchange.number for exchange in event.observation.exchanges}
            self._headway.count(event.implementation, numbers)
        elif isinstance(event, Judged):
            if event.status == "failed":
                self._failed.append(event)
            elif event.required and event.status in ("not_checked", "inconclusive"):
                self._open.append(event)
        elif isinstance(event, ImplementationFinished):
            self._headway.end(event.implementation)

    def conclude(self, finished: Sequence[ImplementationFinished], folder: Path | None) -> None:
        """Tells the verdicts, and first what went wrong on a live portal."""
        for one in sorted(finished, key=lambda one: one.exit_code != 4):
            if one.exit_code == 4:
                self._print((str(one.note), "bold red"))
            if not self._quiet:
                self._details(one)
            self._print((one.implementation, "bold"), ": ", (one.line, _COLOURS[one.verdict]))
            if one.note and one.exit_code != 4:
                self._print(f"  {one.note}")
            if one.advice and not self._quiet:
                self._print(f"  {one.advice}")
        if folder is not None and not self._quiet:
            self._print(f"reports: {folder}/index.html")

    def _details(self, one: ImplementationFinished) -> None:
        mine = [event for event in self._failed if event.implementation == one.implementation]
        for event in sorted(mine, key=lambda event: event.level):
            self._failure(event)
        # Where nothing was asked, the one reason says more than each clause's.
        listed = self._open if one.requests and not one.note else []
        for event in listed:
            if event.implementation == one.implementation:
                reason = elided(event.reason or "", _SAID)
                self._print((event.status, "yellow"), f" {event.clause}: {reason}")

    def _failure(self, event: Judged) -> None:
        clause = load_contract().clause(event.clause)
        self._print(("\nFAILED", "red"), " ", (f"{event.level} {event.clause}", "bold"))
        self._print(f"  {clause.statement.en}")
        self._print(f"  {clause.statement.ru}")
        evidence = event.evidence
        if evidence is not None:
            self._print(f"  CHAT_ID   {shown(evidence.chat_id, _SHOWN)}")
            self._print(f"  demanded  {elided(evidence.demanded, _SAID)}")
            self._print(f"  got       {elided(evidence.got, _SAID)}")
            if curl := evidence.curl:
                line = curl if len(curl) <= _LINE else "see summary.md: it is long"
                self._print(f"  repeat    {line}")
            elif line := request_line(evidence):
                self._print(f"  request   {line}")

    def _say(self, text: str) -> None:
        if not self._quiet:
            self._print(text)

    def _print(self, *parts: str | tuple[str, str]) -> None:
        """Prints a line of texts, some with a style; no text of a stranger is markup."""
        self._console.print(Text.assemble(*parts))
