"""Texts and numbers in CHAT_ID that only some readers stumble over."""

from __future__ import annotations

import math
import re

from b24_conformance.mutants.gallery import of_kind
from b24_conformance.mutants.portals.readings import OwnReading
from b24_conformance.reference import Portal
from b24_conformance.reference.helpers import Call
from b24_conformance.reference.php import Array, Value, intval
from b24_conformance.reference.refusals import RefusedError

faulty = of_kind("CHAT_ID")


@faulty("php.strings")
class ArabicDigits(OwnReading):
    """Arabic digits are digits."""

    def own_reading(self, value: Value) -> int | None:
        return _in_script(value, "\u0660")


@faulty("php.strings")
class FullwidthDigits(OwnReading):
    """Full-width digits are digits."""

    def own_reading(self, value: Value) -> int | None:
        return _in_script(value, "\uff10")


def _in_script(value: Value, nought: str) -> int | None:
    digits = {chr(ord(nought) + number): str(number) for number in range(10)}
    if not isinstance(value, str) or not value or not digits.keys() >= set(value):
        return None
    return int("".join(digits[char] for char in value))


@faulty("php.form")
class FormFractionRoundedUp(OwnReading):
    """A fraction in a form is rounded up."""

    def own_reading(self, value: Value) -> int | None:
        fraction = isinstance(value, str) and re.fullmatch(r"[0-9]{1,15}\.[0-9]+", value)
        return math.ceil(float(str(value))) if fraction else None

    def read_json(self, body: bytes) -> Array:
        fields = super().read_json(body)
        if isinstance(fields.get("CHAT_ID"), str):
            fields["CHAT_ID"] = intval(fields["CHAT_ID"])
        return fields


class _Refusing(Portal):
    """Refuses some values with a code of its own."""

    def session_join(self, call: Call) -> Value:
        if self.is_odd(call.parameters.get("CHAT_ID")):
            raise RefusedError("ERROR_CORE", 400, "bad id")
        return super().session_join(call)

    def is_odd(self, value: Value) -> bool:
        """Whether it is refused in that way."""
        raise NotImplementedError


@faulty("refusal.text")
class BlankIsError(_Refusing):
    """Nothing but white space is an error of its own."""

    def is_odd(self, value: Value) -> bool:
        return isinstance(value, str) and value.isspace()


@faulty("robust.no-server-error")
class WideNumbersFail(_Refusing):
    """A number beyond 64 bits is a failure of the database."""

    def is_odd(self, value: Value) -> bool:
        if isinstance(value, float) and 2**63 < value < 1e25:
            raise RefusedError("INTERNAL_SERVER_ERROR", 500, "integer out of range")
        return False


@faulty("php.form")
class DeniedLetInByNoughts(Portal):
    """An id with a nought in front of it is not looked up among the forbidden ones."""

    def session_join(self, call: Call) -> Value:
        value = call.parameters.get("CHAT_ID")
        padded = isinstance(value, str) and value.startswith("0") and intval(value) > 0
        try:
            return super().session_join(call)
        except RefusedError as refused:
            if padded and refused.code == "ACCESS_DENIED":
                return True
            raise


@faulty("php.strings")
class JsonTextToTheLetter(Portal):
    """In JSON, text names a chat only if it is digits to the letter; forms are read as ever."""

    def read_json(self, body: bytes) -> Array:
        fields = super().read_json(body)
        text = fields.get("CHAT_ID")
        if isinstance(text, str) and not re.fullmatch(r"[0-9]+", text):
            fields["CHAT_ID"] = 0
        return fields
