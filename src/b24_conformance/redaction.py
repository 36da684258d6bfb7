"""The one redaction: secrets are replaced by value before anything is written or printed.

A secret is known by its label, such as `$B24_WEBHOOK`. Every whole occurrence of one of its
forms becomes the label, and every remaining piece of a form becomes `[redacted]`. A piece has
eight characters or more and tells at least four characters of the secret: that is 8 characters
of the raw, base64 and hex forms, 12 where every byte is percent-encoded, and 24 of `\\u` escapes.
(Shorter pieces of the last two would be found in the escaped digits of half of all CHAT_IDs.)
A run of one or two different characters is no piece: it tells nothing, and is in many a number.
"""

from __future__ import annotations

import io
import re
import threading
import weakref
from collections.abc import Mapping
from typing import TextIO

import msgspec

from b24_conformance.exchange import Exchange, Response
from b24_conformance.secret_search import Search

_LABEL = re.compile(r"\$[A-Za-z_][A-Za-z0-9_]*")
_WEBHOOK = re.compile(r"https?://[^/]+/rest/[^/]+/([^/?#]+)")


class Redaction:
    """Hides secrets, given as label -> value; a webhook's address stands for its secret.

    A secret of fewer than eight characters, or one that is a word of our own reports, is only
    replaced between delimiters, so that a test portal's "secret" does not mangle sentences.
    Raises ValueError for a label that is no shell variable such as `$B24_TOKEN`.

    It learns more secrets at any time, and what it knows can be taught to others; threads may
    share it.
    """

    __slots__ = ("__weakref__", "_lock", "_pupils", "_search")

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._search = Search(_by_value(secrets), secrets)
        self._pupils: list[Redaction] = []
        self._lock = threading.Lock()
        _made.append(weakref.ref(self))

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that may stand in a hidden text, the longest first."""
        return self._search.labels

    def learn(self, secrets: Mapping[str, str]) -> None:
        """Hides these as well from now on, here and wherever this redaction teaches."""
        self._learn(_by_value(secrets))

    def teach(self, pupil: Redaction) -> None:
        """Lets another redaction hide what this one knows, and what it will learn."""
        with self._lock:
            self._pupils.append(pupil)
            known = self._search.known
        pupil._learn(known)

    def _learn(self, known: Mapping[str, str]) -> None:
        with self._lock:
            search = self._search
            new = {secret: label for secret, label in known.items() if secret not in search.known}
            if not new:
                return
            # Exchanged at once: whoever is searching goes on with a whole one.
            labels = dict.fromkeys([*search.labels, *new.values()])
            self._search = Search({**search.known, **new}, labels)
            pupils = tuple(self._pupils)
        for pupil in pupils:
            pupil._learn(new)

    def __repr__(self) -> str:
        return f"Redaction({', '.join(sorted(self.labels))})"

    def hide(self, text: str) -> str:
        """`text` with labels in the places of the secrets."""
        return self._search.replace(text)

    def hides(self, text: str) -> bool:
        """Whether `text` has anything to hide."""
        return self.hide(text) != text

    def suspects(self, text: str) -> bool:
        """False only if there is nothing to hide: a look that costs microseconds."""
        return self._search.suspects(text)

    def hide_exchange(self, exchange: Exchange) -> Exchange:
        """`exchange` with every target, header, body and detail hidden."""
        request, response = exchange.request, exchange.response
        return msgspec.structs.replace(
            exchange,
            request=msgspec.structs.replace(
                request,
                target=self.hide(request.target),
                headers=self._search.replace_in(request.headers),
                body=self.hide(request.body),
            ),
            response=response and self._response(response),
            detail=self.hide(exchange.detail),
        )

    def _response(self, response: Response) -> Response:
        return msgspec.structs.replace(
            response,
            headers=self._search.replace_in(response.headers),
            body=self.hide(response.body),
            reason=self.hide(response.reason),
        )


_made: list[weakref.ref[Redaction]] = []


def hidden(text: str) -> str:
    """`text` without any secret that a redaction of this process knows."""
    for reference in _made:
        if redaction := reference():
            text = redaction.hide(text)
    return text


class HidingWriter(io.TextIOBase):
    """A text stream that hides each write before it passes it on."""

    def __init__(self, stream: TextIO, redaction: Redaction) -> None:
        self._stream = stream
        self._redaction = redaction

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding of the stream behind."""
        return self._stream.encoding

    def write(self, text: str, /) -> int:
        """Writes `text` without its secrets; returns the length of `text` itself."""
        self._stream.write(self._redaction.hide(text))
        return len(text)

    def flush(self) -> None:
        """Flushes the stream behind."""
        self._stream.flush()

    def isatty(self) -> bool:
        """Whether the stream behind is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """The descriptor of the stream behind (what is written to it is not hidden)."""
        return self._stream.fileno()

    def writable(self) -> bool:
        """Always True."""
        return True


def _by_value(secrets: Mapping[str, str]) -> dict[str, str]:
    """Secret -> its first label; a webhook's address is reduced to the secret in it."""
    known: dict[str, str] = {}
    for label, value in secrets.items():
        if not _LABEL.fullmatch(label):
            raise ValueError(f"the label {label!r} is no shell variable such as $B24_TOKEN")
        address = _WEBHOOK.match(value)
        known.setdefault(address[1] if address else value, label)
    known.pop("", None)
    return known
