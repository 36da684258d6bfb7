"""The plugin's options: those of `b24-conformance run`, under one prefix."""

from __future__ import annotations

from pathlib import Path

import pytest


def add_options(parser: pytest.Parser) -> None:
    """Adds `--b24-…` options to pytest."""
    group = parser.getgroup("b24-conformance", "conformance of imopenlines.session.join")
    add = group.addoption
    add("--b24-target", action="append", metavar="TARGET", help="what to ask; may be repeated")
    add("--b24-config", type=Path, metavar="FILE", help="TOML file")
    add("--b24-joins", metavar="RUNG", help="none, refused, repeat or new")
    add("--b24-reports", type=Path, metavar="DIR", help="write reports there")
    add("--b24-rate", metavar="N/s", help="requests a second")
    add("--b24-clause", action="append", metavar="GLOB", help="only these clauses")
    add("--b24-require", action="append", metavar="GLOB", help="the verdict needs these")
    add("--b24-seed", type=int, metavar="N", help="same seed, same requests")
    add("--b24-max-requests", type=int, metavar="N", help="send no more than this")
    add("--b24-timeout", type=float, metavar="S", help="seconds for one answer")
    add("--b24-stay", action="store_true", default=None, help="stay in what was joined")
    add(
        "--b24-despite-warnings",
        action="store_true",
        default=None,
        help="use chats that are offered to the operator or his, or with a bot",
    )
    add("--b24-strict", action="store_true", default=None, help="a failed SHOULD fails")
