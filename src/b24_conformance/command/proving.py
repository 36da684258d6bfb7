"""`b24-conformance prove`: runs the galleries and prints the kill matrix."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table

from b24_conformance.errors import ConformanceError, UsageError
from b24_conformance.kill_matrix import Matrix, by_mutant, markdown
from b24_conformance.mutants import blind
from b24_conformance.proving import GALLERIES, Gallery, Job, Kill, jobs, matrix
from b24_conformance.soaking import Soaked

_TOLD_STATUSES = ("crashed", "not started", "wrong reason", "survived")


@click.command()
@click.option("--seeds", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--jobs", "processes", type=click.IntRange(min=1), help="Default: one a core.")
@click.option("--only", metavar="GLOB", default="*", help="Only mutants of that name.")
@click.option("--gallery", type=click.Choice(GALLERIES), multiple=True, help="Default: all.")
@click.option("--write", type=click.Path(path_type=Path), help="The matrix as a Markdown page.")
@click.option("--quiet", is_flag=True, help="Print the promises only.")
def prove(
    *,
    seeds: int,
    processes: int | None,
    only: str,
    gallery: tuple[Gallery, ...],
    write: Path | None,
    quiet: bool,
) -> int:
    """Runs the galleries and prints the kill matrix clause × mutant."""
    terminal = sys.stdout.isatty()
    console = Console(width=None if terminal else 120, highlight=False, emoji=False)
    wanted = jobs(range(seeds), only=only, galleries=_shown(gallery, console))
    if not wanted:
        raise UsageError(f"no mutant matches {only!r}", hint="see docs, or leave out --only")
    cores = processes or len(os.sched_getaffinity(0))
    proven = Matrix(_proven(wanted, cores, console, silent=quiet or not terminal))
    if not quiet:
        console.print(_clauses(proven))
        for line in _exceptions(proven):
            console.print(line, markup=False, soft_wrap=True)
    console.print(_bars(proven))
    if write is not None:
        _write(write, proven)
    return 0 if proven.holds else 1


def _shown(wanted: Sequence[Gallery], console: Console) -> Sequence[Gallery]:
    """The galleries that are asked for, or all that this machine can show."""
    why = blind.missing()
    if "blind" in wanted:
        blind.demand()
    if wanted or not why:
        return wanted or GALLERIES
    console.print(f"NOT PROVEN: the blind gallery, a portal in PHP: {why}", style="red")
    return [gallery for gallery in GALLERIES if gallery != "blind"]


def _proven(
    wanted: Sequence[Job], processes: int, console: Console, *, silent: bool
) -> Iterator[Kill | Soaked]:
    found = matrix(wanted, processes=processes)
    yield from track(
        found, "proving", total=len(wanted), console=console, transient=True, disable=silent
    )


def _write(path: Path, proven: Matrix) -> None:
    try:
        path.write_text(markdown(proven), encoding="utf-8")
    except OSError as error:
        raise ConformanceError(f"{path} cannot be written: {error.strerror}") from None


def _table(*heads: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for head in heads:
        table.add_column(head, overflow="fold")
    return table


def _clauses(proven: Matrix) -> Table:
    table = _table("clause", "level", "mutants", "named kills", "median", "p95")
    for row in proven.rows:
        if row.mutants:
            numbers = ("" if n is None else f"{n:g}" for n in (row.median, row.p95))
            kills = f"{row.kills} of {row.runs}"
            table.add_row(row.clause, row.level, str(row.mutants), kills, *numbers)
    return table


def _exceptions(proven: Matrix) -> Iterator[str]:
    """A line for each mutant that was not killed for the named reason, under any seed."""
    for status in _TOLD_STATUSES:
        for (gallery, name), kills in by_mutant(proven.of_status(status)).items():
            instead = ", ".join(kills[0].failed[:5]) or kills[0].note
            seeds = ",".join(str(kill.seed) for kill in kills[:8])
            told = f"blind {name}" if gallery == "blind" else name
            yield f"{status}: {told} ({kills[0].clause}) with seeds {seeds} {instead}".rstrip()
    for soaked in proven.soaked:
        if soaked.reds:
            yield f"red: {soaked}"


def _bars(proven: Matrix) -> Table:
    table = _table("promise", "came", "")
    for bar in proven.bars:
        table.add_row(bar.promise, bar.came, "holds" if bar.holds else "[red]BROKEN[/]")
    return table
