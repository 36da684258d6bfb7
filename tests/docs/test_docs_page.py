"""A page in YFM: which examples it holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from b24_conformance.docs_page import load_page, read_page
from b24_conformance.errors import UsageError

PAGE = """\
# Join

{% list tabs %}

- cURL (Webhook)

    // an example for cURL

- JS

    ```js
    call(
    \t'imopenlines.session.join'
    );
    - not(a, title)
    ```

- PHP

    ~~~php
    <?php
    // nothing yet
    ~~~

{% endlist %}

```json
{ "result": true }
```
"""


class TestTabs:
    """The items of a list of tabs."""

    def test_each_has_title_language_and_line(self) -> None:
        """Tabs come in their order, with the title as printed and the language of the fence."""
        found = [(tab.title, tab.language, tab.line) for tab in read_page(PAGE).tabs]
        assert [("cURL (Webhook)", "", 5), ("JS", "js", 9), ("PHP", "php", 18)] == found

    def test_code_is_as_printed(self) -> None:
        """Only the fence's own indentation is taken off, tabulators of the code stay."""
        code = read_page(PAGE).tabs[1].code
        assert "call(\n\t'imopenlines.session.join'\n);\n- not(a, title)" == code

    def test_comments_are_empty(self) -> None:
        """A tab that holds comments alone, with or without a fence, is empty; code is not."""
        assert [True, False, True] == [tab.empty for tab in read_page(PAGE).tabs]

    @pytest.mark.parametrize(
        ("code", "empty"),
        [
            ("", True),
            ("# a comment", True),
            ("/* one\ntwo */", True),
            ("<!-- one -->\n<script></script>", True),
            ("// first\ncall()", False),
            ("/* one */ call() /* two */", False),
        ],
    )
    def test_what_is_empty(self, code: str, empty: bool) -> None:
        """A comment never hides the code after it."""
        page = read_page(f"{{% list tabs %}}\n- JS\n```js\n{code}\n```\n{{% endlist %}}")
        assert [empty] == [tab.empty for tab in page.tabs]

    def test_line_ends_of_windows(self) -> None:
        """A page with CRLF reads as the same page with LF."""
        assert read_page(PAGE) == read_page(PAGE.replace("\n", "\r\n"))

    def test_several_blocks_in_a_tab(self) -> None:
        """Each block that calls the method is an example of its own; answers are none."""
        block = "    ```js\n    imopenlines.session.join({n})\n    ```\n"
        answer = "    ```json\n    {}\n    ```\n"
        text = f"- JS\n{block.format(n=1)}{answer}{block.format(n=2)}"
        tabs = read_page(f"{{% list tabs %}}\n{text}{{% endlist %}}").tabs
        assert ["JS", "JS #2"] == [tab.title for tab in tabs]

    def test_prose_is_no_code(self) -> None:
        """A tab of prose under a title that names no language is no example."""
        assert () == read_page("{% list tabs %}\n- Cloud\n\n  Words.\n{% endlist %}").tabs

    def test_a_list_that_nobody_closes(self) -> None:
        """A list without an end goes on to the end of the page."""
        assert 3 == len(read_page(PAGE.replace("{% endlist %}", "")).tabs)


class TestLooseBlocks:
    """A page without tabs."""

    def test_a_block_that_calls_the_method(self) -> None:
        """A fenced block that names the method is an example, titled by language and line."""
        text = "text\n```bash\ncurl imopenlines.session.join\n```\n```bash\nls\n```\n"
        assert ["bash, line 2"] == [tab.title for tab in read_page(text).tabs]


class TestLoading:
    """Pages that cannot be used."""

    def test_no_such_file(self, tmp_path: Path) -> None:
        """A path that leads nowhere is an error of use."""
        with pytest.raises(UsageError, match="cannot be read"):
            load_page(tmp_path / "none.md")

    def test_no_code_tab(self, tmp_path: Path) -> None:
        """A page without examples is an error of use, not a page whose examples are right."""
        path = tmp_path / "page.md"
        path.write_text("# Title\n\nWords.\n", encoding="utf-8")
        with pytest.raises(UsageError, match="no code tab"):
            load_page(path)

    def test_no_text(self, tmp_path: Path) -> None:
        """Bytes that are no UTF-8 are an error of use."""
        path = tmp_path / "page.md"
        path.write_bytes(b"\xff\xfe\x00")
        with pytest.raises(UsageError, match="no text in UTF-8"):
            load_page(path)

    def test_a_title_that_is_not_there(self) -> None:
        """Asking for an unknown tab names the nearest title."""
        with pytest.raises(UsageError, match="did you mean 'PHP'"):
            read_page(PAGE).only("PHP4")

    def test_a_title_in_any_case(self) -> None:
        """A tab is found by its title in any case."""
        assert ["JS"] == [tab.title for tab in read_page(PAGE).only("js").tabs]
