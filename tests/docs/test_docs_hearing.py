"""What a reader makes of an example's output."""

from __future__ import annotations

import pytest

from b24_conformance.examples.hearing import Heard, Printed, Refusal, Run, heard

CHAT_ID = Refusal("CHAT_ID", "Chat ID is invalid.")
CHAT_TYPE = Refusal("CHAT_TYPE", "This chat is not Open Channel")


def said(text: str, channel: str = "stdout", exit_code: int | None = 0) -> Run:
    """A run that printed one thing."""
    return Run((Printed(channel, text),), exit_code)


class TestSuccess:
    """Runs for which nothing is complained of."""

    @pytest.mark.parametrize(
        ("run", "expected"),
        [
            (said("true"), "success"),
            (said("Success: 1"), "success"),
            (said('{"result":true,"time":{}}'), "success"),
            (said("Joined: true", "console.info", None), "success"),
            (said('{"result":true,"error":null}'), "success"),
            (said("{ isError: false, result: true }"), "success"),
            (said("undefined", "console.log"), "nothing"),
            (said("Success: "), "nothing"),
            (Run(()), "nothing"),
            (said("deprecated", "console.warn"), "nothing"),
            (said("Failed to load resource: 400", "browser"), "nothing"),
        ],
    )
    def test_heard(self, run: Run, expected: Heard) -> None:
        """A value that is told is a success; a label without a value, or silence, tells nothing."""
        assert expected == heard(run, None)

    def test_remarks_of_the_interpreter(self) -> None:
        """PHP's own remark beside a success makes no error of it."""
        remark = Printed("error log", "\nDeprecated: old in /x/failed.php on line 3\n")
        assert "success" == heard(Run((remark, Printed("stdout", "Success: 1"))), None)


class TestRefusal:
    """Runs that complain."""

    @pytest.mark.parametrize(
        "run",
        [
            said('{"error":"CHAT_TYPE","error_description":""}'),
            said("Error: this chat is not open channel"),
            said("chat_type - refused", "console.error"),
            said("CHAT_TYPE", "stderr", 1),
            said("Ошибка: CHAT_TYPE"),
            said("AjaxError: CHAT_TYPE", "console.log"),
            said("{'error': 'CHAT_TYPE'}"),
        ],
    )
    def test_told(self, run: Run) -> None:
        """An error with the code or the portal's description, in any case, tells which it is."""
        assert "refusal" == heard(run, CHAT_TYPE)

    @pytest.mark.parametrize(
        "run",
        [
            said("undefined", "console.error"),
            said("Error: 400"),
            said("x", exit_code=22),
            Run((), 0, overdue=True),
        ],
    )
    def test_not_told(self, run: Run) -> None:
        """An error without either does not say which refusal it is."""
        assert "unclear refusal" == heard(run, CHAT_TYPE)

    def test_taken_for_success(self) -> None:
        """A code that is printed as if nothing had happened is heard as a success."""
        assert "success" == heard(said("Joined: CHAT_TYPE"), CHAT_TYPE)

    def test_the_name_of_the_parameter(self) -> None:
        """CHAT_ID tells nothing where it is printed for every other outcome, too."""
        run = said("Error: call({ CHAT_ID: 9 })")
        other = said("Error: call({ CHAT_ID: 12 })")
        assert ["unclear refusal", "refusal"] == [
            heard(run, CHAT_ID, [other]),
            heard(said("Error: CHAT_ID: call({ CHAT_ID: 9 })"), CHAT_ID, [other]),
        ]
