"""results.json: what every other program reads. Its shape is published beside this module."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal

import msgspec

from b24_conformance.contract import Clause, Contract, load_contract
from b24_conformance.errors import UsageError
from b24_conformance.events import Event, Judged
from b24_conformance.events import Evidence as Proof
from b24_conformance.judgement import Status
from b24_conformance.reports.story import Chapter, Story, read_story

CUT_OFF = "the run was cut off before this clause was judged"
SCHEMA_ID = "urn:b24-conformance:results:1"


def _says(text: str) -> msgspec.Meta:
    return msgspec.Meta(description=text)


class Evidence(msgspec.Struct, frozen=True):
    """A failure that its reader can repeat."""

    chat_id: Annotated[str, _says("CHAT_ID as literally sent; '(absent)' without the parameter.")]
    demanded: Annotated[str, _says("What the clause demands.")]
    got: Annotated[str, _says("What came instead.")]
    exchange: Annotated[
        dict[str, Any] | None,
        _says("The HTTP request and response, redacted; null if nothing went over the wire."),
    ]
    curl: Annotated[
        str | None, _says("A shell command that repeats the request; secrets are variables in it.")
    ]


class ClauseResult(msgspec.Struct, frozen=True):
    """One clause, judged for one implementation."""

    id: Annotated[str, _says("The clause's id in the contract.")]
    level: Annotated[Literal["MUST", "SHOULD"], _says("How strongly it is demanded.")]
    feature: Annotated[str, _says("The feature of the implementation that it speaks of.")]
    status: Annotated[Status, _says("How the judgement came out.")]
    reason: Annotated[str | None, _says("Why; null only for a passed clause.")]
    requests: Annotated[int, msgspec.Meta(ge=0, description="HTTP exchanges that were judged.")]
    evidence: Annotated[Evidence | None, _says("The smallest failure; null without one.")]


class Selection(msgspec.Struct, frozen=True):
    """Which part of the contract was asked for."""

    clauses: Annotated[int, msgspec.Meta(ge=0, description="How many clauses were selected.")]
    of: Annotated[int, msgspec.Meta(ge=0, description="How many clauses this side has in all.")]


class ImplementationResult(msgspec.Struct, frozen=True):
    """One implementation and its verdict."""

    name: Annotated[str, _says("Scheme, host and port of a portal, or how a client is called.")]
    side: Annotated[Literal["portal", "client"], _says("Who is under test.")]
    verdict: Annotated[
        Literal["conformant", "nonconformant", "incomplete"],
        _says("incomplete: a required clause could not be judged, or the run was cut off."),
    ]
    requests: Annotated[int, msgspec.Meta(ge=0, description="HTTP exchanges, each counted once.")]
    clauses: Annotated[tuple[ClauseResult, ...], _says("In the order of the contract.")]
    client_version: Annotated[str | None, _says("The version that a client says it has.")] = None
    note: Annotated[str | None, _says("What a reader must know beside the verdict.")] = None
    selection: Annotated[
        Selection | None, _says("Set where the verdict speaks of a part of the contract only.")
    ] = None


class ContractName(msgspec.Struct, frozen=True):
    """Which contract was judged."""

    method: Annotated[str, _says("The REST method.")]
    version: Annotated[str, _says("The version of the contract.")]


class Results(msgspec.Struct, frozen=True):
    """The results of one run of b24-conformance."""

    schema: Annotated[Literal[1], _says("The version of this shape.")]
    contract: ContractName
    seed: Annotated[int, _says("The seed of the run: the same one sends the same requests.")]
    complete: Annotated[bool, _says("Whether the run came to its end; false if it was cut off.")]
    implementations: tuple[ImplementationResult, ...]


def results(events: Iterable[Event], contract: Contract | None = None) -> Results:
    """The results that `events` tell, with nothing from anywhere else.

    `contract` (the shipped one by default) says of a clause that was not judged any more which
    level and feature it has. Raises TranscriptError for events without a beginning.
    """
    return results_of(read_story(events), contract or load_contract())


def results_of(story: Story, contract: Contract) -> Results:
    """The results of a run that has been read already."""
    started = story.started
    return Results(
        schema=1,
        contract=ContractName(started.method, started.contract),
        seed=started.seed,
        complete=story.complete,
        implementations=tuple(
            _implementation(chapter, started.clauses, contract)
            for chapter in story.chapters.values()
        ),
    )


def _implementation(
    chapter: Chapter, selected: tuple[str, ...], contract: Contract
) -> ImplementationResult:
    end = chapter.finished
    clauses = tuple(_clauses(chapter, selected, contract))
    whole = len(contract.of_side(chapter.declaration.side))
    return ImplementationResult(
        name=chapter.name,
        side=chapter.declaration.side,
        verdict=msgspec.convert(end.verdict, _VERDICT) if end else "incomplete",
        requests=chapter.requests,
        clauses=clauses,
        client_version=(end.client_version if end else None) or chapter.client_version,
        note=end.note if end else "the run was cut off",
        selection=Selection(len(clauses), whole) if len(clauses) < whole else None,
    )


_VERDICT = Literal["conformant", "nonconformant", "incomplete"]


def _clauses(
    chapter: Chapter, selected: tuple[str, ...], contract: Contract
) -> Iterator[ClauseResult]:
    for clause_id in dict.fromkeys((*selected, *chapter.judged)):
        judged = chapter.judged.get(clause_id)
        clause = known_clause(contract, clause_id)
        if judged:
            yield _judged(judged)
        elif not clause or clause.applies_to(chapter.declaration.side):
            yield _not_judged(clause_id, clause, cut_off=not chapter.finished)


def known_clause(contract: Contract, clause_id: str) -> Clause | None:
    """The clause with that id, or None: the events may be older than the contract."""
    try:
        return contract.clause(clause_id)
    except UsageError:
        return None


def _judged(judged: Judged) -> ClauseResult:
    proof = judged.evidence
    return ClauseResult(
        id=judged.clause,
        level=msgspec.convert(judged.level, Literal["MUST", "SHOULD"]),
        feature=judged.feature,
        status=judged.status,
        reason=judged.reason,
        requests=judged.requests,
        evidence=_evidence(proof) if proof else None,
    )


def _evidence(proof: Proof) -> Evidence:
    return Evidence(**msgspec.structs.asdict(proof))


def _not_judged(clause_id: str, clause: Clause | None, *, cut_off: bool) -> ClauseResult:
    return ClauseResult(
        id=clause_id,
        level=clause.level if clause else "MUST",
        feature=clause.feature if clause else "unknown",
        status="not_checked",
        reason=CUT_OFF if cut_off else "the run ended without judging this clause",
        requests=0,
        evidence=None,
    )


def encode_results(value: Results) -> str:
    """The text of results.json."""
    return msgspec.json.format(msgspec.json.encode(value).decode(), indent=2) + "\n"


def results_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of results.json, as it is published in the package."""
    schema = msgspec.json.schema(Results)
    clause = schema["$defs"]["ClauseResult"]
    passed = {"properties": {"status": {"const": "passed"}}}
    clause["if"] = passed
    clause["then"] = {"properties": {"reason": {"type": "null"}}}
    clause["else"] = {"properties": {"reason": {"type": "string"}}}
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID}
    return {**head, "title": "results.json of b24-conformance", **schema}
