"""What the asker gets: joined, refused with a code, or broken."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

ACCESS_DENIED = "ACCESS_DENIED"
METHOD_NOT_FOUND = "ERROR_METHOD_NOT_FOUND"
CHAT_TYPE = "CHAT_TYPE"
CHAT_ID = "CHAT_ID"
USER_ID = "USER_ID"
_READABLE = 200
_WORD = re.compile(r"\w+\Z", re.ASCII)
# A space is seen between two characters that are none.
_UNSEEN = re.compile(r"[^ -~]|(?<![^ ]) | (?![^ ])")

Kind = Literal["joined", "refused", "broken", "not_sent", "unreachable", "members", "left"]


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """One outcome of one probe.

    `joined`: success, exactly boolean true. `refused`: an error with `code` and, over HTTP,
    `status`. `broken`: an answer that is neither, or none; `detail` says which. `not_sent`: a
    client refused to call. `unreachable`: no connection, so nothing was asked. `members`: the
    answer to a question about who takes part in a chat, never to a join; with `more` there are
    others on further pages. `left`: the operator has left a chat that the run had joined.
    """

    kind: Kind
    code: str | None = None
    status: int | None = None
    detail: str | None = None
    members: tuple[int, ...] | None = None
    more: bool = False
    via: str | None = None

    def __str__(self) -> str:
        if self.kind == "refused":
            status = f" (HTTP {self.status})" if self.status else ""
            return f"refused with {_shown(self.code)}{status}"
        if self.kind in ("joined", "left"):
            return self.kind
        if self.kind == "members":
            return f"members {list(self.members or ())}"
        return f"{self.kind.replace('_', ' ')}: {self.detail}"

    @property
    def answer(self) -> tuple[str, str | None]:
        """What two askers compare: the kind and the code, not the wording."""
        return (self.kind, self.code)


def _shown(code: str | None) -> str:
    """The code, quoted and with escapes where it could be mistaken for another one."""
    if code is not None and len(code) > _READABLE:
        return f"a code of {len(code)} characters, {_shown(code[:_READABLE])}…"
    if code is None or _WORD.match(code):
        return str(code)
    return "'" + _UNSEEN.sub(lambda char: f"\\u{ord(char[0]):04x}", code) + "'"


JOINED = Outcome("joined", status=200)


def refused(code: str, status: int | None = None) -> Outcome:
    """The outcome of a refusal with `code`."""
    return Outcome("refused", code=code, status=status)


def broken(detail: str, status: int | None = None) -> Outcome:
    """The outcome of an answer that is neither a success nor a refusal."""
    return Outcome("broken", detail=detail, status=status)


def limited(limit: str) -> Outcome:
    """The outcome of a question that was never looked at: it says nothing about the contract."""
    return Outcome("unreachable", detail=f"the portal answers {limit} and goes on so")
