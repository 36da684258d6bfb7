"""What the reports for people tell of a live run's chats."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from handmade_runs import PORTAL, a_report, begun, green_part

from b24_conformance.events import Event, Joining, Left, Witnessed
from b24_conformance.reports.page import page_html
from b24_conformance.reports.report import Looked, Report
from b24_conformance.reports.summary import summary_md

BEFORE = Witnessed(PORTAL, "operator", 2043, "joinable", "before", "witnessed")
AFTER = Witnessed(PORTAL, "operator", 2043, "joinable", "after", "witnessed")
STALE = Witnessed(PORTAL, "operator", 2045, "joined", "before", "contradicted", "he is not in it")
JOINING = Joining(PORTAL, "operator", 2043, 1)
STAYING = Joining(PORTAL, "operator", 2043, 1, stays=True)
LEFT = Left(PORTAL, "operator", 2043, "the operator has left it")


def chats(*told: Event) -> tuple[Looked, ...]:
    """The chats in the report of a run in which these events happened."""
    return report(told).parts[0].chats


def report(told: Iterable[Event]) -> Report:
    first, *rest = green_part(PORTAL)
    return a_report([begun(), first, *told, *rest])


class TestChats:
    """What was seen of each, and what became of a join."""

    @pytest.mark.parametrize(
        ("told", "join"),
        [
            ((), ""),
            ((JOINING,), "joining"),
            ((JOINING, LEFT), "left"),
            ((STAYING,), "stays"),
        ],
    )
    def test_join(self, told: tuple[Event, ...], join: str) -> None:
        """A join is shown as left, as staying, or as not left yet."""
        expected = Looked("operator", 2043, "joinable", "witnessed", "witnessed", "", join)
        assert (expected,) == chats(BEFORE, *told, AFTER)

    def test_not_as_declared(self) -> None:
        """A chat that was not used has no look afterwards, and its reason is told."""
        expected = Looked("operator", 2045, "joined", "contradicted", None, "he is not in it", "")
        assert (expected,) == chats(STALE)

    def test_shown(self) -> None:
        """Both the page and the summary show it, the page in two languages."""
        told = report([BEFORE, JOINING, STALE])
        page, summary = page_html(told), summary_md(told)
        for words in ("he is not in it", "joined by this run and NOT LEFT YET"):
            assert words in page
            assert words in summary
        assert "ещё НЕ ВЫШЕЛ" in page

    def test_none(self) -> None:
        """A run that looked at no chat shows no such table."""
        assert "Declared chats" not in page_html(report([]))
