"""`serve --cases`: the credentials choose what happens, and the wire is judged."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from b24_conformance.cases import NOT_SEEN, Case, Cases
from b24_conformance.cases_page import ASKED
from b24_conformance.conditions import CONDITIONS
from b24_conformance.reference import Server, webhooks
from b24_conformance.reference.defaults import default_state

METHOD = "imopenlines.session.join"


class Desk:
    """Cases behind a real address, and a client of a few lines."""

    def __init__(self, cases: Cases, address: str) -> None:
        self.cases = cases
        self.address = address

    def case(self, name: str) -> Case:
        """The case of that name."""
        return next(case for case in self.cases.cases if case.name == name)

    def post(self, url: str, body: dict[str, Any]) -> tuple[int, Any]:
        """Status and JSON of an answer."""
        data = json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read() or b"null")

    def join(self, name: str, chat: object = ASKED, method: str = METHOD) -> tuple[int, Any]:
        """A join by the webhook of a case."""
        url = self.cases.webhook(self.case(name), self.address)
        return self.post(f"{url}{method}", {"CHAT_ID": chat})

    def told(self, name: str) -> Any:
        """What the verdict tells of a case."""
        with urllib.request.urlopen(f"{self.address}/cases?format=json") as answer:
            found = json.load(answer)
        return next(case for case in found["cases"] if case["name"] == name)

    def statuses(self, name: str) -> dict[str, str]:
        """The clauses of a case."""
        return {clause["id"]: clause["status"] for clause in self.told(name)["clauses"]}


@pytest.fixture
def desk() -> Iterator[Desk]:
    """Cases that are served."""
    cases = Cases()
    with Server(cases.portal) as server:
        yield Desk(cases, server.address)


class TestLines:
    """What is printed."""

    def test_each_case_has_a_webhook(self, desk: Desk) -> None:
        """One line a case with its webhook, in which the case can be read; then the verdict."""
        *cases, verdict = desk.cases.lines(desk.address)
        assert f"verdict {desk.address}/cases" == verdict
        names = {line.split()[1]: line.split()[2] for line in cases}
        assert {"joined", "access-denied", "chat-type", "chat-id", *CONDITIONS} == set(names)
        assert all(f"/case-{name}-" in url for name, url in names.items())


class TestOutcomes:
    """The credentials choose the outcome."""

    @pytest.mark.parametrize(
        ("name", "status", "code"),
        [
            ("joined", 200, None),
            ("access-denied", 400, "ACCESS_DENIED"),
            ("chat-type", 400, "CHAT_TYPE"),
            ("chat-id", 400, "CHAT_ID"),
            ("user-id", 400, "USER_ID"),
            ("plan-access-denied", 401, "ACCESS_DENIED"),
            ("throttled-always", 503, "QUERY_LIMIT_EXCEEDED"),
            ("operation-limit", 429, "OPERATION_TIME_LIMIT"),
            ("internal-500", 500, "INTERNAL_SERVER_ERROR"),
        ],
    )
    def test_by_webhook(self, desk: Desk, name: str, status: int, code: str | None) -> None:
        """The webhook of a case gets what the case says, for any CHAT_ID."""
        found, body = desk.join(name, 1)
        assert (status, code) == (found, body.get("error"))

    def test_by_token(self, desk: Desk) -> None:
        """The token of a case is the same word."""
        body = {"CHAT_ID": 1, "auth": desk.case("chat-type").key}
        assert 400 == desk.post(f"{desk.address}/rest/{METHOD}", body)[0]
        assert 1 == len(desk.told("chat-type")["requests"])

    def test_throttled_once_each_time(self, desk: Desk) -> None:
        """A limit that goes away is there again for the next call."""
        assert [503, 200, 503, 200] == [desk.join("throttled-once")[0] for _ in range(4)]

    def test_expired_token(self, desk: Desk) -> None:
        """An expired token can be renewed; what the new one asks belongs to the case."""
        case = desk.case("expired-token")
        url = f"{desk.address}/rest/{METHOD}"
        assert 401 == desk.post(url, {"CHAT_ID": 2045, "auth": case.key})[0]
        query = urlencode({"grant_type": "refresh_token", "refresh_token": case.renewal})
        _, issued = desk.post(f"{desk.address}/oauth/token/?{query}", {})
        assert 200 == desk.post(url, {"CHAT_ID": 2045, "auth": issued["access_token"]})[0]
        assert 3 == len(desk.told("expired-token")["requests"])

    def test_redirect(self, desk: Desk) -> None:
        """A visit to where the redirect leads is counted."""
        url = desk.cases.webhook(desk.case("redirect"), desk.address)
        with urllib.request.urlopen(f"{url}{METHOD}?CHAT_ID=1") as answer:
            assert b"Log in" in answer.read()
        assert [302, 200] == [one["status"] for one in desk.told("redirect")["requests"]]

    def test_the_state_is_there_as_well(self, desk: Desk) -> None:
        """Credentials of the state itself get the plain portal."""
        url = webhooks(desk.address, default_state())[1]
        assert 200 == desk.post(f"{url}{METHOD}", {"CHAT_ID": 2045})[0]


class TestVerdict:
    """What the wire tells of a case."""

    def test_nothing_so_far(self, desk: Desk) -> None:
        """A case that nobody asked for has no clauses."""
        assert ([], []) == (desk.told("joined")["requests"], desk.told("joined")["clauses"])

    def test_sound(self, desk: Desk) -> None:
        """A single join keeps every clause that the wire can tell of."""
        desk.join("chat-type")
        passed = (
            "client.wire-chat-id",
            "client.method",
            "client.nothing-else",
            "client.refusal-not-retried",
        )
        assert dict.fromkeys(passed, "passed") == desk.statuses("chat-type")
        told = desk.told("chat-type")
        assert NOT_SEEN == told["caller"]
        call = {"method": METHOD, "parameters": {"CHAT_ID": ASKED}}
        assert [call] == told["requests"][0]["calls"]

    @pytest.mark.parametrize(
        ("sent", "status"),
        [
            ({"CHAT_ID": ASKED}, "passed"),
            ({"CHAT_ID": str(ASKED)}, "passed"),
            ({"CHAT_ID": 7}, "failed"),
            ({"CHAT_ID": None}, "failed"),
            ({}, "failed"),
        ],
        ids=str,
    )
    @pytest.mark.parametrize("name", ["joined", "chat-type", "internal-500"])
    def test_other_chat(self, desk: Desk, name: str, sent: dict[str, Any], status: str) -> None:
        """Another CHAT_ID on the wire than the caller's is found, and so is none."""
        desk.post(f"{desk.cases.webhook(desk.case(name), desk.address)}{METHOD}", sent)
        assert status == desk.statuses(name)["client.wire-chat-id"]

    def test_says_which_chat(self, desk: Desk) -> None:
        """The page and the JSON say which CHAT_ID the caller has to give."""
        with urllib.request.urlopen(f"{desk.address}/cases") as answer:
            assert f"one call with CHAT_ID {ASKED}" in answer.read().decode()
        with urllib.request.urlopen(f"{desk.address}/cases?format=json") as answer:
            assert ASKED == json.load(answer)["chat_id"]

    def test_retried(self, desk: Desk) -> None:
        """A refusal that is asked for again is found."""
        for _ in range(2):
            desk.join("chat-type")
        assert "failed" == desk.statuses("chat-type")["client.refusal-not-retried"]

    def test_hammered(self, desk: Desk) -> None:
        """Tries without a pause are found."""
        for _ in range(4):
            desk.join("throttled-always")
        assert "failed" == desk.statuses("throttled-always")["client.throttled-pause"]

    def test_other_method(self, desk: Desk) -> None:
        """A client that calls another method is found."""
        desk.join("joined", method="imopenlines.session.start")
        assert {"client.method": "failed", "client.nothing-else": "failed"} == desk.statuses(
            "joined"
        )

    def test_afresh(self, desk: Desk) -> None:
        """A POST to the verdict's URL starts all cases afresh."""
        desk.join("chat-type")
        request = urllib.request.Request(f"{desk.address}/cases", b"")
        with urllib.request.urlopen(request) as answer:
            assert "text/html; charset=utf-8" == answer.headers["Content-Type"]
        assert [] == desk.told("chat-type")["requests"]

    def test_page(self, desk: Desk) -> None:
        """The page shows what was asked, escaped."""
        desk.join("joined", "<script>")
        with urllib.request.urlopen(f"{desk.address}/cases") as answer:
            page = answer.read().decode()
        assert (True, False) == ("&lt;script&gt;" in page, "<script>" in page)

    def test_json_by_accept(self, desk: Desk) -> None:
        """Programs that accept JSON get JSON."""
        headers = {"Accept": "application/json"}
        request = urllib.request.Request(f"{desk.address}/cases", headers=headers)
        with urllib.request.urlopen(request) as answer:
            assert 1 == json.load(answer)["schema"]
