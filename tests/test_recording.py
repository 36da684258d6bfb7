"""Recording: a transcript fit to share tells nothing of anybody, and is judged like the run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from b24_conformance import anonymous
from b24_conformance.command.main import main
from b24_conformance.declaration import Chats, Declaration, Person
from b24_conformance.events import Event, ImplementationStarted, Judged, Observed
from b24_conformance.exchange import Exchange, Request, Response
from b24_conformance.implementations import embedded
from b24_conformance.implementations.building import Asked
from b24_conformance.mutants.free_portal import FreePortal
from b24_conformance.mutants.freedoms import Freedoms
from b24_conformance.mutants.gallery import portal
from b24_conformance.options import Options
from b24_conformance.outcome import JOINED, Outcome
from b24_conformance.probe import Asking, Probe
from b24_conformance.recording import Mask, record, stand_ins
from b24_conformance.reference import DECLARATIONS, Portal
from b24_conformance.reference import Request as TheirRequest
from b24_conformance.reference import Response as TheirResponse
from b24_conformance.reports import read_events
from b24_conformance.run import run
from b24_conformance.transcript import Observation

NAME = "Мария Customerova"
ASKED = Request("POST", "/rest/1/$B24_WEBHOOK/imopenlines.session.join")


class Talkative(Portal):
    """A portal that tells names, titles and hosts in places where a portal may."""

    def answer(self, request: TheirRequest) -> TheirResponse:
        answer = super().answer(request)
        headers = (*answer.headers, ("X-Portal", "acme.bitrix24.de"), ("Set-Cookie", f"u={NAME}"))
        body = answer.body
        if body.startswith(b"{"):
            fields = json.loads(body)
            fields["title"] = NAME
            if "error" in fields:
                fields["error_description"] = f"Chat with {NAME} is closed"
            body = json.dumps(fields, ensure_ascii=False).encode()
        return TheirResponse(answer.status, headers, body)


class Wrong(Talkative):
    """A portal with faults whose findings must survive."""

    def answer(self, request: TheirRequest) -> TheirResponse:
        answer = super().answer(request)
        body = answer.body.replace(b'"CHAT_TYPE"', b'"ACCESS_DENIED"')
        return TheirResponse(answer.status, answer.headers, body.replace(b"+00:00", b" UTC"))


class Rambling(Portal):
    """A portal whose times do not agree, with words in its XML and a bare answer to a preflight."""

    def answer(self, request: TheirRequest) -> TheirResponse:
        answer = super().answer(request)
        body = answer.body.replace(b"<response>", b"<response>well")
        body = re.sub(rb'"duration":[^,]+', b'"duration":77', body)
        kept = () if request.verb == "OPTIONS" else answer.headers
        return TheirResponse(answer.status, kept, body)


def ran(portal: Portal, seed: int = 0) -> list[Event]:
    """The events of a run against a portal in process."""
    events: list[Event] = []
    implementation = embedded.in_process("https://acme.bitrix24.de", portal.answer, Asked())
    run([implementation], Options(seed=seed, shrink=False), events.append)
    return events


def statuses(events: list[Event]) -> dict[str, str]:
    """Every clause's status by its id."""
    return {event.clause: event.status for event in events if isinstance(event, Judged)}


@pytest.fixture
def judged(tmp_path: Path) -> Callable[[list[Event]], tuple[dict[str, str], str]]:
    """Records a run and judges the file; the clauses' statuses, and the file's text."""

    def judge(events: list[Event]) -> tuple[dict[str, str], str]:
        path = tmp_path / "shared.jsonl"
        record(events, path)
        with pytest.raises(SystemExit):
            main(["judge", str(path), "--quiet", "--reports", str(tmp_path / "out")])
        again = list(read_events(tmp_path / "out" / "events.jsonl"))
        return statuses(again), path.read_text(encoding="utf-8")

    return judge


class TestSameStatuses:
    """Judging the recorded file gives what the run gave."""

    @pytest.mark.parametrize("seed", range(3))
    def test_conformant(self, judged: Any, seed: int) -> None:
        """All clauses come out as in the run, on a portal that keeps the contract."""
        events = ran(Talkative(), seed)
        assert statuses(events) == judged(events)[0]

    def test_nonconformant(self, judged: Any) -> None:
        """And on one that does not: every finding survives."""
        events = ran(Wrong())
        before = statuses(events)
        assert {"refusal.chat-type", "time.fields"} <= {
            k for k, v in before.items() if v == "failed"
        }
        assert before == judged(events)[0]

    def test_times_and_words(self, judged: Any) -> None:
        """So do times that do not agree, and words between elements."""
        events = ran(Rambling())
        before = statuses(events)
        broken = {one for one, status in before.items() if status == "failed"}
        assert {"time.order", "xml.success", "xml.refusal", "cors.preflight"} == broken
        assert before == judged(events)[0]

    @pytest.mark.parametrize(
        "name",
        [
            *("all-in-milliseconds", "result-twice", "xml-without-text", "xml-with-empty-time"),
            *("origin-twice", "items-without-time", "path-in-redirect", "secret-in-header-name"),
        ],
    )
    def test_faults(self, judged: Any, name: str) -> None:
        """So does what only the whole answer shows."""
        made, clause = portal(name).make(), portal(name).clause
        assert isinstance(made, Portal)
        events = ran(made)
        before = statuses(events)
        assert "failed" == before[clause]
        assert before == judged(events)[0]

    @pytest.mark.parametrize(
        "freedoms",
        [
            Freedoms(departures=frozenset({"slashes-redirect", "xml-word"})),
            Freedoms(unannounced=frozenset({"xml"}), header_lines="split"),
        ],
        ids=Freedoms.told,
    )
    def test_freedoms(self, judged: Any, freedoms: Freedoms) -> None:
        """And what a sound portal is free to do stays as sound."""
        events = ran(FreePortal(freedoms))
        before = statuses(events)
        failed = {clause for clause, status in before.items() if status == "failed"}
        assert freedoms.preferred_otherwise == failed
        assert before == judged(events)[0]

    def test_few_are_left_out(self, tmp_path: Path) -> None:
        """Hardly an observation is left out."""
        done = record(ran(Portal()), tmp_path / "x.jsonl")
        assert (True, True) == (done.kept > 380, done.left_out < done.kept / 10)


class TestTellsNothing:
    """What the file does not say."""

    def test_names_and_hosts(self, judged: Any) -> None:
        """No name, title, host, cookie, text or time of the portal."""
        text = judged(ran(Talkative()))[1]
        told = ["Customerova", "acme", "X-Portal", "Cookie", "is closed", "title"]
        assert [] == [one for one in told if one in text]
        assert {"1970-01-01T00:00:00+00:00"} == set(re.findall(r"\d{4}-\d\d-\d\dT[^\"\\]+", text))

    def test_chats(self, judged: Any) -> None:
        """No declared chat, written as a number."""
        text = judged(ran(Portal()))[1]
        declared = {
            chat for lists in DECLARATIONS.values() for ids in lists.values() for chat in ids
        }
        told = {int(digits) for digits in re.findall(r"(?<![\d.eE])\d{2,10}(?![\d.])", text)}
        # Two digits are found in statuses, depths and the like.
        assert set() == {chat for chat in declared & told if chat > 99}

    def test_secrets(self, judged: Any) -> None:
        """Not even the label of a secret, but where the portal echoed it."""
        assert "$B24" not in judged(ran(Portal()))[1]


class TestStandIns:
    """The numbers that stand for chats."""

    def test_digits(self) -> None:
        """A stand-in has as many digits, is no chat, and is nobody else's."""
        chats = [5, 12, 42, 2043, 2045, 7000, 5000, 999999999]
        found = stand_ins(chats, {7})
        assert [len(str(chat)) for chat in chats] == [len(str(found[chat])) for chat in chats]
        assert (len(chats), set()) == (len(set(found.values())), set(found.values()) & {7, *chats})

    def test_thousands(self) -> None:
        """Thousands stay thousands, so that 2e3 still names a chat."""
        assert [0, 0] == [one % 1000 for one in stand_ins([2000, 7000], ()).values()]

    def test_one(self) -> None:
        """1 stays 1: PHP makes it of `true` and of any list."""
        assert {1: 1} == stand_ins([1], ())

    def test_low_bits(self) -> None:
        """A chat beyond 32 bits still names the chat in its low bits."""
        found = stand_ins([5, 2**32 + 5], ())
        assert found[5] == found[2**32 + 5] % 2**32

    def test_crowded(self) -> None:
        """Where no number of as many digits is left, one digit more is taken."""
        found = stand_ins(range(2, 10), ())
        assert {2} == {len(str(one)) for one in found.values()}


class TestLiterals:
    """CHAT_ID as written, with another chat's digits."""

    @pytest.fixture
    def mask(self) -> Mask:
        """A mask over two chats."""
        chats = Chats(joinable=(2043, 2000), not_open_line=(12,))
        declared = Declaration("https://x.example", people={"operator": Person(1, chats)})
        return Mask(declared, (), 0)

    @pytest.mark.parametrize(
        "literal",
        [
            "{}",
            '"{}abc"',
            "{}.9",
            "-{}",
            '" {}"',
            '"00{}"',
            "[{}]",
            '{{"a":{}}}',
            "{}e0",
            '"\\n{}"',
        ],
    )
    def test_filled(self, mask: Mask, literal: str) -> None:
        """The digits are replaced where they are a whole number, and nothing else."""
        other = mask.declaration.operator.chats.joinable[0]
        assert literal.format(other) == mask.text(literal.format(2043))

    def test_other_bases(self, mask: Mask) -> None:
        """Hexadecimal, octal and binary forms, and powers of ten, are replaced as well."""
        one, thousands = mask.declaration.operator.chats.joinable
        given = f'"0x{2043:x}" "0o{2043:o}" "0b{2043:b}" 2e3'
        expected = f'"0x{one:x}" "0o{one:o}" "0b{one:b}" {thousands // 1000}e3'
        assert expected == mask.text(given)

    @pytest.mark.parametrize("text", ["2044", "20431", '"\\u0012"', "%12", "3.5e1", "0"])
    def test_other_numbers(self, mask: Mask, text: str) -> None:
        """Other numbers and escapes stay."""
        assert text == mask.text(text)

    @pytest.mark.parametrize(
        "literal", ['"\\u0662\\u0660\\u0664\\u0663"', "204.3e1", "-4294965253"]
    )
    def test_left_out(self, mask: Mask, literal: str) -> None:
        """What still tells a chat by some reading is left out."""
        exchange = Exchange(1, Request("POST", "/"), Response(200, (), '{"result":true}'))
        seen = Observation(0, Probe(literal), JOINED, (exchange,))
        assert None is mask.observation(seen)

    def test_users(self, mask: Mask) -> None:
        """Users are numbered anew, alike wherever they stand."""
        probe = Probe("0", extra=(("USER_ID", "777"),))
        members = Outcome("members", members=(100, 777, 1))
        masked = mask.observation(Observation(0, probe, members))
        assert masked is not None
        assert (2, 1, (3, 2, 1)) == (
            int(masked.probe.extra[0][1]),
            mask.declaration.operator.user_id,
            masked.outcome.members,
        )


class TestAnswers:
    """Bodies without what is somebody's own."""

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ('{"result": true, "name": "x"}', '{"result": true}'),
            ('{"error": "CHAT_ID", "error_description": "x"}',
             '{"error": "CHAT_ID", "error_description": "…"}'),
            ('{"error": "Anna is gone", "error_description": ""}',
             '{"error": "…", "error_description": ""}'),
            ('{"result": 17}', '{"result": 1}'),
            ('{"result": ["a", 2.5, null, 4]}', '{"result": ["…", 1.0, null]}'),
            ('{"time": {"start": 5, "finish": 4.5, "duration": -2, "x": 1}}',
             '{"time": {"start": 0, "finish": -1.0, "duration": -1}}'),
            ('{"time": {"date_start": "2026-01-01T10:00:00+03:00", "date_finish": "today"}}',
             '{"time": {"date_start": "1970-01-01T00:00:00+00:00", "date_finish": "…"}}'),
            ('{"error": "A", "error_description": "", "error": "B"}',
             '{"error":"……","error": "B", "error_description": ""}'),
            ('{"time": {"start": 5e12, "finish": 5e12, "date_start": "2026-01-01T10:00:00+03:00",'
             ' "date_finish": "2026-01-01T10:00:00+03:00"}}',
             '{"time": {"start": 0.0, "finish": 0.0, "date_start": "1990-01-01T00:00:00+00:00",'
             ' "date_finish": "1970-01-01T00:00:00+00:00"}}'),
            ("<response><result>1</result><time><start>7</start></time><by>x</by></response>",
             "<response><result>1</result><time><start/></time></response>"),
            ('<?xml version="1.0"?><response><error>A</error><error_description>Anna'
             "</error_description></response>",
             "<response><error>A</error><error_description>…</error_description></response>"),
            ("<response>Anna<result>yes</result></response>",
             "<response>…<result>…</result></response>"),
            ("<response><result>1</result>", "<response><result/></response>"),
            ("<html>Anna</html>", "<html>…"),
            ("Anna", "…"),
            ("", ""),
            ("\ufeff{}", "\ufeff…"),
        ],
    )  # fmt: skip
    def test_body(self, body: str, expected: str) -> None:
        """Fields, types and the order of times stay; values go."""
        assert expected == anonymous.response(Response(200, (), body), ASKED).body

    def test_headers(self) -> None:
        """Of the headers stay those that are judged, if their values are of the usual kind."""
        headers = (("Content-Type", "text/html; x=Anna"), ("Server", "acme"), ("Date", "today"))
        expected = (("Content-Type", "…"),)
        assert expected == anonymous.response(Response(200, headers), ASKED).headers

    def test_echo(self) -> None:
        """That a secret was echoed stays known."""
        body = Response(200, (), '{"result": "$B24_WEBHOOK"}')
        words = Response(400, (), "", reason="Bad $B24_WEBHOOK")
        elsewhere = Response(308, (("Location", f"/login{ASKED.target}"),))
        for given in (body, words, elsewhere):
            assert (("X-Echo", "[redacted]"),) == anonymous.response(given, ASKED).headers

    def test_redirect(self) -> None:
        """A redirect to the address that was asked is no echo."""
        given = Response(308, (("Location", f"https://example.com{ASKED.target}/"),))
        assert () == anonymous.response(given, ASKED).headers

    @pytest.mark.parametrize("wide", ["text/xml", " \ttext/xml "])
    def test_white_space(self, wide: str) -> None:
        """White space around a value is no part of it."""
        given = Response(200, (("Content-Type", wide),))
        assert (("Content-Type", "text/xml"),) == anonymous.response(given, ASKED).headers


class TestCommand:
    """`run --record FILE`."""

    def test_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
        """The file is there after the run, and can be judged."""
        monkeypatch.chdir(tmp_path)
        with pytest.raises(SystemExit) as ended:
            main(["run", "--clause", "refusal.*", "--record", "shared.jsonl"])
        assert 0 == ended.value.code
        assert "recorded shared.jsonl: " in capsys.readouterr().out
        events = list(read_events(tmp_path / "shared.jsonl"))
        started = [event for event in events if isinstance(event, ImplementationStarted)]
        assert ["https://portal.example"] == [one.declaration.name for one in started]
        assert any(isinstance(event, Observed) for event in events)

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (["--record", "no/such/x"], "cannot be written"),
            (["--record", "."], "cannot be written"),
        ],
    )
    def test_errors(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: Any,
        words: list[str],
        told: str,
    ) -> None:
        """A file that cannot be written is said before the first request."""
        monkeypatch.chdir(tmp_path)
        with pytest.raises(SystemExit) as ended:
            main(["run", *words])
        assert (2, []) == (ended.value.code, list(tmp_path.iterdir()))
        assert told in capsys.readouterr().err


def test_batch_names_no_path() -> None:
    """A batch's request is left out: several probes share it."""
    declared = Declaration("x", people={"operator": Person(1)})
    exchange = Exchange(1, Request("POST", "/rest/1/s/batch"), Response(400, (), "{}"))
    seen = Observation(0, Probe("0", asking=Asking(batch=True)), Outcome("broken"), (exchange,))
    masked = Mask(declared, (), 0).observation(seen)
    assert ["/rest/…"] == [e.request.target for e in masked.exchanges] if masked else False
    assert b"/rest/1/s" not in msgspec.json.encode(masked)
