"""The number in CHAT_ID spoilt: widths, signs, digits, blind spots."""

from __future__ import annotations

from b24_conformance.mutants.gallery import of_kind
from b24_conformance.reference import Portal
from b24_conformance.reference.dialogue import Decision
from b24_conformance.reference.php import Array

faulty = of_kind("CHAT_ID")


class _Number(Portal):
    """Reads the number as PHP does, and then spoils it."""

    def read_chat_id(self, parameters: Array) -> int:
        return self.spoil(super().read_chat_id(parameters))

    def spoil(self, number: int) -> int:
        """Another number."""
        raise NotImplementedError


@faulty("chat-id.wide")
class Unsigned32(_Number):
    """Ids are cut to 32 bits."""

    def spoil(self, number: int) -> int:
        return number % 2**32 if number > 0 else number


@faulty("chat-id.wide")
class Signed32(_Number):
    """Ids are cut to 32 bits with a sign."""

    def spoil(self, number: int) -> int:
        return (number + 2**31) % 2**32 - 2**31


@faulty("success.member")
class Saturated31(_Number):
    """Ids beyond 31 bits are taken for the highest of 31 bits."""

    def spoil(self, number: int) -> int:
        return min(number, 2**31 - 1)


@faulty("success.member")
class SinglePrecision(_Number):
    """Ids lose their last digits, as in a float of 32 bits."""

    def spoil(self, number: int) -> int:
        lost = max(number.bit_length() - 24, 0)
        return (number >> lost) << lost if number > 0 else number


@faulty("success.member")
class NineDigits(_Number):
    """Only the first nine digits of an id are read."""

    def spoil(self, number: int) -> int:
        return int(str(number)[:9]) if number > 0 else number


@faulty("success.joinable")
class NothingBeyond32(_Number):
    """An id beyond 32 bits is refused as if it were none."""

    def spoil(self, number: int) -> int:
        return number if number < 2**32 else 0


@faulty("success.member")
class NothingOfTenDigits(_Number):
    """An id of ten digits is refused as if it were none."""

    def spoil(self, number: int) -> int:
        return 0 if len(str(number)) == 10 else number


@faulty("success.joinable")
class NothingFromTwenty(_Number):
    """An id from 20 to 99 is refused as if it were none."""

    def spoil(self, number: int) -> int:
        return 0 if 20 <= number < 100 else number


@faulty("refusal.access-denied")
class SevenForOne(_Number):
    """The digit 7 is taken for a 1."""

    def spoil(self, number: int) -> int:
        return int(str(number).replace("7", "1"))


@faulty("success.joinable")
class OffByOne(_Number):
    """Ids from 2000 on are read as one too low."""

    def spoil(self, number: int) -> int:
        return number - 1 if number >= 2000 else number


@faulty("refusal.negative")
class AbsoluteValue(_Number):
    """The sign is lost."""

    def spoil(self, number: int) -> int:
        return abs(number)


@faulty("refusal.negative")
class NegativeWraps(_Number):
    """A negative id is taken for an unsigned one of 16 bits."""

    def spoil(self, number: int) -> int:
        return number if number >= 0 else number % 2**16


@faulty("refusal.negative")
class NegativeWraps32(_Number):
    """A negative id is taken for an unsigned one of 32 bits."""

    def spoil(self, number: int) -> int:
        return number if number >= 0 else number % 2**32


@faulty("refusal.negative")
class WideNegativeMirrored(_Number):
    """The sign of a negative id beyond a million is lost."""

    def spoil(self, number: int) -> int:
        return -number if number < -(10**6) else number


@faulty("refusal.absent-never-joined")
class FarIsJoined(Portal):
    """Ids beyond 2 to the 53rd are joined, whether there is such a chat or not."""

    def decide(self, user_id: int, chat_id: int) -> Decision:
        far = chat_id > 2**53
        return Decision.ALLOWED if far else super().decide(user_id, chat_id)
