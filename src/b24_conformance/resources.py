"""Where the contract and the suites are: inside the wheel, or beside `src/` in a checkout."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
CHECKOUT = PACKAGE.parent.parent
METHOD = "imopenlines.session.join"


def _room(name: str) -> Path:
    shipped = PACKAGE / name
    return shipped if shipped.is_dir() else CHECKOUT / name


def suites_folder() -> Path:
    """The folder of the suites."""
    return _room("suites")


def contract_file(name: str) -> Path:
    """A file of the contract, such as `clauses.yaml`."""
    return _room("contracts") / METHOD / name
