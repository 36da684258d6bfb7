"""CHAT_ID in reports: none at all, an empty text, blanks and a long one are told apart."""

from __future__ import annotations

from urllib.parse import unquote

from b24_conformance.events import Evidence
from b24_conformance.reports.texts import elided, one_line

_ABSENT = "(absent)"
_LONGEST = 200


def as_sent(evidence: Evidence) -> str:
    """CHAT_ID as literally sent, or `(absent)`; a whole body that is empty has none."""
    if evidence.chat_id or evidence.exchange is None:
        return evidence.chat_id
    # The events say which text was sent, and only the request whether it was named.
    named = "CHAT_ID" in unquote(str(evidence.exchange.get("request")))
    return "" if named else _ABSENT


def shown(chat_id: str, longest: int = _LONGEST) -> str:
    """What `as_sent` gives on one line, visible to a reader, and no longer than `longest`."""
    return elided(one_line(chat_id if chat_id.strip() else f'"{chat_id}"'), longest)
