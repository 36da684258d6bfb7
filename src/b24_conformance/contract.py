"""The contract: clauses with their levels, features, statements and sources."""

from __future__ import annotations

from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cache
from typing import Literal

import msgspec
import yaml

from b24_conformance.declaration import Rung
from b24_conformance.errors import UsageError, nearest
from b24_conformance.resources import contract_file

Level = Literal["MUST", "SHOULD"]
Side = Literal["portal", "client", "both"]
# Below it short words are close that nobody mixes up.
_CLOSE = 0.7


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A requirement in one sentence, in English and in Russian."""

    en: str
    ru: str


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a requirement comes from: `sure` says how sure, `where` names the document."""

    sure: Literal["documented", "seen", "project"]
    where: str


class Clause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One requirement. `needs` names what must be declared, `rung` how far joins must go."""

    id: str
    level: Level
    feature: str
    side: Side
    statement: Statement
    source: Source
    needs: tuple[str, ...] = ()
    rung: Rung = "none"

    def applies_to(self, side: str) -> bool:
        """Whether the clause speaks of implementations on `side`."""
        return self.side in (side, "both")


class Contract(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A method's clauses, in the order in which they are read, sent and reported."""

    method: str
    version: str
    features: dict[str, Statement]
    clauses: tuple[Clause, ...]

    def clause(self, clause_id: str) -> Clause:
        """The clause with that id."""
        for clause in self.clauses:
            if clause.id == clause_id:
                return clause
        known = (clause.id for clause in self.clauses)
        raise UsageError(f"no clause has the id {clause_id!r}", hint=nearest(clause_id, known))

    def of_side(self, side: str) -> tuple[Clause, ...]:
        """The clauses that speak of implementations on `side`."""
        return tuple(clause for clause in self.clauses if clause.applies_to(side))

    def select(self, patterns: tuple[str, ...]) -> tuple[Clause, ...]:
        """The clauses whose id matches one of `patterns` (all when there are none)."""
        for pattern in patterns:
            if not any(fnmatchcase(clause.id, pattern) for clause in self.clauses):
                raise UsageError(
                    f"the pattern {pattern!r} matches no clause", hint=self._hint_for(pattern)
                )
        return tuple(
            clause
            for clause in self.clauses
            if not patterns or any(fnmatchcase(clause.id, p) for p in patterns)
        )

    def _hint_for(self, pattern: str) -> str:
        """What to write in place of a pattern that matches nothing: an id, or a whole area."""
        known = [clause.id for clause in self.clauses]
        if not set("*?[") & set(pattern):
            return nearest(pattern, known)
        areas = dict.fromkeys(one.partition(".")[0] for one in known)
        area = pattern.partition(".")[0]
        if area in areas:
            inside = [one for one in known if one.startswith(f"{area}.")]
            return f"in {area}.* there are: {', '.join(inside)}"
        close = get_close_matches(area, areas, n=1, cutoff=_CLOSE)
        near = f"did you mean '{close[0]}.*'? " if close else ""
        return f"{near}areas are: {', '.join(f'{one}.*' for one in areas)}"


@cache
def load_contract() -> Contract:
    """The contract of `imopenlines.session.join` as shipped."""
    text = contract_file("clauses.yaml").read_text(encoding="utf-8")
    contract = msgspec.convert(yaml.safe_load(text), Contract)
    ids = [clause.id for clause in contract.clauses]
    repeated = {clause_id for clause_id in ids if ids.count(clause_id) > 1}
    unknown = {clause.feature for clause in contract.clauses} - set(contract.features)
    if repeated or unknown:
        raise ValueError(f"clauses.yaml: repeated ids {repeated}, unknown features {unknown}")
    return contract
