"""Rules of false joins: what cannot be a chat to join is joined by no way of asking."""

from __future__ import annotations

import msgspec
import pytest
from observations import CHAT_ID, CHAT_TYPE, DECLARATION, DENIED, JOINED, Case, Rules, judged, p

from b24_conformance import ways
from b24_conformance.probe import Probe

CLAUSE = "refusal.never-joined"
ABSENT = "refusal.absent-never-joined"
CONTRAST = (p(2045), JOINED)
REFUSED = (p(999999999), CHAT_ID)
FAR = 2**53 + 2**31 + 1
UNKNOWN = (("LANG", '"ru"'),)


def case(probe: Probe) -> Case:
    """The probe refused, and then joined."""
    other = p(2045, asking=probe.asking)
    return Case(CLAUSE, [(probe, CHAT_ID), (other, JOINED)], [(probe, JOINED)])


CASES = [
    *(case(p(literal)) for literal in ("null", "false", "[]", "{}", '"12"', '"2050x"')),
    case(p(12, asking=ways.POSTED_QUERY)),
    case(p(0, asking=ways.DOUBLE_SLASH)),
    case(p(2050, asking=ways.BEARER)),
    case(p(12, extra=UNKNOWN)),
    case(p(12, key="chat_id")),
]


class TestRules(Rules):
    """Each way of asking, kept and broken."""

    @pytest.fixture(params=CASES, ids=lambda case: str(case.kept[0][0].literal))
    def case(self, request: pytest.FixtureRequest) -> Case:
        """A clause with what keeps it and what breaks it."""
        return request.param  # type: ignore[no-any-return]


class TestWhatMayBeJoined:
    """Some reading of CHAT_ID may be a chat to join: then a join is no false one."""

    @pytest.mark.parametrize(
        "probe",
        [
            p('"2045"'),
            p("true"),
            p("[12]"),
            p("12.5"),
            p("[2045,12]"),
            p('"12e3"'),
            p('"77"'),
            p(12, beside="2045"),
            p(2045, asking=ways.POSTED_QUERY),
        ],
    )
    def test_by_some_reading(self, probe: Probe) -> None:
        """What a careless reader takes for such a chat, or for one that nobody declared."""
        assert "not_checked" == judged(CLAUSE, [(probe, JOINED), CONTRAST]).status

    @pytest.mark.parametrize("probe", [p(12), p(0), p(None), p('"abc"'), p(2050, asking=ways.FORM)])
    def test_others_say_it(self, probe: Probe) -> None:
        """Of what is asked as documented, other clauses say what must be answered."""
        assert "not_checked" == judged(CLAUSE, [(probe, JOINED), CONTRAST]).status

    def test_any_refusal_will_do(self) -> None:
        """Which code it is, others say."""
        asked = [(p("null"), DENIED), (p('"12"'), CHAT_TYPE), CONTRAST]
        assert "passed" == judged(CLAUSE, asked).status

    def test_needs_a_contrast(self) -> None:
        """A portal that refuses everything shows nothing by it."""
        assert "not_checked" == judged(CLAUSE, [(p("null"), CHAT_ID)]).status


class TestFarIds:
    """An id that is so high is nobody's, declared or not."""

    @pytest.mark.parametrize("literal", [FAR, f'"{FAR}"', "9" * 19, "9" * 400])
    def test_joined(self, literal: object) -> None:
        """Whoever refuses a declared absent chat must not join one of these."""
        assert "failed" == judged(ABSENT, [(p(literal), JOINED), REFUSED]).status

    def test_any_refusal_will_do(self) -> None:
        """Nothing else is demanded."""
        assert "passed" == judged(ABSENT, [(p(FAR), DENIED), REFUSED, CONTRAST]).status

    def test_where_no_absent_chat_was_refused(self) -> None:
        """A portal may be one that knows no absent chats."""
        assert "not_checked" == judged(ABSENT, [(p(FAR), JOINED), CONTRAST]).status

    @pytest.mark.parametrize("literal", [2**53, 10**12, 2**60 + 2045])
    def test_not_so_far(self, literal: int) -> None:
        """Lower ids may be chats, and low bits may name one."""
        assert "passed" == judged(ABSENT, [(p(literal), JOINED), REFUSED, CONTRAST]).status

    def test_live(self) -> None:
        """Live portals are not asked for them."""
        live = msgspec.structs.replace(DECLARATION, stand_in=False)
        assert "passed" == judged(ABSENT, [(p(FAR), JOINED), REFUSED, CONTRAST], live).status
