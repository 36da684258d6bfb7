"""`b24-conformance doctor`: what a run would find, by read-only calls, and what to add."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.markup import escape

from b24_conformance.command.console import hiding_console
from b24_conformance.command.progress import in_words
from b24_conformance.config import load_config
from b24_conformance.declaration import Declaration
from b24_conformance.live.checkup import Checkup, Line
from b24_conformance.live.lock import lock_for
from b24_conformance.live.reach import reach
from b24_conformance.live.reachable_clauses import Reachable, reachable
from b24_conformance.live.safety import told_readable
from b24_conformance.pace import Wait
from b24_conformance.redaction import Redaction
from b24_conformance.settings import asked_of

# A sign and a word for each mark: nobody needs to see colours.
_SIGNS = {"ok": "✓", "problem": "✗", "open": "–"}
_COLOURS = {"ok": "green", "problem": "red", "open": "yellow"}
_WIDTH = 15
_INDENT = " " * 11


@click.command()
@click.argument("target", required=False, metavar="[TARGET]")
@click.option("--config", type=click.Path(path_type=Path), help="TOML file.")
@click.option("--rate", metavar="N/s", help="Requests a second; 1/s with a burst of 5 if live.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words.")
def doctor(target: str | None, config: Path | None, rate: str | None, as_json: bool) -> int:
    """Says by read-only calls what a run would find, and what to add.

    Nothing is joined, changed or stored; no name, title or message is kept. Exit 0: a run as
    configured can give a verdict; 3: something hinders it; 2: the configuration is wrong.

    \b
    TARGET  portal                        the portal in the config (default)
            https://…/rest/1/SECRET/      a portal by its webhook
            reference                     the built-in reference portal
    """
    loaded = load_config(config)
    asked = asked_of(loaded, {"joins": None, "rate": rate, "timeout": None}, 0)
    with reach(target, loaded, asked) as portal, lock_for(portal.declaration):
        told = Told(Redaction(portal.secrets), silent=as_json)
        told.begin(portal.declaration)
        portal.client().pace.tell = told.wait
        checkup = Checkup(portal)
        for line in checkup.lines():
            told.line(line)
        rungs = reachable(portal.declaration, checkup.found, im=checkup.im)
        return told.conclude(portal.declaration, rungs, portal.requests)


class Told:
    """Tells the checklist to a person as it grows, or all of it at the end as JSON."""

    def __init__(self, redaction: Redaction, *, silent: bool) -> None:
        self._console = hiding_console(redaction)
        self._hide = redaction.hide
        self._silent = silent
        self._lines: list[Line] = []

    def begin(self, declaration: Declaration) -> None:
        """Says which portal is looked at, and as what."""
        kind = "a stand-in" if declaration.stand_in else "live"
        self._print(f"{escape(declaration.address)}: {kind}, --joins {declaration.rung}")

    def wait(self, wait: Wait) -> None:
        """Tells that a limit of the portal is waited for."""
        if wait.why == "limit":
            self._print(f"{_INDENT}{escape(in_words(wait))}")

    def line(self, line: Line) -> None:
        """Tells one line of the checklist."""
        self._lines.append(line)
        self._print(f"{_marked(line.mark)} {line.subject:{_WIDTH}} {escape(line.text)}")
        if line.add:
            self._print(f"{_INDENT}add: {escape(line.add)}")

    def conclude(
        self, declaration: Declaration, rungs: tuple[Reachable, ...], requests: int
    ) -> int:
        """Tells the clauses within reach and what it all means; gives the exit code."""
        hindrances = [line for line in self._lines if line.hinders]
        own = next(one for one in rungs if one.rung == declaration.rung)
        code = 3 if hindrances or own.hindered else 0
        if self._silent:
            self._print_json(declaration, rungs, requests, code)
            return code
        self._print("\nclauses that this configuration can check:")
        for one in rungs:
            self._rung(one, declaration)
        self._print(f"\nread-only requests: {requests}; nothing was joined, changed or stored")
        if warning := told_readable(declaration):
            self._print(escape(warning))
        self._print(_sentence(declaration, hindrances, own))
        return code

    def _rung(self, one: Reachable, declaration: Declaration) -> None:
        mark = "open" if one.hindered else "ok"
        if one.hindered and one.rung == declaration.rung:
            mark = "problem"
        here = " (this run)" if one.rung == declaration.rung else ""
        text = f"{one.must[0]} of {one.must[1]} MUST, {one.should[0]} of {one.should[1]} SHOULD"
        self._print(f"{_marked(mark)} {f'--joins {one.rung}':{_WIDTH}} at least {text}{here}")
        for missing in one.missing:
            self._print(f"{_INDENT}{_counted(missing.clauses)} more: {escape(missing.what)}")

    def _print_json(
        self, declaration: Declaration, rungs: tuple[Reachable, ...], requests: int, code: int
    ) -> None:
        document: dict[str, Any] = {
            "portal": declaration.address,
            "stand_in": declaration.stand_in,
            "joins": declaration.rung,
            "checks": msgspec.to_builtins(self._lines),
            "rungs": msgspec.to_builtins(rungs),
            "requests": requests,
            "exit_code": code,
        }
        click.echo(self._hide(json.dumps(document, ensure_ascii=False, indent=2)))

    def _print(self, text: str) -> None:
        if not self._silent:
            self._console.print(text)


def _marked(mark: str) -> str:
    return f"[{_COLOURS[mark]}]{_SIGNS[mark]} {mark:8}[/]"


def _sentence(declaration: Declaration, hindrances: list[Line], own: Reachable) -> str:
    run = f"a run with --joins {declaration.rung}"
    if hindrances:
        subjects = ", ".join(dict.fromkeys(line.subject for line in hindrances))
        return f"{run} cannot give a verdict yet: see {subjects}"
    if own.hindered:
        return f"{run} would be incomplete: it lacks what {_counted(own.hindered)} would need"
    return f"{run} can give a verdict"


def _counted(clauses: tuple[str, ...]) -> str:
    return f"{len(clauses)} clauses" if len(clauses) != 1 else "1 clause"
