"""`init`: a commented configuration."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import get_args, get_type_hints

import msgspec
import pytest
from in_process import Run, runner

from b24_conformance.command.init import TEMPLATE
from b24_conformance.config import Config, load_config, parse_config, reveal
from b24_conformance.implementations.building import Asked
from b24_conformance.implementations.configured import configured_portal

FILE = "b24-conformance.toml"
HOOK = "https://example.bitrix24.com/rest/1/some0secret0here/"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs the command in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return runner(capsys)


def keys(kind: type[msgspec.Struct], path: str = "") -> set[str]:
    """Every key of a table, dotted; the colleague's are the operator's."""
    found = set()
    for name, hint in get_type_hints(kind).items():
        inner = [
            one
            for one in (hint, *get_args(hint))
            if isinstance(one, type) and issubclass(one, msgspec.Struct)
        ]
        dotted = f"{path}.{name}" if path else name
        if name != "colleague":
            found |= keys(inner[0], dotted) if inner else {dotted}
    return found


def mentioned() -> set[str]:
    """Every key that stands in the template, in a comment or not, dotted."""
    found, table = set(), ""
    for text in TEMPLATE.splitlines():
        if title := re.fullmatch(r"(?:# )?\[([a-z.]+)\]", text):
            table = title[1]
        if key := re.match(r"(?:# )?([a-z0-9_]+) = ", text):
            found.add(f"{table}.{key[1]}")
    return found


class TestWritten:
    """The written file."""

    def test_loads(self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """It loads as it is, takes its secret from the environment, and is safe."""
        monkeypatch.setenv("B24_WEBHOOK", HOOK)
        done = run("init")
        config = load_config(None, tmp_path)
        assert (0, HOOK) == (done.code, reveal(config.operator.webhook, "webhook"))
        assert (False, "none") == (config.portal.stand_in, config.run.joins)
        with configured_portal(config, Asked(joins=config.run.joins)) as portal:
            declaration = portal.declaration
        assert ("none", False, True) == (
            declaration.rung,
            declaration.stand_in,
            declaration.secure,
        )

    def test_every_key(self) -> None:
        """Every key there is stands in it, and no other."""
        assert keys(Config) == {key for key in mentioned() if not key.startswith("colleague")}

    def test_uncommented(self) -> None:
        """With every comment sign taken from a key it still loads."""
        text = re.sub(r"(?m)^# (\[[a-z.]+\]|[a-z0-9_]+ = )", r"\1", TEMPLATE)
        config = parse_config(tomllib.loads(text), FILE)
        assert config.colleague is not None
        assert config.credentials.expired_token is not None
        assert 500 == config.run.max_requests

    def test_two_languages(self) -> None:
        """Every table says in Russian, too, what it is for."""
        for part in TEMPLATE.split("\n\n"):
            assert re.search("[а-я]", part), part

    def test_comments_stand_above_their_tables(self) -> None:
        """What is said of the options of `run` stands at their table."""
        assert (
            "Defaults for the options of `run`."
            in TEMPLATE.partition("\n[run]")[0].split("\n\n")[-1]
        )

    def test_points_on(self, run: Run) -> None:
        """It says what to do next."""
        done = run("init", "--path", "other.toml")
        assert "written: other.toml" in done.out
        assert "b24-conformance doctor" in done.out


class TestRefused:
    """Nothing is ever overwritten."""

    def test_exists(self, run: Run, tmp_path: Path) -> None:
        """A file that is there stays as it is."""
        (tmp_path / FILE).write_text("mine", encoding="utf-8")
        done = run("init")
        assert (2, True) == (done.code, "nothing is overwritten" in done.err)
        assert "mine" == (tmp_path / FILE).read_text(encoding="utf-8")

    def test_no_folder(self, run: Run) -> None:
        """A folder that is not there is told."""
        done = run("init", "--path", "no/such/folder.toml")
        assert (2, True) == (done.code, "cannot be written" in done.err)
