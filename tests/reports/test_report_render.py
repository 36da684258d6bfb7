"""Rendering: four files from one, all or none of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from handmade_runs import GREEN, RED, RUNS, SECRET, a_contract

from b24_conformance.errors import TranscriptError
from b24_conformance.events import Event
from b24_conformance.reports import render

Write = Callable[[list[Event]], Path]
NAMES = ["index.html", "junit.xml", "results.json", "summary.md"]


class TestRendering:
    @pytest.mark.parametrize("name", RUNS)
    def test_files_that_agree(self, write: Write, tmp_path: Path, name: str) -> None:
        """Every report of a run speaks of the same clauses, and nothing else is left there."""
        folder = tmp_path / "reports"
        render(write(RUNS[name]), folder, a_contract())
        several = ["matrix.md"] if name == "two" else []
        assert sorted(NAMES + several) == sorted(path.name for path in folder.iterdir())
        results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
        clauses = [clause for part in results["implementations"] for clause in part["clauses"]]
        tree = ElementTree.parse(folder / "junit.xml").getroot()
        assert len(clauses) == len(list(tree.iter("testcase")))
        failed = [c for c in clauses if (c["level"], c["status"]) == ("MUST", "failed")]
        assert len(failed) == len(list(tree.iter("failure")))

    def test_failure_leaves_the_earlier_files(self, write: Write, tmp_path: Path) -> None:
        """Events that cannot be read leave the reports of the run before."""
        folder = tmp_path / "reports"
        render(write(GREEN), folder, a_contract())
        before = {name: (folder / name).read_bytes() for name in NAMES}
        path = write(RED)
        path.write_text("no events\n")
        with pytest.raises(TranscriptError):
            render(path, folder, a_contract())
        assert before == {path.name: path.read_bytes() for path in folder.iterdir()}

    def test_no_secret_in_any_file(self, write: Write, tmp_path: Path) -> None:
        """A secret in the events' making is in no report."""
        render(write(RED), tmp_path / "reports", a_contract())
        for path in tmp_path.rglob("*.*"):
            assert not path.is_file() or SECRET not in path.read_text(encoding="utf-8")
