"""The page of the mutation tool's survivors, and the tool that makes it anew."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
TOOL = ROOT / "tools" / "mutate.py"
PAGE = ROOT / "docs" / "mutation.md"


def _loaded() -> ModuleType:
    path = TOOL.with_name("mutation_page.py")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


mutation_page = _loaded()
Row, Survivor = mutation_page.Row, mutation_page.Survivor

WRITTEN = """# Survivors of a tool

Words of somebody.

| module | generated and run |
|---|--:|
| `php` | 999 |

## Gaps

| gap | why |
|---|---|
| G1 | open |

## Survivors

Each is shown as `module: line before => line after`.

### php

| line | mutant | verdict | reason |
|--:|---|---|---|
| 7 | `` php: a \\| b => a `` | gap | G1: nobody asks \\| or tells |
| 8 | `` php: return 1 => return 2 `` | equivalent | never called |
| 9 | `` php: gone => away `` | out of scope | as is |
"""
RUN = {
    "php": Counter(killed=5, hung=1, survived=3),
    "core": Counter(killed=2, broken=1, crashed=1),
}
SURVIVORS = [
    Survivor("php", 17, "php: a | b => a"),
    Survivor("php", 8, "php: return 1 => return 2"),
    Survivor("php", 20, "php: new => newer"),
]


def _anew() -> str:
    made: str = mutation_page.made_anew(WRITTEN, RUN, SURVIVORS)
    return made


class TestMadeAnew:
    """A page after another run."""

    def test_survivors(self) -> None:
        """Who still survives keeps the verdict, who does not is gone, who is new is open."""
        expected = [
            Row(17, "php: a | b => a", "gap", "G1: nobody asks \\| or tells"),
            Row(8, "php: return 1 => return 2", "equivalent", "never called"),
            Row(20, "php: new => newer", "open", ""),
        ]
        assert expected == mutation_page.rows_of(_anew())

    def test_numbers(self) -> None:
        """The numbers are those of the run."""
        lines = [line for line in _anew().splitlines() if line.startswith(("| `", "| **"))]
        expected = [
            "| `php` | 9 | 5 | 1 | 0 | 0 | 3 | 1 | 0 | 1 | 1 |",
            "| `core` | 4 | 2 | 0 | 1 | 1 | 0 | 0 | 0 | 0 | 0 |",
            "| **all** | 13 | 7 | 1 | 1 | 1 | 3 | 1 | 0 | 1 | 1 |",
        ]
        assert expected == lines

    def test_words(self) -> None:
        """Whatever else somebody wrote stays."""
        assert "Words of somebody.\n" in _anew()
        assert "## Gaps\n\n| gap | why |\n|---|---|\n| G1 | open |\n\n## Survivors\n" in _anew()

    def test_same_again(self) -> None:
        """The same run makes the same page."""
        assert _anew() == mutation_page.made_anew(_anew(), RUN, SURVIVORS)


class TestVerdicts:
    """The same change on several lines."""

    ROWS = (Row(1, "php: x => y", "gap", "G2"), Row(5, "php: x => y", "equivalent", "unread"))

    def _verdicts(self, rows: tuple[object, ...], *lines: int) -> list[str]:
        survivors = [Survivor("php", line, "php: x => y") for line in lines]
        return [row.verdict for row in mutation_page.judged_by(rows, survivors)]

    def test_line_decides(self) -> None:
        """Where its verdicts differ, the line says which is meant."""
        assert ["gap", "equivalent"] == self._verdicts(self.ROWS, 1, 5)

    def test_moved(self) -> None:
        """One verdict goes with its change wherever that has moved."""
        assert ["gap"] == self._verdicts(self.ROWS[:1], 3)
        assert ["gap", "equivalent"] == self._verdicts(self.ROWS, 1, 6)

    def test_unclear(self) -> None:
        """Where several have moved and their verdicts differ, they are open."""
        assert ["open", "open"] == self._verdicts(self.ROWS, 3, 7)

    def test_another(self) -> None:
        """A second survivor of the same change has no verdict yet."""
        assert ["gap", "open"] == self._verdicts(self.ROWS[:1], 1, 3)
        assert ["open", "open"] == self._verdicts(self.ROWS[:1], 3, 7)


class TestPublishedPage:
    """docs/mutation.md as it stands."""

    def test_verdicts(self) -> None:
        """Every survivor has a verdict, and a reason."""
        rows = mutation_page.rows_of(PAGE.read_text(encoding="utf-8"))
        assert rows
        assert {"equivalent", "out of scope", "gap"} >= {row.verdict for row in rows}
        assert [] == [row for row in rows if not row.reason]

    def test_numbers(self) -> None:
        """The table counts the survivors that are listed below it."""
        page = PAGE.read_text(encoding="utf-8")
        listed = Counter(row.change.partition(":")[0] for row in mutation_page.rows_of(page))
        table = {
            cells[1].strip(" `"): int(cells[7])
            for line in page.splitlines()
            if len(cells := line.split("|")) == 13 and cells[1].startswith(" `")
        }
        assert dict(listed) == {module: count for module, count in table.items() if count}

    def test_gaps(self) -> None:
        """Every gap that a survivor names is told of, and none is told of without a survivor."""
        page = PAGE.read_text(encoding="utf-8")
        named = {
            row.reason.partition(":")[0]
            for row in mutation_page.rows_of(page)
            if row.verdict == "gap"
        }
        _, _, still = page.partition("\nThese are open:\n")
        assert named == set(re.findall(r"^\| (G\d+) \|", still, re.MULTILINE))


class TestCommand:
    """`python tools/mutate.py`."""

    def _run(self, *options: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(TOOL), *options]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)

    def test_few(self) -> None:
        """It ends with 0 where every survivor has a verdict."""
        ran = self._run("--module", "messages", "--limit", "3")
        assert 0 == ran.returncode, ran.stdout + ran.stderr
        assert "all: 3 run" in ran.stdout

    def test_part_of_a_run(self) -> None:
        """The page is not made anew from a part of the mutants."""
        ran = self._run("--module", "messages", "--write")
        assert 2 == ran.returncode
        assert "--write is for a whole run: leave out --module" in ran.stderr
