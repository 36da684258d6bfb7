"""What a trial demands of each observation, and how strictly."""

from __future__ import annotations

import pytest
from observations import CHAT_ID, CHAT_TYPE, DECLARATION, JOINED, listed, lost, p, transcript, trial

from b24_conformance import ways
from b24_conformance.judge.trial import Seen, demands_join
from b24_conformance.outcome import Outcome
from b24_conformance.probe import Probe
from b24_conformance.transcript import Observation, Transcript

FORM = ways.FORM


def seen(probe: Probe) -> Seen:
    """What the trial makes of one probe."""
    return trial([(probe, JOINED)]).joins[0]


class TestStrictness:
    """How much goodwill it takes to read a CHAT_ID."""

    @pytest.mark.parametrize(
        ("probe", "strictness"),
        [
            *((p(text), "plain") for text in ("1", "42", "2043", "999999999999999999")),
            (p("42", asking=FORM), "plain"),
            (p("42", asking=ways.QUERY), "plain"),
            (p("42", asking=ways.BATCH), "plain"),
            *((p(text), "digit_string") for text in ('"42"', '"\\u0034\\u0032"')),
            (p(None), "invalid"),
            (p(None, asking=FORM), "invalid"),
            *((p(text), "invalid") for text in ("0", "-0", "-1", "-42", '""', '"0"', '"-42"')),
            *((p(text), "invalid") for text in ('"abc"', '"Москва"', '"NaN"', '" "', '"true"')),
            *((p(text, asking=FORM), "invalid") for text in ("", "0", "-1", "abc", "чат")),
            *((p(text), "lenient") for text in ("4.9", "1e3", "true", "false", "null", "[5]")),
            *((p(text), "lenient") for text in ("[]", "{}", '"42abc"', '" 42"', '"+42"')),
            *((p(text), "lenient") for text in ('"042"', '"٤٢"', '"²"', '"½"', '"Ⅳ"', '"chat42"')),
            *((p(text), "lenient") for text in ('"\\u0000"', '"\\n"', "0.0", "-0.5")),
            (p("9223372036854775808"), "lenient"),
            *((p(text, asking=FORM), "lenient") for text in ("42abc", " 42", "042", "4.9")),
            (p("42", key="chat_id"), "lenient"),
            (p("42", beside="5"), "lenient"),
            (p('{"CHAT_ID":42}', raw=True), "lenient"),
        ],
        ids=str,
    )
    def test_classes(self, probe: Probe, strictness: str) -> None:
        """Plain integers and what nobody takes for a chat are apart from what PHP forgives."""
        assert strictness == seen(probe).strictness


class TestDemanded:
    """The preferred answer, and all that a MUST accepts."""

    @pytest.mark.parametrize(
        ("probe", "number", "kind", "demanded"),
        [
            (p(2043), 2043, "joinable", ("joined", None)),
            (p(2045), 2045, "joined", ("joined", None)),
            (p(2050), 2050, "access_denied", ("refused", "ACCESS_DENIED")),
            (p(12), 12, "not_open_line", ("refused", "CHAT_TYPE")),
            (p(999999999), 999999999, "absent", ("refused", "CHAT_ID")),
            (p(0), 0, None, ("refused", "CHAT_ID")),
            (p(-12), -12, None, ("refused", "CHAT_ID")),
            (p(None), 0, None, ("refused", "CHAT_ID")),
            (p('"12.9 and so on"'), 12, "not_open_line", ("refused", "CHAT_TYPE")),
            (p(77), 77, None, None),
            (p("true"), 1, None, None),
            (p("1e30"), None, None, None),
            (p(2044), 2044, "joinable", ("joined", None)),
            (p(2044, operator="colleague"), 2044, "access_denied", ("refused", "ACCESS_DENIED")),
            (p(2043, operator="colleague"), 2043, None, None),
            (p(2043, operator="stranger"), 2043, None, None),
        ],
        ids=str,
    )
    def test_demanded(self, probe: Probe, number: object, kind: object, demanded: object) -> None:
        """What is demanded follows from PHP's reading and from the operator's own declaration."""
        found = seen(probe)
        assert (number, kind, demanded) == (found.number, found.kind, found.demanded)

    def test_accepted(self) -> None:
        """Only for an absent chat is a second answer accepted."""
        both = {("refused", "CHAT_ID"), ("refused", "ACCESS_DENIED")}
        assert both == seen(p(999999999)).accepted
        assert {("refused", "CHAT_ID")} == seen(p(0)).accepted
        assert {("joined", None)} == seen(p(2043)).accepted
        assert set() == seen(p(77)).accepted

    def test_demands_join(self) -> None:
        """A join is demanded of joinable and joined chats only, and of no other question."""
        chats = {2043: True, 2045: True, 2050: False, 12: False, 999999999: False, 77: False}
        for chat, wanted in chats.items():
            (observation,) = transcript([(p(chat), JOINED)]).observations
            assert wanted == demands_join(DECLARATION, observation)


class TestIndexes:
    """How observations are found again."""

    def test_unreached_are_apart(self) -> None:
        """What was never asked is counted, and judged by nobody."""
        found = trial([(p(0), CHAT_ID), (p(12), lost("unreachable")), (p(12), lost("reset"))])
        assert (1, 2, 2) == (len(found.unreached), len(found.reached), len(found.joins))

    def test_members_are_no_joins(self) -> None:
        """A question about participants is no join."""
        assert () == trial([listed(2043, 1)]).joins

    def test_own(self) -> None:
        """Only joins with the operator's own credentials count as own."""
        others = p(2045, asking=ways.PLAIN.__class__(identity="random"))
        assert [p(2045)] == [s.probe for s in trial([(p(2045), JOINED), (others, JOINED)]).own]

    def test_asked_leaves_out_what_is_beside(self) -> None:
        """Asked are the probes with one CHAT_ID and nothing beside it."""
        odd = [
            p(12, beside="5"),
            p(12, extra=(("A", "1"),)),
            p('{"CHAT_ID":12}', raw=True),
            p(12, key="chat_id"),
        ]
        found = trial([(probe, CHAT_TYPE) for probe in [p(12), *odd]])
        assert [p(12)] == [s.probe for s in found.asked(ways.PLAIN)]

    def test_contrast_is_of_one_way_of_asking(self) -> None:
        """Another outcome counts only by the same way of asking, and only if it is an outcome."""
        lone = p(12, asking=FORM)
        found = trial([(p(12), CHAT_TYPE), (p(0), CHAT_ID), (lone, CHAT_TYPE), (lone, lost())])
        assert [True, True, False, True] == [found.contrasted(s) for s in found.joins]

    def test_answer(self) -> None:
        """An answer is the kind and the code, whatever the status."""
        observation = Observation(0, p(12), Outcome("refused", code="CHAT_TYPE", status=401))
        (found,) = trial([]).joins or (
            type(trial([]))(DECLARATION, Transcript((observation,))).joins[0],
        )
        assert ("refused", "CHAT_TYPE") == found.answer
