"""What an examination found, kept for all workers of pytest-xdist: each is done once."""

from __future__ import annotations

import os
from collections.abc import Callable

import msgspec
import pytest

from b24_conformance.proving import Kill


def remembered(
    factory: pytest.TempPathFactory, gallery: str
) -> Callable[[str, Callable[[], Kill]], Kill]:
    """A function that examines under a name, or tells what was found under it before."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / gallery
    folder.mkdir(exist_ok=True)

    def found(name: str, examine: Callable[[], Kill]) -> Kill:
        known = folder / f"{name}.json"
        if not known.exists():
            unfinished = folder / f"{name}.{os.getpid()}"
            unfinished.write_bytes(msgspec.json.encode(examine()))
            unfinished.replace(known)
        return msgspec.json.decode(known.read_bytes(), type=Kill)

    return found
