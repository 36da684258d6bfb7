"""results.json: the published shape, and honest about what was not judged."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import jsonschema
import msgspec
import pytest
from handmade_runs import CLAUSES, CUT, GREEN, PORTAL, RED, RUNS, TWO, a_contract, begun, judged

from b24_conformance.errors import TranscriptError
from b24_conformance.events import Event
from b24_conformance.reports.results import CUT_OFF, encode_results, results, results_schema

SCHEMA = json.loads(
    files("b24_conformance.reports").joinpath("results.schema.json").read_text(encoding="utf-8")
)


def decoded(events: list[Event]) -> Any:
    return json.loads(encode_results(results(events, a_contract())))


class TestShape:
    def test_published_schema_is_the_code_s(self) -> None:
        """The schema in the package is the one of the structs."""
        assert results_schema() == SCHEMA

    def test_schema_is_a_schema(self) -> None:
        """The schema keeps JSON Schema 2020-12, and describes every property of a result."""
        jsonschema.Draft202012Validator.check_schema(SCHEMA)
        for name in ("Evidence", "ClauseResult", "ImplementationResult"):
            for rule in SCHEMA["$defs"][name]["properties"].values():
                assert rule["description"]

    @pytest.mark.parametrize("name", RUNS)
    def test_results_keep_the_schema(self, name: str) -> None:
        """What is written is valid by the published schema."""
        jsonschema.Draft202012Validator(SCHEMA).validate(decoded(RUNS[name]))

    def test_reason_is_demanded(self) -> None:
        """The schema refuses a failure without a reason, and a pass with one."""
        validator = jsonschema.Draft202012Validator(SCHEMA)
        value = decoded(RED)
        value["implementations"][0]["clauses"][1]["reason"] = None
        assert not validator.is_valid(value)

    def test_selection(self) -> None:
        """A verdict over a part of the contract says over which; one over the whole does not."""
        rest = [event for event in GREEN if getattr(event, "clause", "") != "batch.same"]
        began = msgspec.structs.replace(begun(), clauses=tuple(row[0] for row in CLAUSES[:5]))
        found = [decoded(run)["implementations"][0] for run in (GREEN, [began, *rest[1:]])]
        assert [None, {"clauses": 5, "of": 6}] == [one["selection"] for one in found]

    def test_keys(self) -> None:
        """The keys are the ones that others script against."""
        value = decoded(RED)
        assert {"schema", "contract", "seed", "complete", "implementations"} == set(value)
        assert {"method", "version"} == set(value["contract"])
        part = value["implementations"][0]
        wanted = {"name", "side", "verdict", "requests", "clauses", "client_version", "note"}
        wanted |= {"selection"}
        assert wanted == set(part)
        clause = part["clauses"][1]
        wanted = {"id", "level", "feature", "status", "reason", "requests", "evidence"}
        assert wanted == set(clause)
        assert {"chat_id", "demanded", "got", "exchange", "curl"} == set(clause["evidence"])


class TestContent:
    def test_green(self) -> None:
        """A green run is conformant, and only what passed has no reason."""
        part = decoded(GREEN)["implementations"][0]
        assert "conformant" == part["verdict"]
        assert [row[0] for row in CLAUSES] == [clause["id"] for clause in part["clauses"]]
        for clause in part["clauses"]:
            assert (clause["status"] == "passed") == (clause["reason"] is None)

    def test_two_implementations(self) -> None:
        """Each implementation has its own verdict, side and version."""
        rows = [
            (part["name"], part["side"], part["verdict"], part["client_version"])
            for part in decoded(TWO)["implementations"]
        ]
        wanted = [(PORTAL, "portal", "conformant", None)]
        assert [*wanted, ("client:b24pysdk", "client", "nonconformant", "1.3.2")] == rows

    def test_cut_off(self) -> None:
        """A run that was cut off is incomplete, and says so of each clause it did not reach."""
        value = decoded(CUT)
        part = value["implementations"][0]
        assert not value["complete"]
        assert ("incomplete", 1) == (part["verdict"], part["requests"])
        assert [row[0] for row in CLAUSES] == [clause["id"] for clause in part["clauses"]]
        last = part["clauses"][-1]
        assert ("SHOULD", "batch", "not_checked", CUT_OFF) == (
            last["level"],
            last["feature"],
            last["status"],
            last["reason"],
        )

    def test_without_the_end(self) -> None:
        """A run with all verdicts but no end is not complete either."""
        assert not decoded(GREEN[:-1])["complete"]

    @pytest.mark.parametrize(
        "events", [[], RED[1:], [*RED, *RED], [begun(), judged("nobody", "success.true")]]
    )
    def test_no_run(self, events: list[Event]) -> None:
        """Events without a beginning, of two runs, or of nobody are no run."""
        with pytest.raises(TranscriptError):
            results(events, a_contract())
