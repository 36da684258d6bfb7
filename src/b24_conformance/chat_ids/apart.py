"""Which chats are set apart from batches, so that somebody can watch a first join of them."""

from __future__ import annotations

from collections.abc import Sequence

_WIDE = 2**31


def apart(chats: Sequence[int], count: int = 1) -> tuple[int, ...]:
    """The last of `chats`, though none beyond 31 bits if it can be helped: those tell early."""
    return tuple(sorted(chats, key=lambda chat: chat < _WIDE)[-count:])
