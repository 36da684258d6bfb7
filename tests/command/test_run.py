"""The command as its users run it: exit codes, files, and what goes over the wire."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from terminal import COMMAND, Command, Serve, environment

from b24_conformance.reference import Portal, Request, Response, Server, default_state
from b24_conformance.reference.refusals import RefusedError

SECRET = str(default_state().users[1].webhook_secret)
Hook = Callable[[Server], str]
Config = Callable[..., Path]
FEW = ("--clause", "refusal.*")


class WrongCode(Portal):
    """A portal that calls every wrong type an access denied."""

    def join_refusal(self, code: str) -> RefusedError:
        return super().join_refusal("ACCESS_DENIED" if code == "CHAT_TYPE" else code)


def page(status: int = 200, *headers: tuple[str, str], body: bytes = b"<html>Hello</html>") -> Any:
    """A server that answers everything alike."""
    return lambda _: Response(status, (("Content-Type", "text/html"), *headers), body)


def results(folder: Path) -> dict[str, Any]:
    """What stands in results.json."""
    loaded: dict[str, Any] = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    return loaded


def events(folder: Path) -> list[dict[str, Any]]:
    """What stands in events.jsonl."""
    lines = (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def probes(folder: Path) -> list[Any]:
    """What was asked, in its order."""
    return [e["observation"]["probe"] for e in events(folder) if e["type"] == "observed"]


class TestConformant:
    """A portal that keeps the contract."""

    def test_reference(self, command: Command, tmp_path: Path) -> None:
        """The reference portal is conformant, and the reports land in ./reports."""
        done = command("run")
        assert (0, "") == (done.returncode, done.stderr)
        assert re.search(
            r"reference: CONFORMANT: (\d+) of \1 MUST, (\d+) of \2 SHOULD", done.stdout
        )
        found = {path.name for path in (tmp_path / "reports").iterdir()}
        assert {"results.json", "events.jsonl", "junit.xml", "index.html", "summary.md"} <= found
        assert {"reports"} == {path.name for path in tmp_path.iterdir()}

    def test_portal_by_config(
        self, command: Command, serve: Serve, hook: Hook, config: Config
    ) -> None:
        """A config in the working folder makes its portal the default target."""
        server = serve()
        config(hook(server))
        done = command("run")
        assert 0 == done.returncode, done.stdout + done.stderr
        assert f"{server.address}: CONFORMANT" in done.stdout

    def test_two_targets(self, command: Command, tmp_path: Path) -> None:
        """Several targets are asked one after another, each with a verdict of its own."""
        done = command("run", "reference", "mock", *FEW)
        assert 0 == done.returncode
        assert ["reference", "mock"] == [
            one["name"] for one in results(tmp_path / "reports")["implementations"]
        ]

    def test_json(self, command: Command, tmp_path: Path) -> None:
        """--json prints results.json and nothing else."""
        done = command("run", "--json", *FEW)
        assert 0 == done.returncode
        assert results(tmp_path / "reports") == json.loads(done.stdout)

    def test_quiet(self, command: Command) -> None:
        """--quiet prints the verdict alone."""
        done = command("run", "--quiet", *FEW)
        assert re.fullmatch(r"reference: CONFORMANT \(a selection: .*\): .*\n", done.stdout)

    def test_reports_folder(self, command: Command, tmp_path: Path) -> None:
        """--reports names another folder, which is made."""
        assert 0 == command("run", *FEW, "--reports", "a/b").returncode
        assert (tmp_path / "a" / "b" / "results.json").is_file()
        assert not (tmp_path / "reports").exists()

    def test_max_requests(self, command: Command, tmp_path: Path) -> None:
        """--max-requests is never exceeded, and the run says that it is spent."""
        done = command("run", "--max-requests", 7)
        (one,) = results(tmp_path / "reports")["implementations"]
        assert 7 >= one["requests"] > 0
        assert "--max-requests 7 is spent" in done.stdout
        assert 3 == done.returncode


class TestNonconformant:
    """A portal that breaks the contract."""

    @pytest.fixture
    def faulty(self, serve: Serve, hook: Hook, config: Config) -> Server:
        """A faulty portal, in the config."""
        server = serve(WrongCode())
        config(hook(server))
        return server

    def test_exit_code(self, command: Command, faulty: Server, tmp_path: Path) -> None:
        """A failed MUST exits with 1 and tells all that a reader needs."""
        done = command("run")
        assert 1 == done.returncode
        assert "NONCONFORMANT" in done.stdout
        assert "FAILED MUST refusal.chat-type" in done.stdout
        assert "A chat that is not an open line is refused with CHAT_TYPE." in done.stdout
        assert re.search(r"demanded +CHAT_TYPE\n", done.stdout)
        assert re.search(r"got +refused with ACCESS_DENIED \(HTTP 400\)", done.stdout)
        assert re.search(r"repeat +: .* && curl .*\$B24_WEBHOOK", done.stdout)
        rows = {
            row["id"]: row for row in results(tmp_path / "reports")["implementations"][0]["clauses"]
        }
        assert "failed" == rows["refusal.chat-type"]["status"]
        assert rows["refusal.chat-type"]["evidence"]["chat_id"] in ("1", "12", "13", "14", "5000")
        assert "passed" == rows["refusal.zero"]["status"]

    def test_curl_line_runs(self, command: Command, faulty: Server, tmp_path: Path) -> None:
        """The curl line shows the same failure again once the secret is filled in."""
        command("run", "--clause", "refusal.*")
        rows = results(tmp_path / "reports")["implementations"][0]["clauses"]
        (line,) = {row["evidence"]["curl"] for row in rows if row["id"] == "refusal.chat-type"}
        done = subprocess.run(
            ["sh", "-c", line],
            env=environment(tmp_path, B24_WEBHOOK=SECRET),
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        assert "ACCESS_DENIED" in done.stdout

    def test_should_needs_strict(
        self, command: Command, serve: Serve, hook: Hook, config: Config
    ) -> None:
        """A failed SHOULD fails the run only with --strict."""

        class NoOrigin(Portal):
            def answer(self, request: Request) -> Response:
                answer = super().answer(request)
                kept = tuple(h for h in answer.headers if "allow-origin" not in h[0].lower())
                return Response(answer.status, kept, answer.body)

        config(hook(serve(NoOrigin())))
        clauses = ("--clause", "cors.*", "--clause", "refusal.*")
        assert 0 == command("run", *clauses).returncode
        assert 1 == command("run", *clauses, "--strict").returncode

    def test_judge(self, command: Command, faulty: Server, tmp_path: Path) -> None:
        """Judging the recorded events again gives the same verdict and sends nothing."""
        ran = command("run", *FEW)
        faulty.close()
        judged = command("judge", "reports/events.jsonl", "--reports", "again")
        assert ran.returncode == judged.returncode == 1
        before, after = (
            results(tmp_path / name)["implementations"] for name in ("reports", "again")
        )
        assert before == after

    def test_judge_more(self, command: Command, faulty: Server, tmp_path: Path) -> None:
        """Of a run over a selection other clauses are judged where they are named."""
        command("run", *FEW)
        command("judge", "reports/events.jsonl", "--clause", "envelope.json", "--reports", "again")
        (again,) = results(tmp_path / "again")["implementations"]
        assert ["envelope.json"] == [clause["id"] for clause in again["clauses"]]

    def test_report(self, command: Command, faulty: Server, tmp_path: Path) -> None:
        """The reports are rendered again from the events, byte for byte."""
        command("run", *FEW)
        before = {p.name: p.read_bytes() for p in (tmp_path / "reports").iterdir()}
        for path in (tmp_path / "reports").iterdir():
            if path.name != "events.jsonl":
                path.unlink()
        assert 0 == command("report").returncode
        assert before == {p.name: p.read_bytes() for p in (tmp_path / "reports").iterdir()}

    def test_worst_of_several(self, command: Command, faulty: Server) -> None:
        """The exit code is the worst of all implementations."""
        assert 1 == command("run", "reference", "portal", *FEW).returncode


class TestIncomplete:
    """Whatever keeps a run from its verdict exits with 3."""

    def test_nobody_listens(self, command: Command, closed_port: int, tmp_path: Path) -> None:
        """A portal that cannot be reached is named, with the reason, after one request."""
        done = command("run", f"http://127.0.0.1:{closed_port}/rest/1/{SECRET}/")
        assert 3 == done.returncode
        assert f"no connection to http://127.0.0.1:{closed_port}: Connection refused" in done.stdout
        assert 1 == len(probes(tmp_path / "reports"))

    def test_unknown_authority(self, command: Command, serve: Serve, hook: Hook) -> None:
        """A certificate of an unknown authority is refused, and nothing is sent."""
        seen: list[object] = []
        server = serve(tls=True, on_exchange=lambda *exchange: seen.append(exchange))
        done = command("run", hook(server), *FEW)
        assert 3 == done.returncode
        assert "TLS" in done.stdout
        assert [] == seen

    def test_own_authority(
        self, command: Command, serve: Serve, hook: Hook, config: Config
    ) -> None:
        """ca_file adds an authority."""
        server = serve(tls=True)
        config(hook(server), f'ca_file = "{server.ca_file}"')
        assert 0 == command("run", *FEW).returncode

    def test_wrong_secret(self, command: Command, serve: Serve) -> None:
        """A portal that refuses the operator's own secret says nothing about the contract."""
        done = command("run", f"{serve().address}/rest/1/wrong0wrong0wrong/")
        assert 3 == done.returncode
        assert "refuses the operator's own credentials" in done.stdout
        assert "NONCONFORMANT" not in done.stdout
        assert "FAILED" not in done.stdout

    def test_secret_told_to_whoever_asks(
        self, command: Command, serve: Serve, hook: Hook, config: Config
    ) -> None:
        """That a refusal of the credentials tells the secret stays a failure."""

        def told(request: Request) -> Response:
            body = {"error": "INVALID_CREDENTIALS", "error_description": request.target}
            kind = (("Content-Type", "application/json"),)
            return Response(401, kind, json.dumps(body).encode())

        config(hook(serve(told)))
        done = command("run")
        assert 3 == done.returncode
        failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED MUST")]
        assert ["FAILED MUST secret.not-echoed"] == failed

    @pytest.mark.parametrize(
        "answer",
        [
            page(),
            page(404),
            page(200, body=b""),
            page(500, body=b"Internal Server Error"),
        ],
        ids=["html", "404", "empty", "500"],
    )
    def test_no_portal(
        self,
        command: Command,
        serve: Serve,
        hook: Hook,
        config: Config,
        answer: Any,
    ) -> None:
        """A server that is no portal is not called nonconformant."""
        config(hook(serve(answer)))
        done = command("run")
        assert 3 == done.returncode, done.stdout[-300:]
        assert "does not answer like a portal" in done.stdout

    @pytest.mark.parametrize("status", [302, 308])
    def test_redirect(
        self, command: Command, serve: Serve, hook: Hook, config: Config, status: int
    ) -> None:
        """A redirect is not followed: its target sees neither the secret nor anything else."""
        seen: list[Request] = []

        def elsewhere(request: Request) -> Response:
            seen.append(request)
            return Response(200, (), b"{}")

        target = serve(elsewhere).address
        away = page(status, ("Location", f"{target}/rest/1/{SECRET}/"), body=b"")
        config(hook(serve(away)), stand_in=False)
        done = command("run", "--rate", "1000/s")
        assert 3 == done.returncode
        assert "redirect" in done.stdout
        assert SECRET not in done.stdout
        assert [] == seen

    def test_required_but_not_checked(self, command: Command, serve: Serve, hook: Hook) -> None:
        """A clause that is required and could not be judged leaves the verdict open."""
        done = command("run", hook(serve()), "--rate", "1000/s", "--require", "success.joinable")
        assert 3 == done.returncode
        assert "success.joinable" in done.stdout


class TestUsage:
    """What is wrong before the first request exits with 2 and says what to do."""

    def test_typo_in_config(self, command: Command, tmp_path: Path) -> None:
        """An unknown key is an error that names the nearest known one."""
        (tmp_path / "b24-conformance.toml").write_text("[portal]\nstandin = true\n")
        done = command("run")
        assert 2 == done.returncode
        assert "standin" in done.stderr
        assert "did you mean 'stand_in'?" in done.stderr

    def test_unset_variable(self, command: Command, tmp_path: Path) -> None:
        """An unset variable of the only credential is named."""
        text = '[operator]\nwebhook = { env = "B24_WEBHOOK" }\n'
        (tmp_path / "b24-conformance.toml").write_text(text)
        done = command("run")
        assert 2 == done.returncode
        assert "B24_WEBHOOK is not set" in done.stderr

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (["run", "refrence"], "did you mean 'reference'?"),
            (["run", "--clause", "nothing.*"], "matches no clause"),
            (["run", "--require", "refusal.zeroo"], "did you mean 'refusal.zero'?"),
            (["run", "--seed", "x"], "--seed"),
            (["run", "--rate", "fast"], "--rate fast is no rate"),
            (["run", "--joins", "all"], "--joins 'all' is no rung"),
            (["run", "--config", "none.toml"], "none.toml"),
            (["run", "--no-such-option"], "--no-such-option"),
            (["run", "client:nobody"], "nobody"),
            (["run", "http://127.0.0.1:1/"], "webhook"),
            (["run", "https://example.bitrix24.com/rest/1/"], "not both a user and a secret"),
            (["clauses", "refusal.zer"], "did you mean 'refusal.zero'?"),
            (["judge", "nothing.jsonl"], "nothing.jsonl"),
            (["judge", "nothing.har"], "nothing.har"),
            (["report", "nothing.jsonl"], "nothing.jsonl"),
            (["serve", "--state", "nothing.toml"], "nothing.toml"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, list) else "",
    )
    def test_errors(self, command: Command, tmp_path: Path, words: list[str], told: str) -> None:
        """The error names what is wrong; nothing is asked and nothing is written."""
        done = command(*words)
        assert (2, "") == (done.returncode, done.stdout)
        assert told in done.stderr
        assert "Traceback" not in done.stderr
        assert [] == list(tmp_path.iterdir())

    @pytest.mark.parametrize(
        "words",
        [["run", "app:nowhere:app"], ["serve", "--fault", "nothing-of-the-kind"]],
        ids=" ".join,
    )
    def test_not_found(self, command: Command, words: list[str]) -> None:
        """An application of which nothing is declared, or an unknown fault, is an error of use."""
        done = command(*words)
        assert 2 == done.returncode
        assert words[-1].split(":")[0] in done.stderr
        assert "Traceback" not in done.stderr

    def test_earlier_reports_stay(self, command: Command, tmp_path: Path) -> None:
        """An error of use leaves the reports of an earlier run alone."""
        command("run", *FEW)
        before = {p.name: p.read_bytes() for p in (tmp_path / "reports").iterdir()}
        for words in (["--clause", "no"], ["no-target"], ["reference", "no-target"]):
            assert 2 == command("run", *words).returncode
        assert before == {p.name: p.read_bytes() for p in (tmp_path / "reports").iterdir()}

    def test_reports_folder_is_a_file(self, command: Command, tmp_path: Path) -> None:
        """A reports folder that cannot be made is an error of use."""
        (tmp_path / "taken").write_text("")
        done = command("run", *FEW, "--reports", "taken")
        assert 2 == done.returncode
        assert "taken" in done.stderr

    def test_file_that_is_no_transcript(self, command: Command, tmp_path: Path) -> None:
        """A file that holds no run is named as such."""
        (tmp_path / "x.jsonl").write_text('{"type": "nonsense"}\n')
        for words in (["judge", "x.jsonl"], ["report", "x.jsonl"]):
            done = command(*words)
            assert 2 == done.returncode, words
            assert "Traceback" not in done.stderr


class TestPlan:
    """`run --plan` and the same seed."""

    def test_sends_nothing(
        self, command: Command, serve: Serve, hook: Hook, config: Config, tmp_path: Path
    ) -> None:
        """--plan prints the requests, sends none and writes nothing."""
        seen: list[object] = []
        server = serve(on_exchange=lambda *exchange: seen.append(exchange))
        path = config(hook(server))
        done = command("run", "--plan", *FEW)
        assert 0 == done.returncode
        assert "CHAT_ID 0 (POST, json, webhook)" in done.stdout
        assert "nothing was sent" in done.stdout
        assert SECRET not in done.stdout
        assert [] == seen
        assert [path] == list(tmp_path.iterdir())

    def test_same_seed(self, command: Command, tmp_path: Path) -> None:
        """The same seed asks the same from any folder, and another seed something else."""
        folders = [tmp_path / name for name in ("one", "two", "three")]
        for folder, seed in zip(folders, (5, 5, 6), strict=True):
            folder.mkdir()
            (folder / "sitecustomize.py").write_text(f"ODD = {'987654321' * seed}\n")
            command("run", "--seed", seed, *FEW, cwd=folder, PYTHONPATH=str(folder))
        one, two, three = (probes(folder / "reports") for folder in folders)
        assert one == two
        assert one != three

    def test_plan_is_what_is_asked(self, command: Command, tmp_path: Path) -> None:
        """A run asks what its plan says, in that order."""
        plan = re.findall(r"CHAT_ID (.*) \(", command("run", "--plan", *FEW).stdout)
        command("run", *FEW)
        assert plan == [probe.get("chat_id", "(absent)") for probe in probes(tmp_path / "reports")]


class TestServe:
    """`serve` for other projects' CI."""

    @pytest.fixture
    def serving(self, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
        """Starts `serve`, and ends it whatever happens."""
        started: list[subprocess.Popen[str]] = []

        def start(*words: str) -> subprocess.Popen[str]:
            process = subprocess.Popen(
                [str(COMMAND), "serve", *words],
                cwd=tmp_path,
                env=environment(tmp_path),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            started.append(process)
            return process

        yield start
        for process in started:
            process.kill()
            process.communicate()

    @staticmethod
    def lines(process: subprocess.Popen[str], count: int) -> list[str]:
        """The first lines that a process prints."""
        assert process.stdout is not None
        return [process.stdout.readline().rstrip("\n") for _ in range(count)]

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_serves_until_told(self, serving: Any, number: int) -> None:
        """It prints where it listens and a webhook a user, and a signal ends it with 0."""
        process = serving()
        first, *hooks = self.lines(process, 5)
        address = first.removeprefix("listening ")
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", address)
        assert all(line.startswith(f"webhook {address}/rest/") for line in hooks)
        url = hooks[0].removeprefix("webhook ") + "imopenlines.session.join.json"
        answer = requests.post(url, json={"CHAT_ID": 2043}, timeout=10)
        assert answer.json()["result"] is True
        process.send_signal(number)
        _, errors = process.communicate(timeout=20)
        assert (0, "") == (process.returncode, errors)

    def test_tls(self, serving: Any, command: Command, config: Config) -> None:
        """--tls serves under an authority that it names, and a run trusts it by ca_file."""
        process = serving("--tls")
        lines = self.lines(process, 6)
        assert lines[0].startswith("listening https://127.0.0.1:")
        (authority,) = (line.removeprefix("ca ") for line in lines if line.startswith("ca "))
        config(lines[1].removeprefix("webhook "), f'ca_file = "{authority}"')
        assert 0 == command("run", *FEW).returncode

    def test_state(self, serving: Any, tmp_path: Path) -> None:
        """--state names the users and chats."""
        (tmp_path / "state.toml").write_text(
            '[users.7]\nwebhook_secret = "statesecret00001"\n'
            '[chats.8]\nkind = "open_line"\nmay_join = [7]\n'
        )
        process = serving("--state", "state.toml")
        _, hook = self.lines(process, 2)
        url = hook.removeprefix("webhook ") + "imopenlines.session.join"
        assert requests.post(url, json={"CHAT_ID": 8}, timeout=10).json()["result"] is True

    def test_bad_state(self, command: Command, tmp_path: Path) -> None:
        """A bad state is an error of use."""
        (tmp_path / "state.toml").write_text("[chats.8]\nkind = 'open_lin'\n")
        done = command("serve", "--state", "state.toml")
        assert 2 == done.returncode
        assert "open_lin" in done.stderr

    def test_port_is_taken(self, command: Command, serve: Serve) -> None:
        """A port that is taken is an error of use."""
        port = serve().address.rpartition(":")[2]
        done = command("serve", "--port", port)
        assert 2 == done.returncode
        assert f"cannot listen on 127.0.0.1:{port}" in done.stderr


class TestClauses:
    """`clauses`, the contract in words."""

    def test_all(self, command: Command) -> None:
        """Every clause is listed with its level and its feature."""
        done = command("clauses")
        assert 0 == done.returncode
        assert re.search(r"^MUST +core +refusal\.zero +CHAT_ID 0 is refused", done.stdout, re.M)

    def test_russian(self, command: Command) -> None:
        """--lang ru lists them in Russian."""
        assert "отклоняется" in command("clauses", "--lang", "ru").stdout

    def test_one(self, command: Command) -> None:
        """One clause is told with its source."""
        done = command("clauses", "refusal.zero")
        assert re.search(r"^source +documented: .*imopenlines-session-join\.md", done.stdout, re.M)
