"""Rules of what browsers and eavesdroppers read in an answer: kept and broken cases."""

from __future__ import annotations

import msgspec
import pytest
from observations import (
    CHAT_ID,
    DECLARATION,
    JOINED,
    JSON,
    Came,
    Case,
    Rules,
    broken,
    judged,
    p,
    refusal,
    refused,
    transcript,
    with_headers,
)

from b24_conformance import ways
from b24_conformance.contract import load_contract
from b24_conformance.exchange import Request, Response
from b24_conformance.judge import Trial, judge
from b24_conformance.probe import Asking
from b24_conformance.transcript import Transcript

ANY = ("Access-Control-Allow-Origin", "*")
TYPE = ("Content-Type", "application/json")
PREFLIGHT = p(None, asking=ways.PREFLIGHT)
PATH = "/rest/1/$B24_WEBHOOK/imopenlines.session.join"


def with_words(came: Came, reason: str) -> Came:
    """The same answer with other words behind its status."""
    assert came.response is not None
    return came._replace(response=msgspec.structs.replace(came.response, reason=reason))


def preflight(*allowed: str, origin: str = "*", status: int = 200) -> Came:
    """An answer to a preflight, without a body."""
    lines = (("Access-Control-Allow-Headers", one) for one in allowed)
    headers = (("access-control-allow-origin", origin), *lines)
    return broken("", status)._replace(response=Response(status, headers, ""))


CASES = [
    refusal("cors.origin", with_headers(CHAT_ID, TYPE)),
    refusal("cors.origin", with_headers(CHAT_ID, TYPE, (ANY[0], "https://a.example"))),
    refusal("cors.origin", with_headers(CHAT_ID, TYPE, ANY, ANY)),
    refusal("cors.origin", with_headers(CHAT_ID), with_headers(CHAT_ID, (ANY[0], " * \t"))),
    *(
        Case(
            "cors.origin",
            [(p(0), CHAT_ID), (p(2045, asking=asking), JOINED)],
            [(p(0), CHAT_ID), (p(2045, asking=asking), with_headers(JOINED, TYPE))],
        )
        for asking in (ways.XML, ways.BATCH)
    ),
    Case(
        "cors.preflight",
        [(PREFLIGHT, preflight("origin, content-type, accept"))],
        [(PREFLIGHT, preflight("origin, accept"))],
    ),
    Case(
        "cors.preflight",
        [(PREFLIGHT, preflight("origin", "accept , Content-Type "))],
        [(PREFLIGHT, preflight("origin", "accept"))],
    ),
    Case(
        "cors.preflight",
        [(PREFLIGHT, preflight("*", status=401))],
        [(PREFLIGHT, preflight("Content-Type", origin="https://a.example"))],
    ),
    refusal("secret.not-echoed", refused("CHAT_ID", error_description="$B24_WEBHOOK")),
    refusal("secret.not-echoed", refused("CHAT_ID", error_description="a [redacted] piece")),
    refusal("secret.not-echoed", with_headers(CHAT_ID, ("Location", "/rest/1/$B24_WEBHOOK/"))),
    refusal("secret.not-echoed", with_headers(CHAT_ID, ("X-$B24_WEBHOOK", "1"))),
    refusal("secret.not-echoed", with_words(CHAT_ID, "Bad Request of $B24_WEBHOOK")),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.clause)
class TestRules(Rules):
    """Each rule passes what keeps its clause and fails what breaks it."""


class TestPages:
    """Pages of a web server, which nobody's script reads."""

    @pytest.mark.parametrize(
        ("asking", "status", "expected"),
        [
            (ways.UPPER_XML, 404, "passed"),
            (ways.UPPER_XML, 500, "failed"),
            (ways.XML, 404, "failed"),
            (msgspec.structs.replace(ways.XML, identity="none"), 404, "passed"),
            (msgspec.structs.replace(ways.XML, identity="none"), 401, "failed"),
        ],
        ids=str,
    )
    def test_page(self, asking: Asking, status: int, expected: str) -> None:
        """Where the address is not there, nobody said who may read the answer."""
        page = broken("<html>", status, (("Content-Type", "text/html"),))
        asked = [(p(0), CHAT_ID), (p(2045), JOINED), (p(2045, asking=asking), page)]
        assert expected == judged("cors.origin", asked).status


class TestRedirects:
    """Redirects, which name an address."""

    def told(self, location: str, *, asked: str = PATH, status: int = 308) -> str | None:
        """Why a redirect to `location` breaks the clause, None where it does not."""
        page = with_headers(broken("", status), ("Location", location))
        (seen,) = transcript([(p(2045), page)]).observations
        request = Request("POST", asked)
        exchanges = (msgspec.structs.replace(seen.exchanges[0], request=request),)
        seen = msgspec.structs.replace(seen, exchanges=exchanges)
        trial = Trial(DECLARATION, Transcript((seen,)))
        return judge(load_contract().clause("secret.not-echoed"), trial).reason

    @pytest.mark.parametrize(
        ("location", "asked"),
        [
            (PATH, f"{PATH}/"),
            (f" {PATH} ", PATH.replace("/1/", "//1/")),
            (f"https://other.bitrix24.com:8443{PATH}", PATH),
            (f"//other.bitrix24.com{PATH}?CHAT_ID=1", f"{PATH}/?CHAT_ID=1"),
        ],
    )
    def test_the_asked_address(self, location: str, asked: str) -> None:
        """The address that was asked cannot be named without the secret in it."""
        assert self.told(location, asked=asked) is None

    @pytest.mark.parametrize(
        "location",
        [
            f"/login?back={PATH}",
            f"{PATH}.json",
            f"{PATH}?CHAT_ID=1",
            f"{PATH}#top",
            f"https://example.com/log{PATH}",
        ],
    )
    def test_another_address(self, location: str) -> None:
        """In any other address the secret is repeated."""
        assert self.told(location) is not None

    def test_no_redirect(self) -> None:
        """What is no redirect has no need to name the address."""
        assert self.told(PATH, status=201) is not None


class TestPlaces:
    """Where the secret stands."""

    @pytest.mark.parametrize(
        ("came", "places"),
        [
            (refused("CHAT_ID", error_description="$B24_WEBHOOK"), "the body"),
            (with_words(CHAT_ID, "no $B24_WEBHOOK"), "the words behind the status"),
            (with_headers(CHAT_ID, ("X-Of", "$B24_TOKEN")), "the header X-Of"),
            (with_headers(CHAT_ID, ("X-[redacted]", "1")), "the name of a header"),
            (
                with_headers(refused("$B24_TOKEN"), *JSON, ("X-Of", "[redacted]")),
                "the body and the header X-Of",
            ),
        ],
    )
    def test_told(self, came: Came, places: str) -> None:
        """The reason names every place."""
        reason = judged("secret.not-echoed", [(p(0), came)]).reason
        assert reason is not None
        assert reason.endswith(f"the secret, or a part of it, in {places}")


class TestPreflight:
    """What a preflight is not."""

    def test_no_join(self) -> None:
        """An answer to a preflight needs no body and joins nobody."""
        asked = [(PREFLIGHT, preflight("*")), (p(0), CHAT_ID), (p(2045), JOINED)]
        for clause in ("envelope.json", "robust.no-server-error", "refusal.missing"):
            assert "failed" != judged(clause, asked).status


@pytest.mark.parametrize("clause", sorted({case.clause for case in CASES}))
def test_hostile_bodies(clause: str) -> None:
    """An answer nested beyond all measure breaks no judge."""
    for status in (200, 308, 503):
        assert judged(clause, [(p(0), broken("[" * 100_000, status))]).status
