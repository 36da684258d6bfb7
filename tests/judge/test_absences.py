"""Features that a stand-in seems not to have, and the advice to say so."""

from __future__ import annotations

import msgspec
import pytest
from observations import (
    CHAT_ID,
    CHAT_TYPE,
    DECLARATION,
    JOINED,
    TIME,
    Asked,
    Came,
    broken,
    joined,
    p,
    refused,
    response,
    transcript,
    trial,
)

from b24_conformance import ways
from b24_conformance.judge.absences import absent_features, advice
from b24_conformance.outcome import Outcome
from b24_conformance.probe import Asking

ALL = ("batch", "cors", "multipart", "time", "xml")
BARE = Came(Outcome("joined", status=200), response({"result": True}, headers=(("X-A", "b"),)))
PAGE = broken("<h1>Not Found</h1>", 404)
XML = broken("<response><result>1</result></response>")
CRASH = broken("Internal Server Error", 500)


def both(asking: Asking, first: Came, second: Came) -> list[Asked]:
    """A chat to join and one that is no open line, asked for in one way."""
    return [(p(2043, asking=asking), first), (p(12, asking=asking), second)]


def found(asked: list[Asked]) -> tuple[str, ...]:
    """The features of which nothing is seen."""
    return absent_features(trial(asked), ALL)


class TestAbsent:
    """Every answer shows that there is nothing."""

    @pytest.mark.parametrize(
        ("feature", "asked"),
        [
            ("batch", both(ways.BATCH, PAGE, PAGE)),
            ("batch", both(ways.BATCH, CHAT_ID, CHAT_ID)),
            ("xml", both(ways.XML, PAGE, PAGE)),
            ("xml", both(ways.XML, JOINED, CHAT_TYPE)),
            ("multipart", both(ways.MULTIPART, CHAT_ID, CHAT_ID)),
            ("multipart", both(ways.MULTIPART, *[refused("BAD_TYPE", 415)] * 2)),
            ("time", [(p(2043), joined(time=TIME)._replace(response=BARE.response))]),
            ("cors", [(p(2043), BARE)]),
        ],
    )
    def test_named(self, feature: str, asked: list[Asked]) -> None:
        """The feature is named."""
        assert feature in found(asked)

    @pytest.mark.parametrize(
        ("feature", "asked"),
        [
            ("batch", both(ways.BATCH, PAGE, JOINED)),
            ("batch", both(ways.BATCH, CRASH, CRASH)),
            ("xml", both(ways.XML, PAGE, XML)),
            ("xml", both(ways.XML, CRASH, CRASH)),
            ("multipart", both(ways.MULTIPART, CHAT_ID, CHAT_TYPE)),
            ("multipart", [(p(0, asking=ways.MULTIPART), CHAT_ID)]),
            ("time", [(p(2043), BARE), (p(2044), joined(time=7))]),
            ("cors", [(p(2043), BARE), (p(0), CHAT_ID)]),
        ],
    )
    def test_there_and_faulty(self, feature: str, asked: list[Asked]) -> None:
        """One answer of which the feature itself is the cause, and it is there."""
        assert feature not in found(asked)

    @pytest.mark.parametrize("feature", ALL)
    def test_never_asked_for(self, feature: str) -> None:
        """Of what was never asked for, nothing is said."""
        assert feature not in found([])


class TestAdvice:
    """What to declare."""

    LACKING = both(ways.XML, JOINED, CHAT_TYPE) + both(ways.MULTIPART, CHAT_ID, CHAT_ID)
    ASKED = transcript(both(ways.PLAIN, JOINED, CHAT_TYPE) + LACKING)

    def test_whole_line(self) -> None:
        """The line can be pasted: what is declared absent already is in it."""
        declaration = msgspec.structs.replace(DECLARATION, without=("cors",))
        assert (
            'has it none of multipart, xml? say so: [portal] without = ["cors", "multipart", "xml"]'
        ) == advice(declaration, self.ASKED, ("xml", "multipart"))

    def test_what_is_kept(self) -> None:
        """Nothing is advised of features that no clause is open about."""
        told = 'has it no xml? say so: [portal] without = ["xml"]'
        assert told == advice(DECLARATION, self.ASKED, ("xml",))
        assert advice(DECLARATION, self.ASKED, ("core",)) is None

    @pytest.mark.parametrize(
        "plainly", [(), (CHAT_ID, CHAT_ID), (JOINED, JOINED), (CHAT_ID, CHAT_TYPE)], ids=str
    )
    def test_nothing_works(self, plainly: tuple[Came, ...]) -> None:
        """Where the plain question fails, too, more is wrong than a feature."""
        asked = [*(both(ways.PLAIN, *plainly) if plainly else []), *self.LACKING]
        assert advice(DECLARATION, transcript(asked), ALL) is None

    def test_live(self) -> None:
        """A live portal is what it is."""
        live = msgspec.structs.replace(DECLARATION, stand_in=False)
        assert advice(live, self.ASKED, ("xml",)) is None
