"""Values of CHAT_ID read otherwise than PHP reads them."""

from __future__ import annotations

import math
import re

from b24_conformance.mutants.gallery import of_kind
from b24_conformance.reference import Portal, Request
from b24_conformance.reference.php import Array, Value, intval

faulty = of_kind("CHAT_ID")


class OwnReading(Portal):
    """Reads some values of CHAT_ID, wherever they stand, in its own way."""

    def read_chat_id(self, parameters: Array) -> int:
        if "CHAT_ID" not in parameters:
            return self.missing()
        number = self.own_reading(parameters["CHAT_ID"])
        return super().read_chat_id(parameters) if number is None else number

    def missing(self) -> int:
        """What a missing CHAT_ID is read as."""
        return 0

    def own_reading(self, value: Value) -> int | None:
        """A number of its own, or None for PHP's."""
        return None


@faulty("refusal.missing")
class MissingIsLast(OwnReading):
    """A missing CHAT_ID means the chat that was opened last."""

    def missing(self) -> int:
        return 2045


@faulty("refusal.empty")
class EmptyIsLast(OwnReading):
    """An empty CHAT_ID means the chat that was opened last."""

    def own_reading(self, value: Value) -> int | None:
        return 2045 if value == "" else None


@faulty("refusal.text")
class TextIsOne(OwnReading):
    """Text that is no number counts as true, and so as chat 1."""

    def own_reading(self, value: Value) -> int | None:
        return 1 if isinstance(value, str) and value.isalpha() else None


@faulty("refusal.text")
class LongTextIsSomeChat(OwnReading):
    """Text of more than five characters is looked up as a name, and found."""

    def own_reading(self, value: Value) -> int | None:
        named = isinstance(value, str) and len(value) > 5 and intval(value) == 0
        return 2045 if named else None


@faulty("refusal.text")
class OtherScriptsAreSomeChat(OwnReading):
    """Text in another script than Latin is read as chat 2045."""

    def own_reading(self, value: Value) -> int | None:
        foreign = isinstance(value, str) and value.isalpha() and not value.isascii()
        return 2045 if foreign else None


@faulty("php.strings")
class DigitsAnywhere(OwnReading):
    """The first digits of a text are its number, wherever they stand."""

    def own_reading(self, value: Value) -> int | None:
        found = re.search(r"[0-9]+", value) if isinstance(value, str) else None
        return int(found[0][:18]) if found and "-" not in str(value) else None


@faulty("php.strings")
class DigitsOfAnyScript(OwnReading):
    """Digits of any script are read."""

    def own_reading(self, value: Value) -> int | None:
        digits = isinstance(value, str) and value.isdecimal() and not value.isascii()
        return 2045 if digits else None


@faulty("php.strings")
class WholeTextOnly(OwnReading):
    """Text is a number only if nothing stands behind the digits."""

    def own_reading(self, value: Value) -> int | None:
        tailed = isinstance(value, str) and re.fullmatch(r"\s*[0-9]+[a-z]+", value)
        return 0 if tailed else None


@faulty("php.strings")
class Hexadecimal(OwnReading):
    """Text that begins with 0x is read to the base of 16."""

    def own_reading(self, value: Value) -> int | None:
        hexadecimal = isinstance(value, str) and re.fullmatch(r"0[xX][0-9a-fA-F]{1,12}", value)
        return int(str(value), 16) if hexadecimal else None


@faulty("php.strings")
class Octal(OwnReading):
    """Text with a leading zero is read to the base of 8."""

    def own_reading(self, value: Value) -> int | None:
        octal = isinstance(value, str) and re.fullmatch(r"0[0-7]{1,12}", value)
        return int(str(value), 8) if octal else None


@faulty("php.strings")
class NoExponent(OwnReading):
    """An exponent in a text is not read."""

    def own_reading(self, value: Value) -> int | None:
        found = (
            re.match(r"\s*([0-9]{1,18})(\.[0-9]*)?[eE]", value) if isinstance(value, str) else None
        )
        return int(found[1]) if found else None


@faulty("php.strings")
class ThousandsJoined(OwnReading):
    """Commas between the digits of a text are skipped."""

    def own_reading(self, value: Value) -> int | None:
        joined = isinstance(value, str) and re.fullmatch(r"[0-9]{1,9},[0-9]{3}", value)
        return int(str(value).replace(",", "")) if joined else None


@faulty("php.strings")
class NoLeadingSpace(OwnReading):
    """White space in front of the digits makes a text no number."""

    def own_reading(self, value: Value) -> int | None:
        return 0 if isinstance(value, str) and value[:1].isspace() else None


@faulty("php.strings")
class NoBreakSpace(OwnReading):
    """A no-break space counts as white space."""

    def own_reading(self, value: Value) -> int | None:
        padded = isinstance(value, str) and value.startswith("\u00a0")
        return intval(str(value).strip()) if padded else None


@faulty("asking.digit-string")
class NoDigitStrings(OwnReading):
    """Digits in a string are no number."""

    def read_json(self, body: bytes) -> Array:
        fields = super().read_json(body)
        text = fields.get("CHAT_ID")
        if isinstance(text, str) and text.isdigit():
            fields["CHAT_ID"] = 0
        return fields


@faulty("php.numbers")
class Rounded(OwnReading):
    """A fraction is rounded and not cut."""

    def own_reading(self, value: Value) -> int | None:
        return round(value) if isinstance(value, float) and math.isfinite(value) else None


@faulty("php.numbers")
class NoFractions(OwnReading):
    """A number with a fraction is refused."""

    def own_reading(self, value: Value) -> int | None:
        broken = isinstance(value, float) and math.isfinite(value) and value != int(value)
        return 0 if broken else None


@faulty("php.numbers")
class RoundedUp(OwnReading):
    """A fraction between 0 and 1 is rounded up."""

    def own_reading(self, value: Value) -> int | None:
        return math.ceil(value) if isinstance(value, float) and 0 < value < 1 else None


@faulty("php.booleans")
class TrueIsNoChat(OwnReading):
    """True is refused as no id."""

    def own_reading(self, value: Value) -> int | None:
        return 0 if value is True else None


@faulty("php.booleans")
class FalseIsChatOne(OwnReading):
    """False is taken for chat 1."""

    def own_reading(self, value: Value) -> int | None:
        return 1 if value is False else None


@faulty("php.booleans")
class NullIsLast(OwnReading):
    """Null means the chat that was opened last."""

    def own_reading(self, value: Value) -> int | None:
        return 2045 if value is None else None


@faulty("refusal.never-joined")
class NothingIsLast(OwnReading):
    """False, an empty list and an empty object mean the chat that was opened last."""

    def own_reading(self, value: Value) -> int | None:
        empty = isinstance(value, list | dict) and not value
        return 2045 if value is False or empty else None


@faulty("refusal.never-joined")
class PostedQueryIsLast(Portal):
    """Any CHAT_ID in the URL of a POST means the chat that was opened last."""

    def read_query(self, request: Request) -> Array:
        query = super().read_query(request)
        named = request.verb == "POST" and "CHAT_ID" in query
        return {**query, "CHAT_ID": "2045"} if named else query


@faulty("php.containers")
class ListUnwrapped(OwnReading):
    """A list of one number is that number."""

    def own_reading(self, value: Value) -> int | None:
        single = isinstance(value, list) and len(value) == 1
        return intval(value[0]) if isinstance(value, list) and single else None


@faulty("php.containers")
class ContainersRefused(OwnReading):
    """An array or an object is refused as no id."""

    def own_reading(self, value: Value) -> int | None:
        return 0 if isinstance(value, list | dict) else None


@faulty("php.containers")
class EmptyIsChatOne(OwnReading):
    """An empty array is chat 1, too."""

    def own_reading(self, value: Value) -> int | None:
        return 1 if value in ([], {}) and isinstance(value, list | dict) else None
