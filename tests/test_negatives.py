"""Negative CHAT_IDs that a careless reader takes for a chat."""

from __future__ import annotations

from b24_conformance.chat_ids.negatives import negatives


class TestNegatives:
    """What is made of some chats, of all that there are."""

    def test_mirrored_and_wrapped(self) -> None:
        """Each chat below zero, and at 32 and at 16 bits what comes out as the chat."""
        assert (-12, 12 - 2**32, 12 - 2**16) == negatives([12], [12])

    def test_highest(self) -> None:
        """Of all chats the highest one is mirrored, too."""
        assert -(2**33) in negatives([12], [12, 2**33, 7])

    def test_too_wide_to_wrap(self) -> None:
        """A chat beyond 16 bits wraps at 32 only."""
        assert (-70000, 70000 - 2**32) == negatives([70000], [])
