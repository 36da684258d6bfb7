"""Rules of state: kept and broken cases."""

from __future__ import annotations

import msgspec
import pytest
from observations import (
    DECLARATION,
    DENIED,
    JOINED,
    Asked,
    Came,
    Case,
    Rules,
    broken,
    judged,
    listed,
    p,
    refused,
    transcript,
)

from b24_conformance import ways
from b24_conformance.contract import load_contract
from b24_conformance.histories import A_MOMENT_LATER
from b24_conformance.judge import Trial, judge
from b24_conformance.judgement import Judgement
from b24_conformance.outcome import Outcome
from b24_conformance.probe import MEMBERS, Asking
from b24_conformance.transcript import Transcript


def watched(chat: int, came: Came, before: tuple[int, ...], after: tuple[int, ...]) -> list[Asked]:
    """A join between two looks at the participants."""
    return [
        listed(chat, *before, occasion="before"),
        (p(chat), came),
        listed(chat, *after, occasion="after"),
    ]


def by_proxy(after: tuple[int, ...]) -> list[Asked]:
    """A join in another user's name between two looks."""
    probe = p(2043, extra=(("USER_ID", "2"),))
    return [listed(2043, 3, occasion="before"), (probe, JOINED), listed(2043, *after)]


OPENED: list[Asked] = [(p(2044, operator="colleague"), DENIED), (p(2044), JOINED)]
LATER = p(2044, operator="colleague", occasion="later")
CASES = [
    Case(
        "success.participant",
        watched(2043, JOINED, (3,), (1, 3)),
        watched(2043, JOINED, (3,), (3,)),
    ),
    Case(
        "success.participant",
        [*watched(2045, JOINED, (1,), (1,)), listed(2050, 3)],
        [*watched(2045, JOINED, (1,), ()), listed(2050, 3)],
    ),
    Case(
        "state.refusal-changes-nothing",
        watched(2050, DENIED, (3,), (3,)),
        watched(2050, DENIED, (3,), (1, 3)),
    ),
    Case(
        "state.join-is-own",
        watched(2043, JOINED, (3,), (1, 3)),
        watched(2043, JOINED, (3,), (1, 2, 3)),
    ),
    Case(
        "state.join-is-own",
        watched(2045, JOINED, (1, 3), (1, 3)),
        watched(2045, JOINED, (1, 3), (1,)),
    ),
    Case("proxy.nobody-joined", by_proxy((1, 3)), by_proxy((1, 2, 3))),
    Case("proxy.nobody-joined", by_proxy((1, 3)), by_proxy((2, 3))),
    Case(
        "state.colleague-unaffected",
        [*OPENED, (LATER, DENIED)],
        [*OPENED, (LATER, JOINED)],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.clause)
class TestRules(Rules):
    """Each rule passes what keeps its clause and fails what breaks it."""


def resumed(clause: str, asked: list[Asked], place: int) -> Judgement:
    """The judgement over a run that was ended before `place` and resumed there."""
    legs = Transcript(
        tuple(
            msgspec.structs.replace(one, leg=int(one.index >= place))
            for one in transcript(asked).observations
        )
    )
    return judge(load_contract().clause(clause), Trial(DECLARATION, legs))


class TestLateLists:
    """Nobody knows whether a portal's list is in time."""

    @pytest.mark.parametrize(
        ("occasion", "status"), [(A_MOMENT_LATER, "passed"), ("after all", "failed")]
    )
    def test_further_look(self, occasion: str, status: str) -> None:
        """Who is shown a moment later took part all the time; who is shown much later did not."""
        asked = [*watched(2043, JOINED, (3,), (3,)), listed(2043, 1, 3, occasion=occasion)]
        assert status == judged("success.participant", asked).status

    def test_others(self) -> None:
        """Who is shown only when somebody else has joined is no stranger, for he joined before."""
        theirs = (p(2043, operator="colleague"), JOINED)
        asked = [*watched(2043, JOINED, (3,), (3,)), theirs, listed(2043, 1, 2, 3)]
        assert "passed" == judged("state.join-is-own", asked).status


def on_pages(asked: list[Asked]) -> list[Asked]:
    """The same, where every list of participants goes on on further pages."""
    return [(probe, came._replace(outcome=_with_more(came.outcome))) for probe, came in asked]


def _with_more(outcome: Outcome) -> Outcome:
    return msgspec.structs.replace(outcome, more=outcome.kind == "members")


class TestPages:
    """Lists of participants of which only the first page was read."""

    @pytest.mark.parametrize("case", CASES[:7], ids=lambda case: case.clause)
    def test_not_on_the_page(self, case: Case) -> None:
        """Who is not on it may take part, before and afterwards."""
        assert "failed" != judged(case.clause, on_pages(case.broken)).status

    def test_nothing_seen(self) -> None:
        """That nobody changed is not seen either, and the reason says what to do."""
        asked = on_pages(watched(2043, JOINED, (3,), (3,)))
        told = [judged(id_, asked) for id_ in ("success.participant", "state.join-is-own")]
        assert ["not_checked"] * 2 == [one.status for one in told]
        assert all("page by page" in str(one.reason) for one in told)

    def test_on_the_page(self) -> None:
        """Who is on it takes part."""
        asked = on_pages(watched(2043, JOINED, (3,), (1, 3)))
        assert "passed" == judged("success.participant", asked).status


class TestLegs:
    """Anything may happen between two legs of a run: a portal begins afresh, people come and go."""

    @pytest.mark.parametrize("case", CASES, ids=lambda case: case.clause)
    def test_look_after_the_break(self, case: Case) -> None:
        """What is seen after the break proves nothing against a join before it."""
        assert "failed" != resumed(case.clause, case.broken, 2).status

    @pytest.mark.parametrize("case", CASES[2:7], ids=lambda case: case.clause)
    def test_look_before_the_break(self, case: Case) -> None:
        """Whoever took part before the break is not compared with those who do afterwards."""
        assert "failed" != resumed(case.clause, case.broken, 1).status

    @pytest.mark.parametrize("case", CASES, ids=lambda case: case.clause)
    @pytest.mark.parametrize("kept", [True, False])
    def test_whole_in_the_later_leg(self, case: Case, kept: bool) -> None:
        """What was asked in one leg is judged as ever, whatever was asked before."""
        asked = [*case.kept[:1], *(case.kept if kept else case.broken)]
        assert ("passed" if kept else "failed") == resumed(case.clause, asked, 1).status

    @pytest.mark.parametrize(("place", "status"), [(1, "not_checked"), (2, "failed")])
    def test_same_question_again(self, place: int, status: str) -> None:
        """Another answer to the same question counts within a leg only."""
        asked = [(p(2050), DENIED), (p(2050, occasion="again"), JOINED), (p(12), DENIED)]
        assert status == resumed("consistency.same-answer", asked, place).status


class TestLater:
    """What becomes of it after the first look."""

    @pytest.mark.parametrize(("late", "status"), [((1, 3), "passed"), ((3,), "failed")])
    def test_stays(self, late: tuple[int, ...], status: str) -> None:
        """Whoever has joined is still there later, whatever was answered in between."""
        again = (p(2043, occasion="again"), DENIED)
        asked = [*watched(2043, JOINED, (3,), (1, 3)), again, listed(2043, *late, occasion="late")]
        assert status == judged("success.participant", asked).status

    @pytest.mark.parametrize(("late", "status"), [((1, 3), "passed"), ((1,), "failed")])
    def test_nobody_fades_away(self, late: tuple[int, ...], status: str) -> None:
        """Without a join between two looks nobody is gone at the second."""
        asked = [*watched(2043, JOINED, (3,), (1, 3)), listed(2043, *late, occasion="late")]
        assert status == judged("state.join-is-own", asked).status

    @pytest.mark.parametrize("before", [(), (3,)])
    def test_closed_to_the_colleague(self, before: tuple[int, ...]) -> None:
        """After another's join nobody is in the chat to whom it is declared closed."""
        asked = watched(2044, JOINED, before, (1, 2, 3))
        assert "failed" == judged("state.join-is-own", asked).status
        assert "failed" != judged("state.join-is-own", watched(2044, JOINED, (), (1, 3))).status


class TestPreconditions:
    """When a list of participants proves nothing."""

    def test_always_a_participant(self) -> None:
        """Who is in every list that was seen may have been there all along."""
        asked = watched(2045, JOINED, (1,), (1,))
        assert "not_checked" == judged("success.participant", asked).status

    @pytest.mark.parametrize("chat", [2050, 12, 999999999, 7000, "-1"])
    def test_joined_though_it_should_not(self, chat: int | str) -> None:
        """Where no join was demanded the wrong `true` is the fault, and no list of participants."""
        asked = [listed(2043, 3), (p(chat), JOINED), listed(int(chat), occasion="after")]
        assert "not_checked" == judged("success.participant", asked).status

    def test_refusal_without_a_look_before(self) -> None:
        """Without a look before the refusal, the look after it proves nothing."""
        asked = [(p(2050), DENIED), listed(2050, 1, 3)]
        assert "not_checked" == judged("state.refusal-changes-nothing", asked).status

    def test_joined_in_between(self) -> None:
        """Who was refused and then joined may be a participant."""
        asked = [listed(2043, 3), (p(2043), DENIED), (p(2043), JOINED), listed(2043, 1, 3)]
        assert "failed" != judged("state.refusal-changes-nothing", asked).status

    def test_colleagues_come_and_go_on_a_live_portal(self) -> None:
        """On a live portal strangers in a chat are nobody's fault; a known user still is."""
        live = msgspec.structs.replace(DECLARATION, stand_in=False)
        stranger = watched(2043, JOINED, (3,), (1, 3, 99))
        known = watched(2043, JOINED, (3,), (1, 2, 3))
        assert "passed" == judged("state.join-is-own", stranger, live).status
        assert "failed" == judged("state.join-is-own", known, live).status

    def test_thrown_out_later_on_a_live_portal(self) -> None:
        """On a live portal somebody may throw him out, and nobody fades away by himself."""
        live = msgspec.structs.replace(DECLARATION, stand_in=False)
        late = [*watched(2043, JOINED, (3,), (1, 3)), listed(2043, 3, occasion="late")]
        assert "passed" == judged("success.participant", late, live).status
        assert "passed" == judged("state.join-is-own", late, live).status

    def test_whoever_appears_between_two_looks(self) -> None:
        """He may have joined by a CHAT_ID that the portal reads in its own way."""
        asked = [*watched(2043, JOINED, (3,), (1, 3)), listed(2043, 1, 3, 9, occasion="late")]
        assert "passed" == judged("state.join-is-own", asked).status

    def test_colleague_who_was_let_in_himself(self) -> None:
        """A colleague who was told that he joined is not there by another's join."""
        inside = (p(2044, operator="colleague"), JOINED)
        asked = [inside, *watched(2044, JOINED, (), (1, 2, 3))]
        assert "failed" != judged("state.join-is-own", asked).status

    def test_no_such_method(self) -> None:
        """A portal that has no list of participants does not implement the clauses about it."""
        missing = refused("ERROR_METHOD_NOT_FOUND", 404)
        asked = [(p(2043, method=MEMBERS), missing), (p(2043), JOINED)]
        for clause in ("success.participant", "state.join-is-own", "proxy.nobody-joined"):
            assert "not_implemented" == judged(clause, asked).status


class TestColleague:
    """What of a colleague's answers is another's doing."""

    @pytest.mark.parametrize(
        "answer",
        [
            broken("<html>"),
            refused("ERROR_METHOD_NOT_FOUND", 404),
            refused("INVALID_CREDENTIALS", 401),
        ],
    )
    def test_not_about_the_chat(self, answer: Came) -> None:
        """What came is not about the chat, and so no other's join has opened it."""
        assert "failed" != judged("state.colleague-unaffected", [*OPENED, (LATER, answer)]).status

    def test_more_parameters(self) -> None:
        """What parameters beside CHAT_ID do is the business of other clauses."""
        asked = p(2044, operator="colleague", extra=(("USER_ID", "1"),))
        assert "failed" != judged("state.colleague-unaffected", [*OPENED, (asked, JOINED)]).status

    @pytest.mark.parametrize(
        "way", [ways.FORM, ways.QUERY, ways.XML, ways.BEARER, ways.OAUTH_BATCH]
    )
    def test_any_way(self, way: Asking) -> None:
        """Whatever documented way he comes by, the chat is closed to him."""
        asked = p(2044, operator="colleague", asking=way)
        assert "failed" == judged("state.colleague-unaffected", [*OPENED, (asked, JOINED)]).status

    def test_joined_by_any_way(self) -> None:
        """By whatever way the operator has joined, the chat stays closed to the other."""
        opened = [(p(2044, asking=ways.FORM), JOINED), (LATER, JOINED)]
        assert "failed" == judged("state.colleague-unaffected", opened).status
