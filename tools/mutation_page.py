"""The page of survivors: what it says of each, and the page made anew after a run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

OPEN: Final = "open"
VERDICTS: Final = ("equivalent", "out of scope", "gap", OPEN)
STATUSES: Final = {
    "killed": "killed",
    "hung": "hung",
    "crashed": "suite raised",
    "broken": "not importable",
    "survived": "survived",
}

_ROW: Final = re.compile(r"^\| (\d+) \| `` (.*?) `` \| ([a-z ]+?) \| (.*?) ?\|$", re.MULTILINE)
_TABLE: Final = re.compile(r"^\| module \|.*\n(?:\|.*\n)+", re.MULTILINE)
_SURVIVORS: Final = re.compile(r"^## Survivors\n.*", re.MULTILINE | re.DOTALL)
_INTRODUCTION: Final = "Each is shown as `module: line before => line after`.\n"
_HEAD: Final = "| line | mutant | verdict | reason |\n|--:|---|---|---|\n"


class Survivor(NamedTuple):
    """A mutant that no clause named; `change` is what the page shows of it."""

    module: str
    line: int
    change: str


class Row(NamedTuple):
    """What the page says of a survivor."""

    line: int
    change: str
    verdict: str
    reason: str


def rows_of(page: str) -> list[Row]:
    """The survivors that the page lists."""
    return [
        Row(int(line), change.replace("\\|", "|"), verdict, reason)
        for line, change, verdict, reason in _ROW.findall(page)
    ]


def judged_by(rows: Iterable[Row], survivors: Sequence[Survivor]) -> list[Row]:
    """Each survivor with the verdict that the page gives its change, or `open`.

    The same change may stand on several lines, for different reasons: the line decides. Where
    lines have moved, a verdict goes with its change as long as there is no doubt whose it is.
    """
    here = {(row.change, row.line): row for row in rows}
    kept = {(one.change, one.line) for one in survivors}
    strayed: dict[str, list[Row]] = {}
    for place, row in here.items():
        if place not in kept:
            strayed.setdefault(row.change, []).append(row)
    moved = Counter(change for change, line in kept if (change, line) not in here)

    def judged(one: Survivor) -> Row:
        if row := here.get((one.change, one.line)):
            return row
        candidates = strayed.get(one.change, [])
        told = {(row.verdict, row.reason) for row in candidates}
        sure = len(told) == 1 and moved[one.change] <= len(candidates)
        verdict, reason = told.pop() if sure else (OPEN, "")
        return Row(one.line, one.change, verdict, reason)

    return [judged(one) for one in survivors]


def made_anew(page: str, counts: Mapping[str, Counter[str]], survivors: Sequence[Survivor]) -> str:
    """The page with the numbers of a run and its survivors; all other words stay as they are."""
    rows = rows_of(page)
    by_module = {
        module: judged_by(rows, [one for one in survivors if one.module == module])
        for module in counts
    }
    table = _table(counts, by_module)
    sections = [_section(module, own) for module, own in by_module.items() if own]
    listed = "\n".join(["## Survivors\n", _INTRODUCTION, *sections])
    # As functions: a mutant's text may hold what a template of `re` takes for a group.
    page = _TABLE.sub(lambda _: table, page, count=1)
    return _SURVIVORS.sub(lambda _: listed, page, count=1)


def _table(counts: Mapping[str, Counter[str]], by_module: Mapping[str, list[Row]]) -> str:
    titles = ["module", "generated and run", *STATUSES.values(), *VERDICTS]
    lines = [f"| {' | '.join(titles)} |", f"|---|{'--:|' * (len(titles) - 1)}"]
    everything: Counter[str] = Counter()
    for module, statuses in counts.items():
        numbers = statuses + Counter(row.verdict for row in by_module[module])
        everything += numbers
        lines.append(_line(f"`{module}`", numbers))
    lines.append(_line("**all**", everything))
    return "\n".join(lines) + "\n"


def _line(name: str, numbers: Counter[str]) -> str:
    run = sum(numbers[status] for status in STATUSES)
    cells = [run, *(numbers[one] for one in (*STATUSES, *VERDICTS))]
    return f"| {name} | {' | '.join(map(str, cells))} |"


def _section(module: str, rows: Iterable[Row]) -> str:
    return f"### {module}\n\n{_HEAD}" + "".join(map(_listed, rows))


def _listed(row: Row) -> str:
    change = row.change.replace("|", "\\|")
    return f"| {row.line} | `` {change} `` | {row.verdict} | {row.reason} |\n"
