"""What a suite says: which probes each clause wants.

A suite is a pytest file whose functions are decorated with `@clause(ID)`. Each takes a `World`
(what is declared, and how far joins may go) and returns the `Wants` of its clause. Sending,
judging and reporting are not its business.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path

import msgspec

from b24_conformance.chat_ids.makers import Maker
from b24_conformance.chat_ids.portable import Source
from b24_conformance.contract import Contract
from b24_conformance.declaration import ChatKind, Declaration
from b24_conformance.errors import ContractError
from b24_conformance.first_joins import FirstJoins, first_joins
from b24_conformance.gate import Gate
from b24_conformance.judge import rules
from b24_conformance.probe import Asking, Probe, Step
from b24_conformance.resources import suites_folder
from b24_conformance.ways import ALL, PLAIN

Wanted = Probe | Step
# Refusals hurt nobody.
_KINDS: tuple[ChatKind, ...] = ("not_open_line", "access_denied", "joined", "joinable")


class Wants(msgspec.Struct, frozen=True):
    """The probes of one clause: `telling` ones first, as written; then `drawn` ones.

    `share` is how much of the usual number is drawn; `shrinks`: a drawn probe that fails can be
    made smaller by itself. For live portals: the first `enough` telling probes suffice for a
    judgement; `packs`: what the clause judges survives in the items of a batch.
    """

    telling: tuple[Wanted, ...] = ()
    drawn: Source[Probe] | Source[Step] | None = None
    shrinks: bool = True
    share: float = 1.0
    enough: int = 1
    packs: bool = False


class World:
    """What a suite may ask for: declared chats within the rung, and ready-made probes.

    On a live portal one real join is enough, the operator's: no other chat to join is known here.
    """

    def __init__(self, declaration: Declaration) -> None:
        self.declaration = declaration.sparing()
        self._gate = Gate(self.declaration)

    def chats(self, *kinds: ChatKind, operator: str = "operator") -> tuple[int, ...]:
        """Declared chats of these kinds that the current rung allows `operator` to ask for."""
        return self.declaration.reachable(operator, *kinds)

    def free_chats(self, *kinds: ChatKind, operator: str = "operator") -> tuple[int, ...]:
        """Those of these chats that are not left to a first join by a way of its own."""
        kept = self.first_joins.get(operator, {})
        return tuple(chat for chat in self.chats(*kinds, operator=operator) if chat not in kept)

    @cached_property
    def every_chat(self) -> tuple[int, ...]:
        """Every chat that there is, those that are left to a first join last."""
        return tuple(dict.fromkeys((*self.free_chats(*_KINDS), *self.chats(*_KINDS))))

    @property
    def live(self) -> bool:
        """Whether a join could disturb somebody."""
        return not self.declaration.stand_in

    @cached_property
    def targets(self) -> tuple[int, ...]:
        """A few chats whose answers differ, those that hurt nobody first."""
        return self._few(_KINDS, 3)

    @cached_property
    def telling_chats(self) -> tuple[int, ...]:
        """One chat of each kind that is declared and allowed, refusals first."""
        return self._few(("not_open_line", "joined", "access_denied", "joinable"), 1)

    @cached_property
    def first_joins(self) -> dict[str, FirstJoins]:
        """Chats that nobody else may ask to join before their first join, by operator."""
        return first_joins(self.declaration)

    def colleagues(self, kind: ChatKind, most: int = 6) -> tuple[Probe, ...]:
        """The colleague's chats of a kind, first those that demand another answer of him."""
        if self.live or self.declaration.side != "portal":
            return ()
        own, free = self.declaration.chats("operator"), self.free_chats(kind, operator="colleague")
        chats = sorted(free, key=lambda chat: own.kind(chat) == kind)
        return plain(chats[:most], "colleague")

    def foreign_chats(self, operator: str) -> list[int]:
        """Chats that are no open line by another's word, of which `operator` declares nothing."""
        people = self.declaration.people
        others = [name for name in people if name != operator] if operator in people else []
        chats = [chat for name in others for chat in self.chats("not_open_line", operator=name)]
        return [chat for chat in chats if not self.declaration.kind(operator, chat)]

    def unlike(self, chat: int) -> int:
        """A declared chat that demands another answer than `chat`; `chat` if there is none."""
        kind = self.declaration.kind("operator", chat)
        others = (c for c in self.targets if self.declaration.kind("operator", c) != kind)
        return next(others, chat)

    def _few(self, kinds: tuple[ChatKind, ...], count: int) -> tuple[int, ...]:
        # Chat 1 is what PHP makes of true and of any list: other ids tell more.
        return tuple(
            chat
            for kind in kinds
            if not (self.live and kind == "joinable")
            for chat in sorted(self.free_chats(kind), key=lambda chat: chat == 1)[:count]
        )

    def has(self, *, place: str = "", identity: str = "", operator: str = "operator") -> bool:
        """Whether credentials of that place or kind are configured."""
        person = self.declaration.people.get(operator)
        if person is None or (place and place not in person.places):
            return False
        if place not in ("", "webhook") and "oauth" in self.declaration.without:
            return False
        return not identity or identity in self.declaration.identities

    def may(self, wanted: Wanted) -> bool:
        """Whether the gate lets every probe of `wanted` out."""
        step = (wanted,) if isinstance(wanted, Probe) else wanted
        return not self.live or self._gate.objection_to(step) is None

    def by(self, asking: Asking, *, thorough: bool = False) -> tuple[Probe, ...]:
        """The telling probes of a way of asking: a chat of each kind; thorough: no chat, too.

        A handler of its own for this way may lose a sign, the absence, or the high bits.
        """
        chats = self._turned(asking)
        literals: list[str | None] = [str(chat) for chat in chats]
        if thorough:
            wide = [2**32 + chat for chat in chats[1:2]]
            literals += ["0", None, *(f"-{chat}" for chat in chats[1:2]), *map(str, wide)]
        probes = (self._of_another(Probe(literal, asking=asking)) for literal in literals)
        return tuple(probe for probe in probes if self.may(probe))

    def _of_another(self, probe: Probe) -> Probe:
        """In place of what the operator may not join: what only the colleague may not."""
        if self.live or probe.chat_id not in [str(c) for c in self.chats("access_denied")]:
            return probe
        own = self.chats("joined", "joinable")
        theirs = [c for c in self.chats("access_denied", operator="colleague") if c in own]
        if not theirs or not self.has(place=probe.asking.place, operator="colleague"):
            return probe
        chat = theirs[self._turn(probe.asking) % len(theirs)]
        return msgspec.structs.replace(probe, chat_id=str(chat), operator="colleague")

    @staticmethod
    def _turn(asking: Asking) -> int:
        return ALL.index(asking) if asking in ALL else 0

    def _turned(self, asking: Asking) -> tuple[int, ...]:
        """Chats with different answers; each way begins with another, so that early ones tell more.

        A second refused chat of a kind is for every other way; a first join for some.
        """
        turn = self._turn(asking)
        other = {
            kinds[0]: kinds[turn // 4 % 2]
            for kind in ("not_open_line", "access_denied")
            if len(kinds := self._few((kind,), 2)) > 1
        }
        first = [c for c, way in self.first_joins.get("operator", {}).items() if way == asking]
        other |= dict(zip(self._few(("joinable",), 1), first, strict=False))
        chats = [other.get(chat, chat) for chat in self.telling_chats]
        start = turn % len(chats) if chats else 0
        return (*chats[start:], *chats[:start])

    def drawn_by(self, asking: Asking) -> Maker[Probe] | None:
        """Any declared chat, asked for in one way."""
        chats = self.chats("not_open_line", "access_denied", "joined", "joinable", "absent")
        if not chats:
            return None
        return lambda dice: Probe(str(dice.choice(chats)), asking=asking)


WantsOf = Callable[[World], Wants]
_WANTS: dict[str, WantsOf] = {}


def clause(clause_id: str) -> Callable[[WantsOf], WantsOf]:
    """Says which clause a function of a suite asks for."""

    def register(function: WantsOf) -> WantsOf:
        if clause_id in _WANTS:
            raise ContractError(f"two tests for the clause {clause_id}")
        _WANTS[clause_id] = function
        return function

    return register


def plain(literals: Iterable[str | int], operator: str = "operator") -> tuple[Probe, ...]:
    """Plain probes, one for each CHAT_ID literal."""
    return tuple(Probe(str(literal), operator=operator) for literal in literals)


def as_probes(maker: Maker[str], asking: Asking = PLAIN, *, raw: bool = False) -> Maker[Probe]:
    """Probes that ask for the literals of a maker."""
    return lambda dice: Probe(maker(dice), asking=asking, raw=raw)


def load_suites() -> dict[str, WantsOf]:
    """Every clause's wants, from the suites as shipped."""
    for path in sorted(suites_folder().rglob("test_*.py")):
        load_suite(path)
    return dict(_WANTS)


def load_suite(path: Path) -> tuple[str, ...]:
    """Loads one suite file; the ids of its clauses, in the order of the file."""
    path = path.resolve()
    relative = path.relative_to(suites_folder().resolve()).with_suffix("")
    name = "_b24_conformance_suites_" + "_".join(relative.parts)
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise ContractError(f"the suite {path.name} cannot be loaded")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return tuple(
        clause_id
        for clause_id, function in _WANTS.items()
        if getattr(function, "__module__", "") == name
    )


def agree(contract: Contract, tested: Sequence[str] | None = None) -> None:
    """Raises ContractError where a clause has no test or no rule, or the other way round."""
    clauses = {one.id for one in contract.clauses}
    tests = set(load_suites() if tested is None else tested)
    for missing, what in (
        (clauses - tests, "clauses without a test"),
        (tests - clauses, "tests without a clause"),
        (clauses - set(rules()), "clauses without a rule"),
        (set(rules()) - clauses, "rules without a clause"),
    ):
        if missing:
            raise ContractError(f"{what}: {', '.join(sorted(missing))}")
