"""`judge`, `clauses` and `report`: what can be done without sending anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from b24_conformance.command.console import Teller
from b24_conformance.concluding import conclude
from b24_conformance.config import load_config
from b24_conformance.contract import Clause, Contract, load_contract
from b24_conformance.errors import TranscriptError, UsageError
from b24_conformance.events import (
    Event,
    ImplementationFinished,
    ImplementationStarted,
    Joining,
    Left,
    Observed,
    RunFinished,
    RunStarted,
    Witnessed,
)
from b24_conformance.gather import Gathered
from b24_conformance.giving_up import nothing_to_judge
from b24_conformance.har import Read, read_har
from b24_conformance.har_file import is_har
from b24_conformance.options import Options
from b24_conformance.redaction import Redaction
from b24_conformance.reports import EventWriter, read_events, render
from b24_conformance.resuming import latest
from b24_conformance.run import chosen, judge_all
from b24_conformance.transcript import Observation, Transcript
from b24_conformance.verdict import worst


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--config", type=click.Path(path_type=Path), help="For a HAR: declares the chats.")
@click.option("--reports", type=click.Path(path_type=Path), help="Write reports there as well.")
@click.option(
    "--clause",
    multiple=True,
    metavar="GLOB",
    help="Only these (default: as judged in the run).",
)
@click.option("--require", multiple=True, metavar="GLOB", help="The verdict needs these.")
@click.option("--strict", is_flag=True, help="A failed SHOULD is nonconformant.")
@click.option("--quiet", is_flag=True, help="Print the verdict only.")
def judge(
    file: Path, config: Path | None, reports: Path | None, quiet: bool, **chosen_options: Any
) -> int:
    """Judges a recorded transcript (events.jsonl, or a HAR file) and sends nothing."""
    options = _options(**chosen_options)
    found = _found(file, config)
    redaction = Redaction(found.secrets)
    events = _rejudged(found.events, options)
    folder = reports
    if found.ignored and not quiet:
        reasons = ", ".join(f"{count} {why}" for why, count in found.ignored.items())
        click.echo(f"passed over: {reasons}")
    finished = [event for event in events if isinstance(event, ImplementationFinished)]
    with Teller(redaction, quiet=quiet) as told:
        for event in events:
            told.tell(event)
    if reports is not None:
        reports.mkdir(parents=True, exist_ok=True)
        with EventWriter(reports / "events.jsonl", redaction) as writer:
            for event in events:
                writer.write(event)
        render(reports / "events.jsonl", reports, load_contract())
    told.conclude(finished, folder)
    return worst([one.exit_code for one in finished])


def _options(*, clause: tuple[str, ...], require: tuple[str, ...], strict: bool) -> Options:
    load_contract().select(require)
    return Options(clauses=clause, require=require, strict=strict)


def _found(file: Path, config: Path | None) -> Read:
    if is_har(file):
        return read_har(file, load_config(config) if config else None)
    if config is not None:
        raise UsageError("--config is for HAR files: a transcript holds its own declarations")
    return Read(_events(file), {}, {})


def _events(file: Path) -> list[Event]:
    try:
        return list(read_events(file))
    except OSError as error:
        raise TranscriptError(f"{file} cannot be read: {error.strerror}") from None


def _rejudged(recorded: list[Event], options: Options) -> list[Event]:
    contract = load_contract()
    began = [event for event in recorded if isinstance(event, RunStarted)]
    asked = [event for event in recorded if isinstance(event, ImplementationStarted)]
    if not began or not asked:
        raise TranscriptError("the file holds no run: no implementation was asked in it")
    finished = any(isinstance(event, RunFinished) for event in recorded)
    note = None if finished else "the recorded run was cut off"
    options = _as_recorded(options, began[0], contract)
    ids = tuple(clause.id for clause in contract.select(options.clauses))
    events: list[Event] = [msgspec.structs.replace(began[0], clauses=ids)]
    for start in asked:
        declaration = start.declaration
        told = [
            event
            for event in recorded
            if isinstance(event, Observed | Witnessed | Joining | Left)
            and event.implementation == declaration.name
        ]
        seen = tuple(event.observation for event in told if isinstance(event, Observed))
        witnessed = latest(event for event in told if isinstance(event, Witnessed))
        events += [start, *told]
        gathered = _gathered(seen, note)
        clauses = chosen(contract, declaration, options)
        judgements = judge_all(clauses, declaration, gathered.transcript, witnessed)
        both = list(zip(clauses, judgements, strict=True))
        conclude(declaration, both, gathered, options, events.append)
    return [*events, _end(events)]


def _as_recorded(options: Options, began: RunStarted, contract: Contract) -> Options:
    """Unless told otherwise, what the run judged; of another contract that cannot be said."""
    if options.clauses or began.contract != contract.version:
        return options
    known = {clause.id for clause in contract.clauses}
    return msgspec.structs.replace(options, clauses=tuple(c for c in began.clauses if c in known))


def _gathered(seen: tuple[Observation, ...], cut_off: str | None) -> Gathered:
    """What a recorded run had gathered, and why it had to end."""
    if cut_off:
        return Gathered(Transcript(seen), "cut_off", cut_off)
    ended = nothing_to_judge(seen) if seen else None
    return Gathered(Transcript(seen), *(ended or ("complete", None)))


def _end(events: list[Event]) -> RunFinished:
    finished = [event for event in events if isinstance(event, ImplementationFinished)]
    return RunFinished(worst([one.exit_code for one in finished]), 0.0)


@click.command()
@click.argument("clause_id", required=False)
@click.option("--lang", type=click.Choice(["en", "ru"]), default="en", show_default=True)
def clauses(clause_id: str | None, lang: str) -> int:
    """Prints the contract, or one clause with its source."""
    contract = load_contract()
    if clause_id is None:
        for clause in contract.clauses:
            statement = getattr(clause.statement, lang)
            click.echo(f"{clause.level:6} {clause.feature:9} {clause.id:30} {statement}")
        return 0
    _tell(contract.clause(clause_id))
    return 0


def _tell(clause: Clause) -> None:
    rows = [
        ("id", clause.id),
        ("level", clause.level),
        ("feature", clause.feature),
        ("side", clause.side),
        ("English", clause.statement.en),
        ("русский", clause.statement.ru),
        ("source", f"{clause.source.sure}: {clause.source.where}"),
        ("needs", ", ".join(clause.needs) or "nothing"),
        ("--joins", clause.rung),
    ]
    for name, value in rows:
        click.echo(f"{name:8} {value}")


@click.command()
@click.argument("events", type=click.Path(path_type=Path), default=Path("reports/events.jsonl"))
@click.option("--reports", type=click.Path(path_type=Path), help="Folder; default beside EVENTS.")
def report(events: Path, reports: Path | None) -> int:
    """Renders the reports again from EVENTS (default reports/events.jsonl)."""
    if not events.is_file():
        raise TranscriptError(
            f"there is no file {events}", hint="a run writes reports/events.jsonl"
        )
    folder = reports or events.parent
    render(events, folder, load_contract())
    click.echo(f"reports: {folder}/index.html")
    return 0
