"""Power: every faulty client is caught by the clause that names its fault, no sound one is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from b24_conformance.contract import load_contract
from b24_conformance.events import Event, Judged
from b24_conformance.mutants.clients import (
    Entry,
    faulty_clients,
    implementation,
    sound_clients,
)
from b24_conformance.options import Options
from b24_conformance.run import examine

Findings = dict[str, Judged]


def judged(entry: Entry) -> Findings:
    """What each clause says of a client; of a faulty one only the clause that names its fault."""
    events: list[Event] = []
    options = Options(clauses=(entry.clause,) if entry.clause else (), shrink=False)
    with implementation(entry) as client:
        examine(client, load_contract(), options, events.append)
    return {event.clause: event for event in events if isinstance(event, Judged)}


@pytest.fixture(scope="module")
def findings(request: pytest.FixtureRequest) -> Iterator[Callable[[Entry], Findings]]:
    """Judges the clients of all chosen tests at once: most of the time each of them waits."""
    chosen = [item.callspec for item in request.session.items if hasattr(item, "callspec")]
    entries = [spec.params["entry"] for spec in chosen if "entry" in spec.params]
    with ThreadPoolExecutor(4) as pool:
        futures: dict[str, Future[Findings]] = {
            entry.name: pool.submit(judged, entry) for entry in entries if isinstance(entry, Entry)
        }
        yield lambda entry: futures[entry.name].result()


class TestFaulty:
    """Clients with one named fault."""

    @pytest.mark.parametrize("entry", faulty_clients(), ids=lambda entry: entry.name)
    def test_named_clause_is_red(self, entry: Entry, findings: Callable[[Entry], Findings]) -> None:
        """The clause that names the fault fails."""
        assert "failed" == findings(entry)[entry.clause].status

    def test_how_many(self) -> None:
        """There are at least 25 of them, and each clause of clients names one."""
        named = {entry.clause for entry in faulty_clients()}
        clauses = {c.id for c in load_contract().clauses if c.side == "client"}
        assert len(faulty_clients()) >= 25
        assert set() == clauses - named


class TestSound:
    """Clients that differ in every way that is allowed."""

    @pytest.mark.parametrize("entry", sound_clients(), ids=lambda entry: entry.name)
    def test_green(self, entry: Entry, findings: Callable[[Entry], Findings]) -> None:
        """No MUST fails, nor any SHOULD but those that prefer otherwise; all MUST are judged."""
        found = findings(entry)
        assert entry.shoulds == {c for c, one in found.items() if one.status == "failed"}
        unjudged = {c for c, one in found.items() if one.required and one.status != "passed"}
        assert set() == unjudged - entry.shoulds

    def test_how_many(self) -> None:
        """There are a dozen or more."""
        assert len(sound_clients()) >= 12
