"""A documentation page in YFM: its code tabs, each with its title, language and code.

A tab is an item of a `{% list tabs %}` block; its code is a fenced block, or else whatever is
indented below the title. A page without tabs may show its examples as fenced blocks alone.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from b24_conformance.errors import UsageError, nearest

METHOD = "imopenlines.session.join"
_LIST = re.compile(r"\s*\{%\s*list\s+tabs\b.*%\}\s*")
_END = re.compile(r"\s*\{%\s*endlist\s*%\}\s*")
_TITLE = re.compile(r"(\s*)[-*+]\s+(\S.*?)\s*")
_FENCE = re.compile(r"(\s*)(`{3,}|~{3,})\s*([\w+#.-]*)[^`]*")
_COMMENTS = re.compile(r"(?s:/\*.*?\*/|<!--.*?-->)|^\s*(?://|#(?!!)).*$", re.MULTILINE)
# What frames code without being any.
_FRAMES = re.compile(r"<\?php\b|<\?|\?>|</?script[^>]*>")
# A tab that shows an answer is no example of a call.
_ANSWERS = frozenset({"json", "xml", "text", "http"})
# Tabs without a fence are code only if their title says so: tabs may hold prose, too.
_CODE_TITLES = re.compile(
    r"curl|\bjs\b|javascript|\bts\b|typescript|php|bx24|python|\bgo\b|c#|java|ruby|bash|shell|umd",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Tab:
    """An example as it is printed: `line` is where its title stands in the page."""

    title: str
    language: str
    code: str
    line: int

    @property
    def empty(self) -> bool:
        """Whether it holds nothing that could be run: nothing at all, or comments alone."""
        return not _FRAMES.sub("", without_comments(self.code)).strip()


@dataclass(frozen=True)
class Page:
    """A page: the name of its file, and its examples in their order."""

    name: str
    tabs: tuple[Tab, ...]

    def only(self, title: str) -> Page:
        """The page with the tabs of this title alone; UsageError names the nearest one."""
        chosen = tuple(tab for tab in self.tabs if tab.title.casefold() == title.casefold())
        if not chosen:
            titles = dict.fromkeys(tab.title for tab in self.tabs)
            raise UsageError(f"{self.name} has no tab {title!r}", hint=nearest(title, titles))
        return Page(self.name, chosen)


@dataclass(frozen=True)
class _Block:
    """A fenced block: its language, its code, and the line on which it begins."""

    language: str
    code: str
    line: int


def load_page(path: Path) -> Page:
    """The page in a file; UsageError if there is no such file, or no code tab in it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"the page {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"the page {path} is no text in UTF-8") from None
    page = read_page(text, path.name)
    if not page.tabs:
        what = "a list of tabs, {% list tabs %}, or a fenced block that calls the method"
        raise UsageError(f"{path.name} has no code tab", hint=f"looked for: {what}")
    return page


def read_page(text: str, name: str = "page") -> Page:
    """The page in a text; it may have no tab at all."""
    lines = text.splitlines()
    tabs = [tab for start, end in _lists(lines) for tab in _tabs(lines, start, end)]
    return Page(name, tuple(tabs or _loose(lines)))


def without_comments(code: str) -> str:
    """Code without the comments that have lines of their own, in any of the page's languages."""
    return _COMMENTS.sub("", code)


def _lists(lines: list[str]) -> Iterator[tuple[int, int]]:
    """Where the lists of tabs are; one that nobody closes ends with the page."""
    start: int | None = None
    for number, line in enumerate(lines):
        if _LIST.fullmatch(line) and start is None:
            start = number + 1
        elif _END.fullmatch(line) and start is not None:
            yield start, number
            start = None
    if start is not None:
        yield start, len(lines)


def _tabs(lines: list[str], start: int, end: int) -> Iterator[Tab]:
    titles = list(_titles(lines, start, end))
    ends = [number for number, _ in titles[1:]]
    for (number, title), stop in zip(titles, [*ends, end], strict=False):
        yield from _examples(lines[number + 1 : stop], title, number + 1)


def _titles(lines: list[str], start: int, end: int) -> Iterator[tuple[int, str]]:
    """The items of the list itself: those of lists within a tab are indented further."""
    indent: int | None = None
    fence = ""
    for number in range(start, end):
        line = lines[number]
        fence = _fence_after(fence, line)
        item = None if fence else _TITLE.fullmatch(line)
        if item is None or (indent is not None and len(item[1]) > indent):
            continue
        indent = len(item[1])
        yield number, item[2].strip("*`")


def _fence_after(fence: str, line: str) -> str:
    """The fence that is open after a line; empty for none."""
    found = _FENCE.fullmatch(line)
    if not fence:
        return found[2] if found else ""
    closes = found is not None and not found[3] and found[2].startswith(fence)
    return "" if closes else fence


def _examples(lines: list[str], title: str, line: int) -> Iterator[Tab]:
    """The examples of a tab: each block that calls the method, else its first block of code."""
    every = list(_blocks(lines))
    blocks = [block for block in every if block.language not in _ANSWERS]
    chosen = [block for block in blocks if METHOD in block.code] or blocks[:1]
    if not every and _CODE_TITLES.search(title):
        chosen = [_Block("", textwrap.dedent("\n".join(lines)).strip("\n"), 0)]
    for count, block in enumerate(chosen, 1):
        shown = title if count == 1 else f"{title} #{count}"
        yield Tab(shown, block.language, block.code, line)


def _loose(lines: list[str]) -> Iterator[Tab]:
    """The examples of a page without tabs: fenced blocks that call the method."""
    for block in _blocks(lines):
        if METHOD in block.code and block.language not in _ANSWERS:
            yield Tab(f"{block.language or 'code'}, line {block.line}", *_fields(block))


def _fields(block: _Block) -> tuple[str, str, int]:
    return block.language, block.code, block.line


def _blocks(lines: list[str]) -> Iterator[_Block]:
    """The fenced blocks; the fence's own indentation is taken off each line, and no more."""
    fence, opened, start = "", None, 0
    for number, line in enumerate([*lines, None]):
        before = fence
        fence = "" if line is None else _fence_after(fence, line)
        if fence and not before and line is not None:
            opened, start = _FENCE.fullmatch(line), number
        elif before and not fence and opened is not None:
            code = [_dedented(each, len(opened[1])) for each in lines[start + 1 : number]]
            yield _Block(opened[3].lower(), "\n".join(code).strip("\n"), start + 1)


def _dedented(line: str, indent: int) -> str:
    margin = len(line) - len(line.lstrip())
    return line[min(indent, margin) :]
