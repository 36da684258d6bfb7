"""Power over faults that nobody chose for our questions: a portal in PHP, written in the blind."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from remembered import remembered

from b24_conformance.command.proving import prove
from b24_conformance.contract import load_contract
from b24_conformance.errors import UsageError
from b24_conformance.implementations.building import Asked
from b24_conformance.kill_matrix import MEDIAN_BAR, P95_BAR, Matrix, markdown, p95
from b24_conformance.mutants import blind
from b24_conformance.proving import Kill, Status, prove_blind
from b24_conformance.soaking import examined

ENTRIES = blind.entries().values()
LEVELS = {clause.id: clause.level for clause in load_contract().clauses}
needs_php = pytest.mark.skipif(bool(blind.missing()), reason=f"NOT TESTED: {blind.missing()}")

Proof = Callable[[blind.Entry], Kill]


@pytest.fixture(scope="session")
def proven(tmp_path_factory: pytest.TempPathFactory) -> Proof:
    """How a fault fares, examined once; the workers of pytest-xdist share what they find."""
    found = remembered(tmp_path_factory, "blind")
    return lambda entry: found(entry.name, lambda: prove_blind(entry, 0, brief=True))


class TestCatalogue:
    """What is on show."""

    def test_size(self) -> None:
        """There are over a hundred faults and forty freedoms, each with a sentence of its own."""
        assert len(blind.faults()) >= 100
        assert len(blind.freedoms()) >= 40
        assert len(ENTRIES) == len({entry.what for entry in ENTRIES})

    def test_clauses(self) -> None:
        """Every fault has its author's level and clauses that forbid it; a freedom has neither."""
        assert [] == [one.name for one in blind.faults() if not one.level or not one.clauses]
        assert set() == {clause for one in ENTRIES for clause in one.clauses} - set(LEVELS)
        assert [] == [one.name for one in blind.freedoms() if one.level or one.clauses]

    def test_must(self) -> None:
        """What its author calls a MUST is forbidden by a MUST."""
        musts = [one for one in blind.faults() if one.level == "MUST"]
        assert [] == [m.name for m in musts if not any(LEVELS[c] == "MUST" for c in m.clauses)]


@needs_php
class TestPortal:
    """The portal in PHP."""

    def test_plain(self) -> None:
        """Without a switch it is sound."""
        portal = blind.implementation(None, Asked(seed=0))
        soaked = examined(portal, 0, (), "")
        assert ((), "conformant") == (soaked.reds, soaked.verdict), str(soaked)

    def test_ends(self) -> None:
        """Nobody listens any more when the implementation is closed."""
        portal = blind.implementation(None, Asked(seed=0))
        parts = urlsplit(portal.declaration.address)
        portal.close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((parts.hostname, parts.port))


class TestWithoutPhp:
    """A machine that has no PHP."""

    def test_said(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """The gallery says what is missing, and how it is installed."""
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(UsageError, match="make system"):
            blind.implementation(None, Asked())

    def test_proof(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """A proof of all galleries says that this one was not proven, and one of it is refused."""
        monkeypatch.setenv("PATH", str(tmp_path))
        some = ("--only", "true-as-text", "--jobs", "1")
        result = CliRunner().invoke(prove, some, standalone_mode=False)
        assert 0 == result.return_value
        assert "NOT PROVEN: the blind gallery" in result.output
        alone = CliRunner().invoke(prove, ("--gallery", "blind", *some), standalone_mode=False)
        assert isinstance(alone.exception, UsageError)


class TestMatrix:
    """What the kill matrix says of it."""

    def kill(self, name: str, came: Status, to_first: int | None) -> Kill:
        """How a fault of the blind gallery fared."""
        clause = blind.entries()[name].clauses[0]
        return Kill(name, 0, clause, came, to_first=to_first, to_named=to_first, gallery="blind")

    def test_levels(self) -> None:
        """A fault counts by its author's level, and a late one breaks the bar of lateness only."""
        kills = [self.kill("true-as-string", "named", 3), self.kill("rounded", "survived", None)]
        kills.append(self.kill("no-cors", "named", 61))
        told = {bar.promise: (bar.came, bar.holds) for bar in Matrix(kills).bars}
        assert {
            "blind MUST mutants killed for the named reason: 100%": ("1 of 1 (100.00%)", True),
            "blind SHOULD mutants killed for the named reason: 98%": ("1 of 2 (50.00%)", False),
            "every mutant starts and is judged": ("0 did not", True),
            "blind mutants, requests to the first kill, median: at most 10": ("32 (p95 61)", False),
            "blind mutants, requests to the first kill, p95: at most 60": ("61", False),
        } == told

    def test_page(self) -> None:
        """The page has a row for the fault, and says what is left alone, and why."""
        page = markdown(Matrix([self.kill("rounded", "named", 5)]))
        assert "| rounded | blind: reading of CHAT_ID | A fraction is rounded" in page
        assert all(entry.disputed in page for entry in blind.disputed())

    def test_same_name(self) -> None:
        """Two galleries may each have a fault of that name."""
        ours = Kill("rounded", 0, "php.numbers", "named", to_first=1, to_named=1)
        (row,) = (r for r in Matrix([ours, self.kill("rounded", "named", 5)]).rows if r.mutants)
        assert ("php.numbers", 2) == (row.clause, row.mutants)


class TestDisputed:
    """What the suite leaves alone."""

    def test_why(self) -> None:
        """Each disputed fault has its reason, and there are few of them."""
        assert 5 >= len(blind.disputed())
        assert [] == [entry.name for entry in blind.disputed() if not entry.disputed.endswith(".")]


@needs_php
class TestKilled:
    """Each fault against the suite."""

    @pytest.mark.parametrize("entry", blind.faults(), ids=lambda entry: entry.name)
    def test_for_a_named_reason(self, entry: blind.Entry, proven: Proof) -> None:
        """One of the clauses that forbid the fault goes red."""
        assert "named" == proven(entry).status


@needs_php
class TestSound:
    """Each freedom against the suite."""

    @pytest.mark.parametrize("entry", blind.freedoms(), ids=lambda entry: entry.name)
    def test_it_is_conformant(self, entry: blind.Entry) -> None:
        """No clause is red but the SHOULDs that prefer otherwise, and nothing stays open."""
        portal = blind.implementation(entry, Asked(seed=1))
        soaked = examined(portal, 1, (), entry.what)
        assert ((), "conformant") == (soaked.reds, soaked.verdict), str(soaked)


@needs_php
class TestRequestsToTheFirstKill:
    """How soon; last, when the others have examined the gallery."""

    def test_bars(self, proven: Proof) -> None:
        """The median is at most 10, and all but one in twenty show within 60 requests."""
        numbers = Matrix(map(proven, blind.faults())).to_first("blind")
        assert median(numbers) <= MEDIAN_BAR
        assert p95(numbers) <= P95_BAR
