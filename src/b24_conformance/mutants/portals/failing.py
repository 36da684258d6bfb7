"""Values of CHAT_ID that make the portal fail with 5xx."""

from __future__ import annotations

import math
import re

from b24_conformance.mutants.gallery import of_kind
from b24_conformance.mutants.portals.readings import OwnReading
from b24_conformance.reference import Portal
from b24_conformance.reference.php import Array, Value
from b24_conformance.reference.refusals import RefusedError

faulty = of_kind("CHAT_ID")


def _fails() -> int:
    raise RefusedError("INTERNAL_SERVER_ERROR", 500, "Internal server error")


@faulty("robust.no-server-error")
class FailsOnContainers(OwnReading):
    """An array makes the portal fail, as a TypeError of PHP does."""

    def own_reading(self, value: Value) -> int | None:
        return _fails() if isinstance(value, list | dict) else None


@faulty("robust.no-server-error")
class FailsOnNull(OwnReading):
    """Null makes the portal fail."""

    def own_reading(self, value: Value) -> int | None:
        return _fails() if value is None else None


@faulty("robust.no-server-error")
class FailsOnWideNumbers(OwnReading):
    """A number beyond 63 bits makes the portal fail, as a database's column does."""

    def own_reading(self, value: Value) -> int | None:
        return _fails() if isinstance(value, float) and abs(value) >= 2**63 else None


@faulty("robust.no-server-error")
class FailsOnHugeIds(OwnReading):
    """A number beyond 10 to the 15th makes the portal fail."""

    def own_reading(self, value: Value) -> int | None:
        return _fails() if isinstance(value, int) and abs(value) > 10**15 else None


@faulty("robust.no-server-error")
class FailsOnLongText(OwnReading):
    """Text of more than 255 characters makes the portal fail."""

    def own_reading(self, value: Value) -> int | None:
        return _fails() if isinstance(value, str) and len(value) > 255 else None


@faulty("robust.no-server-error")
class FailsOnLongDigits(OwnReading):
    """Digits of more than 4300 characters make the portal fail, as Python's int() does."""

    def own_reading(self, value: Value) -> int | None:
        long = isinstance(value, str) and len(value) > 4300 and value.isdigit()
        return _fails() if long else None


@faulty("robust.no-server-error")
class FailsOnNul(OwnReading):
    """A NUL in a text makes the portal fail, as PostgreSQL does."""

    def own_reading(self, value: Value) -> int | None:
        return _fails() if isinstance(value, str) and "\0" in value else None


@faulty("robust.no-server-error")
class FailsOnEmoji(OwnReading):
    """A character beyond the first 65536 makes the portal fail, as MySQL's utf8 does."""

    def own_reading(self, value: Value) -> int | None:
        return _fails() if isinstance(value, str) and any(c > "\uffff" for c in value) else None


@faulty("robust.no-server-error")
class FailsOnQuotes(OwnReading):
    """An apostrophe in a text makes the portal fail: the query is put together by hand."""

    def own_reading(self, value: Value) -> int | None:
        return _fails() if isinstance(value, str) and "'" in value else None


class _Body(Portal):
    """Fails on some bodies."""

    def read_json(self, body: bytes) -> Array:
        return {"fails": True} if self.breaks(body) else super().read_json(body)

    def check_link(self, parameters: Array) -> None:
        super().check_link(parameters)
        if parameters.get("fails") is True:
            _fails()

    def breaks(self, body: bytes) -> bool:
        """Whether this body makes the portal fail."""
        raise NotImplementedError


@faulty("robust.no-server-error")
class FailsOnDepth(_Body):
    """A body nested more than 500 levels deep makes the portal fail."""

    def breaks(self, body: bytes) -> bool:
        return body.count(b"[") > 500


@faulty("robust.no-server-error")
class FailsOnLoneSurrogates(_Body):
    """Half of a surrogate pair makes the portal fail."""

    def breaks(self, body: bytes) -> bool:
        return bool(re.search(rb"\\u[dD][89abAB]..(?!\\u[dD][c-fC-F])", body))


@faulty("robust.no-server-error")
class FailsOnInfinity(OwnReading):
    """A number that is infinite as a float makes the portal fail."""

    def own_reading(self, value: Value) -> int | None:
        return _fails() if isinstance(value, float) and math.isinf(value) else None
