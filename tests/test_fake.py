"""The fake for applications, and the transport through which the suites judge it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
import requests

from b24_conformance.exchange import Request
from b24_conformance.fake import PortalFake, portal_fake
from b24_conformance.implementations.base import WireError
from b24_conformance.implementations.mock import MockTransport
from b24_conformance.plugin import fixtures
from b24_conformance.reference import Portal, default_state
from b24_conformance.reference import Request as Asked
from b24_conformance.reference import Response as Answered

JOIN = "imopenlines.session.join"
bitrix24_portal = fixtures.bitrix24_portal
SECRET = str(default_state().users[1].webhook_secret)


@pytest.fixture
def fake() -> Iterator[PortalFake]:
    """The fake with its default portal."""
    with portal_fake() as fake:
        yield fake


class Echo(Portal):
    """A portal that tells what it was asked."""

    def answer(self, request: Asked) -> Answered:
        """The request, as plain text."""
        headers = "\n".join(f"{name}: {value}" for name, value in request.headers)
        head = f"{request.verb} {request.target} {request.secure}\n{headers}\n\n"
        cookies = (("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))
        return Answered(418, cookies, head.encode() + request.body)


class Redirect(Portal):
    """A portal that sends everybody elsewhere."""

    def answer(self, request: Asked) -> Answered:
        """A redirect."""
        return Answered(302, (("Location", "https://elsewhere.invalid/"),))


class TestPortalFake:
    """What an application under test meets."""

    def test_as_the_readme_says(self, fake: PortalFake) -> None:
        """The README's table says which CHAT_ID gets which answer."""
        page = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
        rows = page.partition("| CHAT_ID | answer |\n|---|---|\n")[2].partition("\n\n")[0]
        told = [
            (int(chat), answer)
            for ids, answer in re.findall(r"^\| (.*?) \| `(\w+)`", rows, re.M)
            for chat in re.findall(r"\d+", ids)
        ]
        assert {"true", "ACCESS_DENIED", "CHAT_TYPE", "CHAT_ID"} == {answer for _, answer in told}
        for chat, answer in told:
            came = requests.post(fake.webhook + JOIN, json={"CHAT_ID": chat}, timeout=5).json()
            assert (chat, answer) == (chat, came.get("error") or json.dumps(came["result"]))

    @pytest.mark.parametrize(
        ("chat_id", "status", "error"),
        [(2050, 400, "ACCESS_DENIED"), (12, 400, "CHAT_TYPE"), (0, 400, "CHAT_ID")],
    )
    def test_refusals(self, fake: PortalFake, chat_id: int, status: int, error: str) -> None:
        """A refusal has the portal's status and code."""
        answer = requests.post(fake.webhook + JOIN, json={"CHAT_ID": chat_id}, timeout=5)
        assert (status, error) == (answer.status_code, answer.json()["error"])

    def test_join(self, fake: PortalFake) -> None:
        """A join succeeds, and the portal remembers it."""
        answer = requests.post(fake.webhook + JOIN, json={"CHAT_ID": 2043}, timeout=5)
        assert (200, True) == (answer.status_code, answer.json()["result"])
        assert 1 in fake.portal.members(2043)

    def test_any_verb_and_encoding(self, fake: PortalFake) -> None:
        """GET with a query, a form and a session are answered as well."""
        url = f"{fake.webhook}{JOIN}.json"
        with requests.Session() as session:
            answers = [
                session.get(url, params={"CHAT_ID": 2043}, timeout=5),
                session.post(url, data={"CHAT_ID": "2043"}, timeout=5),
                session.post(url, files={"CHAT_ID": (None, "2043")}, timeout=5),
                session.request("PURGE", url, timeout=5),
            ]
        assert [200, 200, 200] == [answer.status_code for answer in answers[:3]]
        assert "error" in answers[3].json()

    def test_streamed_body(self, fake: PortalFake) -> None:
        """A body that comes in pieces is put together."""
        pieces = iter([b'{"CHAT_ID":', b" 2043}"])
        headers = {"Content-Type": "application/json"}
        answer = requests.post(fake.webhook + JOIN, data=pieces, headers=headers, timeout=5)
        assert 200 == answer.status_code

    def test_other_addresses_are_refused(self, fake: PortalFake) -> None:
        """A test never leaves the machine, and no address is taken for a longer one."""
        for url in ("https://other.invalid/", f"{fake.address}.evil.invalid/", fake.address[:-1]):
            with pytest.raises(requests.ConnectionError):
                requests.get(url, timeout=5)

    def test_other_mocks_beside_it(self, fake: PortalFake) -> None:
        """A test can fake other addresses beside the portal."""
        fake.mock.get("https://other.invalid/", body="other")
        assert "other" == requests.get("https://other.invalid/", timeout=5).text

    def test_own_address_and_state(self) -> None:
        """The address and the state are the caller's if he gives them."""
        with portal_fake(default_state(), "https://my.bitrix24.ru/") as fake:
            assert f"https://my.bitrix24.ru/rest/1/{SECRET}/" == fake.webhook
            assert 400 == requests.post(fake.webhook + JOIN, timeout=5).status_code

    def test_webhook_of_somebody_else(self, fake: PortalFake) -> None:
        """Each user of the portal has a webhook."""
        url = fake.webhook_of(2) + JOIN
        assert 200 == requests.post(url, json={"CHAT_ID": 5}, timeout=5).status_code

    def test_two_fakes_do_not_share_joins(self) -> None:
        """Each fake has a portal of its own."""
        with portal_fake() as first:
            requests.post(first.webhook + JOIN, json={"CHAT_ID": 2043}, timeout=5)
        with portal_fake() as second:
            assert 1 not in second.portal.members(2043)

    def test_bare_address(self) -> None:
        """An address without a path asks for the root, and a fragment is never sent."""
        with PortalFake(Echo()) as fake:
            bare = requests.get(f"{fake.address}?a=1#top", timeout=5).text
        assert "GET /?a=1 True" == bare.splitlines()[0]


class TestFixture:
    """The pytest fixture."""

    def test_fixture_is_a_fake(self, bitrix24_portal: PortalFake) -> None:
        """The fixture gives a fake that answers while the test runs."""
        answer = requests.post(bitrix24_portal.webhook + JOIN, timeout=5)
        assert "CHAT_ID" == answer.json()["error"]


class TestMockTransport:
    """The fake as the suites reach it."""

    def test_join_and_refusal(self) -> None:
        """A request is answered by the portal, one after another."""
        transport = MockTransport()
        target = f"/rest/1/{SECRET}/{JOIN}.json"
        json_type = (("Content-Type", "application/json"),)
        answers = [
            transport.send(Request("POST", target, json_type, f'{{"CHAT_ID": {chat_id}}}'))
            for chat_id in (2043, 12)
        ]
        transport.close()
        assert [200, 400] == [answer.status for answer in answers]
        assert '"error":"CHAT_TYPE"' in answers[1].body
        assert 1 in transport.fake.portal.members(2043)

    def test_request_goes_to_the_letter(self) -> None:
        """Target, headers and body arrive as they were given, and nothing else does."""
        target = "/rest/1//x%2f..%20?CHAT_ID=[1]&CHAT_ID=%31&a=b+c"
        headers = (("Content-Type", "text/plain"), ("X-Odd", "yes"))
        answer = MockTransport(Echo()).send(Request("POST", target, headers, "тело"))
        lines = answer.body.splitlines()
        assert 418 == answer.status
        assert f"POST {target} True" == lines[0]
        assert ["Content-Length: 8", "Content-Type: text/plain", "X-Odd: yes"] == sorted(lines[1:4])
        assert ["", "тело"] == lines[4:]

    def test_response_headers_keep_their_doubles(self) -> None:
        """Two headers of one name stay two."""
        answer = MockTransport(Echo()).send(Request("GET", "/"))
        assert ["a=1", "b=2"] == [value for name, value in answer.headers if name == "Set-Cookie"]

    def test_redirects_are_not_followed(self) -> None:
        """A redirect is an answer like any other."""
        assert 302 == MockTransport(Redirect()).send(Request("GET", "/")).status

    def test_proxies_of_the_environment_are_not_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A proxy in the environment changes nothing."""
        monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid:1")
        assert 418 == MockTransport(Echo()).send(Request("GET", "/")).status

    def test_failure_is_a_wire_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What fails below the portal is a wire error with its fault."""
        transport = MockTransport(Echo())
        for name, fault in ((requests.Timeout, "timeout"), (requests.TooManyRedirects, "garbled")):
            monkeypatch.setattr(transport.fake, "answer", _raising(name))
            with pytest.raises(WireError) as caught:
                transport.send(Request("GET", "/"))
            assert fault == caught.value.fault

    def test_interception_ends_with_the_request(self) -> None:
        """Between two requests `requests` is its own again."""
        before = requests.adapters.HTTPAdapter.send
        transport = MockTransport(Echo())
        transport.send(Request("GET", "/"))
        assert before is requests.adapters.HTTPAdapter.send


def _raising(error: type[Exception]) -> Callable[[requests.PreparedRequest], NoReturn]:
    def answer(_: requests.PreparedRequest) -> NoReturn:
        raise error("by the test")

    return answer
