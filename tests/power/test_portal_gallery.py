"""Power: every faulty portal is caught by the clause that names its fault, and soon."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from pathlib import Path
from statistics import median
from typing import Protocol

import pytest
from click.testing import CliRunner, Result
from remembered import remembered

from b24_conformance.command.proving import prove
from b24_conformance.contract import load_contract
from b24_conformance.errors import UsageError
from b24_conformance.gather import gather
from b24_conformance.kill_matrix import MEDIAN_BAR, Matrix, markdown
from b24_conformance.mutants.gallery import Mutant, portal, portals
from b24_conformance.ordering import in_requests
from b24_conformance.proving import GALLERIES, Kill, jobs, matrix, prove_one
from b24_conformance.reference import Portal

KINDS = {
    "CHAT_ID",
    "XML",
    "access",
    "asking",
    "batch",
    "code",
    "corner",
    "envelope",
    "order of checks",
    "state",
    "time",
    "transport",
    "value",
}
SEED = 0
SEEDS = (SEED, 1)


class Proof(Protocol):
    """Examines the mutant of that name under a seed."""

    def __call__(self, name: str, seed: int = SEED) -> Kill: ...


@pytest.fixture(scope="session")
def proven(tmp_path_factory: pytest.TempPathFactory) -> Proof:
    """How a mutant fares: by the telling probes, which are sent first, or else by all.

    Each is examined once; the workers of pytest-xdist share what they find.
    """
    found = remembered(tmp_path_factory, "kills")

    def examined(name: str, seed: int) -> Kill:
        kill = prove_one(portal(name), seed, drawn=0)
        return kill if kill.status == "named" else prove_one(portal(name), seed)

    def kill_of(name: str, seed: int = SEED) -> Kill:
        return found(f"{name}.{seed}", lambda: examined(name, seed))

    return kill_of


class TestGallery:
    """What is on show."""

    def test_size(self) -> None:
        """There are at least 90 faulty portals, of every kind."""
        assert len(portals()) >= 90
        assert {mutant.kind for mutant in portals()} == KINDS

    def test_clauses_covered(self) -> None:
        """Every clause about portals is named by a mutant, and no mutant names another."""
        clauses = {one.id for one in load_contract().clauses if one.applies_to("portal")}
        assert clauses == {mutant.clause for mutant in portals()}

    def test_notes(self) -> None:
        """Each mutant says its fault in one sentence."""
        assert [] == [m.name for m in portals() if not m.note.endswith(".") or "\n" in m.note]

    def test_by_name(self) -> None:
        """A mutant is found by its name, which is its own."""
        assert [mutant.name for mutant in portals()] == [portal(m.name).name for m in portals()]
        assert len(portals()) == len({mutant.name for mutant in portals()})

    def test_fresh(self) -> None:
        """Each making gives a portal that knows nothing of another's joins."""
        untouched = Portal().members(42)
        for mutant in portals():
            first, second = mutant.make(), mutant.make()
            assert first is not second
            if isinstance(first, Portal) and isinstance(second, Portal):
                first.apply_join(1, 42)
                assert untouched == second.members(42)


class TestKilled:
    """Each mutant against the suite."""

    @pytest.mark.parametrize("name", [mutant.name for mutant in portals()])
    def test_for_the_named_reason(self, name: str, proven: Proof) -> None:
        """The clause that names the fault goes red."""
        assert "named" == proven(name).status


class TestSparing:
    """How soon."""

    @pytest.mark.parametrize(
        "name", ["true-as-text", "secret-by-prefix", "second-refusal-differs", "refused-is-stored"]
    )
    def test_count_is_that_of_a_shorter_run(
        self, name: str, proven: Proof, cut: Callable[..., Kill]
    ) -> None:
        """With one request less the named clause is green, with so many it is red."""
        needed = proven(name).to_named
        assert needed is not None
        assert "named" == cut(portal(name), needed).status
        assert "named" != cut(portal(name), needed - 1).status

    @pytest.fixture
    def cut(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[Mutant, int], Kill]:
        """Examines a mutant with no more than so many probes."""

        def examined(mutant: Mutant, most: int) -> Kill:
            def shorter(steps, implementation, sink, *, max_requests=None):  # type: ignore[no-untyped-def]
                alone = chain.from_iterable(map(in_requests, steps))
                return gather(alone, implementation, sink, max_requests=most)

            monkeypatch.setattr("b24_conformance.run.gather", shorter)
            return prove_one(mutant, SEED)

        return examined


class TestProving:
    """The proof itself."""

    def test_reference_survives(self) -> None:
        """The reference portal is no mutant: nothing goes red."""
        sound = Mutant("sound", "none", "refusal.zero", Portal)
        assert ("survived", ()) == (prove_one(sound, SEED).status, prove_one(sound, SEED).failed)

    def test_wrong_reason(self) -> None:
        """A red of other clauses is no kill for the named reason."""
        silent = Mutant("x", "none", "xml.content-type", portal("true-as-text").make)
        assert "wrong reason" == prove_one(silent, SEED).status

    def test_not_started(self) -> None:
        """A mutant that cannot be made, or does not answer at all, has not started."""

        def broken() -> Portal:
            raise ValueError("no")

        mutant = Mutant("x", "none", "refusal.zero", broken)
        assert "not started" == prove_one(mutant, SEED).status

    def test_same_seed_same_kill(self) -> None:
        """The same seed gives the same kill."""
        first, second = (prove_one(portal("long-text-as-type"), 7) for _ in range(2))
        assert first.to_named == second.to_named
        assert first.failed == second.failed

    @pytest.mark.parametrize("name", ["not-stored", "second-refusal-differs", "true-as-text"])
    def test_brief(self, name: str) -> None:
        """A brief examination finds the same reds at the same requests, and sends fewer."""
        whole, brief = (prove_one(portal(name), 3, brief=brief) for brief in (False, True))
        told = [(kill.status, kill.to_named, kill.to_first) for kill in (whole, brief)]
        assert told[0] == told[1]
        assert brief.requests < whole.requests

    def test_brief_survivor(self) -> None:
        """Whoever survives is asked all that there is to ask, in brief as well."""
        sound = Mutant("sound", "none", "refusal.zero", Portal)
        whole, brief = (prove_one(sound, SEED, brief=brief) for brief in (False, True))
        assert (whole.status, whole.requests) == (brief.status, brief.requests)

    def test_jobs(self) -> None:
        """Every gallery is proven under every seed; a pattern picks by name."""
        names = [(job.gallery, job.seed) for job in jobs(range(2), galleries=GALLERIES)]
        assert {(gallery, seed) for gallery in GALLERIES for seed in (0, 1)} == set(names)
        brief = {(job.seed, job.brief) for job in jobs(range(2), galleries=GALLERIES)}
        assert {(0, False), (1, True)} == brief
        picked = jobs([3], only="true-as-*", galleries=["portals"])
        assert {"true-as-text", "true-as-one"} <= {job.name for job in picked}
        assert {3} == {job.seed for job in picked}

    def test_processes_agree(self) -> None:
        """Two processes find what one finds."""
        wanted = jobs([0], only="only-*", galleries=["portals"])
        alone, together = ([*matrix(wanted, processes=n)] for n in (1, 2))
        told = [
            [(one.mutant, one.to_named) for one in r if isinstance(one, Kill)]
            for r in (alone, together)
        ]
        assert told[0] == told[1]


class TestMatrix:
    """The summary and the page."""

    def test_bars_break(self) -> None:
        """A survivor breaks the promise of its level, and only that."""
        kills = [
            Kill("a", 0, "refusal.zero", "named", ("refusal.zero",), 1, 1, 9),
            Kill("b", 0, "php.form", "survived", requests=9),
        ]
        summary = Matrix(kills)
        assert ["SHOULD"] == [bar.promise.split()[0] for bar in summary.bars if not bar.holds]
        assert not summary.holds

    def test_page(self, proven: Proof) -> None:
        """The page has a row for the clause and for the mutant, and a cell for both."""
        page = markdown(Matrix([proven("true-as-text")]))
        assert (
            '| true-as-text | value | Success is the text "true". | success.exactly-true |' in page
        )
        assert "| success.exactly-true | MUST | 1 | 1 of 1 |" in page
        assert any(line.split() == ["success.exactly-true", "#"] for line in page.splitlines())


class TestCommand:
    """`b24-conformance prove`."""

    def invoked(self, *arguments: str) -> Result:
        """One call of the command, in this process only."""
        few = ("--gallery", "portals", "--jobs", "1", *arguments)
        return CliRunner().invoke(prove, few, standalone_mode=False)

    def test_promises_kept(self) -> None:
        """All promises kept: 0, and the clause has its row."""
        result = self.invoked("--only", "true-as-text")
        assert 0 == result.return_value
        assert any(
            line.split()[:3] == ["success.exactly-true", "MUST", "1"] for line in _lines(result)
        )

    def test_quiet(self) -> None:
        """Quiet prints the promises only."""
        lines = _lines(self.invoked("--only", "true-as-text", "--quiet"))
        assert "promise" == lines[0].split()[0]
        assert not any("success.exactly-true" in line for line in lines)

    def test_page_written(self, tmp_path: Path) -> None:
        """The page is written where it is asked for."""
        page = tmp_path / "matrix.md"
        self.invoked("--only", "true-as-*", "--write", str(page))
        assert page.read_text(encoding="utf-8").startswith("# Kill matrix")

    def test_broken_promise(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A mutant that survives is named, and the exit code is 1."""
        survivor = Kill("true-as-text", 0, "success.exactly-true", "survived", requests=9)
        monkeypatch.setattr("b24_conformance.command.proving.matrix", lambda *_, **__: [survivor])
        result = self.invoked("--only", "true-as-text")
        assert 1 == result.return_value
        assert "survived: true-as-text (success.exactly-true) with seeds 0" in result.output

    def test_nothing_matches(self) -> None:
        """A pattern that matches no mutant is an error of use."""
        assert isinstance(self.invoked("--only", "nobody").exception, UsageError)


def _lines(result: Result) -> list[str]:
    return [line for line in result.output.splitlines() if line.strip()]


class TestNoClauseInVain:
    """Every clause earns its place."""

    def test_alone_or_first(self, proven: Proof) -> None:
        """Every clause has a faulty portal that it alone, or it first, catches."""
        kills = [proven(mutant.name) for mutant in portals()]
        telling = {k.clause for k in kills if k.failed == (k.clause,) or k.to_named == k.to_first}
        assert set() == {kill.clause for kill in kills} - telling


@pytest.mark.parametrize("seed", SEEDS)
class TestRequestsToTheFirstKill:
    """Over the whole gallery; last, when the others have examined it.

    How late the last ones show is asked of the blind gallery: here each question has its mutant.
    """

    def test_median(self, seed: int, proven: Proof) -> None:
        """The median of the requests to the first kill is at most 10."""
        assert median(_to_first(seed, proven)) <= MEDIAN_BAR


def _to_first(seed: int, proven: Proof) -> list[int]:
    found = Matrix(proven(mutant.name, seed) for mutant in portals()).to_first("portals")
    assert len(portals()) == len(found)
    return found
