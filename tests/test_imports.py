"""The direction of imports: every room stands on those below it, and on no other."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from b24_conformance.resources import PACKAGE, suites_folder

NAME = "b24_conformance"
# From the ground up: a module or package imports only what stands in a line above its own.
LAYERS: tuple[frozenset[str], ...] = (
    # Values and words, and the reference portal, which shares nothing with the rest.
    frozenset(
        {"", "cases_page", "closing", "conditions", "declaration", "errors", "exchange", "hosts"}
        | {"outcome"}
    ),
    frozenset({"probe", "redirects", "reference", "resources", "strict_json", "strict_xml"}),
    frozenset({"echoes"}),
    frozenset({"anonymous", "har_probes", "pace", "secrets_from"}),
    frozenset({"clients", "config", "contract", "fake", "php", "transcript", "ways"}),
    frozenset({"docs_page"}),
    # How probes are made, and what may leave.
    frozenset({"chat_ids", "gate", "judgement"}),
    frozenset({"events", "first_joins", "histories", "openapi", "ordering"}),
    # Judging is pure; hiding knows every form.
    frozenset({"judge", "secret_forms"}),
    frozenset({"secret_search", "suite", "verdict"}),
    frozenset({"out_of_reach", "redaction"}),
    # Files out, requests out: neither knows the other.
    frozenset({"examples", "implementations", "reports"}),
    frozenset({"giving_up", "late_lists"}),
    # The engine.
    frozenset(
        {
            "cases",
            "evidence",
            "gather",
            "har_file",
            "mutants",
            "recording",
            "resuming",
            "shrink",
        }
    ),
    frozenset({"options"}),
    frozenset({"concluding", "live"}),
    frozenset({"har", "run"}),
    frozenset({"settings", "soaking", "witnesses"}),
    # What the user touches.
    frozenset({"plugin", "proving"}),
    frozenset({"kill_matrix"}),
    frozenset({"command"}),
)
HEIGHT = {room: height for height, layer in enumerate(LAYERS) for room in layer}
ENGINE = ("run", "gather", "shrink", "implementations", "plugin", "command", "reference")


def dotted(path: Path) -> str:
    """The name of a module inside the package; the package itself is the empty name."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_module(name: str) -> bool:
    """Whether there is a module of that name inside the package."""
    place = PACKAGE.joinpath(*name.split(".")) if name else PACKAGE
    return place.with_suffix(".py").is_file() or (place / "__init__.py").is_file()


def imported(path: Path, nodes: Iterator[ast.AST], package: Path = PACKAGE) -> Iterator[str]:
    """The modules of ours that a file imports, by their dotted names."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (_inside(alias.name) for alias in node.names if _ours(alias.name))
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                folder = path.parents[node.level - 1]
                base = ".".join(
                    [*folder.relative_to(package).parts, *(node.module or "").split(".")]
                )
                base = base.strip(".")
            elif _ours(node.module or ""):
                base = _inside(node.module or "")
            else:
                continue
            for alias in node.names:
                inner = f"{base}.{alias.name}".strip(".")
                yield inner if is_module(inner) else base


def _ours(name: str) -> bool:
    return name.split(".", maxsplit=1)[0] == NAME


def _inside(name: str) -> str:
    return name.removeprefix(NAME).lstrip(".")


@cache
def sources() -> dict[str, Path]:
    """Every module of the package."""
    return {dotted(path): path for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def imports(name: str) -> frozenset[str]:
    """What a module imports anywhere, in functions as well."""
    path = sources()[name]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(imported(path, ast.walk(tree))) - {name}


@cache
def imports_at_once(name: str) -> frozenset[str]:
    """What a module imports as soon as it is imported itself."""
    path = sources()[name]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(imported(path, iter(tree.body))) - {name}


def room(name: str) -> str:
    """The top-level module or package that a module belongs to."""
    return name.partition(".")[0]


class TestLayers:
    """One way, from the top down."""

    def test_every_module_has_a_layer(self) -> None:
        """A new module is given its place in LAYERS, and one that is gone is taken out."""
        standing = {room(name) for name in sources()}
        assert set() == standing - set(HEIGHT)
        assert set() == set(HEIGHT) - standing

    def test_no_room_stands_twice(self) -> None:
        """Each room has one place."""
        assert sum(map(len, LAYERS)) == len(HEIGHT)

    @pytest.mark.parametrize("name", sorted(sources()))
    def test_downwards(self, name: str) -> None:
        """A module imports only from its own room and from lower ones."""
        mine = HEIGHT.get(room(name), len(LAYERS))
        others = {target for target in imports(name) if room(target) != room(name)}
        assert [] == sorted(t for t in others if HEIGHT.get(room(t), len(LAYERS)) >= mine)

    def test_no_circles_within_a_room(self) -> None:
        """Modules import each other in no circle, not even within a package."""
        done: set[str] = set()

        def visit(name: str, path: tuple[str, ...]) -> None:
            assert name not in path, " -> ".join((*path, name))
            if name in done or name not in sources():
                return
            for target in sorted(imports_at_once(name)):
                # A package's __init__ gathers its modules, which then name the package.
                if not (name.startswith(f"{target}.") or not target):
                    visit(target, (*path, name))
            done.add(name)

        for name in sorted(sources()):
            visit(name, ())


class TestWalls:
    """Rooms that must not know of each other."""

    @pytest.mark.parametrize(
        ("of", "forbidden"),
        [
            ("judge", ("implementations", "reference", "gather", "run", "reports", "mutants")),
            ("php", ("reference", "implementations")),
            ("gate", ("reference", "implementations", "judge")),
            ("chat_ids", ("reference", "implementations", "judge")),
            ("reports", ENGINE),
            ("redaction", ENGINE),
            ("run", ("plugin", "command", "reference", "mutants")),
            ("gather", ("reference", "reports", "plugin", "command")),
            ("plugin", ("command", "reference")),
            ("command", ("plugin",)),
        ],
    )
    def test_forbidden(self, of: str, forbidden: tuple[str, ...]) -> None:
        """No module of a room imports from behind its walls, not even in a function."""
        targets = {room(t) for name in sources() if room(name) == of for t in imports(name)}
        assert set() == targets & set(forbidden)

    def test_reference_stands_alone(self) -> None:
        """The reference portal imports nothing of the rest, so that the two can disagree."""
        inside = [name for name in sources() if room(name) == "reference"]
        assert inside
        assert {"reference"} == {room(target) for name in inside for target in imports(name)}

    def test_suites_only_say_what_they_want(self) -> None:
        """Suites know neither implementations nor the reference portal nor the engine."""
        found = {
            room(target)
            for path in suites_folder().rglob("*.py")
            for target in imported(path, ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        }
        assert found
        assert set() == found & {*ENGINE, "reports", "events", "verdict", "redaction"}
