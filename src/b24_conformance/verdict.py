"""What the judgements of one implementation mean together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Literal

import msgspec

from b24_conformance.contract import Clause
from b24_conformance.declaration import CHAT_KINDS, Declaration
from b24_conformance.judge.registry import configured
from b24_conformance.judgement import Judgement

Word = Literal["conformant", "nonconformant", "incomplete"]
EXIT: dict[Word, int] = {"conformant": 0, "nonconformant": 1, "incomplete": 3}
WRONGLY_JOINED = 4
_WORST_FIRST = (WRONGLY_JOINED, 2, 1, 3, 0)


class Judged(msgspec.Struct, frozen=True):
    """A clause, its judgement, and whether the verdict needs it."""

    clause: Clause
    judgement: Judgement
    required: bool


class Verdict(msgspec.Struct, frozen=True):
    """The verdict and the line that tells it."""

    word: Word
    line: str


def required(clause: Clause, declaration: Declaration, patterns: Sequence[str] = ()) -> bool:
    """Whether the verdict needs `clause`: MUST, not declared absent, and within reach."""
    if patterns:
        return any(fnmatchcase(clause.id, pattern) for pattern in patterns)
    return (
        clause.level == "MUST"
        and clause.feature not in declaration.without
        and declaration.allows(clause.rung)
        and all(need in CHAT_KINDS or configured(need, declaration) for need in clause.needs)
    )


def verdict(
    judged: Sequence[Judged], *, strict: bool = False, ending: str = "complete", whole: int = 0
) -> Verdict:
    """The verdict over all judged clauses, given how gathering ended.

    `whole` is how many clauses there are: fewer judged ones are a selection, and the line says so.
    """
    word = _word(judged, strict=strict, ending=ending)
    selection = f" (a selection: {len(judged)} of {whole} clauses)"
    part = selection if len(judged) < whole else ""
    return Verdict(word, f"{word.upper()}{part}: {_counts(judged)}")


def _word(judged: Sequence[Judged], *, strict: bool, ending: str) -> Word:
    if not judged or ending in ("no_portal", "not_let_in"):
        return "incomplete"
    failed = {one.clause.level for one in judged if one.judgement.status == "failed"}
    if "MUST" in failed or (strict and failed):
        return "nonconformant"
    open_ones = ("not_checked", "inconclusive")
    if ending in ("cut_off", "alarm") or any(
        one.required and one.judgement.status in open_ones for one in judged
    ):
        return "incomplete"
    return "conformant"


def _counts(judged: Sequence[Judged]) -> str:
    parts = [_passed(judged, level) for level in ("MUST", "SHOULD")]
    statuses = Counter(one.judgement.status for one in judged)
    parts.append(f"{statuses['not_implemented']} not implemented")
    parts.append(f"{statuses['not_checked']} not checked")
    if statuses["inconclusive"]:
        parts.append(f"{statuses['inconclusive']} inconclusive")
    return ", ".join(parts)


def _passed(judged: Sequence[Judged], level: str) -> str:
    statuses = Counter(one.judgement.status for one in judged if one.clause.level == level)
    checked = statuses["passed"] + statuses["failed"] + statuses["inconclusive"]
    return f"{statuses['passed']} of {checked} {level}"


def worst(codes: Sequence[int]) -> int:
    """The exit code of a run over several implementations."""
    return next((code for code in _WORST_FIRST if code in codes), 0)
