"""Negative CHAT_IDs that a careless reader takes for a chat."""

from __future__ import annotations

from collections.abc import Sequence


def negatives(chats: Sequence[int], every: Sequence[int]) -> tuple[int, ...]:
    """`chats` mirrored, and wrapped at 32 and at 16 bits; also the highest of `every` one mirrored.

    Whoever reads only so many digits may lose a sign with the others.
    """
    mirrored = [-chat for chat in (*chats, *sorted(every)[-1:])]
    wrapped = [chat - 2**bits for bits in (32, 16) for chat in chats if chat < 2**bits]
    return tuple(dict.fromkeys((*mirrored, *wrapped)))
