"""Power: shrinking ends at the smallest CHAT_ID that shows the fault."""

from __future__ import annotations

import json

import pytest

from b24_conformance.contract import load_contract
from b24_conformance.events import Event, Judged, Observed
from b24_conformance.implementations import embedded
from b24_conformance.implementations.building import Asked
from b24_conformance.mutants.gallery import portal
from b24_conformance.options import Options
from b24_conformance.reference import Portal
from b24_conformance.run import examine

SEEDS = range(5)


def told(name: str, seed: int) -> Judged:
    """What the named clause says of a mutant after shrinking."""
    mutant = portal(name)
    made = mutant.make()
    assert isinstance(made, Portal)
    events: list[Event] = []
    with embedded.in_process(name, made.answer, Asked(seed=seed)) as implementation:
        options = Options(clauses=(mutant.clause,), seed=seed)
        examine(implementation, load_contract(), options, events.append)
    (judged,) = [event for event in events if isinstance(event, Judged)]
    assert "failed" == judged.status
    assert len([event for event in events if isinstance(event, Observed)]) < 200
    return judged


def smallest(name: str, seed: int) -> str:
    """The CHAT_ID in the evidence."""
    judged = told(name, seed)
    assert judged.evidence is not None
    return judged.evidence.chat_id


@pytest.mark.parametrize("seed", SEEDS)
class TestSmallest:
    """The evidence holds the smallest CHAT_ID, under any seed."""

    def test_negative(self, seed: int) -> None:
        """Negative ids below -1000 are joined: the smallest of them is -1001."""
        assert "-1001" == smallest("far-negative-joined", seed)

    def test_every_negative(self, seed: int) -> None:
        """All negative ids are joined: -1 says so."""
        assert "-1" == smallest("negative-joined", seed)

    def test_text(self, seed: int) -> None:
        """Text of more than five characters is joined: the smallest has six."""
        assert 6 == len(json.loads(smallest("long-text-is-some-chat", seed)))

    def test_script(self, seed: int) -> None:
        """Text in another script is joined: one letter says so."""
        assert 1 == len(json.loads(smallest("other-scripts-are-some-chat", seed)))

    def test_absolute_value(self, seed: int) -> None:
        """The sign is lost: the finding is the mirror of a declared chat with fewest digits."""
        assert len(smallest("absolute-value", seed)) <= len("-12")
