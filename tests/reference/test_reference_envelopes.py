"""Envelopes, headers and formats, on both generations of the kernel."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest

from b24_conformance.reference import Portal, Request
from b24_conformance.reference.formats import WrongEncodingError, json_encode, xml_encode

JOIN = "imopenlines.session.join"
TIME = [
    *["start", "finish", "duration", "processing", "date_start", "date_finish"],
    *["operating_reset_at", "operating"],
]


def ticking(*instants: float) -> Callable[[], float]:
    """Return a clock that shows these times, and then the last one for ever."""
    times = list(instants)
    return lambda: times.pop(0) if len(times) > 1 else times[0]


class TestSuccess:
    def test_new_kernel(self, ask_with: Callable[..., Any]) -> None:
        """The new kernel cuts start and processing to whole seconds."""
        body = ask_with(clock=ticking(1773663032.25, 1773663032.5)).call(CHAT_ID=2043)
        expected = {
            "result": True,
            "time": {
                "start": 1773663032,
                "finish": 1773663032.5,
                "duration": 0.5,
                "processing": 0,
                "date_start": "2026-03-16T12:10:32+00:00",
                "date_finish": "2026-03-16T12:10:32+00:00",
                "operating_reset_at": 1773663632,
                "operating": 0,
            },
        }
        assert expected == body
        assert TIME == list(body["time"])

    def test_old_kernel(self, ask_with: Callable[..., Any]) -> None:
        """The old kernel shows fractions of a second throughout."""
        ask = ask_with(kernel="old", clock=ticking(1773663032.25, 1773663032.5))
        times = ask.call(CHAT_ID=2043)["time"]
        assert (1773663032.25, 0.25, 0.25) == (
            times["start"],
            times["duration"],
            times["processing"],
        )

    def test_types(self, ask: Any) -> None:
        """On the new kernel start and processing are integers, finish and duration floats."""
        times = ask.call(CHAT_ID=2043)["time"]
        kinds = [type(times[key]) for key in ("start", "processing", "finish", "duration")]
        assert [int, int, float, float] == kinds


class TestRefusal:
    @pytest.mark.parametrize(
        ("language", "chat_id", "text"),
        [
            ("en", 0, "Chat ID is invalid."),
            ("en", 12, "This chat is not Open Channel"),
            ("en", 2050, "You do not have permission to access this chat."),
            ("ru", 0, "Указан не корректный идентификатор чата"),
            ("ru", 12, "Указанный чат не является открытой линией"),
            ("ru", 2050, "Вы не можете открыть этот разговор, т.к. у вас недостаточно прав."),
        ],
    )
    @pytest.mark.parametrize("kernel", ["new", "old"])
    def test_texts(
        self, ask_with: Callable[..., Any], kernel: str, language: str, chat_id: int, text: str
    ) -> None:
        """A refusal is a code and a text in the portal's language, and nothing else."""
        body = ask_with(kernel=kernel, language=language).call(CHAT_ID=chat_id)
        assert ["error", "error_description"] == list(body)
        assert text == body["error_description"]

    def test_unicode(self, ask_with: Callable[..., Any]) -> None:
        """The old kernel escapes what is not ASCII, the new one does not."""
        new, old = ask_with(language="ru"), ask_with(language="ru", kernel="old")
        assert "Указан".encode() in new.send(new.path()).body
        assert b"\\u0423\\u043a\\u0430\\u0437\\u0430\\u043d" in old.send(old.path()).body

    def test_no_secret(self, ask: Any) -> None:
        """No answer shows a credential, be it right or wrong."""
        user = ask.state.users[1]
        targets = [ask.path(), ask.path("no.such"), f"/rest/1/wrongsecret/{JOIN}"]
        targets += [f"/rest/{JOIN}?auth={token}" for token in ("wrongtoken", user.expired_token)]
        for target in targets:
            response = ask.send(target)
            text = response.body.decode() + str(response.headers)
            shown = [s for s in (user.webhook_secret, user.expired_token, "wrong") if s in text]
            assert [] == shown


class TestHeaders:
    @pytest.mark.parametrize("chat_id", [2043, 0])
    def test_always(self, ask: Any, chat_id: int) -> None:
        """Type, CORS and nosniff are there on successes and refusals alike."""
        response = ask.send(ask.path(), json.dumps({"CHAT_ID": chat_id}).encode())
        expected = {
            "content-type": "application/json; charset=utf-8",
            "access-control-allow-origin": "*",
            "access-control-allow-headers": "origin, content-type, accept",
            "x-content-type-options": "nosniff",
        }
        assert expected == {name: response.header(name) for name in expected}

    def test_rest_time(self, ask_with: Callable[..., Any]) -> None:
        """The time in the headers has ten digits, and whole seconds on the new kernel."""
        new = ask_with(clock=ticking(1.25, 1.75))
        old = ask_with(kernel="old", clock=ticking(1.25, 1.75))
        shown = [ask.send(ask.path()).header("x-bitrix-rest-time") for ask in (new, old)]
        assert ["0.0000000000", "0.5000000000"] == shown

    def test_method_started(self, ask: Any) -> None:
        """User and system time are there only where the method was started."""
        names = ("x-bitrix-rest-user-time", "x-bitrix-rest-system-time")
        started, refused = ask.send(ask.path()), ask.send(f"/rest/1/wrong/{JOIN}")
        assert ["0.0000000000"] * 2 == [started.header(name) for name in names]
        assert [None] * 2 == [refused.header(name) for name in names]

    def test_application(self, ask: Any) -> None:
        """Only an application's calls are answered with its identifier."""
        token = ask.state.users[1].access_token
        by_token, by_webhook = ask.get(f"/rest/{JOIN}", auth=token), ask.send(ask.path())
        name = "x-bitrix-rest-application"
        assert (True, None) == (bool(by_token.header(name)), by_webhook.header(name))


class TestXml:
    def test_success(self, ask_with: Callable[..., Any]) -> None:
        """true is 1, and floats have PHP's precision of 14 digits."""
        ask = ask_with(clock=ticking(1773663032.25, 1773663032.4931234))
        response = ask.send(ask.path(f"{JOIN}.xml"), b'{"CHAT_ID":2043}')
        root = ElementTree.fromstring(response.body)
        assert ("response", ["result", "time"]) == (root.tag, [child.tag for child in root])
        found = [root.findtext(path) for path in ("result", "time/start", "time/finish")]
        assert ["1", "1773663032", "1773663032.4931"] == found
        assert "text/xml; charset=utf-8" == response.header("content-type")

    def test_refusal(self, ask: Any) -> None:
        """A refusal has the same status and codes, and no declaration."""
        response = ask.send(ask.path(f"{JOIN}.XML"), b'{"CHAT_ID":0}')
        expected = (
            b"<response><error>CHAT_ID</error>"
            b"<error_description>Chat ID is invalid.</error_description></response>"
        )
        assert (400, expected) == (response.status, response.body)

    def test_not_found(self, ask: Any) -> None:
        """An unknown method is answered in the format that was asked for."""
        assert ask.send("/rest/no.such.xml").body.startswith(b"<response><error>ERROR_METHOD")

    def test_items(self) -> None:
        """Lists become items, keys that are no names too, and texts are escaped."""
        value = {"a": [1, None, False], "2": {"<x>": "<&\"'\x00"}}
        expected = (
            "<response><a><item>1</item><item></item><item></item></a>"
            "<item><item>&lt;&amp;&quot;&#039;\ufffd</item></item></response>"
        )
        assert expected == xml_encode(value)


class TestJsonText:
    def test_escapes(self) -> None:
        """Signs are escaped with PHP's four HEX flags, and slashes."""
        text = json_encode("</>&'\"\\é\u2028😀\x08\x0c\x1f\x7f\n", escape_unicode=False)
        expected = '"\\u003C\\/\\u003E\\u0026\\u0027\\u0022\\\\é\\u2028😀\\b\\f\\u001f\x7f\\n"'
        assert expected == text

    def test_ascii(self) -> None:
        """The old kernel's text is ASCII, with pairs of surrogates."""
        assert '"\\u00e9\\u2028\\ud83d\\ude00"' == json_encode("é\u2028😀", escape_unicode=True)

    def test_floats(self) -> None:
        """Floats are short, and without a fraction of zero."""
        assert "[1,4.7e-5,0.30000000000000004]" == json_encode(
            [1.0, 4.7e-5, 0.1 + 0.2], escape_unicode=False
        )

    def test_bad_bytes(self) -> None:
        """Bytes that are not UTF-8 are replaced, and fail on the old kernel."""
        assert '"\ufffd"' == json_encode("\udcff", escape_unicode=False)
        with pytest.raises(WrongEncodingError):
            json_encode("\udcff", escape_unicode=True)


class TestOverriding:
    def test_one_step(self) -> None:
        """A portal that is wrong in one respect overrides one step."""

        class ShoutsTrue(Portal):
            def success_envelope(self, result: Any, times: Any) -> Any:
                return {"result": "true", "time": times}

        portal = ShoutsTrue()
        target = f"/rest/1/{portal.state.users[1].webhook_secret}/{JOIN}?CHAT_ID=2043"
        assert "true" == json.loads(portal.answer(Request("GET", target)).body)["result"]
