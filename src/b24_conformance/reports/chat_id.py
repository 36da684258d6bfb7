"""CHAT_ID in reports: an empty text, blanks and a long one are told apart."""

from __future__ import annotations

from b24_conformance.reports.texts import elided, one_line

_LONGEST = 200


def shown(chat_id: str, longest: int = _LONGEST) -> str:
    """CHAT_ID on one line, visible to a reader, and no longer than `longest`."""
    return elided(one_line(chat_id if chat_id.strip() else f'"{chat_id}"'), longest)
