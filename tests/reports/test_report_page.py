"""index.html: one file, well formed, with nothing of a stranger's in its markup."""

from __future__ import annotations

from html.parser import HTMLParser

import msgspec
import pytest
from handmade_runs import CUT, GREEN, NASTY, RED, RUNS, a_report

from b24_conformance.reports.page import page_html

VOID = {"meta", "link", "input", "br", "img", "hr"}


class Page(HTMLParser):
    """Text, ids, links and tags of a page; complains about tags that do not match."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.text = ""
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(page_html(a_report(RUNS[name])))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        for key, value in attrs:
            if key == "id":
                self.ids.append(value or "")
            if key in ("href", "src", "action"):
                self.links.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open.pop()

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("name", RUNS)
class TestEveryPage:
    def test_well_formed(self, name: str) -> None:
        """Every tag is closed, and no id is given twice."""
        page = Page(name)
        assert [] == page.open
        assert len(set(page.ids)) == len(page.ids)

    def test_self_contained(self, name: str) -> None:
        """The page has no scripts and loads nothing; its links lead to places on it."""
        page = Page(name)
        assert not {"script", "img", "iframe", "object", "form"} & page.tags
        inner = {link[1:] for link in page.links if link.startswith("#")}
        assert inner <= set(page.ids)
        assert ["data:,"] == [link for link in page.links if not link.startswith("#")]

    def test_both_languages(self, name: str) -> None:
        """Statements stand in English and in Russian."""
        page = Page(name)
        assert "The clause success.true holds for every chat." in page.text
        assert "Требование success.true выполнено." in page.text


class TestContent:
    def test_failed_first(self) -> None:
        """Within a level, what failed stands before what passed or was not checked."""
        ids = [name for name in Page("red").ids if name.startswith("p1-")]
        wanted = ["refusal.chat-type", "safety.no-echo", "success.true", "oauth.expired"]
        assert wanted == [name[3:] for name in ids[:4]]

    def test_evidence(self) -> None:
        """A failure shows CHAT_ID, the demand, the answer, the exchange and the curl line."""
        page = Page("red")
        curl = a_report(RED).parts[0].rows[1].result.evidence
        assert curl and curl.curl
        for part in ("refused with CHAT_TYPE", '"result": true', "HTTP 200", curl.curl):
            assert part in page.text

    def test_strangers_are_shown(self) -> None:
        """What a stranger wrote is text, with what cannot be seen as escapes."""
        page = Page("red")
        assert "b" not in page.tags
        assert '<b>&amp;</b> "q" \\u0000\\u001b[31m ]]> \\u202e*x*' in page.text
        assert NASTY not in page.text

    def test_matrix(self) -> None:
        """Two implementations stand side by side, and one has no matrix."""
        assert "All implementations" in Page("two").text
        assert "All implementations" not in Page("red").text

    def test_cut_off(self) -> None:
        """A run that was cut off says so on top."""
        assert "The run was cut off." in Page("cut").text
        assert not a_report(CUT).results.complete


class TestSelection:
    def test_beside_the_verdict(self) -> None:
        """A verdict over a part of the contract says so in the same breath."""
        began = msgspec.structs.replace(GREEN[0], clauses=("success.true",))
        end = msgspec.structs.replace(GREEN[-2], advice="has it no time?")
        run = [began, GREEN[1], *GREEN[3:4], end, GREEN[-1]]
        shown, whole = (page_html(a_report(events)) for events in (run, GREEN))
        assert (True, False) == ("(a selection)" in shown, "(a selection)" in whole)
        assert "has it no time?" in shown
