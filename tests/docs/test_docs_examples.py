"""Examples that are run: what each kind is found to be, right and wrong."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from printed_pages import CURL, STANDINS, page_of, tab_of

from b24_conformance.docs_page import load_page
from b24_conformance.examples import TabReport, check, process
from b24_conformance.reference import default_state

CheckTab = Callable[..., TabReport]
OPERATOR = default_state().users[1]
CODES = ["success", "ACCESS_DENIED", "CHAT_TYPE", "CHAT_ID"]
JOIN = "'imopenlines.session.join', { CHAT_ID: 2043 }"
SDK_CALL = f"""\
try {{
  const response = await $b24.callMethod({JOIN})
  console.log('Joined:', response.getData().result)
}} catch (error) {{
  console.error(error%s)
}}"""
TYPED = """\
import type { B24Hook } from '@bitrix24/b24jssdk'
declare const $b24: B24Hook
""" + SDK_CALL.replace("getData()", "getData()!")
UMD = f"""\
<script src="https://unpkg.com/@bitrix24/b24jssdk@1/dist/umd/index.min.js"></script>
<script>
  document.addEventListener('DOMContentLoaded', async () => {{
    const $b24 = await B24Js.initializeB24Frame()
{SDK_CALL % ""}
  }})
</script>"""
BX24 = f"""\
BX24.callMethod({JOIN}, function (result) {{
  if (result.error()) console.error(result.error().ex)
  else console.log(result.data())
}})"""
PHP_SDK = """\
try {
    $result = $b24Service->core->call('imopenlines.session.join', ['CHAT_ID' => 2043])
        ->getResponseData()->getResult();
    echo 'Success: ' . print_r(%s, true);
} catch (Throwable $e) {
    echo 'Error: ' . $e->getMessage();
}"""
CREST = """\
require_once('crest.php');
$result = CRest::call('imopenlines.session.join', ['CHAT_ID' => 2043]);
if (%s) {
    echo 'Error: ' . $result['error_description'];
} else {
    echo 'Success: ' . print_r($result['result'] ?? '', true);
}"""
GO = """\
res, err := client.Core().Call(ctx, "imopenlines.session.join", b24.Params{
	"CHAT_ID": 2043,
})
if err != nil {
	return fmt.Errorf("join: %w", err)
}
fmt.Println("done:", string(res.Result))"""


def ran(report: TabReport) -> TabReport:
    """The report, if what the example needs is on this machine."""
    if report.verdict == "not run":
        pytest.skip(f"not run: {report.reason}")
    return report


class TestShell:
    """curl, which every machine of ours has."""

    def test_right(self, check_tab: CheckTab) -> None:
        """The documented command tells success and each refusal, by webhook as by token."""
        by_token = CURL.replace("1/webhook_key/", "").replace("2043}", '2043,"auth":"<token>"}')
        for code in (CURL, by_token):
            report = ran(check_tab("bash", code))
            assert ("right", CODES) == (report.verdict, [case.answered for case in report.cases])

    def test_does_not_say_which(self, check_tab: CheckTab) -> None:
        """curl --fail loses the body, and with it the code."""
        report = ran(check_tab("bash", CURL.replace("curl", "curl -f")))
        assert "does not say which refusal" == report.verdict

    @pytest.mark.parametrize(
        ("after", "reason"),
        [
            (" >/dev/null; echo Joined", "reports a refusal as success (ACCESS_DENIED: stdout: J"),
            (" >/dev/null", "says nothing of a success (it prints nothing)"),
            ("; exit 3", "reports success as an error (stdout: {"),
        ],
    )
    def test_wrong(self, check_tab: CheckTab, after: str, reason: str) -> None:
        """An example that tells the wrong thing, or nothing, is wrong and says why."""
        report = ran(check_tab("bash", CURL + after))
        assert ("wrong", reason) == (report.verdict, report.reason[: len(reason)])

    def test_another_method(self, check_tab: CheckTab) -> None:
        """An example that calls something else is wrong, whatever it prints."""
        code = CURL.replace("session.join", "session.open")
        report = ran(check_tab("bash", code + " # imopenlines.session.join"))
        assert report.reason.startswith("never calls imopenlines.session.join")

    def test_another_chat(self, check_tab: CheckTab) -> None:
        """An example that garbles the number gets another answer than its chat stands for."""
        report = ran(check_tab("bash", CURL.replace("2043", '2043,"CHAT_ID":"x"')))
        assert report.reason.startswith("gets CHAT_ID for the chat of success")

    def test_no_secret_is_told(self, check_tab: CheckTab) -> None:
        """What an example prints of its credentials is hidden."""
        report = ran(check_tab("bash", f"set -x\n{CURL}"))
        text = "".join(case.run.text for case in report.cases)
        assert (True, False) == ("$B24_WEBHOOK" in text, str(OPERATOR.webhook_secret) in text)


class TestNotRun:
    """Examples that are not run are never right."""

    @pytest.mark.parametrize(
        ("language", "code", "reason"),
        [
            ("bash", f"{CURL}\ncurl https://example.com/", "https://example.com/"),
            ("bash", CURL.replace("2043", "$CHAT"), "a number for CHAT_ID"),
            ("python", "client.imopenlines.session.join(2043)", "a runner for python"),
            ("php", PHP_SDK, "B24PHPSDK_AUTOLOAD"),
            ("php", CREST, "CREST_PATH"),
            ("js", BX24, "BX24_JS"),
            ("go", GO, "B24GOSDK_PATH"),
            ("html", UMD.replace("sdk@1/", "sdk@7/"), "b24jssdk@7"),
        ],
    )
    def test_says_what_it_needs(
        self, check_tab: CheckTab, language: str, code: str, reason: str
    ) -> None:
        """What is missing is named, with how to give it."""
        report = check_tab(language, code)
        assert ("not run", True) == (report.verdict, reason in report.reason)

    def test_a_file_that_does_not_work(self, check_tab: CheckTab, tmp_path: Path) -> None:
        """A library that fails before the example is no fault of the example's."""
        broken = tmp_path / "autoload.php"
        broken.write_text("<?php throw new Exception('broken');", encoding="utf-8")
        report = check_tab("php", PHP_SDK, b24phpsdk=broken)
        assert "not run" == report.verdict


class TestNode:
    """The SDK in node."""

    @pytest.mark.parametrize(
        ("code", "verdict"),
        [(SDK_CALL % "", "right"), (SDK_CALL % ".ex", "does not say which refusal")],
    )
    def test_module(self, check_tab: CheckTab, code: str, verdict: str) -> None:
        """A thrown error that is printed tells its code; a field that it lacks does not."""
        assert verdict == ran(check_tab("js", code)).verdict

    def test_types(self, check_tab: CheckTab) -> None:
        """TypeScript runs without its types."""
        assert "right" == ran(check_tab("ts", TYPED % "")).verdict

    def test_what_does_not_parse(self, check_tab: CheckTab) -> None:
        """An example that is no JavaScript is wrong, not without a runner."""
        report = ran(check_tab("js", f"{SDK_CALL % ''} }}"))
        assert ("wrong", True) == (report.verdict, "SyntaxError" in report.reason)


class TestPage:
    """Pages in Chromium; BX24.js is the stand-in of the clients' tests, not the vendor's file."""

    def test_umd(self, check_tab: CheckTab) -> None:
        """A page that loads the UMD build runs with the version that it names."""
        report = ran(check_tab("html", UMD))
        assert ("right", True) == (report.verdict, "b24jssdk-1.3.0" in report.used)

    def test_bx24(self, check_tab: CheckTab) -> None:
        """A script that takes BX24 for granted tells an error by the answer's own object."""
        report = ran(check_tab("js", BX24, bx24js=STANDINS / "bx24-standin.js"))
        assert ("right", True) == (report.verdict, "standins/bx24-standin.js" in report.used)


class TestPhp:
    """Both clients by the stand-ins of the clients' tests, not by the vendor's code."""

    @pytest.mark.parametrize(
        ("value", "verdict"), [("$result", "right"), ("$result->data()", "wrong")]
    )
    def test_sdk(self, check_tab: CheckTab, value: str, verdict: str) -> None:
        """A method call on the array that the SDK gives turns a success into an error."""
        report = ran(
            check_tab("php", PHP_SDK % value, b24phpsdk=STANDINS / "b24phpsdk-standin.php")
        )
        assert verdict == report.verdict

    @pytest.mark.parametrize(
        ("condition", "verdict"), [("!empty($result['error'])", "right"), ("false", "wrong")]
    )
    def test_crest(self, check_tab: CheckTab, condition: str, verdict: str) -> None:
        """An example that looks at `error` is right, one that does not tells nothing."""
        report = ran(check_tab("php", CREST % condition, crest=STANDINS / "crest-standin.php"))
        assert verdict == report.verdict


class TestGo:
    """By the stand-in of the clients' tests, not by the SDK."""

    def test_right(self, check_tab: CheckTab) -> None:
        """A fragment that returns the error is told by the program around it."""
        assert "right" == ran(check_tab("go", GO, b24gosdk=STANDINS / "b24gosdk")).verdict


class TestProcess:
    """Every run is bounded."""

    def test_overdue(self, tmp_path: Path) -> None:
        """A program that does not end is ended, with what it has started."""
        began = time.monotonic()
        code = "import subprocess; subprocess.run(['sleep', '60'])"
        ended = process.run(
            (sys.executable, "-c", code), tmp_path, process.environment(tmp_path), seconds=0.5
        )
        assert (True, True) == (ended.overdue, time.monotonic() - began < 10)

    def test_environment(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """An example sees neither the user's secrets nor proxies nor home."""
        monkeypatch.setenv("B24_WEBHOOK", "secret")
        monkeypatch.setenv("https_proxy", "http://127.0.0.1:9/")
        env = process.environment(tmp_path)
        found = (env["HOME"], "B24_WEBHOOK" in env, "https_proxy" in env)
        assert (str(tmp_path), False, False) == found


class TestSpecification:
    """The specification's own page."""

    def test_its_tabs(self, specification: Path) -> None:
        """Three tabs are empty, the PHP tab is wrong, and the JS tab loses the code."""
        paths = {
            "b24phpsdk": str(STANDINS / "b24phpsdk-standin.php"),
            "bx24js": str(STANDINS / "bx24-standin.js"),
        }
        report = check(load_page(specification), paths=paths)
        found = {tab.tab.title: tab.verdict for tab in report.tabs if tab.verdict != "not run"}
        expected = {
            "cURL (Webhook)": "empty",
            "cURL (OAuth)": "empty",
            "JS": "does not say which refusal",
            "PHP": "wrong",
            "BX24.js": "right",
            "PHP CRest": "empty",
        }
        assert {title: expected[title] for title in found} == found
        if len(found) < len(expected):
            pytest.skip(f"not run here: {sorted(set(expected) - set(found))}")

    def test_php_reports_success_as_an_error(self, check_tab: CheckTab) -> None:
        """The reason names what a reader of the PHP tab sees after a success."""
        code = PHP_SDK % "$result->error()"
        report = ran(check_tab("php", code, b24phpsdk=STANDINS / "b24phpsdk-standin.php"))
        assert report.reason.startswith("reports success as an error (stdout: noise")


class TestExitCode:
    """What a page is worth."""

    def test_each(self) -> None:
        """Right alone is 0, anything wrong 1, and nothing that could be run 3."""
        right, empty = tab_of("A", "bash", CURL), tab_of("B", "bash", "# nothing")
        wrong = tab_of("C", "bash", f"{CURL}; exit 1")
        pages = (page_of(right, empty), page_of(right, wrong), page_of(empty))
        assert [0, 1, 3] == [check(page).exit_code for page in pages]
