"""The same seed draws the same on any machine, in any folder, whatever lies around."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import strategies as st

from b24_conformance.chat_ids import makers
from b24_conformance.chat_ids.portable import draw, number

SCRIPT = """
{imports}
from b24_conformance.contract import load_contract
from b24_conformance.gather import plan
from b24_conformance.implementations import embedded
from b24_conformance.implementations.building import Asked
from b24_conformance.suite import World, load_suites

with embedded.mocked(Asked()) as implementation:
    clauses = [c for c in load_contract().clauses if c.side != "client"]
    world = World(implementation.declaration)
    found = plan(clauses, load_suites(), world, seed=5, drawn=20)
for step in found.steps:
    print(ascii(step))
"""
ODD = "\n".join(f"NUMBER_{n} = {n * 7919 + 10**6}\nTEXT_{n} = 'odd {n}'" for n in range(300))


def drawn_in(folder: Path, imports: str = "", **more: str) -> str:
    """What a plan draws in a new process in that folder."""
    script = folder / "drawing.py"
    script.write_text(SCRIPT.format(imports=imports))
    kept = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=folder,
        env={**kept, "HOME": str(folder), **more},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert 0 == done.returncode, done.stderr
    script.unlink()
    return done.stdout


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, set[str]]:
    """A plan drawn in an empty folder, and what lies there afterwards."""
    folder = tmp_path_factory.mktemp("plain")
    text = drawn_in(folder)
    return text, {path.name for path in folder.rglob("*")}


class TestFolders:
    """Other folders, other modules, other processes."""

    def test_nothing_is_written(self, plain: tuple[str, set[str]]) -> None:
        """No database, no Unicode tables, no constants: the folder stays empty."""
        text, left = plain
        assert 100 < len(text.splitlines())
        assert set() == left

    def test_local_constants(self, plain: tuple[str, set[str]], tmp_path: Path) -> None:
        """A local module full of odd constants changes nothing."""
        (tmp_path / "odd_constants.py").write_text(ODD)
        assert plain[0] == drawn_in(tmp_path, "import odd_constants")

    @pytest.mark.parametrize("seed", ["0", "1234"])
    def test_hash_seed(self, plain: tuple[str, set[str]], tmp_path: Path, seed: str) -> None:
        """Nor does the order of sets, nor CI, nor another language."""
        more = {"PYTHONHASHSEED": seed, "CI": "true", "LC_ALL": "C", "TZ": "Asia/Tokyo"}
        assert plain[0] == drawn_in(tmp_path, **more)

    def test_hypothesis_profile(self, plain: tuple[str, set[str]], tmp_path: Path) -> None:
        """Nor does a profile of the project around."""
        imports = (
            "from hypothesis import settings\n"
            "settings.register_profile('theirs', max_examples=3, derandomize=True)\n"
            "settings.load_profile('theirs')\n"
        )
        assert plain[0] == drawn_in(tmp_path, imports)


class TestDraw:
    """Draws by themselves."""

    def test_words_are_the_seed(self) -> None:
        """The same words draw the same, other words something else."""
        one = draw(makers.negative, 40, "clause", 1)
        assert one == draw(makers.negative, 40, "clause", 1)
        assert one != draw(makers.negative, 40, "clause", 2)
        assert one != draw(makers.negative, 40, "other", 1)
        assert number("a", "b") != number("ab")

    @pytest.mark.parametrize("count", [0, 1, 4, 50, 120])
    def test_count(self, count: int) -> None:
        """As many different values as were wanted, and no more."""
        found = draw(makers.anything, count, "x")
        assert len(found) == len(set(found)) <= count
        assert len(found) >= count * 0.6

    def test_few_values(self) -> None:
        """Where there are fewer values there are fewer draws."""
        assert {1, 2} == set(draw(makers.one_of(1, 2), 40, "x"))

    def test_strategies(self) -> None:
        """A Hypothesis strategy is drawn from as well."""
        found = draw(st.integers(0, 10**6), 30, "x")
        assert found == draw(st.integers(0, 10**6), 30, "x")
        assert all(0 <= value <= 10**6 for value in found)

    def test_global_random_is_left_alone(self) -> None:
        """Nobody's dice are disturbed."""
        import random  # noqa: PLC0415 (its state is what is tested)

        random.seed(5)
        before = random.getstate()
        draw(makers.anything, 20, "x")
        assert before == random.getstate()
