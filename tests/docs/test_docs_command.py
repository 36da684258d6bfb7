"""The command `docs`: what it prints, and how it exits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from printed_pages import CURL, STANDINS, tab_of

from b24_conformance.command.docs import docs
from b24_conformance.errors import UsageError


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page with a tab that is right, one that is empty, and one that is wrong."""
    tabs = (
        tab_of("cURL", "bash", CURL),
        tab_of("Empty", "bash", "# nothing"),
        tab_of("Quiet", "bash", f"{CURL} >/dev/null"),
    )
    path = tmp_path / "page.md"
    path.write_text(f"{{% list tabs %}}\n{''.join(tabs)}{{% endlist %}}\n", encoding="utf-8")
    return path


def run(*words: object) -> int:
    """The exit code of the command."""
    code: int = docs.main([str(word) for word in words], standalone_mode=False)
    return code


class TestWords:
    """What a person reads."""

    def test_a_line_for_each_tab(self, page: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Each tab has a line with its verdict and reason, and the page a sentence."""
        code = run(page)
        expected = [
            "✓ cURL   right",
            "         run with curl",
            "– Empty  empty: only a comment",
            "✗ Quiet  wrong: says nothing of a success (it prints nothing)",
            "         run with curl",
            "page.md: 1 right, 1 empty, 1 wrong",
        ]
        assert (1, expected) == (code, capsys.readouterr().out.splitlines())

    def test_only(self, page: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """--only runs one tab, and its exit code is that tab's."""
        assert [0, 3] == [run(page, "--only", "curl"), run(page, "--only", "Empty")]
        assert "Quiet" not in capsys.readouterr().out


class TestConfig:
    """Files that the user gives."""

    def test_clients(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A path in [clients] of the config is taken as the environment's is."""
        page, config = tmp_path / "page.md", tmp_path / "own.toml"
        code = (
            "require_once('crest.php'); CRest::call('imopenlines.session.join', ['CHAT_ID' => 1]);"
        )
        text = f"{{% list tabs %}}\n{tab_of('CRest', 'php', code)}{{% endlist %}}"
        page.write_text(text, encoding="utf-8")
        config.write_text(f'[clients]\ncrest = "{STANDINS}/crest-standin.php"\n', encoding="utf-8")
        assert 3 == run(page)
        if run(page, "--config", config) == 3:
            pytest.skip(f"not run: {capsys.readouterr().out}")
        assert "run with php, curl, standins/crest-standin.php" in capsys.readouterr().out


class TestJson:
    """What a program reads."""

    def test_document(self, page: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """--json prints one document, with every run and all that it printed."""
        code = run(page, "--json", "--only", "cURL")
        document = json.loads(capsys.readouterr().out)
        (tab,) = document["tabs"]
        assert (0, 0, "right") == (code, document["exit_code"], tab["verdict"])
        assert [2045, 2050, 12, 999999999] == [case["chat_id"] for case in tab["cases"]]
        assert "CHAT_TYPE" in tab["cases"][2]["printed"][0]["text"]


class TestUse:
    """Errors of use."""

    def test_no_such_file(self, tmp_path: Path) -> None:
        """A page that is not there is exit 2."""
        with pytest.raises(UsageError) as error:
            run(tmp_path / "none.md")
        assert 2 == error.value.exit_code

    def test_no_such_tab(self, page: Path) -> None:
        """A tab that is not there is named, with the nearest title."""
        with pytest.raises(UsageError, match="did you mean 'Quiet'"):
            run(page, "--only", "Quite")
