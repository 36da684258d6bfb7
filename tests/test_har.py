"""HAR files: the calls of the join in them are judged, their secrets are hidden at reading."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from b24_conformance.command.main import main
from b24_conformance.config import parse_config
from b24_conformance.errors import TranscriptError
from b24_conformance.events import ImplementationStarted, Observed
from b24_conformance.har import Read, read_har
from b24_conformance.har_file import is_har
from b24_conformance.probe import Asking, Probe
from b24_conformance.transcript import Observation

SECRET = "w3k9zq7xv1m5ht2p"
TOKEN = "c0ffee5a91b37d42e8f6c0ffee5a91b37d42e8f6"
HOST = "https://example.bitrix24.com"
HOOK = f"{HOST}/rest/7/{SECRET}/"
JOIN = f"{HOOK}imopenlines.session.join.json"
OAUTH = f"{HOST}/rest/imopenlines.session.join"
TRUE = '{"result":true,"time":{}}'
Json = dict[str, Any]


def refusal(code: str) -> str:
    """The body of a refusal."""
    return json.dumps({"error": code, "error_description": "x"})


def entry(
    url: str = JOIN,
    body: str | None = '{"CHAT_ID":2043}',
    answer: str | None = TRUE,
    *,
    kind: str = "application/json",
    status: int = 200,
    **more: Any,
) -> Json:
    """One entry of a HAR; `more` replaces parts of the request or the response."""
    content = {"size": len(answer or ""), "text": answer, "mimeType": "application/json"}
    request: Json = {
        "method": "GET" if body is None else "POST",
        "url": url,
        "httpVersion": "HTTP/2",
        "headers": [{"name": "cookie", "value": "PHPSESSID=abcdefgh12345678"}],
    }
    if body is not None:
        request["postData"] = {"mimeType": kind, "text": body}
    headers = [{"name": "content-type", "value": "application/json; charset=utf-8"}]
    response: Json = {"status": status, "headers": headers, "content": content}
    request |= {key: value for key, value in more.items() if key in ("method", "headers")}
    response |= {key: value for key, value in more.items() if key in ("content",)}
    return {"request": request, "response": response, "time": 12.5, "startedDateTime": "x"}


@pytest.fixture
def har(tmp_path: Path) -> Any:
    """Reads a HAR of these entries."""

    def read(*entries: Json, config: Json | None = None) -> Read:
        path = tmp_path / "x.har"
        path.write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}))
        return read_har(path, parse_config(config, "test") if config else None)

    return read


def observations(read: Read) -> list[Observation]:
    """What was observed."""
    return [event.observation for event in read.events if isinstance(event, Observed)]


class TestProbes:
    """What was asked, as literally as it was sent."""

    @pytest.mark.parametrize(
        ("given", "probe"),
        [
            (entry(), Probe("2043")),
            (entry(body='{ "CHAT_ID" : "2043abc" }'), Probe('"2043abc"')),
            (entry(body='{"CHAT_ID":2043.90}'), Probe("2043.90")),
            (entry(body='{"CHAT_ID":[1, 2]}'), Probe("[1, 2]")),
            (entry(body="{}"), Probe(None)),
            (entry(body='{"CHAT_ID":1,"A":"b"}'), Probe("1", extra=(("A", '"b"'),))),
            (entry(body='{"chat_id":1}'), Probe("1", key="chat_id")),
            (entry(body='{"CHAT_ID":1,"CHAT_ID":2}'), Probe('{"CHAT_ID":1,"CHAT_ID":2}', raw=True)),
            (entry(body='{"CHAT_ID":1'), Probe('{"CHAT_ID":1', raw=True)),
            (entry(f"{JOIN}?CHAT_ID=5"), Probe("2043", beside="5")),
            (entry(f"{JOIN}?bx24_request_id=0a1b"), Probe("2043")),
            (
                entry(body="CHAT_ID=20%2043&", kind="application/x-www-form-urlencoded"),
                Probe("20 43", asking=Asking(encoding="form")),
            ),
            (
                entry(body="CHAT_ID[]=2043", kind="application/x-www-form-urlencoded"),
                Probe("CHAT_ID[]=2043", asking=Asking(encoding="form"), raw=True),
            ),
            (
                entry(body="CHAT_ID=2043", kind="text/plain;charset=UTF-8"),
                Probe("2043", asking=Asking(encoding="text")),
            ),
            (
                entry(
                    body='--b\r\nContent-Disposition: form-data; name="CHAT_ID"\r\n\r\n5\r\n--b--',
                    kind="multipart/form-data; boundary=b",
                ),
                Probe("5", asking=Asking(encoding="multipart")),
            ),
            (
                entry(f"{JOIN}?CHAT_ID=5", None),
                Probe("5", asking=Asking(verb="GET", encoding="query")),
            ),
            (
                entry(f"{HOOK}/ImOpenLines.session.JOIN.JSON"),
                Probe(
                    "2043",
                    asking=Asking(
                        suffix=".JSON", spelling="ImOpenLines.session.JOIN", slashes="double"
                    ),
                ),
            ),
            (
                entry(f"{HOOK}imopenlines.session.join/"),
                Probe("2043", asking=Asking(suffix="", slashes="trailing")),
            ),
            (
                entry(OAUTH, f'{{"CHAT_ID":1,"auth":"{TOKEN}"}}'),
                Probe("1", asking=Asking(suffix="", place="oauth_body")),
            ),
            (
                entry(f"{OAUTH}?auth={TOKEN}&CHAT_ID=1", None),
                Probe(
                    "1",
                    asking=Asking(verb="GET", encoding="query", suffix="", place="oauth_query"),
                ),
            ),
            (
                entry(OAUTH, headers=[{"name": "Authorization", "value": f"Bearer {TOKEN}"}]),
                Probe("2043", asking=Asking(suffix="", place="bearer")),
            ),
            (entry(OAUTH), Probe("2043", asking=Asking(suffix=""))),
        ],
    )
    def test_probe(self, har: Any, given: Json, probe: Probe) -> None:
        """The literal, the way of asking and the place of the credentials are derived."""
        (seen,) = observations(har(given))
        assert probe == seen.probe

    def test_parameters_only(self, har: Any) -> None:
        """A body is put together again where the file holds its parameters alone."""
        given = entry(kind="multipart/form-data; boundary=lost")
        params = [{"name": "CHAT_ID", "value": "5"}]
        given["request"]["postData"] |= {"text": None, "params": params}
        (seen,) = observations(har(given))
        assert Probe("5", asking=Asking(encoding="multipart")) == seen.probe


class TestOutcomes:
    """What came."""

    @pytest.mark.parametrize(
        ("given", "told"),
        [
            (entry(), "joined"),
            (entry(answer=refusal("CHAT_ID"), status=400), "refused with CHAT_ID (HTTP 400)"),
            (entry(answer="<html>", status=502), "broken: HTML"),
            (entry(answer="", status=200), "broken: an empty body"),
            (entry(answer='{"a":' + "[" * 5000 + "}"), "broken: a body that nests more than 200"),
            (entry(status=0, answer=None), "unreachable: the file holds no answer"),
            (entry(content={"size": 99}), "unreachable: the file holds no answer"),
            (
                entry(answer=refusal("QUERY_LIMIT_EXCEEDED"), status=503),
                "unreachable: the portal answered QUERY_LIMIT_EXCEEDED",
            ),
        ],
    )
    def test_outcome(self, har: Any, given: Json, told: str) -> None:
        """The outcome is read from the answer; without one nothing is judged."""
        (seen,) = observations(har(given))
        assert str(seen.outcome).startswith(told)

    def test_base64(self, har: Any) -> None:
        """A body in base64 is decoded."""
        text = base64.b64encode(TRUE.encode()).decode()
        (seen,) = observations(har(entry(content={"text": text, "encoding": "base64"})))
        assert ("joined", TRUE) == (seen.outcome.kind, seen.response and seen.response.body)

    def test_batch(self, har: Any) -> None:
        """A batch is taken apart; commands of other methods are not looked at."""
        commands = {
            "a": "imopenlines.session.join?CHAT_ID=2043",
            "b": "profile",
            "c": "imopenlines.session.join?CHAT_ID=0",
        }
        errors = {"c": {"error": "CHAT_ID", "error_description": "x"}}
        answer = {"result": {"result": {"a": True, "b": {}}, "result_error": errors}}
        given = entry(f"{HOOK}batch", json.dumps({"halt": 0, "cmd": commands}), json.dumps(answer))
        seen = observations(har(given))
        assert [("2043", "joined"), ("0", "refused with CHAT_ID")] == [
            (o.probe.chat_id, str(o.outcome)) for o in seen
        ]
        assert {1} == {exchange.number for o in seen for exchange in o.exchanges}

    def test_batch_of_lists(self, har: Any) -> None:
        """Maps that PHP made lists of are read alike."""
        body = "cmd[0]=imopenlines.session.join%3FCHAT_ID%3D2043"
        answer = '{"result":{"result":[true],"result_error":[]}}'
        kind = "application/x-www-form-urlencoded"
        (seen,) = observations(har(entry(f"{HOOK}batch", body, answer, kind=kind)))
        assert "joined" == str(seen.outcome)


class TestPassedOver:
    """Entries that are not judged."""

    def test_counted(self, har: Any) -> None:
        """Pages, preflights and refused credentials are counted by their kind."""
        read = har(
            entry(),
            entry(f"{HOST}/online/"),
            entry(f"{HOOK}im.message.add", '{"MESSAGE":"private words"}'),
            entry(method="OPTIONS"),
            entry(answer=refusal("expired_token"), status=401),
            entry(f"{HOOK}batch", '{"cmd":["profile"]}'),
        )
        expected = {
            "of other addresses": 2,
            "OPTIONS requests": 1,
            "calls whose credentials were refused": 1,
            "batches without a join": 1,
        }
        assert (expected, 1) == (read.ignored, len(observations(read)))
        assert b"private words" not in msgspec.json.encode(read.events)

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("{", "is no HAR"),
            ('{"log":{}}', "missing required field `entries`"),
            ('{"log":{"entries":[{"request":{"method":"GET"}}]}}', "missing required field `url`"),
            ('{"log":{"entries":[]}}', "holds no call .* no entries"),
            ('{"log":{"entries":[], "x":' + "[" * 99999, "is no HAR"),
            ("\ufeff\udcff", "is no HAR"),
        ],
    )
    def test_broken(self, tmp_path: Path, text: str, told: str) -> None:
        """A file that is no HAR, or holds nothing to judge, is an error that says so."""
        path = tmp_path / "x.har"
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        with pytest.raises(TranscriptError, match=told):
            read_har(path)

    def test_broken_entry(self, har: Any) -> None:
        """A broken entry is named by its number."""
        broken = entry(content={"text": "%%%", "encoding": "base64"})
        with pytest.raises(TranscriptError, match=r"entry 2 of the HAR is broken: .* no base64"):
            har(entry(), broken)

    def test_missing(self, tmp_path: Path) -> None:
        """A file that is not there is an error."""
        with pytest.raises(TranscriptError, match="cannot be read"):
            read_har(tmp_path / "x.har")

    def test_recognised(self, tmp_path: Path) -> None:
        """A HAR is known by its name or by its beginning."""
        path = tmp_path / "x.json"
        path.write_text('{\n  "log": {}}')
        assert (True, True, False) == (
            is_har(path),
            is_har(tmp_path / "none.HAR"),
            is_har(tmp_path / "none.jsonl"),
        )


class TestSecrets:
    """Nothing that opens anything is kept."""

    @pytest.mark.parametrize(
        "given",
        [
            entry(answer=f'{{"error":"X","error_description":"{SECRET}"}}', status=400),
            entry(OAUTH, f'{{"CHAT_ID":1,"auth":"{TOKEN}"}}', answer=f'{{"result":"{TOKEN}"}}'),
            entry(OAUTH, f'{{"CHAT_ID":1,"auth":"{TOKEN}"'),
            entry(OAUTH, f"CHAT_ID=1&auth={TOKEN}", kind="application/x-www-form-urlencoded"),
            entry(f"{OAUTH}?CHAT_ID[]=1&access_token={TOKEN}", None),
            entry(
                OAUTH,
                f'--b\r\nContent-Disposition: form-data; name="auth"\r\n\r\n{TOKEN}\r\n--b--',
                kind="multipart/form-data; boundary=b",
            ),
            entry(OAUTH, headers=[{"name": "Authorization", "value": f"Bearer {TOKEN}"}]),
            entry(f"{HOOK}batch?auth={TOKEN}", '{"cmd":["imopenlines.session.join?CHAT_ID=1"]}'),
        ],
    )
    def test_hidden(self, har: Any, given: Json) -> None:
        """Webhooks, tokens and cookies stand in no event, wherever they were sent or echoed."""
        text = msgspec.json.encode(har(given).events).decode()
        secrets = (SECRET, TOKEN, TOKEN[:12], "abcdefgh12345678")
        assert [] == [one for one in secrets if one in text]
        assert "$B24_" in text


class TestDeclaration:
    """Whose chats they are."""

    CONFIG: Json = {  # noqa: RUF012
        "operator": {"user_id": 7, "chats": {"joinable": [2043], "not_open_line": [12]}},
        "colleague": {"user_id": 8, "chats": {"access_denied": [2043]}},
    }

    def test_without_config(self, har: Any) -> None:
        """The portal is named by its address, and declares no chats."""
        started = [e for e in har(entry()).events if isinstance(e, ImplementationStarted)]
        assert [(HOST, ())] == [
            (e.declaration.name, e.declaration.operator.chats.joinable) for e in started
        ]

    def test_callers(self, har: Any) -> None:
        """A caller is told by his webhook's user, else the first one is the operator."""
        other = JOIN.replace("/7/", "/8/").replace(SECRET, "another9secret7x")
        third = JOIN.replace("/7/", "/9/").replace(SECRET, "third3secret5abc")
        read = har(entry(other), entry(), entry(third), config=self.CONFIG)
        assert ["colleague", "operator", "caller 3"] == [
            o.probe.operator for o in observations(read)
        ]

    def test_two_portals(self, har: Any) -> None:
        """Two addresses are two portals."""
        read = har(entry(), entry(JOIN.replace("example", "second")))
        names = [e.implementation for e in read.events if isinstance(e, Observed)]
        assert [HOST, "https://second.bitrix24.com"] == names


class TestCommand:
    """`judge FILE.har`."""

    def judged(self, tmp_path: Path, entries: list[Json], *words: str) -> tuple[int, Json]:
        """The exit code, and every clause's status by its id."""
        path = tmp_path / "x.har"
        path.write_text(json.dumps({"log": {"entries": entries}}))
        with pytest.raises(SystemExit) as ended:
            main(["judge", str(path), "--reports", str(tmp_path / "out"), *words])
        results = json.loads((tmp_path / "out" / "results.json").read_text())
        (one,) = results["implementations"]
        return int(str(ended.value.code)), {row["id"]: row for row in one["clauses"]}

    def test_without_chats(self, tmp_path: Path) -> None:
        """Without chats the answers' shape is judged, and the rest is not checked with a reason."""
        sound = entry(body='{"CHAT_ID":0}', answer=refusal("CHAT_ID"), status=400)
        code, rows = self.judged(tmp_path, [sound, entry()])
        assert 3 == code
        assert "passed" == rows["refusal.zero"]["status"]
        assert "passed" == rows["envelope.json"]["status"]
        assert "not_checked" == rows["success.joinable"]["status"]
        assert "no chat is declared" in rows["success.joinable"]["reason"]

    def test_with_chats(self, tmp_path: Path) -> None:
        """With chats the outcomes are judged as well."""
        config = tmp_path / "chats.toml"
        config.write_text("[operator.chats]\njoinable = [2043]\nnot_open_line = [12]\n")
        wrong = entry(body='{"CHAT_ID":12}', answer=refusal("ACCESS_DENIED"), status=400)
        words = ("--config", str(config))
        code, rows = self.judged(tmp_path, [entry(), wrong], *words)
        assert 1 == code
        assert "passed" == rows["success.joinable"]["status"]
        assert "failed" == rows["refusal.chat-type"]["status"]

    def test_echo(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A secret that the portal echoed is a finding, and is not shown."""
        echo = entry(answer=refusal(f"CHAT_ID {SECRET}"), status=400)
        code, rows = self.judged(tmp_path, [echo])
        assert (1, "failed") == (code, rows["secret.not-echoed"]["status"])
        written = "".join(path.read_text() for path in (tmp_path / "out").iterdir())
        assert SECRET not in written + capsys.readouterr().out

    def test_config_for_events(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """--config beside a transcript that declares its chats itself is an error."""
        with pytest.raises(SystemExit):
            main(["judge", str(tmp_path / "events.jsonl"), "--config", "x"])
        assert "--config is for HAR files" in capsys.readouterr().err
