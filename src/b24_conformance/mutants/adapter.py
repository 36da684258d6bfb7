"""The adapter program of the gallery: `python -m b24_conformance.mutants.adapter NAME`."""

from __future__ import annotations

import sys
from collections.abc import Callable

from b24_conformance.clients.protocol import Answer, Call, Setup, serve
from b24_conformance.mutants.callers import asking, sound, telling, trouble
from b24_conformance.mutants.callers.base import ENTRIES

LOADED = (asking, sound, telling, trouble)


def main(name: str) -> None:
    """Serves the client of that name."""

    def make(setup: Setup) -> Callable[[Call], Answer]:
        return ENTRIES[name].make(setup)

    serve(name, "gallery", make)


if __name__ == "__main__":
    main(sys.argv[1])
