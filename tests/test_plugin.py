"""The pytest plugin as a foreign project meets it."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from xml.etree import ElementTree

import pytest

from b24_conformance.contract import load_contract
from b24_conformance.reference import DECLARATIONS, Portal, Server, default_state, webhooks
from b24_conformance.reference.refusals import RefusedError
from b24_conformance.resources import suites_folder

pytest_plugins = ["pytester"]

SECRET = str(default_state().users[1].webhook_secret)
SUITES = suites_folder()
OUTCOMES = SUITES / "both" / "test_outcomes.py"
# Of the plugins that happen to be installed, only what these tests are about.
PLUGINS = ("-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:anyio")
FEW = ("--b24-clause", "refusal.*")
LIVE = "http://127.0.0.1:9/rest/1/abcdefghijkl/"
Run = Callable[..., pytest.RunResult]


class WrongCode(Portal):
    """A portal that calls every wrong type an access denied."""

    def join_refusal(self, code: str) -> RefusedError:
        return super().join_refusal("ACCESS_DENIED" if code == "CHAT_TYPE" else code)


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs pytest in a foreign project: its own settings, our suites by their path."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    monkeypatch.delenv("B24_WEBHOOK", raising=False)

    def start(*words: object, suites: object = SUITES, ini: str = "") -> pytest.RunResult:
        path = pytester.makefile(".ini", **{"pytest": f"[pytest]\n{ini}"})
        root = ("-c", path, "--rootdir", pytester.path, *PLUGINS)
        return pytester.runpytest_subprocess(*root, suites, *words)  # type: ignore[arg-type]

    return start


@pytest.fixture
def faulty(pytester: pytest.Pytester) -> Iterator[Server]:
    """A faulty portal, in the config of the foreign project."""
    with ExitStack() as stack:
        server = stack.enter_context(Server(WrongCode()))
        chats = [f"{kind} = {ids}" for kind, ids in DECLARATIONS["operator"].items()]
        hook = webhooks(server.address, default_state())[1]
        lines = ["[portal]", "stand_in = true", "[operator]", f'webhook = "{hook}"']
        text = "\n".join([*lines, "[operator.chats]", *chats])
        (pytester.path / "b24-conformance.toml").write_text(text)
        yield server


def names(result: pytest.RunResult) -> set[str]:
    """The items that were collected, by -q --collect-only or -v."""
    return set(re.findall(r"::(\S+?\[\S+?\])", result.stdout.str()))


def written(pytester: pytest.Pytester) -> set[str]:
    """What is in the project's folder, but for what `pytester` puts there."""
    own = {"stdout", "stderr", "runpytest-0", "runpytest-current"}
    return {path.name for path in pytester.path.iterdir()} - own


def results(pytester: pytest.Pytester) -> dict[str, Any]:
    """What stands in out/results.json."""
    path = pytester.path / "out" / "results.json"
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


class TestItems:
    """One item per clause and implementation."""

    def test_every_clause(self, run: Run) -> None:
        """Every clause of portals is an item, by its id and the implementation's name."""
        result = run("--collect-only", "-q")
        expected = {f"{c.id}[reference]" for c in load_contract().clauses if c.side != "client"}
        assert expected == names(result)

    def test_implementations(self, run: Run) -> None:
        """Each target has items of its own."""
        result = run(*FEW, "--b24-target", "mock", "--b24-target", "reference", "-rA")
        assert {"refusal.zero[mock]", "refusal.zero[reference]"} <= names(result)
        assert 0 == result.ret
        result.stdout.fnmatch_lines_random(["mock: CONFORMANT (*", "reference: CONFORMANT (*"])

    def test_verbose(self, run: Run) -> None:
        """-v shows ids that can be given to pytest again."""
        assert "refusal.zero[reference]" in names(run(*FEW, "-v"))

    def test_one_file(self, run: Run) -> None:
        """One file of the suites gives the items of that file."""
        result = run("--collect-only", "-q", suites=SUITES / "portal" / "test_credentials.py")
        assert "credentials.none[reference]" in names(result)
        assert "refusal.zero[reference]" not in names(result)

    def test_foreign_settings(self, run: Run, pytester: pytest.Pytester) -> None:
        """A project's python_files, suites/ and contracts/ do not disturb."""
        for name in ("suites", "contracts"):
            pytester.mkpydir(name)
            (pytester.path / name / "test_own.py").write_text("def check_own(): pass\n")
        pytester.makepyfile(conftest="import contracts, suites\n")
        ini = "python_files = check_*.py\npython_functions = check_*\npython_classes = Check*\n"
        result = run(*FEW, ".", ini=ini)
        assert 0 == result.ret, result.stdout.str()
        assert result.parseoutcomes()["passed"] >= 7

    def test_own_tests_beside(self, run: Run, pytester: pytest.Pytester) -> None:
        """The project's own tests run as ever."""
        pytester.makepyfile(test_mine="def test_mine(): pass\n")
        result = run(*FEW, "-v", "test_mine.py")
        result.stdout.fnmatch_lines(["*test_mine.py::test_mine PASSED*"])
        assert 0 == result.ret

    def test_without_suites(self, pytester: pytest.Pytester) -> None:
        """A run that uses no suite knows nothing of the plugin but its options."""
        pytester.makepyfile(
            """
            import sys

            def test_mine():
                assert "schemathesis" not in sys.modules
                assert "b24_conformance.run" not in sys.modules
            """
        )
        result = pytester.runpytest_subprocess(*PLUGINS)
        result.assert_outcomes(passed=1)
        assert "CONFORMANT" not in result.stdout.str()


class TestOutcomes:
    """What items say, and how the session ends."""

    def test_failure(self, run: Run, faulty: Server) -> None:
        """A failed item tells the statement, CHAT_ID, what was demanded, what came, and a curl."""
        result = run(*FEW, "-q")
        assert 1 == result.ret
        result.stdout.fnmatch_lines(
            [
                "MUST refusal.chat-type: A chat that is not an open line is refused with *",
                "Чат, который не является*",
                "CHAT_ID   *",
                "demanded  CHAT_TYPE",
                "got       refused with ACCESS_DENIED (HTTP 400)",
                "repeat    : * && curl *$B24_WEBHOOK*",
                f"{faulty.address}: NONCONFORMANT (*",
            ]
        )
        assert SECRET not in result.stdout.str() + result.stderr.str()
        assert "Traceback" not in result.stdout.str()

    def test_incomplete(self, run: Run, pytester: pytest.Pytester) -> None:
        """A verdict of incomplete makes the session's exit status 1, though no item failed."""
        result = run(*FEW, "--b24-target", "http://127.0.0.1:9/rest/1/abcdefghijkl/")
        assert 1 == result.ret
        assert "failed" not in result.parseoutcomes()
        result.stdout.fnmatch_lines(["http://127.0.0.1:9: INCOMPLETE (*", "*no connection to*"])

    def test_should(self, run: Run, pytester: pytest.Pytester) -> None:
        """A failed SHOULD is an expected failure, and a failure with --b24-strict."""
        pytester.makepyfile(
            portal="""
            from b24_conformance.reference import Portal

            class Other(Portal):
                def answer(self, request):
                    answer = super().answer(request)
                    kept = tuple(h for h in answer.headers if "allow-origin" not in h[0].lower())
                    return type(answer)(answer.status, kept, answer.body)
            """,
            conftest="""
            import portal
            from b24_conformance import reference
            reference.Portal = portal.Other
            """,
        )
        clauses = (*FEW, "--b24-clause", "cors.origin", "-p", "conftest")
        relaxed, strict = run(*clauses), run(*clauses, "--b24-strict")
        assert (0, 1) == (relaxed.ret, relaxed.parseoutcomes().get("xfailed"))
        assert (1, 1) == (strict.ret, strict.parseoutcomes().get("failed"))

    def test_skips(self, run: Run) -> None:
        """What could not be checked is skipped, with the reason."""
        result = run("--b24-clause", "throttle.*", "-rs")
        assert 1 == result.parseoutcomes()["skipped"]
        result.stdout.fnmatch_lines(["SKIPPED*not checked: *"])

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (["--b24-clause", "nothing.*"], "matches no clause"),
            (["--b24-require", "nothing"], "matches no clause"),
            (["--b24-target", "refrence"], "did you mean 'reference'?"),
            (["--b24-config", "none.toml"], "none.toml"),
            (["--b24-joins", "all"], "is no rung"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, list) else "",
    )
    def test_usage(self, run: Run, words: list[str], told: str) -> None:
        """What makes no sense is an error of use, and nothing runs."""
        result = run(*words)
        assert told in result.stdout.str() + result.stderr.str()
        assert pytest.ExitCode.OK != result.ret
        assert not {"passed", "failed"} & set(result.parseoutcomes())
        assert "Traceback" not in result.stdout.str() + result.stderr.str()


class TestReports:
    """What is written, and when."""

    def test_nothing_by_default(self, run: Run, pytester: pytest.Pytester) -> None:
        """Without --b24-reports nothing is written."""
        run(*FEW)
        assert {"pytest.ini"} == written(pytester)

    def test_folder(self, run: Run, pytester: pytest.Pytester) -> None:
        """--b24-reports writes the same reports as the command."""
        run(*FEW, "--b24-reports", "out")
        found = {path.name for path in (pytester.path / "out").iterdir()}
        assert {"results.json", "events.jsonl", "junit.xml", "index.html", "summary.md"} <= found
        assert "conformant" == results(pytester)["implementations"][0]["verdict"]

    def test_deselection(self, run: Run, pytester: pytest.Pytester) -> None:
        """Only what is left after deselection is asked for."""
        run("--b24-reports", "out", "-k", "refusal.zero or refusal.missing")
        (one,) = results(pytester)["implementations"]
        assert {"refusal.zero", "refusal.missing"} == {row["id"] for row in one["clauses"]}
        assert 3 == one["requests"]

    @pytest.mark.parametrize("words", [("-k", "refusal"), FEW], ids=["-k", "--b24-clause"])
    def test_selection(self, run: Run, pytester: pytest.Pytester, words: tuple[str, ...]) -> None:
        """Whoever leaves clauses out is told so beside the verdict, and it is no failure."""
        result = run("--b24-reports", "out", *words)
        result.stdout.fnmatch_lines(["reference: CONFORMANT (a selection: * of * clauses): *"])
        (one,) = results(pytester)["implementations"]
        assert (0, len(one["clauses"])) == (result.ret, one["selection"]["clauses"])

    def test_whole(self, run: Run, pytester: pytest.Pytester) -> None:
        """A run of all suites is no selection."""
        run("--b24-reports", "out").stdout.fnmatch_lines(["reference: CONFORMANT: *"])
        assert results(pytester)["implementations"][0]["selection"] is None

    def test_junitxml(self, run: Run, pytester: pytest.Pytester, faulty: Server) -> None:
        """pytest's own --junitxml has the same failures, and no secret."""
        run(*FEW, "--junitxml", "own.xml")
        text = (pytester.path / "own.xml").read_text(encoding="utf-8")
        failed = ElementTree.fromstring(text).findall(".//testcase[failure]")
        assert any("refusal.chat-type" in str(case.get("name")) for case in failed)
        assert SECRET not in text

    def test_curl_line_runs(self, run: Run, faulty: Server) -> None:
        """The curl line of a failed item shows the failure again."""
        found = re.search(r"^repeat +(: .* && curl .*)$", run(*FEW, "-q").stdout.str(), re.M)
        assert found
        done = subprocess.run(
            ["sh", "-c", found[1]],
            env={**os.environ, "B24_WEBHOOK": SECRET},
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        assert "ACCESS_DENIED" in done.stdout


class TestDistributed:
    """With pytest-xdist."""

    def test_one_report(self, run: Run, pytester: pytest.Pytester) -> None:
        """Two workers give one merged report, each implementation asked once."""
        targets = ("--b24-target", "reference", "--b24-target", "mock")
        result = run(*FEW, *targets, "--b24-reports", "out", "-n", "2")
        assert 0 == result.ret, result.stdout.str()
        assert {"reference", "mock"} == {
            one["name"] for one in results(pytester)["implementations"]
        }
        text = (pytester.path / "out" / "events.jsonl").read_text(encoding="utf-8")
        kinds = [json.loads(line)["type"] for line in text.splitlines()]
        assert (1, 2, 1) == tuple(
            kinds.count(kind) for kind in ("run_started", "implementation_started", "run_finished")
        )
        result.stdout.fnmatch_lines_random(["mock: CONFORMANT (*", "reference: CONFORMANT (*"])

    def test_failure(self, run: Run, faulty: Server) -> None:
        """A failing portal fails the session."""
        result = run(*FEW, "-n", "2")
        assert 1 == result.ret
        result.stdout.fnmatch_lines([f"{faulty.address}: NONCONFORMANT (*"])

    def test_incomplete(self, run: Run) -> None:
        """An incomplete verdict fails the session as well, and says why."""
        result = run(*FEW, "--b24-target", LIVE, "-n", "1")
        assert 1 == result.ret
        result.stdout.fnmatch_lines(["http://127.0.0.1:9: INCOMPLETE (*", "*no connection to*"])

    @pytest.mark.parametrize("workers", ["-n2", "--tx=2*popen --dist=each"])
    def test_live(self, run: Run, pytester: pytest.Pytester, workers: str) -> None:
        """A live portal is asked by no worker where there are several: the session ends with 2."""
        asked: list[object] = []
        with Server(Portal(), on_exchange=lambda *exchange: asked.append(exchange)) as server:
            hook = webhooks(server.address, default_state())[1]
            words = ("--b24-reports", "out", "--b24-target", hook, *workers.split())
            result = run(*FEW, *words)
        assert (2, []) == (result.ret, asked)
        result.stdout.fnmatch_lines(
            ["*http://127.0.0.1:* is a live portal, and 2 workers of pytest-xdist would ask it"]
        )
        assert not {"passed", "failed", "skipped"} & set(result.parseoutcomes())

    @pytest.mark.parametrize("workers", ["0", "1"])
    def test_live_alone(self, run: Run, workers: str) -> None:
        """One worker may ask a live portal, as may none at all."""
        with Server(Portal()) as server:
            hook = webhooks(server.address, default_state())[1]
            result = run("--b24-rate", "1000/s", "-n", workers, "--b24-target", hook)
        assert 0 == result.ret, result.stdout.str()
        assert 0 < result.parseoutcomes()["passed"]

    def test_usage(self, run: Run) -> None:
        """What makes no sense ends the session with 2, as it does without workers."""
        result = run("--b24-joins", "all", "-n", "2")
        assert 2 == result.ret
        assert "is no rung" in result.stdout.str()
