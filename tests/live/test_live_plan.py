"""`run --plan` over a live portal: what will be sent, why it is safe, and who sees it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from faulty_portals import Open
from live_command import at_hand, command
from live_runs import JOIN, Sent, live_plan, live_run

from b24_conformance.declaration import RUNGS, Chats, Rung
from b24_conformance.options import Options

EVERYTHING: dict[str, Any] = {
    "chats": Chats((2044,), (2045,), (2050,), (12,), (999999999,)),
    "colleague": Chats(joined=(2047,), access_denied=(2044, 7000), not_open_line=(15,)),
    "token": True,
    "scopeless": True,
    "expired": True,
}
SEVERAL: dict[str, Any] = {
    "chats": Chats((2044, 2043), (2045, 7000), (2050,), (12,), (999999999,)),
    "colleague": Chats(joinable=(2043,), joined=(2047,), access_denied=(2044, 7000)),
}
ASIDE = ("im.recent.list", "im.chat.leave", "imopenlines.dialog.get", "profile")
_KEYS = r"CHAT_ID|chat_id|chatId|as a whole"
_ENTRY = re.compile(rf"^ *(?:(\d+)\. |      *)(\w+)( im\S+)? ({_KEYS}) .* ?\((\w+, .*)\)$")


def planned(text: str) -> list[list[tuple[str, ...]]]:
    """The requests of a plan: for each one its entries (operator, method, way)."""
    requests: list[list[tuple[str, ...]]] = []
    for entry in filter(None, map(_ENTRY.match, text.splitlines())):
        if entry[1]:
            requests.append([])
        requests[-1].append((entry[2], (entry[3] or f" {JOIN}").strip(), entry[5]))
    return requests


def is_aside(one: Sent) -> bool:
    """Whether a request is one of the looks before and after, or what undid the join."""
    return any(command.startswith(ASIDE) for command in one.commands or [one.method])


def shape(one: Sent) -> tuple[str, int, str]:
    """A request by what a plan tells of it: verb, number of items, and method."""
    return one.request.verb, max(1, len(one.commands)), one.method


class TestPlan:
    """The plan, and the run that follows it."""

    @pytest.mark.parametrize(
        "config", [{}, EVERYTHING, SEVERAL], ids=["simple", "everything", "several"]
    )
    @pytest.mark.parametrize("rung", RUNGS)
    def test_same_requests(self, tmp_path: Path, rung: Rung, config: dict[str, Any]) -> None:
        """A run over a sound portal sends what was planned, in that order, beside the looks."""
        plan, nothing = live_plan(tmp_path, joins=rung, **config)
        assert [] == nothing
        sent = live_run(Open(), tmp_path, joins=rung, **config).sent
        expected = []
        for entries in planned(plan):
            batch = "in a batch" in entries[0][2]
            verb = entries[0][2].partition(",")[0]
            expected.append((verb, len(entries), "batch" if batch else entries[0][1]))
        assert expected == [shape(one) for one in sent if not is_aside(one)]

    @pytest.mark.parametrize("rung", RUNGS)
    def test_says_why(self, tmp_path: Path, rung: Rung) -> None:
        """Every request has its reason, and where somebody sees something it says what."""
        plan, _ = live_plan(tmp_path, joins=rung)
        numbered = len(re.findall(r"^ *\d+\. ", plan, re.M))
        reasons = re.findall(r"^ {8}\S.*$", plan, re.M)
        assert numbered == len(reasons)
        assert f"{numbered} requests; nothing was sent" in plan
        joins = [reason for reason in reasons if "THE REAL JOIN" in reason]
        assert bool(joins) == (rung == "new")
        assert all("one message that the operator has joined" in reason for reason in joins)
        assert ("chat 2043: left by im.chat.leave" in plan) == (rung == "new")
        assert ("read-only looks" in plan) == (rung != "none")

    @pytest.mark.parametrize("without", [(), ("batch",)], ids=["batch", "no-batch"])
    @pytest.mark.parametrize("config", [EVERYTHING, SEVERAL], ids=["everything", "several"])
    def test_colleague_follows(
        self, tmp_path: Path, config: dict[str, Any], without: tuple[str, ...]
    ) -> None:
        """What a join must not open for the colleague is asked right after it."""
        plan, _ = live_plan(tmp_path, **config, without=without)
        asked = re.findall(r"^ *\d+\. (\w+) CHAT_ID (\d+) \(POST, json, webhook\)$", plan, re.M)
        assert ("colleague", "2044") == asked[asked.index(("operator", "2044")) + 1]
        assert 1 == asked.count(("colleague", "2044"))

    def test_stay(self, tmp_path: Path) -> None:
        """With --stay it says that the operator stays."""
        plan, _ = live_plan(tmp_path, options=Options(stay=True))
        assert "the operator stays in it" in plan
        assert "has left" not in plan

    def test_budget(self, tmp_path: Path) -> None:
        """A plan says how far a budget reaches."""
        with at_hand(Open(), tmp_path) as sent:
            done = command(tmp_path, "run", "--joins", "new", "--max-requests", "12", "--plan")
        assert (0, []) == (done.returncode, sent), done.stderr
        assert "--max-requests 12" in done.stdout

    def test_shows_all_of_a_request(self, tmp_path: Path) -> None:
        """A second CHAT_ID, another key and further parameters are shown."""
        plan, _ = live_plan(tmp_path)
        assert "CHAT_ID 12, CHAT_ID 2045 in the URL (POST, json, webhook)" in plan
        assert "bx24_request_id" in plan
        assert "as a whole CHAT_ID=12" in plan

    def test_token_only(self, tmp_path: Path) -> None:
        """Without a webhook the plan says where the token is shown."""
        plan, _ = live_plan(tmp_path, webhook=False, token=True)
        shown = [line for line in plan.splitlines() if ", webhook" in line]
        assert all("none credentials" in line for line in shown)
        assert "(POST, json, oauth by body)" in plan
