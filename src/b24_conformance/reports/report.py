"""What the reports for people have in common: results beside the clauses they are about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from b24_conformance.contract import Clause, Contract
from b24_conformance.declaration import CHAT_KINDS, ChatKind, Declaration, Person
from b24_conformance.events import Event, Joining, Left, RunStarted, Standing
from b24_conformance.exchange import Exchange
from b24_conformance.judgement import Status
from b24_conformance.reports.request_line import exchange_of
from b24_conformance.reports.results import (
    ClauseResult,
    ImplementationResult,
    Results,
    known_clause,
    results_of,
)
from b24_conformance.reports.story import Chapter, read_story

# Failed first: this is the order in which a reader wants to see them.
STATUSES: tuple[Status, ...] = (
    "failed",
    "inconclusive",
    "not_checked",
    "passed",
    "not_implemented",
)
LEVELS = ("MUST", "SHOULD")
JOIN_WORDS = {
    "joining": ("joined by this run and NOT LEFT YET", "прогон вступил и ещё НЕ ВЫШЕЛ"),
    "stays": ("joined by this run, to stay", "прогон вступил и остаётся"),
    "left": ("joined by this run, and left again", "прогон вступил и вышел"),
}
_ADDED: dict[str, str] = {kind: f"[operator.chats] {kind} = [ID]" for kind in CHAT_KINDS} | {
    "colleague": "[colleague]",
    "oauth": "[operator] access_token",
    "webhook": "[operator] webhook",
    "colleague_webhook": "[colleague] webhook",
    "expired": "[credentials] expired_token",
}


class Row(msgspec.Struct, frozen=True):
    """A clause's result, the clause itself if the contract has it, and what to add."""

    result: ClauseResult
    clause: Clause | None
    add: tuple[str, ...] = ()

    @property
    def exchange(self) -> Exchange | None:
        """The exchange of the evidence, or None."""
        return exchange_of(self.result.evidence)


class Looked(msgspec.Struct, frozen=True):
    """What a live run saw of a declared chat, before it was used and afterwards.

    `join` is `joining`, `stays` or `left` where the run has joined it.
    """

    operator: str
    chat: int
    kind: ChatKind
    before: Standing | None
    after: Standing | None
    reason: str
    join: str


class Part(msgspec.Struct, frozen=True):
    """One implementation: its result, its verdict in one line, and its rows."""

    result: ImplementationResult
    declaration: Declaration
    line: str
    rows: tuple[Row, ...]
    chats: tuple[Looked, ...] = ()
    advice: str | None = None

    def of(self, *statuses: str, level: str = "") -> tuple[Row, ...]:
        """The rows with one of these statuses (and of that level), in the order given."""
        return tuple(
            row
            for status in statuses
            for row in self.rows
            if row.result.status == status and level in ("", row.result.level)
        )

    def count(self, level: str, status: str) -> int:
        """How many clauses of `level` have that status."""
        return len(self.of(status, level=level))

    def row(self, clause_id: str) -> Row | None:
        """The row of that clause, or None: it does not apply."""
        return next((row for row in self.rows if row.result.id == clause_id), None)


class Report(msgspec.Struct, frozen=True):
    """A whole run, ready to be shown."""

    started: RunStarted
    results: Results
    parts: tuple[Part, ...]
    seconds: float | None = None

    @property
    def clause_ids(self) -> tuple[str, ...]:
        """The ids of all clauses of all parts, each once."""
        return tuple(dict.fromkeys(row.result.id for part in self.parts for row in part.rows))


def read_report(events: Iterable[Event], contract: Contract) -> Report:
    """The report of the run that `events` tell; TranscriptError if they tell none."""
    story = read_story(events)
    results = results_of(story, contract)
    chapters = story.chapters.values()
    pairs = zip(chapters, results.implementations, strict=True)
    return Report(
        started=story.started,
        results=results,
        parts=tuple(_part(chapter, result, contract) for chapter, result in pairs),
        seconds=story.finished.seconds if story.finished else None,
    )


def _part(chapter: Chapter, result: ImplementationResult, contract: Contract) -> Part:
    return Part(
        result=result,
        declaration=chapter.declaration,
        line=chapter.finished.line if chapter.finished else _cut_off_line(result),
        rows=tuple(_row(clause, chapter.declaration, contract) for clause in result.clauses),
        chats=tuple(_looked(chapter)),
        advice=chapter.finished.advice if chapter.finished else None,
    )


def _looked(chapter: Chapter) -> Iterator[Looked]:
    seen = {(one.operator, one.chat, one.when): one for one in chapter.looks}
    for place in dict.fromkeys((one.operator, one.chat) for one in chapter.looks):
        before, after = seen.get((*place, "before")), seen.get((*place, "after"))
        known = before or after
        if known is None:
            continue
        changed = after if before and after and after.standing != before.standing else None
        reasons = (one.reason for one in (before or after, changed) if one and one.reason)
        yield Looked(
            *place,
            known.kind,
            before.standing if before else None,
            after.standing if after else None,
            "; ".join(dict.fromkeys(reasons)),
            _join(chapter.joins.get(place)),
        )


def _join(event: Joining | Left | None) -> str:
    if isinstance(event, Left):
        return "left"
    if isinstance(event, Joining):
        return "stays" if event.stays else "joining"
    return ""


def _row(result: ClauseResult, declaration: Declaration, contract: Contract) -> Row:
    clause = known_clause(contract, result.id)
    asked = clause is not None and result.status == "not_checked"
    return Row(result, clause, tuple(_missing(clause, declaration)) if asked and clause else ())


def _missing(clause: Clause, declaration: Declaration) -> list[str]:
    """What the user can add so that `clause` is checked next time."""
    lacks = [
        _ADDED.get(need, f"[credentials] {need}")
        for need in clause.needs
        if need not in _declared(declaration)
    ]
    return lacks if declaration.allows(clause.rung) else [*lacks, f"--joins {clause.rung}"]


def _declared(declaration: Declaration) -> set[str]:
    """The needs of clauses that `declaration` meets."""
    person = declaration.people.get("operator", Person(places=()))
    places = {place.partition("_")[0].replace("bearer", "oauth") for place in person.places}
    kinds = {kind for kind, _ in person.chats}
    colleague = declaration.people.get("colleague", Person(places=()))
    theirs = {f"colleague_{place}" for place in colleague.places}
    return {*places, *theirs, *kinds, *declaration.identities, *declaration.people}


def _cut_off_line(result: ImplementationResult) -> str:
    """The verdict line of an implementation that did not come to its verdict."""
    total = Counter[str](clause.level for clause in result.clauses)
    count = Counter[str](clause.level for clause in result.clauses if clause.status == "passed")
    passed = [f"{count[level]} of {total[level]} {level}" for level in LEVELS]
    rest = sum(clause.status == "not_checked" for clause in result.clauses)
    return f"INCOMPLETE (cut off): {', '.join(passed)}, {rest} not checked"
