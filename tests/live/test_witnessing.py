"""Whether a declared chat looks as it is declared."""

from __future__ import annotations

from itertools import pairwise

import pytest

from b24_conformance.declaration import CHAT_KINDS, ChatKind
from b24_conformance.live.witnessing import (
    FAR,
    OUT_OF_DATE,
    Sight,
    Witness,
    caution,
    contradiction,
    expected_after,
    proved_outside,
    unseen,
    witness,
    witness_again,
)

ME, OTHER, BOT = 1, 2, 3
NOTHING = Sight(7, ME, members=(), error="ACCESS_ERROR", offered=False)
UNASKED = Sight(7, ME, error="unreachable")
GUEST = Sight(7, ME, "LINES", "L", "guest", (OTHER,), 2, OTHER, offered=False, has_bot=False)
MEMBER = Sight(7, ME, "LINES", "L", "member", (ME, OTHER), 3, OTHER, offered=False, has_bot=False)
GROUP = Sight(7, ME, "", "C", "member", (ME, OTHER), 2, ME, offered=False, has_bot=True)
FOREIGN_GROUP = Sight(7, ME, "", "C", "guest", (OTHER,), 2, OTHER)
COLLEAGUES = Sight(7, OTHER, "LINES", "L", "member", (OTHER,), 2, OTHER)


def but(sight: Sight, **changes: object) -> Sight:
    """A sight with some fields changed."""
    fields = {name: getattr(sight, name) for name in Sight.__struct_fields__}
    return Sight(**{**fields, **changes})  # type: ignore[arg-type]


AS_DECLARED: list[tuple[ChatKind, Sight]] = [
    ("joinable", GUEST),
    ("joined", MEMBER),
    ("access_denied", NOTHING),
    ("not_open_line", GROUP),
    ("absent", NOTHING),
]
WRONG: list[tuple[ChatKind, Sight, str]] = [
    ("access_denied", GUEST, "the portal grants the operator access to it"),
    ("access_denied", MEMBER, "the portal grants the operator access to it"),
    ("access_denied", but(NOTHING, offered=True), "the portal grants the operator access to it"),
    ("access_denied", FOREIGN_GROUP, "it belongs to no open line"),
    ("access_denied", but(COLLEAGUES, members=(ME,)), "the portal grants the operator access"),
    ("joined", GUEST, "the operator does not take part in it"),
    ("joined", NOTHING, "the portal grants the operator no access to it"),
    ("joined", GROUP, "it belongs to no open line"),
    ("joined", but(MEMBER, entity_type="LIVECHAT"), "it belongs to no open line"),
    ("joined", but(NOTHING, members=(ME,)), "it belongs to no open line"),
    ("joinable", MEMBER, "the operator takes part in it already"),
    ("joinable", but(GUEST, role=None, members=(ME,)), "the operator takes part in it already"),
    ("joinable", NOTHING, "the portal grants the operator no access to it"),
    ("joinable", GROUP, "it belongs to no open line"),
    ("not_open_line", MEMBER, "it belongs to an open line"),
    ("not_open_line", FOREIGN_GROUP, "the operator does not take part in it"),
    ("absent", GROUP, "there is such a chat"),
    ("absent", but(NOTHING, members=(OTHER,)), "there is such a chat"),
]


class TestContradiction:
    """A declaration is not an oracle."""

    @pytest.mark.parametrize(("kind", "sight"), AS_DECLARED)
    def test_as_declared(self, kind: ChatKind, sight: Sight) -> None:
        """A chat that looks as declared is not contradicted."""
        assert contradiction(kind, sight, ME) is None

    @pytest.mark.parametrize(("kind", "sight", "why"), WRONG)
    def test_out_of_date(self, kind: ChatKind, sight: Sight, why: str) -> None:
        """A chat that looks otherwise says that the declaration is out of date, and why."""
        found = contradiction(kind, sight, ME, despite=True) or ""
        assert found.startswith(f"{OUT_OF_DATE}: chat 7 is declared {kind}, but {why}")

    @pytest.mark.parametrize("kind", CHAT_KINDS)
    def test_not_asked(self, kind: ChatKind) -> None:
        """A chat that could not be asked about contradicts nothing."""
        assert contradiction(kind, UNASKED, ME) is None

    def test_hidden_members(self) -> None:
        """An empty list of members says that they are hidden, not that the operator is out."""
        assert contradiction("joined", but(MEMBER, role=None, members=()), ME) is None

    def test_role_over_list(self) -> None:
        """A member by role is a member, though the list lacks him."""
        assert contradiction("joined", but(MEMBER, members=(OTHER,)), ME) is None

    def test_anothers_role(self) -> None:
        """A colleague's role says nothing of the operator."""
        assert contradiction("access_denied", COLLEAGUES, ME) is None


class TestCaution:
    """Chats that are as declared, and yet are joined only by an explicit option."""

    @pytest.mark.parametrize(
        ("kind", "sight", "why"),
        [
            ("joinable", but(GUEST, offered=True), "the queue offers it to the operator"),
            ("joinable", but(GUEST, owner=ME), "the operator is responsible for it"),
            ("joinable", but(GUEST, has_bot=True), "a bot talks in it"),
            ("joined", but(MEMBER, owner=ME), "the operator is responsible for it"),
            ("joined", but(MEMBER, has_bot=True), "a bot talks in it"),
        ],
    )
    def test_needs_an_option(self, kind: ChatKind, sight: Sight, why: str) -> None:
        """An offered chat, one's own, and one with a bot are refused unless the user insists."""
        assert f"chat 7 needs an explicit option: {why}" == contradiction(kind, sight, ME)
        assert contradiction(kind, sight, ME, despite=True) is None

    def test_all_reasons(self) -> None:
        """All reasons are told at once."""
        found = caution("joinable", but(GUEST, owner=ME, has_bot=True), ME) or ""
        assert found.endswith("the operator is responsible for it and a bot talks in it")

    def test_own_group(self) -> None:
        """A group of one's own with a bot in it may be declared as no open line."""
        assert contradiction("not_open_line", GROUP, ME) is None


class TestUnseen:
    """What cannot be witnessed is said, and never called failed."""

    def test_all_seen(self) -> None:
        """Nothing is missing where everything was witnessed."""
        assert unseen("joinable", [GUEST], ME) is None
        assert unseen("joined", [MEMBER], ME) is None
        assert unseen("not_open_line", [GROUP], ME) is None
        assert unseen("access_denied", [NOTHING, COLLEAGUES], ME) is None
        assert unseen("absent", [NOTHING], ME, largest=5 - FAR) is None

    def test_refused_alone(self) -> None:
        """By himself nobody can tell a chat that he may not see from one that is not there."""
        assert "not witnessed: that it is there" == unseen("access_denied", [NOTHING], ME)

    def test_absent_near_others(self) -> None:
        """An id near those in use may be a chat that is not shown."""
        found = "not witnessed: that its id is far above all in use"
        assert found == unseen("absent", [NOTHING], ME, largest=7)
        assert found == unseen("absent", [NOTHING], ME)

    def test_refused_to_a_member(self) -> None:
        """A member whom open lines show nothing sees a chat of another kind."""
        assert unseen("not_open_line", [but(NOTHING, members=(ME,))], ME) is None

    @pytest.mark.parametrize("field", ["owner", "has_bot", "offered"])
    def test_harm(self, field: str) -> None:
        """A joinable chat is only witnessed when what could do harm was seen, too."""
        assert unseen("joinable", [but(GUEST, **{field: None})], ME) is not None

    @pytest.mark.parametrize("kind", CHAT_KINDS)
    def test_not_asked(self, kind: ChatKind) -> None:
        """Nothing is witnessed where nothing was asked."""
        assert unseen(kind, [UNASKED], ME) is not None

    @pytest.mark.parametrize("field", ["owner", "has_bot", "offered"])
    def test_harm_despite(self, field: str) -> None:
        """What could do harm need not be seen by whoever wants to join despite it, or has."""
        sight = but(GUEST, **{field: None})
        assert unseen("joinable", [sight], ME, despite=True) is None
        assert unseen("joinable", [sight], ME, again=True) is None

    def test_absent_again(self) -> None:
        """After the run the largest id need not be known once more."""
        assert unseen("absent", [NOTHING], ME, again=True) is None


class TestWitness:
    """What all sights of a chat together say."""

    @pytest.mark.parametrize(("kind", "sight"), AS_DECLARED)
    def test_as_declared(self, kind: ChatKind, sight: Sight) -> None:
        """A chat that was wholly seen to be as declared is witnessed."""
        sights = [sight, COLLEAGUES] if kind == "access_denied" else [sight]
        assert Witness() == witness(kind, sights, ME, largest=7 - FAR - 1)

    @pytest.mark.parametrize(("kind", "sight", "why"), WRONG)
    def test_contradicted(self, kind: ChatKind, sight: Sight, why: str) -> None:
        """A chat that looks otherwise is contradicted, though the user insists."""
        found = witness(kind, [sight], ME, despite=True)
        assert ("contradicted", True) == (found.standing, why in found.reason)

    @pytest.mark.parametrize("kind", ["joinable", "joined"])
    def test_withheld(self, kind: ChatKind) -> None:
        """A chat better left alone is withheld unless the user insists."""
        sight = but(GUEST if kind == "joinable" else MEMBER, has_bot=True)
        found = witness(kind, [sight], ME)
        assert ("withheld", False) == (found.standing, found.missing)
        assert "witnessed" == witness(kind, [sight], ME, despite=True).standing

    @pytest.mark.parametrize("kind", CHAT_KINDS)
    def test_unseen(self, kind: ChatKind) -> None:
        """Of a chat that was not seen it is said what would help; a joinable one is withheld."""
        found = witness(kind, [UNASKED], ME)
        assert ("withheld" if kind == "joinable" else "unseen") == found.standing
        assert found.missing
        assert found.add
        assert found.reason.startswith("not witnessed: ")

    def test_unknown_harm(self) -> None:
        """A joinable chat in which a bot may talk is withheld unless the user insists."""
        sight = but(GUEST, has_bot=None)
        assert "withheld" == witness("joinable", [sight], ME).standing
        assert "witnessed" == witness("joinable", [sight], ME, despite=True).standing

    def test_trouble(self) -> None:
        """Where nothing could be asked, the trouble is the reason."""
        found = witness("joined", [UNASKED], ME, trouble="no connection")
        assert ("unseen", "not witnessed: no connection") == (found.standing, found.reason)
        assert "witnessed" == witness("joined", [MEMBER], ME, trouble="no connection").standing


class TestProvedOutside:
    """Only what is proved to be no member may be taken out of a chat again."""

    @pytest.mark.parametrize(
        ("sights", "outside"),
        [
            ([GUEST], True),
            ([but(GUEST, members=())], True),
            ([but(GUEST, role=None)], True),
            ([NOTHING], True),
            ([but(NOTHING, members=None), COLLEAGUES], True),
            ([MEMBER], False),
            ([but(NOTHING, members=(ME,))], False),
            ([NOTHING, but(COLLEAGUES, members=(ME, OTHER))], False),
            ([but(NOTHING, members=None)], False),
            ([but(GUEST, role=None, members=())], False),
            ([UNASKED], False),
            ([but(UNASKED, members=())], False),
            ([but(NOTHING, members=None), but(NOTHING, asked_by=OTHER)], False),
        ],
    )
    def test_proof(self, sights: list[Sight], outside: bool) -> None:
        """A guest's role, a list without him, or two refusals prove it; silence does not."""
        assert outside is proved_outside(sights, ME)

    def test_nobody_known(self) -> None:
        """Of an operator without a known id only his own role says anything."""
        assert proved_outside([but(GUEST, asked_by=None)], None)
        assert not proved_outside([but(GUEST, asked_by=None, role=None)], None)
        assert not proved_outside([but(NOTHING, asked_by=None, members=(ME,))], None)


class TestAfter:
    """The second look, after the run."""

    def test_expected(self) -> None:
        """A chat that was joined must look joined, even one that should have been refused."""
        assert "joined" == expected_after("joinable", joined=True)
        assert "joined" == expected_after("access_denied", joined=True)
        assert list(CHAT_KINDS) == [expected_after(kind, joined=False) for kind in CHAT_KINDS]
        others: list[ChatKind] = ["joined", "not_open_line", "absent"]
        assert others == [expected_after(kind, joined=True) for kind in others]

    @pytest.mark.parametrize(
        ("kind", "joined", "sight", "standing"),
        [
            ("joinable", True, MEMBER, "witnessed"),
            ("joinable", True, GUEST, "contradicted"),
            ("joinable", False, GUEST, "witnessed"),
            ("joinable", False, but(GUEST, has_bot=True, offered=None), "witnessed"),
            ("joinable", False, MEMBER, "contradicted"),
            ("joinable", False, UNASKED, "unseen"),
            ("joined", False, MEMBER, "witnessed"),
            ("joined", False, GUEST, "contradicted"),
            ("access_denied", True, MEMBER, "witnessed"),
            ("access_denied", False, GUEST, "contradicted"),
            ("not_open_line", False, GROUP, "witnessed"),
            ("absent", False, NOTHING, "witnessed"),
            ("absent", False, GUEST, "contradicted"),
        ],
    )
    def test_again(self, kind: ChatKind, joined: bool, sight: Sight, standing: str) -> None:
        """A chat must look as the run left it."""
        assert standing == witness_again(kind, [sight], ME, joined=joined).standing

    def test_wording(self) -> None:
        """The reason says that it was seen after the run."""
        found = witness_again("joinable", [GUEST], ME, joined=True).reason
        expected = "chat 7 should look joined after the run, but the operator does not take part"
        assert f"{OUT_OF_DATE}: {expected} in it" == found

    def test_kinds_exclude_each_other(self) -> None:
        """No sight passes as two neighbouring kinds of a line's chat."""
        for (one, sight), (other, _) in pairwise(AS_DECLARED[:3]):
            assert contradiction(one, sight, ME) is None
            assert contradiction(other, sight, ME) is not None
