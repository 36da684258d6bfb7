"""The gallery: every faulty portal by its name, with the clause that must name its fault."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from inspect import cleandoc
from typing import TypeVar

from b24_conformance.mutants import portals as _modules
from b24_conformance.reference import Portal
from b24_conformance.reference.messages import Answer

Made = Portal | Answer
Make = TypeVar("Make", bound=Callable[[], Made])


@dataclass(frozen=True, slots=True)
class Mutant:
    """An implementation with one fault.

    `kind` is the group of the fault, `clause` the one that must go red, `make` gives a fresh
    portal. `over_http`: the fault lies below HTTP and needs a socket. `note` says the fault.
    """

    name: str
    kind: str
    clause: str
    make: Callable[[], Made]
    over_http: bool = False
    note: str = ""


_GALLERY: dict[str, Mutant] = {}


def of_kind(kind: str) -> Callable[..., Callable[[Make], Make]]:
    """The decorator of a module: `@faulty(CLAUSE)` puts a portal of that kind on show."""

    def faulty(clause: str, *, over_http: bool = False) -> Callable[[Make], Make]:
        def register(make: Make) -> Make:
            name = _kebab(make.__name__)
            if name in _GALLERY:
                raise ValueError(f"two mutants are called {name}")
            note = cleandoc(make.__doc__ or "")
            _GALLERY[name] = Mutant(name, kind, clause, make, over_http, note)
            return make

        return register

    return faulty


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", "-", name).lower()


@cache
def portals() -> tuple[Mutant, ...]:
    """Every faulty portal, by kind, in the order in which they are written down."""
    for module in pkgutil.iter_modules(_modules.__path__, f"{_modules.__name__}."):
        importlib.import_module(module.name)
    return tuple(_GALLERY.values())


def portal(name: str) -> Mutant:
    """The faulty portal of that name; KeyError where there is none."""
    portals()
    return _GALLERY[name]
