"""junit.xml, read back by other people's parsers."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from handmade_runs import CLAUSES, CUT, GREEN, METHOD, RED, RUNS, TWO, a_report, without_curl
from junitparser import JUnitXml

from b24_conformance.reports.junit import junit_xml


def cases(name: str) -> dict[str | None, ElementTree.Element]:
    tree = ElementTree.fromstring(junit_xml(a_report(RUNS[name])))
    return {case.get("name"): case for case in tree.iter("testcase")}


class TestCases:
    def test_a_case_per_clause(self) -> None:
        """Each clause is a case, named by its id and its feature."""
        found = [(case.get("name"), case.get("classname")) for case in cases("green").values()]
        assert [(row[0], row[2]) for row in CLAUSES] == found

    @pytest.mark.parametrize(
        ("clause", "children"),
        [
            ("success.true", ["skipped"]),
            ("refusal.chat-type", ["failure"]),
            ("refusal.absent", ["system-out"]),
            ("batch.same", ["error"]),
        ],
    )
    def test_status(self, clause: str, children: list[str]) -> None:
        """Only a MUST that failed is a failure, and a SHOULD that failed says so."""
        assert children == [child.tag for child in cases("red")[clause]]

    def test_should_says_so(self) -> None:
        """A SHOULD that failed passes with the story in its output."""
        output = cases("red")["refusal.absent"].findtext("system-out")
        assert output and output.startswith("SHOULD failed: ")

    def test_failure_tells_what_to_do(self) -> None:
        """A failure has the statement, the CHAT_ID, what came, and a line to repeat it."""
        text = cases("red")["refusal.chat-type"].findtext("failure") or ""
        for part in ("holds for every chat", "CHAT_ID: 12", "got: joined", "curl -sS"):
            assert part in text

    def test_request(self) -> None:
        """A failure without a curl line says what was asked."""
        tree = ElementTree.fromstring(junit_xml(a_report(without_curl(RED))))
        (case,) = tree.findall(".//testcase[@name='refusal.chat-type']")
        line = f'request: POST /rest/1/$B24_WEBHOOK/{METHOD}.json {{"CHAT_ID":12}}'
        assert line in (case.findtext("failure") or "").splitlines()

    def test_illegal_characters_are_visible(self) -> None:
        """Characters that XML cannot have are shown as escapes."""
        failure = cases("red")["safety.no-echo"].find("failure")
        assert failure is not None
        assert "\\u0000\\u001b[31m ]]> \\u202e" in (failure.get("message") or "")


class TestSuites:
    @pytest.mark.parametrize(
        ("name", "counts"),
        [("green", (6, 0, 0, 1)), ("red", (6, 2, 1, 2)), ("cut", (6, 1, 0, 5))],
    )
    def test_counts(self, name: str, counts: tuple[int, ...]) -> None:
        """The counts of the suite are those of its cases."""
        xml = JUnitXml.fromstring(junit_xml(a_report(RUNS[name])).encode())
        assert counts == (xml.tests, xml.failures, xml.errors, xml.skipped)

    def test_a_suite_per_implementation(self) -> None:
        """Each implementation has a suite with what a reader needs to run it again."""
        suites = list(JUnitXml.fromstring(junit_xml(a_report(TWO)).encode()))
        names = [suite.name for suite in suites]
        assert ["http://127.0.0.1:8080", "client:b24pysdk"] == names
        known = {entry.name: entry.value for entry in suites[1].properties()}
        wanted = {"seed": "7", "contract_version": "1.0", "verdict": "nonconformant"}
        assert wanted.items() <= known.items()

    @pytest.mark.parametrize(("events", "complete"), [(GREEN, "true"), (CUT, "false")])
    def test_completeness(self, events: list, complete: str) -> None:  # type: ignore[type-arg]
        """A run that was cut off says so in the properties."""
        suite = next(iter(JUnitXml.fromstring(junit_xml(a_report(events)).encode())))
        assert complete in [e.value for e in suite.properties() if e.name == "complete"]

    def test_nothing_from_outside(self) -> None:
        """The text is one XML document in UTF-8."""
        assert junit_xml(a_report(RED)).startswith('<?xml version="1.0" encoding="utf-8"?>\n')
