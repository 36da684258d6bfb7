"""Finds known secrets in a text, whole or in pieces, in every spelling, and replaces them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache

from b24_conformance.exchange import Headers
from b24_conformance.secret_forms import (
    PIECE,
    REDACTED,
    folded,
    forms_of,
    is_free,
    is_word,
    piece_size,
    vocabulary,
)

_REMEMBERED = 1000
# The eight noughts of many a token stand in many a time, too.
_DIFFERENT = 3
# A word may end at one of these, at an escape of one of them, or after the name of a scheme.
_BEFORE = r"""(?:^|(?<=[/=&"':?#\\])|(?<=%[0-9a-f]{2})|(?<=bearer )|(?<=basic ))"""
_AFTER = r"""(?:\Z|(?=[/=&"':?#\\%]))"""
Span = tuple[int, int]


class Search:
    """A search for `known` secrets, given as secret -> label. It never changes.

    `labels` are all words that may stand in a text for a secret; they are left as they are.
    """

    __slots__ = (
        "_hits",
        "_label_of",
        "_near",
        "_pieces",
        "_rare",
        "_replaced",
        "_replaced_in",
        "_whole",
        "known",
        "labels",
    )

    def __init__(self, known: Mapping[str, str], labels: Collection[str]) -> None:
        self.known = dict(known)
        self.labels = tuple(sorted(labels, key=len, reverse=True))
        self._pieces = _pieces(known, self.labels)
        wholes = _wholes(self.known)
        self._label_of = {folded(form): label for form, label in wholes.items()}
        self._whole = _pattern(self.labels, wholes)
        self._near = _near(known)
        self._hits = _hits(self._near)
        self._rare = _rare(known)
        # One target is asked thousands of times, and each time it has the secret in it; so are
        # the headers of most answers the same, of those within a second.
        self._replaced = lru_cache(maxsize=256)(self._replace)
        self._replaced_in = lru_cache(maxsize=16)(self._replace_in)

    def replace(self, text: str) -> str:
        """`text` with labels in the places of the secrets."""
        return self._replaced(text) if len(text) < _REMEMBERED else self._replace(text)

    def replace_in(self, headers: Headers) -> Headers:
        """`headers` with labels in the places of the secrets, in names and in values."""
        return self._replaced_in(headers)

    def suspects(self, text: str) -> bool:
        """False only if there is nothing to replace: a look that costs microseconds."""
        data = folded(text)
        return self._narrow(data) or self._wide(data)

    def _narrow(self, data: bytes) -> bool:
        words = _aligned(data)
        if self._hits.isdisjoint(words):
            return False
        # Four digits of a time stamp hit now and then: look at what stands around them.
        hits = (place * 4 for place, word in enumerate(words) if word in self._hits)
        starts = (start for hit in hits for start in range(max(0, hit - 4), hit + 1))
        return any(data[start : start + PIECE] in self._near for start in starts)

    def _wide(self, data: bytes) -> bool:
        for mark, parts in self._rare:
            if mark in data and any(part in data for part in parts):
                return True
        return False

    def _replace(self, text: str) -> str:
        if not self.suspects(text):
            return text
        wholes: list[tuple[int, int, str]] = []
        tokens: list[Span] = []
        for found in self._whole.finditer(text):
            label = self._label_of.get(folded(found[0]))
            if label is None:
                tokens.append(found.span())
            else:
                wholes.append((*found.span(), label))
        pieces = _clear_of(self._found(text), tokens)
        rest = _without(pieces, [(start, end) for start, end, _ in wholes])
        told = [span for span in rest if not _within_a_number(text, span)]
        return _substituted(text, [*wholes, *((start, end, REDACTED) for start, end in told)])

    def _replace_in(self, headers: Headers) -> Headers:
        return tuple((self.replace(name), self.replace(value)) for name, value in headers)

    def _found(self, text: str) -> list[Span]:
        wide = self._wide(folded(text))
        return [
            (start, start + size)
            for size, pieces in self._pieces.items()
            if size == PIECE or wide
            for start in range(len(text) - size + 1)
            if text[start : start + size] in pieces
        ]


def _within_a_number(text: str, span: Span) -> bool:
    # Eight digits of a time stamp are found in a long token now and then; what a portal really
    # tells of a secret is no part of a longer number.
    start, end = span
    around = text[max(0, start - 1) : start] + text[end : end + 1]
    return text[start:end].isdigit() and any(char.isdigit() for char in around)


def _pieces(known: Mapping[str, str], labels: Iterable[str]) -> dict[int, frozenset[str]]:
    """The pieces to look for, by their size; none that our own words or any number has too."""
    own = "\n".join([vocabulary(), *labels]).lower()
    found: dict[int, set[str]] = {}
    for secret in known:
        for form in () if is_word(secret) else forms_of(secret):
            size = piece_size(form, secret)
            windows = (form[i : i + size] for i in range(len(form) - size + 1))
            telling = (w for w in windows if len(set(w)) >= _DIFFERENT and w.lower() not in own)
            found.setdefault(size, set()).update(telling)
    return {size: frozenset(pieces) for size, pieces in sorted(found.items())}


def _wholes(known: dict[str, str]) -> dict[str, str]:
    """Form -> label, the longest form first."""
    rows = {
        form: label
        for secret, label in reversed(known.items())
        for form in (*forms_of(secret), secret.lower(), secret.upper())
    }
    return dict(sorted(rows.items(), key=lambda row: (-len(row[0]), row[0])))


def _pattern(labels: Iterable[str], forms: Iterable[str]) -> re.Pattern[str]:
    """Finds whole forms, and steps over what is hidden already."""
    tokens = [re.escape(token) for token in (*labels, REDACTED)]
    return re.compile("|".join([*tokens, *map(_bounded, forms)]), re.IGNORECASE | re.ASCII)


def _bounded(form: str) -> str:
    escaped = re.escape(form)
    return escaped if is_free(form) else f"{_BEFORE}{escaped}{_AFTER}"


def _near(known: Iterable[str]) -> frozenset[bytes]:
    """All runs of eight bytes in narrow forms."""
    narrow = (
        folded(form)
        for secret in known
        if not is_word(secret)
        for form in forms_of(secret)
        if piece_size(form, secret) == PIECE
    )
    return frozenset(
        form[start : start + PIECE] for form in narrow for start in range(len(form) - PIECE + 1)
    )


def _hits(near: Iterable[bytes]) -> frozenset[int]:
    """All runs of four bytes in `near`: eight bytes of a text have an aligned one of them."""
    return frozenset(word for run in near for offset in range(4) for word in _aligned(run[offset:]))


def _rare(known: Iterable[str]) -> list[tuple[bytes, tuple[bytes, ...]]]:
    """What else gives a secret away: (a mark that must be there, parts of which one is)."""
    rows = []
    for secret in known:
        cased = [folded(secret.lower()), folded(secret.upper())]
        if is_word(secret):
            rows.append((b"", tuple({*map(folded, forms_of(secret)), *cased})))
            continue
        if not secret.isascii():
            rows.append((b"", tuple(cased)))
        for form in forms_of(secret):
            if (size := piece_size(form, secret)) > PIECE:
                parts = _factors(folded(form), size)
                marks = (m for m in (b"%", b"\\u00", b"\\") if all(m in part for part in parts))
                rows.append((next(marks, b""), parts))
    return [(mark, _parts_of(mark, rows)) for mark in dict.fromkeys(mark for mark, _ in rows)]


def _parts_of(mark: bytes, rows: Iterable[tuple[bytes, tuple[bytes, ...]]]) -> tuple[bytes, ...]:
    return tuple(dict.fromkeys(part for one, parts in rows if one == mark for part in parts))


def _factors(form: bytes, size: int) -> tuple[bytes, ...]:
    """Parts of `form` of which every window of `size` bytes has one."""
    half = size // 2
    stride = size - half + 1
    return tuple(form[i : i + half] for i in range(0, len(form) - half + 1, stride))


def _aligned(data: bytes) -> memoryview[int]:
    return memoryview(data)[: len(data) & ~3].cast("I")


def _clear_of(spans: Iterable[Span], tokens: Iterable[Span]) -> list[Span]:
    """The spans that touch no token."""
    tokens = list(tokens)
    return [
        (start, end)
        for start, end in spans
        if not any(start < token_end and end > token for token, token_end in tokens)
    ]


def _without(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """What the merged `spans` cover outside of `taken`."""
    rest: list[Span] = []
    blocks = sorted(taken)
    for start, end in _merged(spans):
        for block, block_end in blocks:
            if block < end and block_end > start:
                rest.append((start, block))
                start = block_end  # noqa: PLW2901
        rest.append((start, end))
    return [(start, end) for start, end in rest if start < end]


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _substituted(text: str, spans: Iterable[tuple[int, int, str]]) -> str:
    parts: list[str] = []
    done = 0
    for start, end, replacement in sorted(spans):
        parts += (text[done:start], replacement)
        done = end
    return "".join([*parts, text[done:]])
