"""Mutants that nobody chose: mutmut's mutations of the reference portal, judged by the suites.

`python tools/mutate.py [--module NAME] [--limit N]`. mutmut says what to change; each mutant lives
in the memory of a forked process only, so that no source is ever touched. With `--write` the page
docs/mutation.md is made anew: its numbers, and its survivors with the verdicts that they have
there. A survivor without a verdict (not listed, or `open`) ends the command with 1.
"""

from __future__ import annotations

import argparse
import difflib
import importlib
import importlib.abc
import importlib.util
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Final, Literal, NamedTuple, TypeAlias

from mutation_page import OPEN, STATUSES, Row, Survivor, judged_by, made_anew, rows_of
from mutmut.mutation.file_mutation import create_mutations

from b24_conformance.contract import load_contract
from b24_conformance.events import Event, Observed
from b24_conformance.gather import DRAWN
from b24_conformance.implementations import embedded, inprocess
from b24_conformance.implementations.building import Asked
from b24_conformance.implementations.portal import PortalImplementation
from b24_conformance.options import Options
from b24_conformance.reference import Request, Response
from b24_conformance.run import chosen, examine, judge_all
from b24_conformance.transcript import Observation, Transcript

Status: TypeAlias = Literal["survived", "killed", "broken", "crashed", "hung"]

PACKAGE: Final = "b24_conformance.reference"
ROOT: Final = Path(__file__).resolve().parent.parent
SOURCES: Final = ROOT / "src" / "b24_conformance" / "reference"
PAGE: Final = ROOT / "docs" / "mutation.md"
MODULES: Final = (
    "dialogue",
    "accounts",
    "reading",
    "php",
    "core",
    "refusals",
    "batch",
    "rendering",
    "formats",
    "multipart",
    "messages",
    "helpers",
)
# How many observations there are when the judge first has a look; a red then ends the run.
_LOOKS: Final = (25, 80, 180)
_SECONDS: Final = 8
# The options of a run that the page speaks of: all modules, all mutants, seed 0.
_WHOLE: Final = (None, None, 1, DRAWN)
_STATUS: Final[dict[int, Status]] = {0: "survived", 1: "killed", 2: "broken", 3: "crashed"}


class Mutant(NamedTuple):
    """A module's changed source; `before` and `after` are the lines that differ."""

    module: str
    line: int
    before: str
    after: str
    source: str

    @property
    def change(self) -> str:
        """What the page shows, and by which it is found there."""
        return f"{self.module}: {self.before} => {self.after}".strip()


class Fate(NamedTuple):
    """What became of a mutant.

    `broken`: it could not be imported or made. `crashed`: the suite itself raised. `hung`: it was
    ended after some seconds. None of them answers as a conformant portal does.
    """

    mutant: Mutant
    status: Status


def mutants_of(module: str) -> Iterator[Mutant]:
    """Every mutation that mutmut knows of, on the module's own level, too."""
    path = SOURCES / f"{module}.py"
    code = path.read_text(encoding="utf-8")
    tree, mutations, *_ = create_mutations(str(path), code)
    seen = {code}
    for mutation in mutations:
        changed = tree.deep_replace(mutation.original_node, mutation.mutated_node)
        source: str = getattr(changed, "code", code)
        if source not in seen:
            seen.add(source)
            yield _mutant(module, code, source)


def _mutant(module: str, code: str, source: str) -> Mutant:
    old, new = code.splitlines(), source.splitlines()
    changes = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    start, end = changes[0][2], len(old) - (changes[-1][2] - changes[-1][1])
    if changes[0][0] != "equal":
        start = 0
    if changes[-1][0] != "equal":
        end = len(old)
    after = new[start : len(new) - (len(old) - end)]
    return Mutant(module, start + 1, _joined(old[start:end]), _joined(after), source)


def _joined(lines: Iterable[str]) -> str:
    return " ".join(line.strip() for line in lines)


class _Mutated(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Finds one module of the reference portal, in its mutated form."""

    def __init__(self, mutant: Mutant) -> None:
        self._name = f"{PACKAGE}.{mutant.module}"
        self._source = mutant.source

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module, if it is the mutated one."""
        if fullname != self._name:
            return None
        return importlib.util.spec_from_loader(fullname, self)

    def get_source(self, fullname: str) -> str:
        """The mutated text."""
        return self._source


class _Judge:
    """A sink that ends this process at the first red."""

    def __init__(self, portal: PortalImplementation, options: Options) -> None:
        self._declaration = portal.declaration
        self._clauses = chosen(load_contract(), portal.declaration, options)
        self._observations: list[Observation] = []

    def __call__(self, event: Event) -> None:
        """Keeps what was seen, and judges it now and then."""
        if isinstance(event, Observed):
            self._observations.append(event.observation)
            if len(self._observations) in _LOOKS and self.red():
                os._exit(1)

    def red(self) -> bool:
        """Whether a clause has failed so far."""
        transcript = Transcript(tuple(self._observations))
        judged = judge_all(self._clauses, self._declaration, transcript)
        return any(judgement.status == "failed" for judgement in judged)


def judged(reference: ModuleType, seed: int, drawn: int) -> int:
    """Examines the portal of this package; 0: it is conformant."""
    portal = reference.Portal()

    def answer(request: Request) -> Response:
        try:
            answered: Response = portal.answer(request)
        except Exception:  # as the portal's own server does
            answered = reference.Response(500, (("Content-Type", "application/json"),), b"{}")
        return answered

    options = Options(seed=seed, drawn=drawn, shrink=False)
    with embedded.in_process("mutant", answer, Asked(seed=seed, timeout=1.0)) as implementation:
        judge = _Judge(implementation, options)
        finished = examine(implementation, load_contract(), options, judge)
    return 1 if judge.red() or finished.verdict != "conformant" else 0


def fate_of(mutant: Mutant, seeds: Sequence[int], drawn: int) -> Fate:
    """Judges a mutant in a process of its own."""
    child = os.fork()
    if not child:
        with suppress(BaseException):
            os._exit(_in_child(mutant, seeds, drawn))
        os._exit(3)
    _, ended = os.waitpid(child, 0)
    if os.WIFSIGNALED(ended):
        return Fate(mutant, "hung")
    return Fate(mutant, _STATUS[os.WEXITSTATUS(ended)])


def _in_child(mutant: Mutant, seeds: Sequence[int], drawn: int) -> int:
    signal.alarm(_SECONDS * len(seeds))
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    for name in [name for name in sys.modules if name.startswith(PACKAGE)]:
        del sys.modules[name]
    sys.meta_path.insert(0, _Mutated(mutant))
    try:
        reference = importlib.import_module(PACKAGE)
        reference.Portal()
    except Exception:
        return 2
    for user in (embedded, inprocess):
        vars(user)["reference"] = reference
    return int(any(judged(reference, seed, drawn) for seed in seeds))


def report(fates: Sequence[Fate], rows: Sequence[Row], seconds: float) -> int:
    """Prints the survivors and the numbers; counts the survivors that have no verdict."""
    survivors = [fate.mutant for fate in fates if fate.status == "survived"]
    verdicts = [row.verdict for row in judged_by(rows, survivors_of(fates))]
    for mutant, verdict in zip(survivors, verdicts, strict=True):
        print(f"{verdict}: {mutant.module}.py:{mutant.line}\n- {mutant.before}\n+ {mutant.after}")
    for module, counts in per_module(fates).items():
        print(f"{module}: {counts.total()} run, {_counted(counts)}")
    everything = Counter[str](fate.status for fate in fates)
    unjudged = verdicts.count(OPEN)
    print(f"all: {len(fates)} run, {_counted(everything)}, {unjudged} open; {seconds:.0f} s")
    return unjudged


def survivors_of(fates: Iterable[Fate]) -> list[Survivor]:
    """The survivors as the page shows them."""
    survived = (fate.mutant for fate in fates if fate.status == "survived")
    return [Survivor(mutant.module, mutant.line, mutant.change) for mutant in survived]


def per_module(fates: Iterable[Fate]) -> dict[str, Counter[str]]:
    """How the mutants of each module fared."""
    counts: dict[str, Counter[str]] = {}
    for fate in fates:
        counts.setdefault(fate.mutant.module, Counter())[fate.status] += 1
    return counts


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{counts[status]} {status}" for status in STATUSES)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--module", action="append", choices=MODULES, help="only this module")
    parser.add_argument("--limit", type=int, help="so many of each module's mutants, drawn evenly")
    parser.add_argument("--seeds", type=int, default=1, help="judge with seeds 0 to N-1")
    parser.add_argument("--drawn", type=int, default=DRAWN, help="as of b24-conformance run")
    parser.add_argument("--json", type=Path, help="write every mutant's fate there")
    parser.add_argument("--write", action="store_true", help="make docs/mutation.md anew")
    asked = parser.parse_args()
    if asked.write and (asked.module, asked.limit, asked.seeds, asked.drawn) != _WHOLE:
        parser.error("--write is for a whole run: leave out --module, --limit, --seeds, --drawn")
    clock = time.monotonic()
    if judged(importlib.import_module(PACKAGE), 0, asked.drawn):
        print("the reference portal itself is not conformant: nothing to be learned from mutants")
        return 2
    fates = []
    for module in asked.module or MODULES:
        mutants = list(mutants_of(module))
        if asked.limit is not None and asked.limit < len(mutants):
            mutants = sorted(random.Random(0).sample(mutants, asked.limit))
        for mutant in mutants:
            fates.append(fate_of(mutant, range(asked.seeds), asked.drawn))
        print(f"{module}: {len(mutants)} mutants", file=sys.stderr, flush=True)
        if asked.json:
            rows = [{**f.mutant._asdict(), "source": None, "status": f.status} for f in fates]
            asked.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    if asked.write:
        page = made_anew(page, per_module(fates), survivors_of(fates))
        PAGE.write_text(page, encoding="utf-8")
    return 1 if report(fates, rows_of(page), time.monotonic() - clock) else 0


if __name__ == "__main__":
    sys.exit(main())
