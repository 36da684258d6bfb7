"""Batches: shapes, order, limits."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

JOIN = "imopenlines.session.join"
DENIED = {
    "error": "ACCESS_DENIED",
    "error_description": "You do not have permission to access this chat.",
}


def run(ask: Any, cmd: Any, **more: Any) -> Any:
    """Return the result of a batch given as JSON."""
    return ask.call("batch", cmd=cmd, **more)["result"]


def join(chat_id: object) -> str:
    """Return a command."""
    return f"{JOIN}?CHAT_ID={chat_id}"


class TestShapes:
    @pytest.mark.parametrize("cmd", [None, [], {}, "x", 5, [5], [{"method": JOIN}], [[join(2043)]]])
    def test_nothing_to_run(self, ask: Any, cmd: Any) -> None:
        """Without a command that is a text all five maps are empty lists."""
        maps = ["result", "result_error", "result_total", "result_next", "result_time"]
        assert {name: [] for name in maps} == run(ask, cmd)

    def test_all_joined(self, ask: Any) -> None:
        """Results of a list make a list."""
        result = run(ask, [join(2043), join(42)])
        assert ([True, True], []) == (result["result"], result["result_error"])
        assert 2 == len(result["result_time"])

    def test_second_fails(self, ask: Any) -> None:
        """An error that is not the first makes the errors an object."""
        result = run(ask, [join(2043), join(2050)])
        assert ([True], {"1": DENIED}) == (result["result"], result["result_error"])

    def test_first_fails(self, ask: Any) -> None:
        """An error that is the first makes the errors a list, the results an object."""
        result = run(ask, [join(2050), join(2043)])
        assert ({"1": True}, [DENIED]) == (result["result"], result["result_error"])
        assert ["1"] == list(result["result_time"])

    def test_names(self, ask: Any) -> None:
        """Commands with names make objects."""
        result = run(ask, {"b": join(2043), "a": join(2050), "5": join(42)})
        assert ({"b": True, "5": True}, {"a": DENIED}) == (result["result"], result["result_error"])

    def test_numbers_as_names(self, ask: Any) -> None:
        """Names that count from 0 make a list, as PHP takes them for numbers."""
        assert [True, True] == run(ask, {"0": join(2043), "1": join(42)})["result"]
        assert {"1": True, "0": True} == run(ask, {"1": join(2043), "0": join(42)})["result"]

    def test_skipped(self, ask: Any) -> None:
        """A command that is no text is reported nowhere."""
        result = run(ask, [{"method": JOIN, "params": {"CHAT_ID": 2043}}, join(2043)])
        assert ({"1": True}, []) == (result["result"], result["result_error"])

    @pytest.mark.parametrize("query", ["cmd[0]={}", "CMD[]={}", "Cmd%5B%5D={}"])
    def test_by_query(self, ask: Any, query: str) -> None:
        """A batch can be sent by GET, and its own parameters in any case."""
        target = f"{ask.path('batch.json')}?{query.format(quote(join(2043)))}"
        assert [True] == json.loads(ask.send(target, verb="GET").body)["result"]["result"]

    def test_xml(self, ask: Any) -> None:
        """A batch can be answered in XML."""
        body = json.dumps({"cmd": [join(2043)]}).encode()
        text = ask.send(ask.path("batch.xml"), body).body.decode()
        assert "<result><result><item>1</item></result><result_error></result_error>" in text


class TestCommands:
    @pytest.mark.parametrize(
        "command",
        [
            *["CHAT_ID=2043#", "CHAT_ID=2043&x#fragment&CHAT_ID=5", "CHAT_ID=5&CHAT_ID=2043"],
            *["__order=1&CHAT_ID=2043&", "CHAT_ID=+2043", "CHAT.ID=2043", "CHAT_ID=2043?x"],
        ],
    )
    def test_query(self, ask: Any, command: str) -> None:
        """A command's parameters are read like a form, up to a fragment."""
        assert [True] == run(ask, [f"{JOIN}?{command}"])["result"]

    @pytest.mark.parametrize("name", [JOIN.upper(), f"x:{JOIN}"])
    def test_name(self, ask: Any, name: str) -> None:
        """A command's method is known in any case, and behind a scheme."""
        assert [True] == run(ask, [f"{name}?CHAT_ID=2043"])["result"]

    @pytest.mark.parametrize(
        "name", ["", f"{JOIN}.json", f"/{JOIN}", f"{JOIN}/", f"http://h/{JOIN}"]
    )
    def test_unknown(self, ask: Any, name: str) -> None:
        """Suffixes and slashes are no part of a command."""
        errors = run(ask, [f"{name}?CHAT_ID=2043"])["result_error"]
        assert ["ERROR_METHOD_NOT_FOUND"] == [error["error"] for error in errors]

    @pytest.mark.parametrize("name", ["batch", "Batch", "upload", "download"])
    def test_forbidden(self, ask: Any, name: str) -> None:
        """Some methods cannot be part of a batch."""
        errors = run(ask, [f"{name}?cmd[0]={quote(join(2043))}"])["result_error"]
        assert ["ERROR_BATCH_METHOD_NOT_ALLOWED"] == [error["error"] for error in errors]
        assert [] == ask.members(2043)

    def test_list_is_chat_one(self, ask: Any) -> None:
        """CHAT_ID given as a list casts to 1."""
        errors = run(ask, [f"{JOIN}?CHAT_ID[]=2043"])["result_error"]
        assert ["CHAT_TYPE"] == [error["error"] for error in errors]

    def test_scope(self, ask: Any) -> None:
        """Without the scope a batch runs, and its items fail without a text."""
        result = ask.call("batch", user=9, cmd=[join(2043), "scope"])["result"]
        expected = [{"error": "insufficient_scope", "error_description": ""}]
        assert (expected, {"1": ["im"]}) == (result["result_error"], result["result"])

    def test_item_texts(self, ask: Any) -> None:
        """Names that are not UTF-8 do no harm."""
        target = f"{ask.path('batch')}?cmd[%FF]={quote(join(2043))}"
        assert 200 == ask.send(target, verb="GET").status


class TestLimits:
    def test_length(self, ask: Any) -> None:
        """The first fifty run, each further one is an error."""
        result = run(ask, [join(2043)] * 52)
        assert 50 == len(result["result"])
        errors = {key: error["error"] for key, error in result["result_error"].items()}
        assert dict.fromkeys(["50", "51"], "ERROR_BATCH_LENGTH_EXCEEDED") == errors

    def test_skipped_count(self, ask: Any) -> None:
        """A skipped command counts towards the fifty."""
        result = run(ask, [None, *[join(2043)] * 50])
        assert (49, ["50"]) == (len(result["result"]), list(result["result_error"]))

    @pytest.mark.parametrize("halt", [1, True, "1", "false", "N", "0.0", [0]])
    def test_halt(self, ask: Any, halt: Any) -> None:
        """What PHP holds to be true ends the batch at the first error."""
        run(ask, [join(42), join(2050), join(2043)], halt=halt)
        assert ([1], []) == (ask.members(42), ask.members(2043))

    @pytest.mark.parametrize("halt", [0, False, "0", "", None, [], 0.0])
    def test_no_halt(self, ask: Any, halt: Any) -> None:
        """Otherwise it goes on."""
        run(ask, [join(42), join(2050), join(2043)], HALT=halt)
        assert ([1], [1]) == (ask.members(42), ask.members(2043))
