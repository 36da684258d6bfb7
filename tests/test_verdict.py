"""What judgements mean together: the word, the line, the exit code."""

from __future__ import annotations

import itertools

import msgspec
import pytest

from b24_conformance.contract import Clause, Source, Statement
from b24_conformance.declaration import Chats, Declaration, Person
from b24_conformance.judgement import Judgement, Status
from b24_conformance.verdict import EXIT, WRONGLY_JOINED, Judged, required, verdict, worst

STATUSES: tuple[Status, ...] = (
    "passed",
    "failed",
    "not_checked",
    "not_implemented",
    "inconclusive",
)
DECLARATION = Declaration(
    "portal", rung="refused", people={"operator": Person(1, Chats(not_open_line=(12,)))}
)


def clause(**fields: object) -> Clause:
    """A MUST of core, with other fields."""
    plain = Clause("x.y", "MUST", "core", "portal", Statement("", ""), Source("project", ""))
    return msgspec.structs.replace(plain, **fields)


def one(status: Status, level: str = "MUST", needed: bool | None = None) -> Judged:
    """A judged clause; a MUST is required unless something else is said."""
    wanted = level == "MUST" if needed is None else needed
    return Judged(clause(level=level), Judgement("x.y", status, "because"), wanted)


class TestRequired:
    """Which clauses the verdict needs."""

    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({}, True),
            ({"level": "SHOULD"}, False),
            ({"rung": "none"}, True),
            ({"rung": "refused"}, True),
            ({"rung": "repeat"}, False),
            ({"rung": "new"}, False),
            ({"needs": ("not_open_line",)}, True),
            ({"needs": ("joined",)}, True),
            ({"needs": ("webhook",)}, True),
            ({"needs": ("oauth",)}, False),
            ({"needs": ("colleague",)}, False),
            ({"needs": ("expired",)}, False),
            ({"needs": ("without_scope",)}, False),
        ],
        ids=str,
    )
    def test_by_default(self, fields: dict[str, object], expected: bool) -> None:
        """MUST clauses within reach; the chat lists are expected, credentials are not."""
        assert expected == required(clause(**fields), DECLARATION)

    def test_absent_features(self) -> None:
        """A feature that is declared absent is not needed."""
        declaration = msgspec.structs.replace(DECLARATION, without=("core",))
        assert not required(clause(), declaration)

    def test_patterns(self) -> None:
        """--require names exactly what is needed."""
        assert required(clause(level="SHOULD", rung="new"), DECLARATION, ("x.*",))
        assert not required(clause(), DECLARATION, ("y.*",))


class TestWord:
    """Conformant, nonconformant or incomplete."""

    @pytest.mark.parametrize(
        ("judged", "word"),
        [
            ([one("passed")], "conformant"),
            ([one("failed")], "nonconformant"),
            ([one("not_checked")], "incomplete"),
            ([one("inconclusive")], "incomplete"),
            ([one("not_implemented"), one("passed")], "conformant"),
            ([one("passed"), one("failed", "SHOULD")], "conformant"),
            ([one("passed"), one("not_checked", "SHOULD")], "conformant"),
            ([one("passed"), one("not_checked", "SHOULD", True)], "incomplete"),
            ([one("passed"), one("not_checked", "MUST", False)], "conformant"),
            ([one("failed"), one("not_checked")], "nonconformant"),
        ],
    )
    def test_word(self, judged: list[Judged], word: str) -> None:
        """A failed MUST is worst, then what is required and open."""
        assert word == verdict(judged).word

    def test_strict(self) -> None:
        """With --strict a failed SHOULD is nonconformant as well."""
        judged = [one("passed"), one("failed", "SHOULD")]
        assert "nonconformant" == verdict(judged, strict=True).word

    def test_never_conformant_with_a_failed_must(self) -> None:
        """No mixture with a failed MUST is conformant, and none with an open required one."""
        for row in itertools.product(STATUSES, repeat=3):
            word = verdict([one(status) for status in row]).word
            if "failed" in row:
                assert "nonconformant" == word
            elif {"not_checked", "inconclusive"} & set(row):
                assert "incomplete" == word
            else:
                assert "conformant" == word


class TestNothing:
    """A selection of which no clause speaks of this side."""

    def test_incomplete(self) -> None:
        """Where nothing was judged nothing is conformant."""
        assert "incomplete" == verdict([], whole=85).word


class TestLine:
    """The line always counts."""

    def test_counts(self) -> None:
        """Passed of checked for each level, and what was not checked."""
        judged = [
            *[one("passed")] * 24,
            *[one("passed", "SHOULD")] * 17,
            one("failed", "SHOULD"),
            *[one("not_implemented", "SHOULD")] * 6,
            *[one("not_checked", "SHOULD")] * 3,
        ]
        expected = "24 of 24 MUST, 17 of 18 SHOULD, 6 not implemented, 3 not checked"
        assert f"CONFORMANT: {expected}" == verdict(judged).line

    def test_inconclusive(self) -> None:
        """Inconclusive clauses are counted when there are any."""
        assert verdict([one("inconclusive")]).line.endswith("0 not checked, 1 inconclusive")

    @pytest.mark.parametrize(
        ("whole", "start"), [(1, "CONFORMANT: "), (3, "CONFORMANT (a selection: 1 of 3 clauses): ")]
    )
    def test_selection(self, whole: int, start: str) -> None:
        """A verdict over a part of the contract says so."""
        assert verdict([one("passed")], whole=whole).line.startswith(start)


class TestExit:
    """The exit code of a run."""

    def test_words(self) -> None:
        """Each word has its code."""
        assert {"conformant": 0, "nonconformant": 1, "incomplete": 3} == EXIT

    @pytest.mark.parametrize(
        ("codes", "code"),
        [
            ([], 0),
            ([0], 0),
            ([0, 3], 3),
            ([3, 1, 0], 1),
            ([1, 2], 2),
            ([0, 1, 2, 3, WRONGLY_JOINED], 4),
        ],
    )
    def test_worst(self, codes: list[int], code: int) -> None:
        """4 is worst, then 2, 1 and 3."""
        assert code == worst(codes)
