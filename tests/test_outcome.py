"""Outcomes as a reader is told of them."""

from __future__ import annotations

import pytest

from b24_conformance.outcome import Outcome, refused


class TestCodes:
    """Codes in words."""

    @pytest.mark.parametrize("code", ["CHAT_TYPE", "insufficient_scope", "400"])
    def test_plain(self, code: str) -> None:
        """A plain word is shown as it is, with the status where there is one."""
        assert f"refused with {code}" == str(refused(code))
        assert f"refused with {code} (HTTP 400)" == str(refused(code, 400))

    @pytest.mark.parametrize(
        ("code", "shown"),
        [
            ("CHAT_TYPE ", r"'CHAT_TYPE\u0020'"),
            ("\u0421HAT_TYPE", r"'\u0421HAT_TYPE'"),
            ("CHAT\u200b_TYPE", r"'CHAT\u200b_TYPE'"),
            ("CHAT-TYPE!", "'CHAT-TYPE!'"),
            ("HTTP Error 400: Bad Request", "'HTTP Error 400: Bad Request'"),
            (" A  B\u00a0", r"'\u0020A\u0020\u0020B\u00a0'"),
            ("", "''"),
        ],
    )
    def test_odd(self, code: str, shown: str) -> None:
        """What could be taken for another code is quoted, with escapes for what cannot be seen."""
        assert f"refused with {shown}" == str(Outcome("refused", code=code))

    def test_long(self) -> None:
        """A code as long as a book is told by its beginning and its length."""
        told = str(refused("X" * 5000))
        assert "refused with a code of 5000 characters, " + "X" * 200 + "…" == told
