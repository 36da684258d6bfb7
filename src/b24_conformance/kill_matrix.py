"""The kill matrix: what all examinations say together, and whether the bars hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from math import ceil
from statistics import median

import msgspec

from b24_conformance.contract import load_contract
from b24_conformance.mutants.blind import disputed, entries, faults
from b24_conformance.mutants.gallery import portals
from b24_conformance.proving import Gallery, Kill
from b24_conformance.soaking import Soaked

MUST_BAR, SHOULD_BAR = 1.0, 0.98
MEDIAN_BAR, P95_BAR = 10.0, 60.0


class Bar(msgspec.Struct, frozen=True):
    """What is promised of the suite's power, and what came."""

    promise: str
    came: str
    holds: bool


class Row(msgspec.Struct, frozen=True):
    """A clause, and how its mutants fared: `kills` counts those for the named reason."""

    clause: str
    level: str
    mutants: int
    kills: int
    runs: int
    median: float | None
    p95: float | None


def p95(numbers: Sequence[float]) -> float:
    """The smallest number that at least 95 of 100 do not exceed."""
    return sorted(numbers)[ceil(0.95 * len(numbers)) - 1]


def by_mutant(kills: Iterable[Kill]) -> dict[tuple[Gallery, str], list[Kill]]:
    """The examinations of each mutant; two galleries may each have one of that name."""
    found: dict[tuple[Gallery, str], list[Kill]] = defaultdict(list)
    for kill in kills:
        found[kill.gallery, kill.mutant].append(kill)
    return found


class Matrix:
    """All examinations of a proof."""

    def __init__(self, results: Iterable[Kill | Soaked]) -> None:
        found = list(results)
        self.kills = [one for one in found if isinstance(one, Kill)]
        self.soaked = [one for one in found if isinstance(one, Soaked)]
        self.levels = {clause.id: clause.level for clause in load_contract().clauses}

    @cached_property
    def started(self) -> list[Kill]:
        """Examinations of mutants that answered at all."""
        return [kill for kill in self.kills if kill.status != "not started"]

    @cached_property
    def seeds(self) -> list[int]:
        """The seeds of the proof."""
        return sorted({kill.seed for kill in self.kills})

    def of_status(self, status: str) -> list[Kill]:
        """Examinations that ended so."""
        return [kill for kill in self.kills if kill.status == status]

    def rate(self, level: str, *, blind: bool = False) -> tuple[int, int]:
        """How many examinations of this level's mutants were kills for the named reason."""
        runs = [
            kill
            for kill in self.started
            if (kill.gallery == "blind") == blind and self._level(kill) == level
        ]
        return sum(kill.status == "named" for kill in runs), len(runs)

    def _level(self, kill: Kill) -> str | None:
        """How bad a mutant's fault is: by its clause, or by who thought of it in the blind."""
        if kill.gallery == "blind":
            return entries()[kill.mutant].level
        return self.levels[kill.clause]

    def to_first(self, gallery: Gallery) -> list[int]:
        """Requests to the first red of any clause, for each mutant that went red."""
        kills = [kill for kill in self.kills if kill.gallery == gallery]
        return [kill.to_first for kill in kills if kill.to_first is not None]

    @cached_property
    def rows(self) -> list[Row]:
        """One row a clause, in the order of the contract."""
        by_clause: dict[str, list[Kill]] = defaultdict(list)
        for kill in self.started:
            by_clause[kill.clause].append(kill)
        return [_row(clause, level, by_clause[clause]) for clause, level in self.levels.items()]

    @cached_property
    def bars(self) -> list[Bar]:
        """The promises, and whether they hold; those without an examination are left out."""
        return [*self._kill_bars(), *self._request_bars(), *self._sound_bar()]

    @property
    def holds(self) -> bool:
        """Whether every promise is kept."""
        return all(bar.holds for bar in self.bars)

    def _kill_bars(self) -> Iterable[Bar]:
        for blind in (False, True):
            for level, bar in (("MUST", MUST_BAR), ("SHOULD", SHOULD_BAR)):
                named, runs = self.rate(level, blind=blind)
                if runs:
                    which = f"blind {level}" if blind else level
                    promise = f"{which} mutants killed for the named reason: {bar:.0%}"
                    came = f"{named} of {runs} ({named / runs:.2%})"
                    yield Bar(promise, came, named >= bar * runs)
        if self.kills:
            broken = len(self.of_status("not started")) + len(self.of_status("crashed"))
            yield Bar("every mutant starts and is judged", f"{broken} did not", not broken)

    def _request_bars(self) -> Iterable[Bar]:
        if own := self.to_first("portals"):
            yield _median_bar("mutants", own)
        if blind := self.to_first("blind"):
            yield _median_bar("blind mutants", blind)
            # Our own gallery has a mutant for each question, so that its p95 counts questions.
            promise = f"blind mutants, requests to the first kill, p95: at most {P95_BAR:g}"
            yield Bar(promise, f"{p95(blind):g}", p95(blind) <= P95_BAR)

    def _sound_bar(self) -> Iterable[Bar]:
        if self.soaked:
            red = [soaked for soaked in self.soaked if soaked.reds]
            came = f"{len(red)} of {len(self.soaked)} red"
            yield Bar("sound portals stay green", came, not red)


def _median_bar(which: str, numbers: Sequence[int]) -> Bar:
    promise = f"{which}, requests to the first kill, median: at most {MEDIAN_BAR:g}"
    came = f"{median(numbers):g} (p95 {p95(numbers):g})"
    return Bar(promise, came, median(numbers) <= MEDIAN_BAR)


def _row(clause: str, level: str, kills: Sequence[Kill]) -> Row:
    named = [kill for kill in kills if kill.status == "named"]
    numbers = [kill.to_named for kill in named if kill.to_named is not None]
    return Row(
        clause,
        level,
        len(by_mutant(kills)),
        len(named),
        len(kills),
        median(numbers) if numbers else None,
        p95(numbers) if numbers else None,
    )


def markdown(matrix: Matrix) -> str:
    """The matrix as a page."""
    parts = [_bars(matrix), _clauses(matrix), _mutants(matrix), _cells(matrix)]
    parts += [_blind(matrix), _sound(matrix)]
    return "# Kill matrix\n\n" + "\n".join(parts)


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [" | ".join(heads), " | ".join("---" for _ in heads)]
    lines += [" | ".join(str(cell).replace("|", "\\|") for cell in row) for row in rows]
    return "\n".join(f"| {line} |" for line in lines) + "\n"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _bars(matrix: Matrix) -> str:
    rows = [(bar.promise, bar.came, "yes" if bar.holds else "**no**") for bar in matrix.bars]
    mutants = len(by_mutant(matrix.kills))
    text = f"{mutants} mutants, seeds: {len(matrix.seeds)}.\n\n"
    return text + _table(("promise", "came", "holds"), rows)


def _clauses(matrix: Matrix) -> str:
    rows = [
        (
            row.clause,
            row.level,
            row.mutants,
            f"{row.kills} of {row.runs}",
            _number(row.median),
            _number(row.p95),
        )
        for row in matrix.rows
        if row.mutants
    ]
    heads = ("clause", "level", "mutants", "named kills", "requests, median", "p95")
    return "## By clause\n\n" + _table(heads, rows)


def _mutants(matrix: Matrix) -> str:
    notes = _notes()
    rows = []
    for mutant, kills in by_mutant(matrix.kills).items():
        named = [kill for kill in kills if kill.status == "named"]
        requests = [kill.to_named for kill in named if kill.to_named is not None]
        others = {kill.status for kill in kills} - {"named"}
        came = f"{len(named)} of {len(kills)} {', '.join(sorted(others))}".strip()
        half = _number(median(requests) if requests else None)
        kind, note = notes.get(mutant, ("client", ""))
        rows.append((mutant[1], kind, note, kills[0].clause, came, half))
    heads = ("mutant", "kind", "fault", "named clause", "named kills", "requests, median")
    return "## By mutant\n\n" + _table(heads, rows)


def _notes() -> dict[tuple[Gallery, str], tuple[str, str]]:
    """Kind and fault of every faulty portal."""
    notes: dict[tuple[Gallery, str], tuple[str, str]] = {}
    notes |= {("portals", mutant.name): (mutant.kind, mutant.note) for mutant in portals()}
    notes |= {("blind", entry.name): (f"blind: {entry.kind}", entry.what) for entry in faults()}
    return notes


def _cells(matrix: Matrix) -> str:
    """Every clause against every mutant, one character a cell, under the first seed."""
    kills = [kill for kill in matrix.kills if kill.seed == min(matrix.seeds)]
    width = max((len(clause) for clause in matrix.levels), default=0)
    lines = [
        f"{clause:{width}} {''.join(_cell(clause, kill) for kill in kills)}"
        for clause in matrix.levels
    ]
    legend = "Columns are the mutants in the order above: `#` named and red, `+` red as well, "
    legend += "`!` named and not red.\n\n"
    return "## Clause × mutant\n\n" + legend + "```\n" + "\n".join(lines) + "\n```\n"


def _cell(clause: str, kill: Kill) -> str:
    if clause == kill.clause:
        return "#" if kill.status == "named" else "!"
    return "+" if clause in kill.failed else "."


def _blind(matrix: Matrix) -> str:
    if not matrix.to_first("blind"):
        return ""
    text = "A portal in PHP by somebody who knew the specification and none of the clauses, with "
    text += f"{len(entries())} switches. Left alone, and why:\n\n"
    rows = [(one.name, one.level, one.what, one.disputed) for one in disputed()]
    heads = ("fault", "its author's level", "what", "why it is left alone")
    return "## Blind gallery\n\n" + text + _table(heads, rows)


def _sound(matrix: Matrix) -> str:
    if not matrix.soaked:
        return ""
    red = [f"- {soaked.name}: {'; '.join(soaked.reds)}" for soaked in matrix.soaked if soaked.reds]
    names = len({soaked.name for soaked in matrix.soaked})
    text = f"{names} portals that differ in every way that is allowed, {len(red)} runs red.\n"
    return "## Sound portals\n\n" + text + "\n".join(red) + "\n"
