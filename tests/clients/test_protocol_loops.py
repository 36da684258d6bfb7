"""The loops that adapters in JavaScript and PHP share, and the limits of all adapters."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from b24_conformance.clients import protocol

HERE = Path(protocol.__file__).parent
SETUP = '{"portal": {}, "ca": null, "deadline_s": 1}'
node = pytest.mark.skipif(not shutil.which("node"), reason="NOT TESTED: apt install nodejs")
php = pytest.mark.skipif(not shutil.which("php"), reason="NOT TESTED: apt install php-cli")


def talk(argv: list[str], *calls: str) -> tuple[list[object], str]:
    """What an adapter program answers, line by line, and what it writes on standard error."""
    lines = "\n".join((SETUP, *(f'{{"call": {call}}}' for call in calls), ""))
    done = subprocess.run(argv, input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


@node
class TestJavaScript:
    """clients/js/protocol.mjs."""

    @staticmethod
    def adapter(folder: Path, caller: str) -> list[str]:
        """The command of an adapter with this caller."""
        loop = (HERE / "js" / "protocol.mjs").as_uri()
        code = f"import {{ serve, result, NotSent }} from '{loop}'\n"
        (folder / "tiny.mjs").write_text(f"{code}serve('tiny', '1', () => {caller})\n")
        return ["node", str(folder / "tiny.mjs")]

    def test_prints_do_not_disturb(self, tmp_path: Path) -> None:
        """What the client logs lands on standard error; its exceptions are answers."""
        caller = "({ CHAT_ID }) => (console.log('noise'), result(CHAT_ID.constructor(true)))"
        answers, noise = talk(self.adapter(tmp_path, caller), '{"CHAT_ID": false}', "{}")
        assert [{"adapter": "tiny", "client": "1"}, {"joined": True}] == answers[:2]
        assert "TypeError" in str(answers[2])
        assert "noise\nnoise\n" == noise

    def test_promise_that_never_settles(self, tmp_path: Path) -> None:
        """It is told before the deadline, and the next call is answered."""
        caller = "({ CHAT_ID }) => CHAT_ID ? result(true) : new Promise(() => {})"
        calls = ('{"CHAT_ID": 0}', '{"CHAT_ID": 1}')
        answers, _ = talk(self.adapter(tmp_path, caller), *calls)
        told = {"broken": "the promise never settled within 0.9 s"}
        assert [told, {"joined": True}] == answers[1:]

    def test_line_separators_in_texts(self, tmp_path: Path) -> None:
        """A line separator of Unicode in a text ends no line."""
        caller = "({ CHAT_ID }) => result(CHAT_ID === '\\u2028')"
        answers, _ = talk(self.adapter(tmp_path, caller), '{"CHAT_ID": "\u2028"}')
        assert {"joined": True} == answers[1]

    def test_not_sent(self, tmp_path: Path) -> None:
        """A refusal of the client to call is told as such."""
        caller = "() => { throw new NotSent('no') }"
        assert {"not_sent": "no"} == talk(self.adapter(tmp_path, caller), "{}")[0][1]


@php
class TestPhp:
    """clients/php/protocol.php."""

    @staticmethod
    def adapter(folder: Path, body: str) -> list[str]:
        """The command of an adapter whose caller has this body."""
        caller = f"static function (array $params): array {{ {body} }}"
        code = f"<?php require '{HERE}/php/protocol.php';\n"
        code += f"serve('tiny', static fn (array $portal): array => ['1', {caller}]);\n"
        (folder / "tiny.php").write_text(code)
        return ["php", "-d", "display_errors=stderr", str(folder / "tiny.php")]

    def test_prints_do_not_disturb(self, tmp_path: Path) -> None:
        """What the client prints lands on standard error; its exceptions are answers."""
        body = "echo 'noise'; return result($params['CHAT_ID'] ?? throw new Exception('none'));"
        answers, noise = talk(self.adapter(tmp_path, body), '{"CHAT_ID": true}', "{}")
        hello = {"adapter": "tiny", "client": "1"}
        assert [hello, {"joined": True}, {"broken": "Exception: none"}] == answers
        assert "noisenoise" == noise

    def test_numbers_that_php_cannot_hold(self, tmp_path: Path) -> None:
        """A number that PHP would make another of is not sent."""
        calls = (f'{{"CHAT_ID": {number}}}' for number in ("12345678901234567890", "1e400", "4.5"))
        answers, _ = talk(self.adapter(tmp_path, "return result(true);"), *calls)
        assert ["not_sent", "not_sent", "joined"] == [next(iter(each)) for each in answers[1:]]


class TestPython:
    """clients/protocol.py."""

    def test_overdue(self) -> None:
        """A client that does not return is interrupted, also one that swallows exceptions."""

        def hang(_: protocol.Call) -> protocol.Answer:
            while True:
                try:
                    __import__("time").sleep(60)
                except Exception:  # as clients do that try again
                    continue

        answer = protocol._answer(hang, protocol.Call("{}"), 0.2)
        assert {"broken": "the call did not return within 0.2 s"} == answer

    @pytest.mark.parametrize(
        ("message", "answer"),
        [
            ("API error [chat_type]: no", {"refused": "CHAT_TYPE", "via": "message"}),
            ("API error [something]: no", {"broken": "API error [something]: no"}),
            ("no [chat_type]", {"broken": "no [chat_type]"}),
        ],
    )
    def test_code_in_a_message(self, message: str, answer: protocol.Answer) -> None:
        """Only a code of the method is recognised there, and gets its capitals back."""
        assert answer == protocol.refused_in(message, r"^API error \[(\w+)\]")


class TestSize:
    """Adapters can be read at a glance."""

    @pytest.mark.parametrize("pattern", ["*.py", "js/*.mjs", "php/*.php", "go/main.go"])
    def test_adapters_are_small(self, pattern: str) -> None:
        """An adapter has at most 30 lines of code; what adapters share is no adapter."""
        for path in HERE.glob(pattern):
            text = path.read_text(encoding="utf-8")
            if "serve(" not in text or path.stem in ("protocol", "frame"):
                continue
            lines = (line.strip() for line in text.splitlines())
            code = [each for each in lines if each and not each.startswith(("#", '"', "//"))]
            most = 36 if path.name == "crest.php" else 30  # its settings are files
            assert len(code) <= most, path.name
