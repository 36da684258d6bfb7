"""Paths, verbs and bodies: what counts as which parameters."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

JOIN = "imopenlines.session.join"
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
CHAT_ID = (400, "CHAT_ID")
NOT_FOUND = (404, "ERROR_METHOD_NOT_FOUND")
BODY = b'{"CHAT_ID":2043}'


class TestPath:
    @pytest.mark.parametrize(
        "method",
        [
            *[JOIN, f"{JOIN}/", f"/{JOIN}/", f"{JOIN}.json", f"{JOIN}.JSON", f"{JOIN}.json/"],
            *["Imopenlines.Session.JOIN", "imopenlines%2Esession%2Ejoin", f"{JOIN}?start=0"],
            *[f"{JOIN}.json?bx24_request_id=1&bx24_sdk_type=b24-js-sdk&method=x&state=y"],
        ],
    )
    def test_found(self, ask: Any, method: str) -> None:
        """The method is found with and without suffix and slashes, in any case."""
        assert ask.outcome(ask.send(ask.path(method), BODY)) is True

    @pytest.mark.parametrize(
        "method",
        [f"{JOIN}.yaml", f"{JOIN}.php", f"{JOIN}.json.json", f"{JOIN}.", "json", ".json", "join"],
    )
    def test_not_found(self, ask: Any, method: str) -> None:
        """Any other suffix is part of a name that is not known."""
        assert NOT_FOUND == ask.outcome(ask.send(ask.path(method), BODY))

    @pytest.mark.parametrize("target", ["/", "", "*", "/rest", "/rest/1/x", "/rest/1/x/y/z", "/x"])
    def test_elsewhere(self, ask: Any, target: str) -> None:
        """A path that no template knows is 404."""
        assert NOT_FOUND == ask.outcome(ask.send(target, BODY))

    def test_without_webhook(self, ask: Any) -> None:
        """Doubled slashes do not matter on the OAuth route either."""
        token = ask.state.users[1].access_token
        assert ask.outcome(ask.get(f"/rest//{JOIN}", CHAT_ID=2043, auth=token)) is True

    def test_absolute(self, ask: Any) -> None:
        """A target in absolute form is read like its path."""
        assert ask.outcome(ask.send(f"http://any.host:80{ask.path()}", BODY)) is True

    def test_rest3(self, ask: Any, ask_with: Callable[..., Any]) -> None:
        """REST 3.0 does not know the join; the old kernel does not know REST 3.0."""
        response = ask.send(f"/rest/api/{JOIN}", BODY)
        assert 404 == response.status
        assert "METHODNOTFOUND" in json.loads(response.body)["error"]["code"]
        old = ask_with(kernel="old")
        assert NOT_FOUND == old.outcome(old.send(f"/rest/api/{JOIN}", BODY))


class TestVerbs:
    @pytest.mark.parametrize("verb", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"])
    def test_url_counts(self, ask: Any, verb: str) -> None:
        """Every verb runs the method with the parameters of the URL."""
        response = ask.send(f"{ask.path()}?CHAT_ID=2043", verb=verb)
        assert ask.outcome(response) is True

    @pytest.mark.parametrize("verb", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "post"])
    def test_body_does_not_count(self, ask: Any, verb: str) -> None:
        """Only POST has a body."""
        assert CHAT_ID == ask.outcome(ask.send(ask.path(), BODY, verb=verb))

    def test_head(self, ask: Any) -> None:
        """HEAD performs the join and is answered without a body."""
        response = ask.send(f"{ask.path()}?CHAT_ID=2043", verb="HEAD")
        assert (200, b"", [1]) == (response.status, response.body, ask.members(2043))

    def test_preflight(self, ask: Any) -> None:
        """A browser's preflight is answered at the edge and joins nobody."""
        headers = (("Access-Control-Request-Method", "POST"),)
        response = ask.send(f"{ask.path()}?CHAT_ID=2043", verb="OPTIONS", headers=headers)
        assert (200, b"", []) == (response.status, response.body, ask.members(2043))
        assert "*" == response.header("access-control-allow-origin")
        assert "content-type" in (response.header("access-control-allow-headers") or "")

    def test_options_without_credentials(self, ask: Any) -> None:
        """OPTIONS without credentials is taken for a preflight."""
        response = ask.send(f"/rest/{JOIN}", verb="OPTIONS", content_type=None)
        assert (200, b"") == (response.status, response.body)


class TestBodies:
    @pytest.mark.parametrize(
        ("body", "content_type"),
        [
            ('{"CHAT_ID":2043}', JSON),
            ('{"CHAT_ID":"2043"}', f"{JSON}; charset=utf-8"),
            (' {"CHAT\\u005fID" : 2043 } ', "Application/JSON"),
            ('{"CHAT_ID":5,"CHAT_ID":2043}', JSON),
            ("CHAT_ID=2043", FORM),
            ("CHAT_ID=5&CHAT_ID=2043", FORM),
            ("&&CHAT_ID=2043&", FORM),
            ("CHAT.ID=2043", FORM),
            ("CHAT_ID=2043", "text/plain;charset=UTF-8"),
            ("CHAT_ID=2043", None),
            ("CHAT_ID=2043", "application/octet-stream"),
            ('{"CHAT_ID":2043}', "application/vnd.x+json"),
        ],
    )
    def test_joined(self, ask: Any, body: str, content_type: str | None) -> None:
        """A body is read by its content type, and as a form where that says nothing."""
        assert ask.join_text(body, content_type) is True

    @pytest.mark.parametrize(
        ("body", "content_type"),
        [
            ("", JSON),
            ("{", JSON),
            ('{"CHAT_ID":2043', JSON),
            ('{"CHAT_ID":NaN}', JSON),
            ('{"CHAT_ID":2043}x', JSON),
            ("\ufeff" + '{"CHAT_ID":2043}', JSON),
            ("[]", JSON),
            ("[2043]", JSON),
            ("2043", JSON),
            ("null", JSON),
            ('"CHAT_ID=2043"', JSON),
            ("CHAT_ID=2043", JSON),
            ('{"CHAT.ID":2043}', JSON),
            ('{"CHAT_ID":2043}', FORM),
            ('{"CHAT_ID":2043}', "text/plain"),
            ('{"CHAT_ID":2043}', None),
            (b"\xff\xfe", FORM),
            ("", FORM),
        ],
    )
    def test_chat_id_missing(self, ask: Any, body: str | bytes, content_type: str | None) -> None:
        """A body that cannot be read counts as none: there is no error for bad JSON."""
        assert CHAT_ID == ask.join_text(body, content_type)

    def test_bad_json_leaves_the_url(self, ask: Any) -> None:
        """With a body that cannot be decoded the URL's parameters count."""
        assert ask.outcome(ask.send(f"{ask.path()}?CHAT_ID=2043", b"{")) is True

    @pytest.mark.parametrize(
        ("body", "content_type"),
        [('{"CHAT_ID":2043}', JSON), ("CHAT_ID=2043", FORM), ("CHAT_ID=2043", None)],
    )
    def test_body_wins(self, ask: Any, body: str, content_type: str | None) -> None:
        """The body wins over the URL."""
        response = ask.send(f"{ask.path()}?CHAT_ID=2050", body.encode(), content_type)
        assert ask.outcome(response) is True

    def test_old_kernel_json(self, ask_with: Callable[..., Any]) -> None:
        """The old kernel knows JSON under one name only."""
        ask = ask_with(kernel="old")
        assert ask.join_text('{"CHAT_ID":2043}', JSON) is True
        assert CHAT_ID == ask.join_text('{"CHAT_ID":2043}', "application/vnd.x+json")

    def test_large_json_number(self, ask: Any) -> None:
        """An integer beyond 64 bits becomes a float, a text one saturates: neither is a chat."""
        for body in ('{"CHAT_ID":99999999999999999999999}', '{"CHAT_ID":"%s"}' % ("9" * 5000)):
            assert CHAT_ID == ask.join_text(body)


class TestMultipart:
    def body(self, *parts: str) -> bytes:
        """Return a multipart body."""
        return ("".join(f"--XX\r\n{part}\r\n" for part in parts) + "--XX--\r\n").encode()

    @pytest.mark.parametrize("content_type", ["boundary=XX", 'boundary="XX"', "x=y; boundary=XX"])
    def test_field(self, ask: Any, content_type: str) -> None:
        """A multipart field is a parameter; the last of several wins."""
        body = self.body(
            'Content-Disposition: form-data; name="other"\r\n\r\nx',
            'Content-Disposition: form-data; name="CHAT_ID"\r\n\r\n5',
            "content-disposition: form-data; name=CHAT_ID\r\nContent-Type: text/plain\r\n\r\n2043",
        )
        assert ask.join_text(body, f"multipart/form-data; {content_type}") is True

    def test_list(self, ask: Any) -> None:
        """A multipart field's name is read like a form's: a list casts to 1."""
        body = self.body('Content-Disposition: form-data; name="CHAT_ID[]"\r\n\r\n2043')
        assert (400, "CHAT_TYPE") == ask.join_text(body, "multipart/form-data; boundary=XX")

    @pytest.mark.parametrize(
        ("part", "content_type"),
        [
            (
                'Content-Disposition: form-data; name="CHAT_ID"; filename=""\r\n\r\n5',
                "boundary=XX",
            ),
            ('Content-Disposition: form-data; name="CHAT_ID"\r\n\r\n2043', "boundary=YY"),
            ('Content-Disposition: form-data; name="CHAT_ID"\r\n\r\n2043', ""),
            ('Content-Disposition: form-data; name="CHAT_ID"\r\n2043', "boundary=XX"),
            ("\r\n\r\n2043", "boundary=XX"),
        ],
    )
    def test_no_field(self, ask: Any, part: str, content_type: str) -> None:
        """Files, nameless parts and parts of another boundary are no parameters."""
        body = self.body(part)
        assert CHAT_ID == ask.join_text(body, f"multipart/form-data; {content_type}")
