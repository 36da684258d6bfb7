"""The rule of slashes: which redirects say that a slash too many changes nothing."""

from __future__ import annotations

import msgspec
import pytest
from observations import (
    CHAT_ID,
    CHAT_TYPE,
    DECLARATION,
    Asked,
    Came,
    broken,
    p,
    refused,
    transcript,
)

from b24_conformance import ways
from b24_conformance.contract import load_contract
from b24_conformance.exchange import Request
from b24_conformance.judge import Trial, judge
from b24_conformance.probe import Asking
from b24_conformance.transcript import Observation, Transcript

PLAIN = "/rest/1/$B24_WEBHOOK/imopenlines.session.join"
DOUBLE = "/rest/1/$B24_WEBHOOK//imopenlines.session.join"
GROUP, ZERO = (p(chat, asking=ways.TRAILING_SLASH) for chat in (12, 0))


def moved(status: int, *where: str) -> Came:
    """A redirect, or one without an address."""
    return broken("", status, tuple(("location", one) for one in where))


def status_of(asked: list[Asked], target: str = f"{PLAIN}/") -> str:
    """What becomes of the clause where all was asked at `target`."""
    observed = [_at(target, one) for one in transcript(asked).observations]
    clause = load_contract().clause("asking.slashes")
    return judge(clause, Trial(DECLARATION, Transcript(tuple(observed)))).status


def _at(target: str, observation: Observation) -> Observation:
    (exchange,) = observation.exchanges
    asked = msgspec.structs.replace(exchange, request=Request("POST", target))
    return msgspec.structs.replace(observation, exchanges=(asked,))


class TestDoubled:
    """A doubled slash, which SDKs send and no source speaks of."""

    @pytest.mark.parametrize(
        "nothing", [refused("ERROR_METHOD_NOT_FOUND", 404), broken("<html>", 404)], ids=str
    )
    def test_nothing_there(self, nothing: Came) -> None:
        """There may be nothing behind it, whoever says so."""
        asked = p(12, asking=ways.DOUBLE_SLASH)
        assert "not_implemented" == status_of([(asked, nothing)], DOUBLE)

    def test_another_answer(self) -> None:
        """Whatever is answered about the chat is the plain answer."""
        asked = [(p(chat, asking=ways.DOUBLE_SLASH), CHAT_ID) for chat in (12, 0)]
        assert "failed" == status_of(asked, DOUBLE)

    def test_read_otherwise(self) -> None:
        """A code of the method shows that it is there, whatever the status says."""
        asked = [(p(12, asking=ways.DOUBLE_SLASH), refused("CHAT_ID", 404)), (ZERO, CHAT_ID)]
        assert "failed" == status_of(asked, DOUBLE)

    def test_trailing(self) -> None:
        """Behind the path there is no such freedom."""
        assert "failed" == status_of([(GROUP, refused("ERROR_METHOD_NOT_FOUND", 404))])


class TestRedirects:
    """A redirect as the answer to a slash too many."""

    @pytest.mark.parametrize("status", [307, 308])
    @pytest.mark.parametrize("origin", ["", "https://example.bitrix24.com", "HTTP://127.0.0.1:80"])
    def test_verb_and_body_kept(self, status: int, origin: str) -> None:
        """Whoever follows asks the same at the path without it."""
        assert "not_implemented" == status_of([(GROUP, moved(status, origin + PLAIN))])

    def test_doubled(self) -> None:
        """So it is where a slash was doubled."""
        asked = p(12, asking=ways.DOUBLE_SLASH)
        assert "not_implemented" == status_of([(asked, moved(308, PLAIN))], DOUBLE)

    @pytest.mark.parametrize("status", [300, 301, 302, 303])
    def test_body_lost(self, status: int) -> None:
        """After other redirects clients send GET, and no CHAT_ID."""
        assert "failed" == status_of([(GROUP, moved(status, PLAIN))])

    @pytest.mark.parametrize(
        "where", [f"{PLAIN}/", f"{PLAIN}?a=1", f"{PLAIN}.json", "/login", "", "http://["]
    )
    def test_elsewhere(self, where: str) -> None:
        """An address that is not the plain one is of no use, be it the same once more."""
        assert "failed" == status_of([(GROUP, moved(307, where))])

    def test_nowhere(self) -> None:
        """A redirect without an address leads nowhere."""
        assert "failed" == status_of([(GROUP, moved(307))])

    def test_one_of_two(self) -> None:
        """It excuses nothing but itself."""
        wrong = p(12, asking=ways.DOUBLE_SLASH)
        assert "failed" == status_of([(GROUP, moved(307, PLAIN)), (wrong, CHAT_ID)])

    @pytest.mark.parametrize("asking", [ways.DOUBLE_SLASH, ways.TRAILING_SLASH], ids=str)
    def test_beside_answers(self, asking: Asking) -> None:
        """Where the one is redirected and the other answered, the answers count."""
        answers = [(p(12, asking=asking), CHAT_TYPE), (p(0, asking=asking), CHAT_ID)]
        redirected = p(2045, asking=ways.TRAILING_SLASH)
        assert "passed" == status_of([*answers, (redirected, moved(308, PLAIN))])
