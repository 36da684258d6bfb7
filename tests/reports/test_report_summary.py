"""summary.md: the verdict, the failures and what to do, whatever a portal wrote."""

from __future__ import annotations

import re

import msgspec
import pytest
from handmade_runs import CUT, GREEN, NASTY, RED, TWO, a_report, without_curl

from b24_conformance.reports.summary import code, fence, prose, summary_md


def tables(text: str) -> list[str]:
    outside = re.sub(r"(?ms)^(`{3,})sh$.*?^\1$", "", text)
    return [line for line in outside.splitlines() if line.startswith("|")]


class TestSummary:
    def test_verdict_line_is_on_top(self) -> None:
        """The verdict of each implementation stands before everything else about it."""
        text = summary_md(a_report(TWO))
        assert text.index("CONFORMANT: 3 of 3 MUST") < text.index("NONCONFORMANT: 0 of 2")
        assert "❌ `client:b24pysdk`: nonconformant" in text

    def test_failure_row(self) -> None:
        """A failure has statement, CHAT_ID, what was demanded and what came, and a curl line."""
        text = summary_md(a_report(RED))
        statement = "The clause refusal.chat-type holds for every chat."
        row = f"| `refusal.chat-type` MUST | {statement} | `12` | refused with CHAT_TYPE | joined |"
        assert row in text
        assert '```sh\n: "${B24_WEBHOOK:?}" && curl -sS -g -X POST' in text

    def test_request(self) -> None:
        """A failure without a curl line says what was asked, or that nothing was."""
        text = summary_md(a_report(without_curl(RED)))
        assert (
            "Request of `refusal.chat-type`: "
            '`POST /rest/1/$B24_WEBHOOK/imopenlines.session.join.json {"CHAT_ID":12}`'
        ) in text
        text = summary_md(a_report(without_curl(RED, exchange=None)))
        assert "Nothing of `refusal.chat-type` was on the wire." in text

    def test_advice(self) -> None:
        """What could be declared stands there."""
        end = msgspec.structs.replace(GREEN[-2], advice="has it no time?")
        assert "\n\nhas it no time?\n\n" in summary_md(a_report([*GREEN[:-2], end, GREEN[-1]]))

    def test_what_to_add(self) -> None:
        """What was not checked says why, and what to add."""
        text = summary_md(a_report(RED))
        assert "`[operator.chats] joinable = [ID]`, `--joins new` |" in text
        assert "`[credentials] expired_token` |" in text

    def test_counts(self) -> None:
        """The counts are given by level."""
        assert "| MUST | 0 | 0 | 0 | 3 | 1 |" in summary_md(a_report(GREEN))

    def test_cut_off(self) -> None:
        """A run that was cut off says so at the top."""
        assert "**INCOMPLETE (cut off): 0 of 4 MUST" in summary_md(a_report(CUT))

    def test_strangers_break_no_table(self) -> None:
        """Every row of every table has as many cells as its head, and no markup of a stranger."""
        text = summary_md(a_report(RED))
        rows = tables(text)
        assert {6, 5, 7} == {len(re.findall(r"(?<!\\)\|", row)) for row in rows}
        assert "<b>" not in "".join(rows) and "[link](" not in "".join(rows)


class TestLong:
    """Texts of strangers that are too long for a table."""

    def test_middle_is_left_out(self) -> None:
        """A long text keeps its beginning and its end."""
        shown = code("12" + "0" * 1000 + "34")
        assert shown.startswith("`120") and shown.endswith("034`")
        assert "… (704 more characters) …" in shown


class TestEscaping:
    @pytest.mark.parametrize("text", [NASTY, "`", "``", "a`b", "|", "\\|", "a\nb", "", " "])
    def test_code_stays_code(self, text: str) -> None:
        """A code span holds its text, on one line and in one cell."""
        shown = code(text)
        assert "|" not in shown and "\n" not in shown
        assert re.fullmatch(r"`[^`]+`|<code>[^`<>*\[\]]+</code>", shown)

    def test_prose_is_no_markup(self) -> None:
        """A sentence of a stranger stays a sentence."""
        assert "&#60;b&#62;x &#42;y&#42; ACCESS_DENIED" == prose("<b>x\n*y* ACCESS_DENIED")

    def test_fence_is_longer_than_any_in_it(self) -> None:
        """A fence is longer than any run of backticks in its text."""
        assert "`````sh\na ````\n`````" == fence("a ````", "sh")
