"""Shrinking: smaller CHAT_IDs for a finding, within bounds, asking nothing twice."""

from __future__ import annotations

import re

import pytest

from b24_conformance import shrink
from b24_conformance.chat_ids import makers
from b24_conformance.contract import load_contract
from b24_conformance.declaration import Chats, Declaration, Person
from b24_conformance.exchange import Exchange, Request
from b24_conformance.implementations.base import Implementation
from b24_conformance.judge import Trial, judge
from b24_conformance.judgement import Judgement
from b24_conformance.outcome import JOINED, Outcome, refused
from b24_conformance.probe import Probe
from b24_conformance.shrink import Shrinker
from b24_conformance.suite import Wants, as_probes
from b24_conformance.transcript import Observation, Transcript

DECLARATION = Declaration(
    "portal", stand_in=True, rung="new", people={"operator": Person(1, Chats(joined=(7,)))}
)
TEXTS = Wants(drawn=as_probes(makers.text_without_digits))
CHAT_ID = refused("CHAT_ID", 400)


class Fussy(Implementation):
    """Joins whatever matches a pattern."""

    def __init__(self, pattern: str) -> None:
        super().__init__(DECLARATION)
        self._pattern = re.compile(pattern)
        self.asked: list[Probe] = []

    def ask(self, probe: Probe) -> Observation:
        self.asked.append(probe)
        outcome: Outcome = JOINED if self._pattern.search(probe.literal) else CHAT_ID
        exchange = Exchange(len(self.asked), Request("POST", "/"))
        return self._observe(probe, outcome, (exchange,))


def shrunk(implementation: Fussy, *literals: str, wants: Wants = TEXTS) -> list[str]:
    """The literals of all findings after shrinking, the smallest first."""
    seen: list[Observation] = []
    clause = load_contract().clause("refusal.text")
    transcript = Transcript(tuple(implementation.ask(Probe(text)) for text in literals))
    judgement = judge(clause, Trial(DECLARATION, transcript))
    shrinker = Shrinker(implementation, transcript, seen.append)
    shrinker.shrink(judgement, wants, 0)
    assert [*transcript.observations, *seen] == shrinker.observations
    found = judge(clause, Trial(DECLARATION, Transcript(tuple(shrinker.observations))))
    return sorted((f.observation.probe.literal for f in found.findings), key=len)


class TestShrinker:
    """The smallest CHAT_ID that shows a finding."""

    def test_smaller(self) -> None:
        """A long text that fails becomes a shorter one that fails."""
        long = '"' + "x" * 40 + 'Q"'
        assert len(shrunk(Fussy("Q|[a-z]"), long)[0]) <= 4

    def test_every_probe_breaks_the_clause_or_is_known(self) -> None:
        """What was asked before is not asked again."""
        implementation = Fussy("[a-z]")
        shrunk(implementation, '"abc"', '"abcdef"')
        assert len(implementation.asked) == len(set(implementation.asked))

    def test_budget(self) -> None:
        """Shrinking a clause stays within its budget."""
        implementation = Fussy("Qx*Q")
        shrunk(implementation, '"QxxxxxxxxxxxxxxxxxxxxxxxxxxxxxQ"')
        assert 1 + shrink._REQUESTS_A_CLAUSE >= len(implementation.asked)

    def test_budget_of_all_clauses(self) -> None:
        """All clauses together stay within theirs."""
        implementation = Fussy("[a-zA-Z]")
        transcript = Transcript((implementation.ask(Probe('"' + "zZ" * 20 + '"')),))
        shrinker = Shrinker(implementation, transcript, print)
        clause = load_contract().clause("refusal.text")
        judgement = judge(clause, Trial(DECLARATION, transcript))
        for seed in range(20):
            shrinker.shrink(judgement, TEXTS, seed)
        assert 1 + shrink._REQUESTS_IN_ALL >= len(implementation.asked)

    def test_same_seed(self) -> None:
        """The same seed asks the same."""
        one, two = Fussy("[aeiou]"), Fussy("[aeiou]")
        shrunk(one, '"umbrella"')
        shrunk(two, '"umbrella"')
        assert one.asked == two.asked

    @pytest.mark.parametrize(
        "wants", [Wants(), Wants(drawn=TEXTS.drawn, shrinks=False)], ids=["nothing", "fixed"]
    )
    def test_what_does_not_shrink(self, wants: Wants) -> None:
        """A clause that draws nothing, or says that it does not shrink, is left as it is."""
        implementation = Fussy("[a-z]")
        assert ['"abcdef"'] == shrunk(implementation, '"abcdef"', wants=wants)
        assert 1 == len(implementation.asked)

    def test_without_findings(self) -> None:
        """A clause without findings asks nothing."""
        implementation = Fussy("Q")
        shrinker = Shrinker(implementation, Transcript(), print)
        shrinker.shrink(Judgement("refusal.text", "passed"), TEXTS, 0)
        assert [] == implementation.asked
