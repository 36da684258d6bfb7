"""Sound portals must stay green: whatever a conformant portal may do, no clause is red for it."""

from __future__ import annotations

from functools import cache
from typing import get_args

import pytest
from click.testing import CliRunner

from b24_conformance.contract import load_contract
from b24_conformance.mutants.freedoms import PREFERRED, Departure, Freedoms
from b24_conformance.mutants.gallery import portals
from b24_conformance.mutants.sound import Sound, generated, portal_of, sound_portals
from b24_conformance.soaking import Soaked, bound, main, soak

_PORTALS = sound_portals()
_NAMED = pytest.mark.parametrize("sound", _PORTALS, ids=lambda sound: sound.name)


@cache
def soaked_once(sound: Sound) -> Soaked:
    """What comes of a named portal."""
    return soak(sound, seed=1)


class TestNamedPortals:
    """The portals that have a name because somebody may meet them."""

    @_NAMED
    def test_it_is_conformant(self, sound: Sound) -> None:
        """No clause is red but the SHOULDs that prefer otherwise, and nothing stays open."""
        soaked = soaked_once(sound)
        assert ((), "conformant") == (soaked.reds, soaked.verdict), str(soaked)

    def test_there_are_at_least_twenty(self) -> None:
        """Each kind of freedom has a portal of its own."""
        assert 20 <= len(_PORTALS)

    def test_names_are_unique(self) -> None:
        """A red portal is found again by its name, and no faulty one is found in its place."""
        names = [sound.name for sound in _PORTALS] + [faulty.name for faulty in portals()]
        assert sorted(set(names)) == sorted(names)

    def test_a_second_run_against_the_same_portal_is_green(self) -> None:
        """The chats that the first run joined are joined still."""
        answer = Sound("new", portal_of("new", Freedoms()).make).make()
        same = Sound("same", lambda: answer)
        assert ["conformant"] * 2 == [soak(same, seed=seed).verdict for seed in (1, 2)]


class TestGeneratedPortals:
    """The portals that Hypothesis draws."""

    @pytest.mark.parametrize("seed", range(15))
    def test_it_is_conformant(self, seed: int) -> None:
        """A drawn combination of freedoms is as green as each of them."""
        soaked = soak(generated(seed), seed)
        assert ((), "conformant") == (soaked.reds, soaked.verdict), str(soaked)

    def test_the_same_seed_draws_the_same_portal(self) -> None:
        """A red portal is drawn again by its seed."""
        assert generated(7).note == generated(7).note

    def test_seeds_draw_different_portals(self) -> None:
        """Hardly two portals of a soak are alike."""
        assert 40 == len({generated(seed).note for seed in range(40)})


class TestFreedoms:
    """What is said of the freedoms themselves."""

    def test_every_departure_names_what_prefers_otherwise(self) -> None:
        """No departure is free of the question which SHOULD may be red for it."""
        assert set(get_args(Departure)) == set(PREFERRED)

    def test_only_shoulds_may_prefer_otherwise(self) -> None:
        """A MUST is never excused."""
        shoulds = {clause.id for clause in load_contract().clauses if clause.level == "SHOULD"}
        assert frozenset() == frozenset().union(*PREFERRED.values()) - shoulds

    @pytest.mark.parametrize("name", PREFERRED)
    def test_what_is_excused_does_happen(self, name: Departure) -> None:
        """An excuse that no run needs would hide a false red."""
        (sound,) = (sound for sound in _PORTALS if sound.name == f"departs-{name}")
        assert PREFERRED[name] == soaked_once(sound).excused


class TestSoaking:
    """The command that soaks."""

    def test_it_counts_portals_and_ends_with_success(self) -> None:
        """All green is exit 0 and a line that says how many."""
        result = CliRunner().invoke(main, ["--portals", "1", "--seed", "3"])
        assert (0, "1 sound portals, 0 red") == (result.exit_code, result.output[:22])

    def test_the_bound_is_the_rule_of_three(self) -> None:
        """None red in 1,000 means fewer than 3 in 1,000, at 95 % confidence."""
        assert bound(1000, 0, 374000, 250.0).endswith(
            "rarer than 0.30% of portals (95 % confidence)"
        )

    def test_no_bound_is_claimed_where_something_is_red(self) -> None:
        """A red portal is a defect and not a rate."""
        assert "1000 sound portals, 1 red, 9 requests in 2 s" == bound(1000, 1, 9, 2.0)
