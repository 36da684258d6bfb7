"""What is replaced in an example before it runs: the chat's number, the address, credentials."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

# The key in any quotes, as the language or a text inside a text writes them; then the number.
_CHAT_ID = re.compile(r"""(\bCHAT_ID(?:\\?["'])?\]?\s*(?::|=>|=)\s*(?:\\?["'])?)(\d+)\b""")
# `https://HOST/rest/USER/KEY/METHOD`, or the same without USER/KEY for a token.
_ADDRESS = re.compile(
    r"""https?://[^/\s"'`]+/rest/(?P<credentials>[^/\s"'`]+/[^/\s"'`]+/)?"""
    r"""(?=[\w.]*\b(?:imopenlines\.|batch\b))""",
    re.IGNORECASE,
)
_WEBHOOK = re.compile(r"""(["'`])https?://[^/\s"'`]+/rest/[^/\s"'`]+/[^/\s"'`]+/?(?=\1)""")
_TOKEN = re.compile(
    r"""((?:\\?["'])?\bauth(?:\\?["'])?\s*(?::|=>)\s*\\?["']|\bauth=)[^"'&\s\\]+""", re.IGNORECASE
)
_ANY_ADDRESS = re.compile(r"""https?://[^\s"'`<>)]+""", re.IGNORECASE)


@dataclass(frozen=True)
class Access:
    """Where the portal is for an example, and the operator's credentials there."""

    webhook: str
    access_token: str
    refresh_token: str
    ca: str | None = None

    @property
    def address(self) -> str:
        """Scheme, host and port."""
        parts = urlsplit(self.webhook)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def domain(self) -> str:
        """Host and port."""
        return urlsplit(self.webhook).netloc


def names_chat(code: str) -> bool:
    """Whether the code has a number for CHAT_ID."""
    return _CHAT_ID.search(code) is not None


def with_chat(code: str, chat_id: int) -> str:
    """The code with this number in the place of the printed one, wherever it gives CHAT_ID."""
    return _CHAT_ID.sub(lambda found: f"{found[1]}{chat_id}", code)


def with_access(code: str, access: Access) -> str:
    """The code with the portal's address and credentials in the places of the printed ones."""
    code = _ADDRESS.sub(_placed(access), code)
    code = _WEBHOOK.sub(lambda found: f"{found[1]}{access.webhook}", code)
    return _TOKEN.sub(lambda found: f"{found[1]}{access.access_token}", code)


def elsewhere(code: str, own: Iterable[str]) -> str:
    """An address in rewritten code that is none of `own` or below; empty if there is none."""
    known = tuple(own)
    found = (address[0] for address in _ANY_ADDRESS.finditer(code))
    return next((address for address in found if not address.startswith(known)), "")


def _placed(access: Access) -> Callable[[re.Match[str]], str]:
    bare = f"{access.address}/rest/"
    return lambda found: access.webhook if found["credentials"] else bare
