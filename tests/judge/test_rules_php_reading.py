"""Rules of leniency: kept and broken cases."""

from __future__ import annotations

import pytest
from observations import (
    CHAT_ID,
    CHAT_TYPE,
    DENIED,
    JOINED,
    Came,
    Case,
    Rules,
    broken,
    judged,
    p,
    refused,
)

from b24_conformance import ways
from b24_conformance.probe import Probe


def read(clause: str, literal: str, right: Came, wrong: Came) -> Case:
    """A literal that is read as PHP reads it, and otherwise."""
    other = (p(0), CHAT_ID) if right != CHAT_ID else (p(2050), DENIED)
    return Case(clause, [(p(literal), right), other], [(p(literal), wrong), other])


def form(text: str, right: Came, wrong: Came, *, raw: bool = False) -> Case:
    """A form field that is read as PHP reads it, and otherwise."""
    probe, other = p(text, asking=ways.FORM, raw=raw), p(0, asking=ways.FORM)
    if right == CHAT_ID:
        return Case(
            "php.form",
            [(probe, right), (p(12, asking=ways.FORM), CHAT_TYPE)],
            [(probe, wrong)],
        )
    return Case("php.form", [(probe, right), (other, CHAT_ID)], [(probe, wrong)])


ZERO = (p(0, asking=ways.QUERY), CHAT_ID)


def command(text: str, right: Came, wrong: Came) -> Case:
    """A field in a command of a batch, which is a form as well."""
    probe, other = p(text, asking=ways.BATCH), p(2050, asking=ways.BATCH)
    return Case("php.form", [(probe, right), (other, DENIED)], [(probe, wrong), (other, DENIED)])


def raw(clause: str, body: str, right: Came, wrong: Came) -> Case:
    """A whole body."""
    probe, other = p(body, raw=True), (p(2050), DENIED)
    return Case(clause, [(probe, right), other], [(probe, wrong), other])


CASES = [
    read("php.numbers", "12.9", CHAT_TYPE, CHAT_ID),
    read("php.numbers", "-12.9", CHAT_ID, CHAT_TYPE),
    read("php.numbers", "0.9", CHAT_ID, JOINED),
    read("php.numbers", "1.2e1", CHAT_TYPE, CHAT_ID),
    read("php.strings", '"12abc"', CHAT_TYPE, CHAT_ID),
    read("php.strings", '" 12"', CHAT_TYPE, CHAT_ID),
    read("php.strings", '"chat12"', CHAT_ID, CHAT_TYPE),
    read("php.strings", '"٤٢"', CHAT_ID, JOINED),
    read("php.booleans", "false", CHAT_ID, JOINED),
    read("php.booleans", "null", CHAT_ID, CHAT_TYPE),
    read("php.containers", "[]", CHAT_ID, JOINED),
    read("php.containers", "{}", CHAT_ID, CHAT_TYPE),
    form("12abc", CHAT_TYPE, CHAT_ID),
    form("0x12", CHAT_ID, CHAT_TYPE),
    form("CHAT.ID=12", CHAT_TYPE, CHAT_ID, raw=True),
    form("CHAT_ID=0&CHAT_ID=12", CHAT_TYPE, CHAT_ID, raw=True),
    command("12abc", CHAT_TYPE, CHAT_ID),
    command("0x12", CHAT_ID, CHAT_TYPE),
    Case(
        "php.form",
        [(p("CHAT_ID=0&CHAT%5FID=12", raw=True, asking=ways.QUERY), CHAT_TYPE), ZERO],
        [(p("CHAT_ID=0&CHAT%5FID=12", raw=True, asking=ways.QUERY), CHAT_ID), ZERO],
    ),
    Case(
        "php.form",
        [
            (p(12, asking=ways.MULTIPART_UNQUOTED), CHAT_TYPE),
            (p(0, asking=ways.MULTIPART_UNQUOTED), CHAT_ID),
        ],
        [(p(12, asking=ways.MULTIPART_UNQUOTED), CHAT_ID)],
    ),
    raw("php.malformed-json", '{"CHAT_ID":12', CHAT_ID, CHAT_TYPE),
    raw("php.malformed-json", "[12]", CHAT_ID, CHAT_TYPE),
    raw("php.malformed-json", "", CHAT_ID, JOINED),
    raw("php.duplicates", '{"CHAT_ID":0,"CHAT_ID":12}', CHAT_TYPE, CHAT_ID),
    raw("php.duplicates", '{"CHAT_ID":12,"CHAT\\u005fID":0}', CHAT_ID, CHAT_TYPE),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.clause)
class TestRules(Rules):
    """Each rule passes what keeps its clause and fails what breaks it."""


class TestBatches:
    """Commands of a batch beside forms."""

    def test_broken_batch(self) -> None:
        """A batch that breaks as a whole says nothing about the reading of its fields."""
        asked = [(p("12abc", asking=ways.BATCH), broken("HTTP 500"))]
        assert "not_checked" == judged("php.form", asked).status

    def test_key(self) -> None:
        """A name that PHP mends counts as CHAT_ID, in a command as well."""
        asked = [(p(12, key="CHAT.ID", asking=ways.BATCH), came) for came in (CHAT_TYPE, CHAT_ID)]
        assert "failed" == judged("php.form", asked).status
        assert 1 == len(judged("php.form", asked).findings)


class TestOneChat:
    """Lists and fields of lists are chat 1, whoever it is."""

    @pytest.mark.parametrize(
        ("clause", "first", "second"),
        [
            ("php.containers", p("[0]"), p("[12]")),
            ("php.containers", p('{"a":12}'), p("[12]")),
            (
                "php.form",
                p("CHAT_ID[]=0", asking=ways.FORM, raw=True),
                p("CHAT_ID[]=12", asking=ways.FORM, raw=True),
            ),
        ],
    )
    def test_another_answer(self, clause: str, first: Probe, second: Probe) -> None:
        """An undeclared chat has one answer; that of what is in the list is another's."""
        assert "not_checked" == judged(clause, [(first, CHAT_ID), (second, CHAT_ID)]).status
        found = judged(clause, [(first, CHAT_ID), (second, CHAT_TYPE)])
        assert "failed" == found.status
        assert "chat 1" in str(found.reason)


class TestPlatform:
    """What depends on PHP's version and word size."""

    @pytest.mark.parametrize("literal", ["1e30", "9223372036854775808", "-1e400"])
    def test_nothing_is_demanded(self, literal: str) -> None:
        """Any answer to a float out of range is right."""
        for came in (JOINED, CHAT_ID, DENIED):
            assert "not_checked" == judged("php.numbers", [(p(literal), came)]).status


class TestMalformed:
    """A CHAT_ID for which PHP, like other readers, gives up the whole body."""

    HALF = '"12\\ud800"'

    @pytest.mark.parametrize(
        ("probe", "came", "expected"),
        [
            (p(HALF), CHAT_ID, "passed"),
            (p(HALF), CHAT_TYPE, "failed"),
            (p(HALF), refused("BAD_JSON"), "failed"),
            (p("[" * 600 + "]" * 600), refused("BAD_JSON"), "failed"),
            (p('"12\\ud83d\\ude00"'), refused("BAD_JSON"), "not_checked"),
        ],
    )
    def test_like_none(self, probe: Probe, came: Came, expected: str) -> None:
        """It should count as none at all."""
        asked = [(p("{", raw=True), CHAT_ID)] if expected != "not_checked" else []
        assert (
            expected
            == judged("php.malformed-json", [*asked, (p(2050), DENIED), (probe, came)]).status
        )

    @pytest.mark.parametrize(
        ("probe", "expected"),
        [(p(HALF), "passed"), (p('"12\\ud83d\\ude00"'), "failed"), (p('"x"'), "failed")],
    )
    def test_own_code(self, probe: Probe, expected: str) -> None:
        """No documentation gives malformed JSON a code, so that any may do."""
        asked = [(p(0), CHAT_ID), (p(12), CHAT_TYPE), (probe, refused("BAD_JSON"))]
        assert expected == judged("refusal.closed-set", asked).status
