"""How an outcome is read out of a response, and what never counts as a success."""

from __future__ import annotations

import pytest

from b24_conformance.exchange import Response
from b24_conformance.implementations.answer import decode, read_join, read_members
from b24_conformance.outcome import JOINED

HTML = (("Content-Type", "text/html"),)
XML = '<?xml version="1.0" encoding="utf-8"?><response>{}</response>'


def kind(body: str, status: int = 200, **fields: object) -> str:
    """The kind of outcome that a body is."""
    return read_join(Response(status, (), body), **fields).kind  # type: ignore[arg-type]


def detail(body: str, status: int = 200, headers: object = (), *, xml: bool = False) -> str:
    """What is wrong with a body."""
    response = Response(status, headers, body)  # type: ignore[arg-type]
    outcome = read_join(response, xml=xml)
    assert "broken" == outcome.kind
    assert status == outcome.status
    return str(outcome.detail)


class TestJoined:
    """Success is exactly boolean true under HTTP 200."""

    @pytest.mark.parametrize("body", ['{"result":true}', ' {"result" : true, "time":{}}\n'])
    def test_true(self, body: str) -> None:
        """Whatever stands beside `result`, true is a success."""
        assert JOINED == read_join(Response(200, (), body))

    @pytest.mark.parametrize("value", ["1", "1.0", '"true"', "[true]", "null", "{}", "false", "[]"])
    def test_nothing_else(self, value: str) -> None:
        """No other value is."""
        assert f"`result` is {value}, not boolean true" == detail(f'{{"result":{value}}}')

    @pytest.mark.parametrize("status", [201, 202, 400, 403, 500])
    def test_status(self, status: int) -> None:
        """Nor is true under any other status."""
        assert f"`result` true with HTTP {status}" == detail('{"result":true}', status)

    def test_last_of_two(self) -> None:
        """Neither does a second `result` hide the first, or it is not read at all."""
        assert "joined" != kind('{"result":true,"result":false}')


class TestRefused:
    """A refusal has a code."""

    def test_code_and_status(self) -> None:
        """Code and status are those of the answer."""
        outcome = read_join(Response(400, (), '{"error":"CHAT_ID","error_description":""}'))
        assert ("refused", "CHAT_ID", 400) == (outcome.kind, outcome.code, outcome.status)

    def test_status_of_a_success(self) -> None:
        """A refusal under HTTP 200 is a refusal, with a remark."""
        outcome = read_join(Response(200, (), '{"error":"CHAT_ID"}'))
        assert ("CHAT_ID", "a refusal without its status") == (outcome.code, outcome.detail)

    @pytest.mark.parametrize("code", ["5", '""', "null", "{}", '["CHAT_ID"]', "true"])
    def test_no_code(self, code: str) -> None:
        """What is no text is no code."""
        assert f"`error` is {code}, not a code" == detail(f'{{"error":{code}}}', 400)


class TestBroken:
    """Everything else, each with its name."""

    @pytest.mark.parametrize(
        ("body", "told"),
        [
            ("true", "not a JSON object but true"),
            ("[]", "not a JSON object but []"),
            ('"CHAT_ID"', 'not a JSON object but "CHAT_ID"'),
            ("", "an empty body"),
            (" \n", "an empty body"),
            ('\ufeff{"result":true}', "a byte order mark before the JSON"),
            ("{}", "neither `result` nor `error`"),
            ('{"result":true,"error":"CHAT_ID"}', "both `result` and `error`"),
            ('{"result":null,"error":null}', "both `result` and `error`"),
            ("oops", "a body that is not JSON"),
            ('{"result":true', "a body that is not JSON"),
            ('{"result":true}{"result":true}', "a body that is not JSON"),
            ('{"result":NaN}', "a body that is not JSON"),
            ("[" * 100_000, "a body that is not JSON"),
            ('{"result":' * 100_000, "a body that is not JSON"),
            ("<!DOCTYPE html><p>", "HTML"),
            ("\ufeff<html>", "a byte order mark before the JSON"),
        ],
        ids=lambda value: value[:20],
    )
    def test_details(self, body: str, told: str) -> None:
        """The detail says what stands there instead."""
        assert told == detail(body)

    def test_html_by_type(self) -> None:
        """A page is told by its type as well."""
        assert "HTML" == detail("<br>Warning", 200, HTML)

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_redirect(self, status: int) -> None:
        """A redirect is never a success, whatever its body says."""
        assert "a redirect" == detail('{"result":true}', status)

    def test_bytes(self) -> None:
        """A body that is no UTF-8 is not read."""
        response = Response(200, (), '{"result":true,"x":"\xff"}', "latin-1")
        assert "a body that is not UTF-8" == read_join(response).detail

    def test_long_values_are_cut(self) -> None:
        """A long value is not told whole."""
        assert 150 > len(detail('{"result":"' + "x" * 5000 + '"}'))


class TestXml:
    """The XML transport."""

    @pytest.mark.parametrize("value", ["1", "true"])
    def test_joined(self, value: str) -> None:
        """A true <result> is a success."""
        assert "joined" == kind(XML.format(f"<result>{value}</result><time/>"), xml=True)

    def test_refused(self) -> None:
        """<error> holds the code."""
        body = XML.format("<error>CHAT_ID</error><error_description>no</error_description>")
        outcome = read_join(Response(400, (), body), xml=True)
        assert ("refused", "CHAT_ID", 400) == (outcome.kind, outcome.code, outcome.status)

    @pytest.mark.parametrize(
        ("body", "told"),
        [
            (XML.format(""), "neither a true <result> nor an <error>"),
            (XML.format("<result/>"), "neither a true <result> nor an <error>"),
            (XML.format("<result>0</result>"), "neither a true <result> nor an <error>"),
            (XML.format("<result><a/></result>"), "neither a true <result> nor an <error>"),
            (XML.format("<result>1</result><error>A</error>"), "both <result> and <error>"),
            (XML.format("<error/>"), '`error` is "", not a code'),
            ("<result>1</result>", "XML whose root is <result>, not <response>"),
            ('{"result":true}', "a body that is not XML"),
            ("", "a body that is not XML"),
            ("<!DOCTYPE r [<!ENTITY a 'b'>]><response>&a;</response>", "XML with a DTD"),
            ("<html><body>", "HTML"),
        ],
    )
    def test_broken(self, body: str, told: str) -> None:
        """Everything else is broken."""
        assert told == detail(body, xml=True)

    def test_status(self) -> None:
        """A true <result> under another status is no success."""
        found = detail(XML.format("<result>1</result>"), 400, xml=True)
        assert "a true <result> with HTTP 400" == found


class TestMembers:
    """Who takes part in a chat."""

    @pytest.mark.parametrize(
        ("body", "members"),
        [("[]", ()), ("[1,2]", (1, 2)), ('["1","22"]', (1, 22))],
    )
    def test_list(self, body: str, members: tuple[int, ...]) -> None:
        """Ids as numbers or as texts."""
        outcome = read_members(Response(200, (), f'{{"result":{body}}}'))
        assert ("members", members) == (outcome.kind, outcome.members)

    @pytest.mark.parametrize(
        ("rest", "more"), [("", False), (',"next":null', False), (',"total":2,"next":50', True)]
    )
    def test_pages(self, rest: str, more: bool) -> None:
        """A list with `next` goes on on another page."""
        assert more is read_members(Response(200, (), f'{{"result":[1]{rest}}}')).more

    @pytest.mark.parametrize("body", ['["a"]', "[true]", "[null]", '{"1":1}', "5", '["٤"]'])
    def test_no_list(self, body: str) -> None:
        """Anything else is broken."""
        assert "broken" == read_members(Response(200, (), f'{{"result":{body}}}')).kind

    def test_refused(self) -> None:
        """A refusal is a refusal."""
        body = '{"error":"ACCESS_ERROR","error_description":""}'
        assert "ACCESS_ERROR" == read_members(Response(400, (), body)).code


class TestDecode:
    """JSON, and only JSON."""

    def test_value(self) -> None:
        """Any JSON value is decoded."""
        assert {"a": [1, None]} == decode(Response(200, (), '{"a":[1,null]}'))

    @pytest.mark.parametrize("body", ["", "NaN", "-Infinity", "[1,]", "'a'", "\ufeff1"])
    def test_nothing_else(self, body: str) -> None:
        """Everything else is a ValueError."""
        with pytest.raises(ValueError, match=r"^an? "):
            decode(Response(200, (), body))
