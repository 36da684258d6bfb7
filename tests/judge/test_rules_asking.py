"""Rules of equivalence: kept and broken cases."""

from __future__ import annotations

import pytest
from observations import CHAT_ID, CHAT_TYPE, DENIED, JOINED, Came, Case, Rules, judged, p, refused

from b24_conformance import ways
from b24_conformance.probe import Asking, Probe


def by(clause: str, asking: Asking) -> Case:
    """A way of asking that gets the plain one's answers, and one that gets another."""
    zero, group = p(0, asking=asking), p(12, asking=asking)
    return Case(clause, [(group, CHAT_TYPE), (zero, CHAT_ID)], [(group, CHAT_ID), (zero, CHAT_ID)])


UNKNOWN = (("LANG", '"ru"'),)
PROXY = (("USER_ID", "2"), ("SESSION_ID", "1"))
CASES = [
    by("asking.no-suffix", ways.NO_SUFFIX),
    by("asking.json-spelling", ways.JSON_SPELT),
    by("asking.form", ways.FORM),
    by("asking.form", ways.FORM_SPELT),
    by("asking.multipart", ways.MULTIPART),
    by("asking.query", ways.QUERY),
    by("asking.posted-query", ways.POSTED_QUERY),
    by("asking.text-form", ways.TEXT_FORM),
    by("asking.method-case", ways.ANY_CASE),
    by("asking.suffix-case", ways.UPPER_SUFFIX),
    by("asking.slashes", ways.DOUBLE_SLASH),
    by("asking.slashes", ways.TRAILING_SLASH),
    by("oauth.body", ways.OAUTH_BODY),
    by("oauth.query", ways.OAUTH_QUERY),
    by("oauth.bearer", ways.BEARER),
    by("oauth.bearer", ways.BEARER_LOWER),
    by("oauth.bearer", ways.ACCESS_TOKEN),
    Case("asking.digit-string", [(p('"12"'), CHAT_TYPE), (p(0), CHAT_ID)], [(p('"12"'), CHAT_ID)]),
    Case(
        "asking.body-over-query",
        [(p(12, beside="2045"), CHAT_TYPE), (p(2045, beside="12"), JOINED)],
        [(p(12, beside="2045"), JOINED), (p(2045, beside="12"), CHAT_TYPE)],
    ),
    Case(
        "asking.unknown-parameters",
        [(p(12, extra=UNKNOWN), CHAT_TYPE), (p(0, extra=UNKNOWN), CHAT_ID)],
        [(p(12, extra=UNKNOWN), CHAT_ID), (p(0), CHAT_ID)],
    ),
    Case(
        "proxy.ignored",
        [(p(12, extra=PROXY), CHAT_TYPE), (p(0, extra=PROXY), CHAT_ID)],
        [(p(12, extra=PROXY), DENIED), (p(0, extra=PROXY), CHAT_ID)],
    ),
    Case(
        "asking.lower-case-key",
        [(p(12, key="chat_id"), CHAT_ID), (p(12), CHAT_TYPE)],
        [(p(12, key="chat_id"), CHAT_TYPE), (p(0), CHAT_ID)],
    ),
    Case(
        "asking.lower-case-key",
        [(p(12, key="chatId"), CHAT_ID), (p(12), CHAT_TYPE)],
        [(p(12, key="chatId"), CHAT_TYPE), (p(0), CHAT_ID)],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.clause)
class TestRules(Rules):
    """Each rule passes what keeps its clause and fails what breaks it."""


class TestPreconditions:
    """What the rules do not look at."""

    def test_lenient_values_are_another_clauses(self) -> None:
        """What only PHP forgives says nothing of a way of asking."""
        asked = [(p("12abc", asking=ways.FORM), CHAT_ID), (p(0, asking=ways.FORM), CHAT_ID)]
        assert "failed" != judged("asking.form", asked).status

    def test_undeclared_chats(self) -> None:
        """Of a chat that is not declared nothing is demanded."""
        assert "not_checked" == judged("asking.form", [(p(77, asking=ways.FORM), JOINED)]).status


class TestOtherUsers:
    """USER_ID and SESSION_ID: what they must never do, and what they should not."""

    REFUSED = refused("ERROR_ARGUMENT")

    def asked(self, answer: Came) -> list[tuple[Probe, Came]]:
        """The plain answers, and what came where another user was named."""
        return [(p(12), CHAT_TYPE), (p(0), CHAT_ID), (p(12, extra=PROXY), answer)]

    def test_refused_as_such(self) -> None:
        """Whoever refuses the parameter itself joins nobody for another, but should ignore it."""
        assert "passed" == judged("proxy.ignored", self.asked(self.REFUSED)).status
        assert "failed" == judged("asking.unknown-parameters", self.asked(self.REFUSED)).status

    def test_anothers_answer(self) -> None:
        """Another's answer is the fault of the one clause, and not of the other."""
        assert "failed" == judged("proxy.ignored", self.asked(DENIED)).status
        assert "failed" != judged("asking.unknown-parameters", self.asked(DENIED)).status

    def test_other_names_of_a_chat(self) -> None:
        """Names that only unknown parameters have are left to those."""
        named = (*PROXY, ("DIALOG_ID", '"chat12"'))
        asked = [(p(12), CHAT_TYPE), (p(None, extra=named), CHAT_TYPE)]
        assert "failed" != judged("proxy.ignored", asked).status
        assert "failed" == judged("asking.unknown-parameters", asked).status
