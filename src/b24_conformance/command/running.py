"""`b24-conformance run`: asks, judges, reports."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import Any, NamedTuple

import click
import msgspec

from b24_conformance.command.console import Teller
from b24_conformance.command.interrupted import told_interrupted
from b24_conformance.command.planning import print_plan
from b24_conformance.command.taking_up import NOTHING_KEPT, Kept, begun, take_up
from b24_conformance.config import config_file, load_config
from b24_conformance.contract import load_contract
from b24_conformance.errors import ConformanceError, UsageError
from b24_conformance.events import Event, ImplementationFinished, Judged
from b24_conformance.implementations.base import Implementation
from b24_conformance.implementations.building import watch
from b24_conformance.implementations.keyring import merged
from b24_conformance.implementations.targets import default_target, implementations
from b24_conformance.live.pending import live_addresses, refuse_over_pending, remembering
from b24_conformance.live.safety import told_readable
from b24_conformance.options import Options
from b24_conformance.recording import prepare, record
from b24_conformance.redaction import Redaction
from b24_conformance.reports import EventWriter, read_events, render, rewrite
from b24_conformance.run import run as conduct
from b24_conformance.settings import asked_of, options_of
from b24_conformance.suite import agree
from b24_conformance.verdict import EXIT, worst

_EVENTS = "events.jsonl"


class _Journal(NamedTuple):
    """Where a run is written down, and the config by which its joins can be undone."""

    events: Path
    config: Path | None


@click.command()
@click.argument("targets", nargs=-1, metavar="[TARGET ...]")
@click.option("--config", type=click.Path(path_type=Path), help="TOML file.")
@click.option("--joins", metavar="RUNG", help="none, refused, repeat or new.")
@click.option("--reports", type=click.Path(path_type=Path), help="Folder; default ./reports.")
@click.option("--rate", metavar="N/s", help="Requests a second.")
@click.option("--clause", multiple=True, metavar="GLOB", help="Only these clauses.")
@click.option("--require", multiple=True, metavar="GLOB", help="The verdict needs these.")
@click.option("--seed", type=int, help="Same seed, same requests; default 0.")
@click.option("--max-requests", type=click.IntRange(min=1), help="Send no more than this.")
@click.option("--timeout", type=click.FloatRange(min=0.1), help="Seconds for one answer.")
@click.option("--stay", is_flag=True, default=None, help="Stay in what was joined.")
@click.option(
    "--despite-warnings",
    is_flag=True,
    default=None,
    help="Also use chats that are offered to the operator or his, or with a bot.",
)
@click.option("--strict", is_flag=True, default=None, help="A failed SHOULD is nonconformant.")
@click.option("--record", type=click.Path(path_type=Path), help="A transcript fit to share.")
@click.option("--resume", is_flag=True, help="Go on with the run in the reports' folder.")
@click.option("--plan", is_flag=True, help="Print the requests; send none.")
@click.option("--quiet", is_flag=True, help="Print the verdict only.")
@click.option("--json", "as_json", is_flag=True, help="Print results.json instead of words.")
def run(targets: tuple[str, ...], **options: Any) -> int:
    """Asks every TARGET, judges it clause by clause, and writes the reports.

    \b
    TARGET  reference                     the built-in reference portal (default)
            portal                        the portal in the config
            https://…/rest/1/SECRET/      a portal by its webhook
            app:module:attribute          a WSGI or ASGI application, in process
            mock                          the `responses` fake
            client:NAME | client:all      a known client
            exec:COMMAND                  any client, through an adapter program
    """
    config = load_config(options["config"])
    agree(load_contract())
    named = targets or (default_target(config),)
    settings = options_of(config, options)
    folder = Path(options["reports"] or config.run.reports or "reports")
    if options["resume"]:
        given = config.run.seed if options["seed"] is None else options["seed"]
        settings = _as_before(settings, folder / _EVENTS, given, plans=options["plan"])
    load_contract().select(settings.require)
    load_contract().select(settings.clauses)
    asked = asked_of(config, options, settings.seed)
    found = [one for target in named for one in implementations(target, config, asked)]
    try:
        if options["plan"]:
            print_plan(found, settings)
            return 0
        if options["record"]:
            prepare(options["record"], [one.declaration.side for one in found])
        return _run(found, settings, folder, options)
    finally:
        for implementation in found:
            implementation.close()


def _as_before(settings: Options, events: Path, seed: int | None, *, plans: bool) -> Options:
    """The settings with the seed of the run that is resumed; UsageError where it has another."""
    if plans:
        raise UsageError(
            "--plan shows the requests of a whole run, and --resume goes on with one",
            hint="give one of them",
        )
    before = begun(events, load_contract()).seed
    if seed not in (None, before):
        raise UsageError(
            f"the earlier run has the seed {before}, and this one is told to take {seed}",
            hint=f"take --seed {before}, or leave out --resume: a new run begins",
        )
    return msgspec.structs.replace(settings, seed=before)


def _run(
    found: list[Implementation], settings: Options, folder: Path, options: dict[str, Any]
) -> int:
    redaction = Redaction(merged([one.secrets for one in found]))
    config = options["config"] or config_file(Path.cwd())
    refuse_over_pending(live_addresses(found), folder / _EVENTS, config)
    kept = NOTHING_KEPT
    if options["resume"]:
        clauses = tuple(clause.id for clause in load_contract().select(settings.clauses))
        declared = [one.declaration for one in found]
        kept = take_up(folder / _EVENTS, declared, clauses, redaction)
    quiet = bool(options["quiet"] or options["as_json"])
    with Teller(redaction, quiet=quiet) as told:
        for event in kept.events:
            if isinstance(event, Judged):
                told.tell(event)
        if kept.over:
            click.echo("nothing to resume: the earlier run came to its end", err=True)
            finished = kept.finished
        else:
            _prepare(folder, kept)
            _warn(found)
            journal = _Journal(folder / _EVENTS, config)
            finished = _ask(found, settings, journal, kept, redaction, told)
    render(folder / _EVENTS, folder, load_contract())
    if options["record"]:
        recorded = record(read_events(folder / _EVENTS), options["record"])
        if not quiet:
            click.echo(f"recorded {options['record']}: {recorded}")
    if not finished:
        for line in told_interrupted(folder / _EVENTS, config):
            click.echo(redaction.hide(line), err=True)
        return EXIT["incomplete"]
    if options["as_json"]:
        text = (folder / "results.json").read_text(encoding="utf-8")
        click.echo(json.dumps(json.loads(text), ensure_ascii=False, indent=2))
    else:
        told.conclude(finished, folder)
    sys.stdout.flush()
    return worst([one.exit_code for one in finished])


def _warn(found: list[Implementation]) -> None:
    """Says which secrets can be read on their way, however quiet the rest is."""
    for one in found:
        if warning := told_readable(one.declaration):
            click.echo(warning, err=True)


def _ask(
    found: list[Implementation],
    settings: Options,
    journal: _Journal,
    kept: Kept,
    redaction: Redaction,
    told: Teller,
) -> tuple[ImplementationFinished, ...]:
    """Asks and writes down what happens; nothing comes back from a run that is interrupted."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with EventWriter(journal.events, redaction, append=bool(kept.events)) as writer:
        watch(found, redaction, told.wait)

        def sink(event: Event) -> None:
            if kept.lacks(event):
                writer.write(event)
            told.tell(event)

        try:
            return conduct(found, settings, remembering(sink, *journal), kept.earlier)
        except KeyboardInterrupt:
            return ()


def _prepare(folder: Path, kept: Kept) -> None:
    """Makes the file of events ready: only what is kept of an earlier run is in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if kept.events:
            rewrite(folder / _EVENTS, kept.events)
        else:
            (folder / _EVENTS).unlink(missing_ok=True)
    except OSError as error:
        raise ConformanceError(
            f"the reports' folder {folder} cannot be used: {error.strerror}",
            hint="--reports DIR names another one",
        ) from None
