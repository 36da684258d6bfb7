"""CHAT_ID in every report: none at all, an empty text, and one without an end."""

from __future__ import annotations

import json

import msgspec
import pytest
from handmade_runs import PORTAL, a_contract, a_report, an_exchange, begun, ended, judged, started

from b24_conformance.command.console import Teller
from b24_conformance.events import Event, Evidence
from b24_conformance.probe import Probe
from b24_conformance.redaction import Redaction
from b24_conformance.reports.junit import junit_xml
from b24_conformance.reports.page import page_html
from b24_conformance.reports.results import encode_results, results
from b24_conformance.reports.summary import summary_md

EMPTY = ("", "CHAT_ID=")
BLANKS = ("  ", "CHAT_ID=++")
ABSENT = ("(absent)", "{}")
SHOWN = [
    (ABSENT, "(absent)"),
    (EMPTY, '""'),
    (BLANKS, '"  "'),
]
CLAUSE = "safety.no-echo"


def a_run(chat_id: str, body: str) -> list[Event]:
    """A run with one failure over a CHAT_ID that was sent in this body."""
    exchange = an_exchange(2)
    request = msgspec.structs.replace(exchange.request, body=body)
    wire = msgspec.to_builtins(msgspec.structs.replace(exchange, request=request))
    proof = Evidence(chat_id, "CHAT_ID", "joined", wire, None)
    line = "NONCONFORMANT: 0 of 1 MUST"
    failed = judged(PORTAL, CLAUSE, "failed", evidence=proof)
    return [begun(), started(PORTAL), failed, ended(PORTAL, "nonconformant", line)]


@pytest.mark.parametrize(("sent", "shown"), SHOWN)
class TestShown:
    """What a reader sees in the place of CHAT_ID."""

    def test_summary(self, sent: tuple[str, str], shown: str) -> None:
        """The table of failures tells them apart."""
        row = next(r for r in summary_md(a_report(a_run(*sent))).splitlines() if "joined" in r)
        assert f"| `{shown}` |" in row

    def test_junit(self, sent: tuple[str, str], shown: str) -> None:
        """So does the text of a failure."""
        text = junit_xml(a_report(a_run(*sent))).replace("&quot;", '"')
        assert f"CHAT_ID: {shown}\n" in text

    def test_page(self, sent: tuple[str, str], shown: str) -> None:
        """So does the page."""
        text = page_html(a_report(a_run(*sent))).replace("&#34;", '"')
        assert f"<dt>CHAT_ID</dt><dd><code>{shown}</code></dd>" in text


class TestLiteral:
    """What a probe says of its CHAT_ID."""

    def test_absent(self) -> None:
        """A parameter that is left out and a whole body that is empty are none at all."""
        assert ["(absent)"] * 2 == [Probe().literal, Probe("", raw=True).literal]

    def test_empty(self) -> None:
        """An empty text is one."""
        assert Probe("").literal == ""


class TestTerminal:
    """What a run says of a failure."""

    @pytest.mark.parametrize(("sent", "shown"), SHOWN)
    def test_same_words(
        self, sent: tuple[str, str], shown: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The terminal has the same words for it as the reports."""
        proof = next(e.evidence for e in a_run(*sent) if getattr(e, "evidence", None))
        teller = Teller(Redaction({}))
        event = judged(PORTAL, "refusal.absent", "failed", evidence=proof)
        teller.tell(event)
        teller.conclude([ended(PORTAL, "nonconformant", "NONCONFORMANT")], None)
        teller.close()
        assert f"  CHAT_ID   {shown}\n" in capsys.readouterr().out


class TestResults:
    """results.json, which programs read."""

    @pytest.mark.parametrize(
        ("sent", "literal"),
        [
            (ABSENT, "(absent)"),
            (EMPTY, ""),
            (BLANKS, "  "),
        ],
    )
    def test_literal(self, sent: tuple[str, str], literal: str) -> None:
        """A text stays as it was sent, and none at all is told apart from an empty one."""
        value = json.loads(encode_results(results(a_run(*sent), a_contract())))
        clauses = value["implementations"][0]["clauses"]
        proof = next(one["evidence"] for one in clauses if one["id"] == CLAUSE)
        assert literal == proof["chat_id"]


class TestLong:
    """A CHAT_ID of thousands of characters."""

    @pytest.mark.parametrize("render", [summary_md, page_html])
    def test_its_ends(self, render: object) -> None:
        """People are shown its beginning and its end, and how much is missing."""
        noughts = '"' + "0" * 5000 + '"'
        text = render(a_report(a_run(noughts, "{}")))  # type: ignore[operator]
        assert "… (4802 more characters) …" in text
        assert "0" * 1000 not in text
