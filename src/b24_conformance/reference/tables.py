"""Reading of TOML tables with errors that say what is wrong, and where."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Any, Final

_SECRET: Final = re.compile(r"[A-Za-z0-9._~-]+\Z")
_ID: Final = re.compile(r"[1-9][0-9]{0,18}\Z")


class StateError(ValueError):
    """Raised for a state that cannot be used; the message says what is wrong, and where."""


class Table:
    """A TOML table that knows its place in the file."""

    def __init__(self, where: str, values: dict[str, Any]) -> None:
        self.where = where
        self._values = values

    def only(self, *known: str) -> Table:
        """Return the table itself; refuse any other key and name the nearest known one."""
        for key in self._values:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1, cutoff=0.0)
                raise StateError(
                    f"{self.place(key)}: unknown key; did you mean {near[0]!r}?"
                    f" Known here: {', '.join(known)}"
                )
        return self

    def place(self, key: str) -> str:
        """Return a key's full name."""
        return f"{self.where}.{key}" if self.where else key

    def table(self, key: str) -> Table:
        """Return a table inside this one; an absent one is empty."""
        value = self._values.get(key)
        if value is None:
            value = {}
        if not isinstance(value, dict):
            raise self._wrong(key, "a table", value)
        return Table(self.place(key), value)

    def numbered(self, key: str) -> Iterator[tuple[int, Table]]:
        """Yield the tables of a table whose keys are ids."""
        outer = self.table(key)
        for name in outer._values:
            if not _ID.match(name) or int(name) >= 2**63:
                raise StateError(f"{outer.place(name)}: {name!r} is not an id (a number from 1)")
            yield int(name), outer.table(name)

    def choice(self, key: str, allowed: tuple[str, ...], default: str | None) -> str:
        """Return one of the allowed words; without a default the key is required."""
        value = self._values.get(key)
        if value is None:
            value = default
        if value is None:
            raise StateError(f"{self.place(key)}: is missing; one of {', '.join(allowed)}")
        if value not in allowed:
            raise self._wrong(key, f"one of {', '.join(allowed)}", value)
        return str(value)

    def boolean(self, key: str) -> bool:
        """Return true or false; false where absent."""
        value = self._values.get(key)
        if value is None:
            return False
        if not isinstance(value, bool):
            raise self._wrong(key, "true or false", value)
        return value

    def positive(self, key: str) -> float | None:
        """Return a number above zero, or None where absent."""
        value = self._values.get(key)
        if value is None:
            return None
        numeric = isinstance(value, int | float) and not isinstance(value, bool)
        if not numeric or not 0 < value < float("inf"):
            raise self._wrong(key, "a number above 0", value)
        return float(value)

    def text(self, key: str) -> str | None:
        """Return a text that is not empty, or None where absent."""
        value = self._values.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value:
            raise self._wrong(key, "a text", value)
        return value

    def secret(self, key: str) -> str | None:
        """Return a credential, or None where absent; errors do not show it."""
        value = self._values.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not _SECRET.match(value):
            raise StateError(
                f"{self.place(key)}: must be a text of letters, digits and . _ ~ - only"
            )
        return value

    def words(self, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """Return a list of texts."""
        value = self._values.get(key)
        if value is None:
            return default
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self._wrong(key, "a list of texts", value)
        return tuple(value)

    def ids(self, key: str) -> frozenset[int]:
        """Return a list of user ids; empty where absent."""
        value = self._values.get(key)
        if value is None:
            return frozenset()
        if not isinstance(value, list) or not all(type(each) is int and each > 0 for each in value):
            raise self._wrong(key, "a list of user ids (numbers from 1)", value)
        return frozenset(value)

    def _wrong(self, key: str, wanted: str, value: object) -> StateError:
        return StateError(f"{self.place(key)}: must be {wanted}, not {value!r}")
