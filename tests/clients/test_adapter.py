"""The adapter process: what a program may do, and what it may not get away with."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from b24_conformance.implementations.adapter import AdapterError, AdapterProcess

Program = Callable[[str], tuple[str, ...]]
SETUP = {"portal": {"webhook": "http://127.0.0.1:1/rest/1/x/"}, "ca": None, "deadline_s": 30}
HELLO = """say('{"adapter": "tiny", "client": "1.2"}')\n"""
JOINS = """
sys.stdin.readline()
for line in sys.stdin:
    say('{"joined": true}')
"""


@contextlib.contextmanager
def running(argv: tuple[str, ...], deadline: float = 10.0) -> Iterator[AdapterProcess]:
    """An adapter process that ends with the block."""
    adapter = AdapterProcess(argv, SETUP, deadline=deadline)
    try:
        yield adapter
    finally:
        adapter.close()


def failure(argv: tuple[str, ...], deadline: float = 10.0) -> AdapterError:
    """How the first call of a program fails."""
    with running(argv, deadline) as adapter, pytest.raises(AdapterError) as caught:
        adapter.call({"CHAT_ID": "1"})
    return caught.value


def alive(pid: int) -> bool:
    """Whether there is a process of that id that is not just waiting to be reaped."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


class TestWellBehaved:
    """Programs that keep the protocol."""

    def test_hello_tells_name_and_version(self, program: Program) -> None:
        """The hello line gives the adapter's name and the client's version."""
        with running(program(HELLO + JOINS)) as adapter:
            assert {"joined": True} == adapter.call({"CHAT_ID": "1"})
            assert ("tiny", "1.2") == (adapter.adapter, adapter.version)

    def test_hello_may_be_missing(self, program: Program) -> None:
        """An answer without a hello before it is accepted."""
        with running(program(JOINS)) as adapter:
            assert {"joined": True} == adapter.call({})
            assert adapter.version is None

    def test_babble_before_hello(self, program: Program) -> None:
        """What a program prints before its first protocol line is passed over."""
        babble = "say('starting ...')\nsay('42')\nsay('')\n"
        with running(program(babble + HELLO + JOINS)) as adapter:
            assert {"joined": True} == adapter.call({})
            assert "tiny" == adapter.adapter

    def test_many_calls(self, program: Program) -> None:
        """Calls are answered one by one by the same process."""
        count = """
        sys.stdin.readline()
        for number, line in enumerate(sys.stdin):
            say(json.dumps({"refused": str(number), "via": "message"}))
        """
        with running(program(count)) as adapter:
            codes = [adapter.call({})["refused"] for _ in range(5)]
        assert ["0", "1", "2", "3", "4"] == codes

    @pytest.mark.parametrize(
        ("literal", "line"),
        [
            ("2043", '{"call": {"CHAT_ID": 2043}}'),
            ("4.90", '{"call": {"CHAT_ID": 4.90}}'),
            ("1e400", '{"call": {"CHAT_ID": 1e400}}'),
            ("9" * 5000, '{"call": {"CHAT_ID": ' + "9" * 5000 + "}}"),
            ('"٤٢ \\u0664"', '{"call": {"CHAT_ID": "٤٢ \\u0664"}}'),
            ("[\n1\r]", '{"call": {"CHAT_ID": [ 1 ]}}'),
        ],
    )
    def test_literals_stay_as_written(self, program: Program, literal: str, line: str) -> None:
        """A CHAT_ID reaches the program to the letter, but on one line."""
        echo = """
        sys.stdin.reconfigure(encoding="utf-8", newline="")
        sys.stdin.readline()
        for line in sys.stdin:
            say(json.dumps({"broken": line}))
        """
        with running(program(echo)) as adapter:
            assert {"broken": line + "\n"} == adapter.call({"CHAT_ID": literal})

    def test_first_line(self, program: Program) -> None:
        """The first line is the setup."""
        echo = "say(json.dumps({'broken': sys.stdin.readline()}))\nsys.stdin.read()"
        with running(program(echo)) as adapter:
            answer = adapter.call({})
        assert '{"portal": {"webhook": "http://127.0.0.1:1/rest/1/x/"}, ' in answer["broken"]


class TestMisbehaviour:
    """Programs that do not keep it: one error that shows the last they wrote."""

    def test_hang(self, program: Program) -> None:
        """A program that does not answer is killed at the deadline."""
        error = failure(
            program("print('thinking', file=sys.stderr, flush=True)\ntime.sleep(60)"), 2.0
        )
        assert "the adapter gave no answer within 2 s" == error.what
        assert "last stderr: thinking" == error.last_output

    def test_does_not_read(self, program: Program) -> None:
        """A program that never reads a large call is killed at the deadline."""
        with (
            running(program("time.sleep(60)"), 0.5) as adapter,
            pytest.raises(AdapterError) as caught,
        ):
            adapter.call({"CHAT_ID": "1" * 1_000_000})
        assert "the adapter did not read its call within 0.5 s" == caught.value.what

    def test_exit(self, program: Program) -> None:
        """A program that ends is told by its status, with what it complained of."""
        error = failure(program("sys.stdin.readline()\nsys.exit('no such module')"))
        assert "the adapter ended with status 1 instead of an answer" == error.what
        assert "last stderr: no such module" == error.last_output

    def test_exit_between_calls(self, program: Program) -> None:
        """A program that ends after an answer fails the next call."""
        once = "sys.stdin.readline(); sys.stdin.readline(); say('{\"joined\": true}')"
        with running(program(once)) as adapter:
            adapter.call({})
            with pytest.raises(AdapterError, match="ended with status 0"):
                adapter.call({})

    def test_half_line_then_exit(self, program: Program) -> None:
        """Half a line is no answer, and is shown."""
        error = failure(program("sys.stdin.readline(); sys.stdout.write('{\"joi')"))
        assert "the adapter ended with status 0 instead of an answer" == error.what
        assert 'last stdout: {"joi' == error.last_output

    def test_half_line_then_hang(self, program: Program) -> None:
        """Half a line without an end is no answer, and is shown."""
        error = failure(
            program("sys.stdout.write('{\"joi'); sys.stdout.flush(); time.sleep(60)"), 2.0
        )
        assert "the adapter gave no answer within 2 s" == error.what
        assert 'last stdout: {"joi' == error.last_output

    def test_half_line_after_hello(self, program: Program) -> None:
        """After the hello half a line is told as such."""
        error = failure(program(HELLO + "sys.stdin.readline(); sys.stdout.write('{\"joi')"))
        assert "the adapter stopped amid a line" == error.what

    def test_not_json_after_hello(self, program: Program) -> None:
        """After the hello every line counts: one that is no JSON object is an error at once."""
        error = failure(program(HELLO + "say('oops')\nsys.stdin.read()"))
        assert "the adapter wrote a line that is no JSON object" == error.what
        assert error.last_output.endswith("oops")

    @pytest.mark.parametrize(
        ("answer", "what"),
        [
            ("{}", "gave an answer that is not one of joined, refused, broken, not_sent"),
            (
                '{"joined": true, "refused": "X"}',
                "gave an answer that is not one of joined, refused, broken, not_sent",
            ),
            ('{"joined": false}', "gave an answer whose 'joined' is False"),
            ('{"joined": 1}', "gave an answer whose 'joined' is 1"),
            ('{"refused": null}', "gave an answer whose 'refused' is None"),
            (
                '{"refused": "X", "via": "air"}',
                "gave an answer whose 'via' is not one of field, message, body",
            ),
        ],
    )
    def test_unknown_shape(self, program: Program, answer: str, what: str) -> None:
        """An answer of another shape is an error that says what is wrong with it."""
        error = failure(program(f"say({answer!r})\nsys.stdin.read()"))
        assert f"the adapter {what}" == error.what

    def test_two_answers(self, program: Program) -> None:
        """A second answer to one call is never taken for the answer to the next."""
        twice = """
        sys.stdin.readline()
        for line in sys.stdin:
            sys.stdout.write('{"joined": true}\\n{"joined": true}\\n')
            sys.stdout.flush()
        """
        with running(program(twice)) as adapter:
            adapter.call({})
            time.sleep(0.2)
            with pytest.raises(AdapterError, match="wrote without being asked"):
                adapter.call({})

    def test_flood(self, program: Program) -> None:
        """A program that never stops babbling is killed, and only its last output is shown."""
        started = time.monotonic()
        error = failure(program("while True: print('blah\\n' * 10_000)"), 1.0)
        assert time.monotonic() - started < 5
        assert "the adapter gave no answer within 1 s" == error.what
        assert len(error.last_output) <= 2100

    def test_large_output_on_standard_error(self, program: Program) -> None:
        """Standard error is free: a flood of it does not stop the program."""
        flood = "sys.stderr.write('x' * 1_000_000)\n"
        with running(program(flood + JOINS)) as adapter:
            assert {"joined": True} == adapter.call({})

    def test_no_such_program(self) -> None:
        """A program that is not there is an error, too."""
        with pytest.raises(AdapterError, match="cannot be started"):
            AdapterProcess(["/nowhere/adapter"], SETUP)


class TestEnd:
    """That no process is left behind."""

    def test_end_of_input_ends_it(self, program: Program) -> None:
        """A program that reads to the end ends by itself, with its own status."""
        with running(program(JOINS)) as adapter:
            adapter.call({})
            assert alive(adapter.pid)
        assert not alive(adapter.pid)

    def test_deaf_program_is_ended(self, program: Program) -> None:
        """A program that ignores the end of input and SIGTERM is killed."""
        deaf = """
        import signal
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        say('{"joined": true}')
        time.sleep(60)
        """
        with running(program(deaf)) as adapter:
            adapter.call({})
        assert not alive(adapter.pid)

    def test_children_end_with_a_killed_program(self, program: Program) -> None:
        """A client that its adapter has started ends with the adapter that hangs."""
        parent = """
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        print(child.pid, file=sys.stderr, flush=True)
        child.wait()
        """
        error = failure(program(parent), 1.0)
        child = int(error.last_output.rpartition(" ")[2])
        deadline = time.monotonic() + 5
        while alive(child) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not alive(child)

    def test_other_processes_are_left_alone(self, program: Program) -> None:
        """Ending a program does not signal anything but its own group."""
        with running(program(JOINS)) as other:
            other.call({})
            failure(program("time.sleep(60)"), 0.3)
            assert other.pid == os.getpgid(other.pid)
            assert {"joined": True} == other.call({})
