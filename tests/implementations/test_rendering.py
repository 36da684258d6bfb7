"""Probes become requests, byte for byte."""

from __future__ import annotations

import json

import msgspec
import pytest

from b24_conformance import ways
from b24_conformance.implementations.keyring import Keyring, Keys, Webhook
from b24_conformance.implementations.rendering import item_keys, render, render_batch
from b24_conformance.probe import MEMBERS, Asking, Identity, Probe

HOOK = Webhook.parse("https://example.bitrix24.com/rest/1/s3cr3ts3cr3t/")
OTHER = Webhook.parse("https://example.bitrix24.com/rest/2/another0another/")
KEYRING = Keyring("/rest/", {"operator": Keys(HOOK, "t0ken"), "colleague": Keys(OTHER)})
HERE = "/rest/1/s3cr3ts3cr3t/imopenlines.session.join"
ACCEPT = ("Accept", "application/json")
JSON = ("Content-Type", "application/json")
FORM = ("Content-Type", "application/x-www-form-urlencoded")
TEXT = ("Content-Type", "text/plain;charset=UTF-8")
PLAIN = '{"CHAT_ID":42}'
TOKENS = "/rest/imopenlines.session.join.json"

MULTIPART = (
    "--b24-conformance-boundary\r\n"
    'Content-Disposition: form-data; name="CHAT_ID"\r\n\r\n42\r\n'
    "--b24-conformance-boundary--\r\n"
)


class TestWays:
    """Every way of asking."""

    @pytest.mark.parametrize(
        ("asking", "verb", "target", "kind", "body"),
        [
            (ways.PLAIN, "POST", f"{HERE}.json", JSON, PLAIN),
            (
                ways.JSON_SPELT,
                "POST",
                f"{HERE}.json",
                ("Content-Type", "application/json; charset=utf-8"),
                '{\r\n\t"CHAT\\u005fID" : 42\n}\n',
            ),
            (ways.NO_SUFFIX, "POST", HERE, JSON, PLAIN),
            (ways.XML, "POST", f"{HERE}.xml", JSON, PLAIN),
            (ways.UPPER_SUFFIX, "POST", f"{HERE}.JSON", JSON, PLAIN),
            (ways.FORM, "POST", f"{HERE}.json", FORM, "CHAT_ID=42"),
            (
                ways.FORM_SPELT,
                "POST",
                f"{HERE}.json",
                ("Content-Type", "Application/x-www-form-urlencoded; charset=UTF-8"),
                "CHAT_ID=42",
            ),
            (ways.TEXT_FORM, "POST", f"{HERE}.json", TEXT, "CHAT_ID=42"),
            (ways.QUERY, "GET", f"{HERE}.json?CHAT_ID=42", None, ""),
            (ways.POSTED_QUERY, "POST", f"{HERE}.json?CHAT_ID=42", None, ""),
            (
                ways.ANY_CASE,
                "POST",
                "/rest/1/s3cr3ts3cr3t/ImOpenLines.Session.JOIN.json",
                JSON,
                PLAIN,
            ),
            (
                ways.DOUBLE_SLASH,
                "POST",
                "/rest/1/s3cr3ts3cr3t//imopenlines.session.join.json",
                JSON,
                PLAIN,
            ),
            (ways.TRAILING_SLASH, "POST", f"{HERE}/", JSON, PLAIN),
            (ways.OAUTH_BODY, "POST", TOKENS, JSON, '{"CHAT_ID":42,"auth":"t0ken"}'),
            (ways.OAUTH_QUERY, "POST", f"{TOKENS}?auth=t0ken", JSON, PLAIN),
            (ways.ACCESS_TOKEN, "POST", f"{TOKENS}?access_token=t0ken", JSON, PLAIN),
            (Asking(identity="none"), "POST", TOKENS, JSON, PLAIN),
            (Asking(place="oauth_body", identity="none"), "POST", TOKENS, JSON, PLAIN),
            (
                Asking(place="oauth_body", encoding="form"),
                "POST",
                TOKENS,
                FORM,
                "CHAT_ID=42&auth=t0ken",
            ),
        ],
        ids=str,
    )
    def test_request(
        self, asking: Asking, verb: str, target: str, kind: tuple[str, str] | None, body: str
    ) -> None:
        """Verb, target, headers and body are exactly these."""
        request = render(Probe("42", asking=asking), KEYRING)
        headers = (ACCEPT, kind) if kind else (ACCEPT,)
        assert (verb, target, headers, body) == (
            request.verb,
            request.target,
            request.headers,
            request.body,
        )

    @pytest.mark.parametrize(
        ("asking", "scheme"), [(ways.BEARER, "Bearer"), (ways.BEARER_LOWER, "bearer")], ids=str
    )
    def test_bearer(self, asking: Asking, scheme: str) -> None:
        """A bearer token stands in a header and nowhere else."""
        request = render(Probe("42", asking=asking), KEYRING)
        assert (ACCEPT, ("Authorization", f"{scheme} t0ken"), JSON) == request.headers
        assert (TOKENS, PLAIN) == (request.target, request.body)

    def test_multipart(self) -> None:
        """A multipart body has one part a parameter."""
        request = render(Probe("42", asking=ways.MULTIPART), KEYRING)
        boundary = "multipart/form-data; boundary=b24-conformance-boundary"
        assert ("Content-Type", boundary) == request.headers[1]
        assert MULTIPART == request.body

    def test_unquoted_multipart(self) -> None:
        """Names without quotes stand behind the type of each part, and a file before them all."""
        request = render(Probe("42", asking=ways.MULTIPART_UNQUOTED), KEYRING)
        boundary = 'multipart/form-data; boundary="b24-conformance-boundary"'
        field = (
            "--b24-conformance-boundary\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Content-Disposition: form-data; name=CHAT_ID\r\n\r\n42\r\n"
        )
        assert ("Content-Type", boundary) == request.headers[1]
        assert request.body.endswith(f"{field}--b24-conformance-boundary--\r\n")
        assert request.body.startswith("--b24-conformance-boundary\r\n")
        assert "filename=note.txt" in request.body

    def test_preflight(self) -> None:
        """A browser's preflight says what will be sent, and sends nothing."""
        request = render(Probe(asking=ways.PREFLIGHT), KEYRING)
        assert ("OPTIONS", f"{HERE}.json", "") == (request.verb, request.target, request.body)
        assert ("Access-Control-Request-Method", "POST") in request.headers


class TestParameters:
    """What stands beside CHAT_ID, and how it is spelled."""

    @pytest.mark.parametrize(
        "literal", ["4.20e1", '"\\u0034"', "[1, 2]", "tru", '"й"', "1e400", '"\\ud800"']
    )
    def test_literals_stay(self, literal: str) -> None:
        """A JSON literal is sent as it is written, sound or not."""
        assert f'{{"CHAT_ID":{literal}}}' == render(Probe(literal), KEYRING).body

    def test_absent(self) -> None:
        """Without CHAT_ID nothing stands in its place."""
        assert "{}" == render(Probe(None), KEYRING).body
        assert "" == render(Probe(None, asking=ways.FORM), KEYRING).body
        assert HERE + ".json" == render(Probe(None, asking=ways.QUERY), KEYRING).target

    def test_raw(self) -> None:
        """A raw body or query is sent as it is."""
        assert "[5" == render(Probe("[5", raw=True), KEYRING).body
        form = Probe("CHAT.ID=%34&x", raw=True, asking=ways.FORM)
        assert "CHAT.ID=%34&x" == render(form, KEYRING).body
        query = Probe("CHAT_ID=1&CHAT_ID=2", raw=True, asking=ways.QUERY)
        assert f"{HERE}.json?CHAT_ID=1&CHAT_ID=2" == render(query, KEYRING).target

    def test_beside(self) -> None:
        """A second CHAT_ID stands in the URL."""
        request = render(Probe("42", beside="5 0"), KEYRING)
        assert (f"{HERE}.json?CHAT_ID=5+0", PLAIN) == (request.target, request.body)

    def test_extra(self) -> None:
        """Further parameters follow CHAT_ID."""
        extra = (("USER_ID", "2"), ("LANG", '"ru"'))
        body = '{"CHAT_ID":42,"USER_ID":2,"LANG":"ru"}'
        assert body == render(Probe("42", extra=extra), KEYRING).body

    def test_key(self) -> None:
        """The key is spelled as it is wanted."""
        assert '{"chat_id":42}' == render(Probe("42", key="chat_id"), KEYRING).body

    @pytest.mark.parametrize(
        ("text", "encoded"),
        [(" 42", "+42"), ("+42", "%2B42"), ("4&2=", "4%262%3D"), ("й", "%D0%B9"), ("\0", "%00")],
    )
    def test_urlencoded(self, text: str, encoded: str) -> None:
        """Form fields are urlencoded."""
        assert f"CHAT_ID={encoded}" == render(Probe(text, asking=ways.FORM), KEYRING).body

    def test_members(self) -> None:
        """The question about participants names its own method."""
        request = render(Probe("42", method=MEMBERS), KEYRING)
        assert "/rest/1/s3cr3ts3cr3t/im.chat.user.list.json" == request.target

    def test_colleague(self) -> None:
        """A colleague asks by his own webhook."""
        request = render(Probe("42", operator="colleague"), KEYRING)
        assert request.target.startswith("/rest/2/another0another/")


class TestStrangers:
    """Credentials that are none, as they are sent."""

    @pytest.mark.parametrize(
        ("identity", "target"),
        [
            ("nobodys", "/rest/199999999/s3cr3ts3cr3t/imopenlines.session.join.json"),
            ("swapped", "/rest/1/t0ken/imopenlines.session.join.json"),
            ("wildcard", "/rest/1/%25/imopenlines.session.join.json"),
            (
                "quoted",
                "/rest/1/%27%20OR%20%271%27%3D%271/imopenlines.session.join.json",
            ),
        ],
    )
    def test_path(self, identity: Identity, target: str) -> None:
        """In a path whatever may not stand there is escaped."""
        request = render(Probe("42", asking=Asking(identity=identity)), KEYRING)
        assert (target, PLAIN) == (request.target, request.body)

    def test_empty(self) -> None:
        """Between two slashes there is no secret."""
        asking = msgspec.structs.replace(ways.DOUBLE_SLASH, identity="empty")
        request = render(Probe("42", asking=asking), KEYRING)
        assert "/rest/1//imopenlines.session.join.json" == request.target

    def test_doubled(self) -> None:
        """A wrong token stands in the header, beside a wrong secret in the path."""
        request = render(Probe("42", asking=Asking(identity="doubled")), KEYRING)
        name, shown = request.headers[1]
        secret = request.target.split("/")[3]
        assert ("Authorization", "Bearer") == (name, shown.split()[0])
        assert not {"s3cr3ts3cr3t", "t0ken"} & {secret, shown.split()[1]}

    @pytest.mark.parametrize(
        ("asking", "extra", "body"),
        [
            (ways.PLAIN, ("auth", "null"), '{"CHAT_ID":42,"auth":null}'),
            (ways.FORM, ("auth[]", "x"), "CHAT_ID=42&auth[]=x"),
        ],
        ids=str,
    )
    def test_no_token(self, asking: Asking, extra: tuple[str, str], body: str) -> None:
        """What is no token may stand in its place."""
        nobody = msgspec.structs.replace(asking, identity="none")
        request = render(Probe("42", asking=nobody, extra=(extra,)), KEYRING)
        assert (TOKENS, body) == (request.target, request.body)


class TestBatch:
    """Several probes in one request."""

    def test_items(self) -> None:
        """Items are named in their order, and each is a query of its own."""
        step = tuple(Probe(text, asking=ways.BATCH) for text in ("42", " 5", "", "a&b"))
        request = render_batch((*step, Probe(None, asking=ways.BATCH)), KEYRING)
        method = "imopenlines.session.join"
        commands = {
            "c0": f"{method}?CHAT_ID=42",
            "c1": f"{method}?CHAT_ID=+5",
            "c2": f"{method}?CHAT_ID=",
            "c3": f"{method}?CHAT_ID=a%26b",
            "c4": method,
        }
        assert ("POST", "/rest/1/s3cr3ts3cr3t/batch.json") == (request.verb, request.target)
        assert {"halt": 0, "cmd": commands} == json.loads(request.body)


class TestBatchesOtherwise:
    """A batch as PHP's clients write it."""

    FIELDS = "halt=0&cmd%5Bc0%5D=imopenlines.session.join%3FCHAT_ID%3D42%26LANG%3Da%2526b"
    EXTRA = (("LANG", "a&b"),)

    def test_form(self) -> None:
        """As a form, in which every command is escaped once more."""
        request = render_batch((Probe("42", asking=ways.BATCH_FORM, extra=self.EXTRA),), KEYRING)
        assert (ACCEPT, FORM) == request.headers
        assert ("POST", "/rest/1/s3cr3ts3cr3t/batch.json", self.FIELDS) == (
            request.verb,
            request.target,
            request.body,
        )

    @pytest.mark.parametrize(
        ("asking", "halt"), [(ways.BATCH_LIST, 0), (ways.BATCH_HALTING, 1), (ways.BATCH_LONG, 0)]
    )
    def test_list(self, asking: Asking, halt: int) -> None:
        """In a list commands have no keys, and are answered by their places."""
        step = (Probe("42", asking=asking), Probe("0", asking=asking))
        commands = [f"imopenlines.session.join?CHAT_ID={chat}" for chat in (42, 0)]
        body = json.loads(render_batch(step, KEYRING).body)
        assert (halt, commands) == (body["halt"], body["cmd"])
        assert ["0", "1"] == item_keys(step)

    def test_beside_a_list(self) -> None:
        """The last CHAT_ID of a list stands beside it, too, and is no command's."""
        step = tuple(Probe(chat, asking=ways.BATCH_LIST) for chat in ("0", "42", None))
        body = json.loads(render_batch(step, KEYRING).body)
        assert ("imopenlines.session.join", "42") == (body["cmd"][-1], body["CHAT_ID"])

    @pytest.mark.parametrize("asking", [ways.BATCH, ways.BATCH_HALTING, ways.BATCH_LONG], ids=str)
    def test_beside_nothing_else(self, asking: Asking) -> None:
        """Other batches hold their commands, and whether they halt."""
        step = (Probe("42", asking=asking), Probe(None, asking=asking))
        assert {"halt", "cmd"} == {*json.loads(render_batch(step, KEYRING).body)}

    def test_query(self) -> None:
        """In the URL, escaped in the same way; nothing is left for a body."""
        request = render_batch((Probe("42", asking=ways.BATCH_QUERY, extra=self.EXTRA),), KEYRING)
        assert ((ACCEPT,), "") == (request.headers, request.body)
        assert ("GET", f"/rest/1/s3cr3ts3cr3t/batch.json?{self.FIELDS}") == (
            request.verb,
            request.target,
        )

    def test_token(self) -> None:
        """Without a webhook the token stands beside the commands."""
        ring = Keyring("/rest/", {"operator": Keys(None, "t0ken")})
        form = render_batch((Probe("1", asking=ways.BATCH_FORM),), ring)
        query = render_batch((Probe("1", asking=ways.BATCH_QUERY),), ring)
        assert form.body.endswith("&auth=t0ken")
        assert query.target.endswith("&auth=t0ken")
