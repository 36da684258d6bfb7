"""The gate, proved by whole runs: where every undeclared id is a customer's dialogue, none is met.

`GATE_PROOF_RUNS` says how many runs (`make gate-proof`: 200), `GATE_PROOF_PROBES` how many
generated requests.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice, product
from pathlib import Path

import pytest
from generated_probes import foreign, of_schemathesis, step
from greedy_portal import READINGS, USERS, Greedy, Omnivore, Reading
from live_runs import FAST, config_text, live_run

from b24_conformance.config import load_config
from b24_conformance.declaration import CHAT_KINDS, RUNGS, ChatKind, Chats, Rung
from b24_conformance.events import Left
from b24_conformance.gate import GateClosedError
from b24_conformance.implementations.building import Asked
from b24_conformance.implementations.configured import configured_portal
from b24_conformance.implementations.portal import PortalImplementation
from b24_conformance.options import Options
from b24_conformance.probe import Step
from b24_conformance.reference import Server

RUNS = int(os.environ.get("GATE_PROOF_RUNS", "16"))
PROBES = int(os.environ.get("GATE_PROOF_PROBES", "10000"))
IDS = (2043, 2050, 12, 7, 1, 5, 10, 20, 42, 100, 1000, 2000, 2045, 20430, 10**6, 70007)
LARGE = (10**9 - 1, 2**31, 2**31 + 5, 2**32 + 5, 2**32 + 2043, 2**31 - 1, 10**10, 2**40, 2**53 + 1)


def drawn_chats(dice: random.Random) -> dict[str, Chats]:
    """Lists of chats such as people have: mostly small numbers, now and then a large one."""
    pool = dice.sample([*IDS, *LARGE, *(dice.randint(2, 3000) for _ in range(8))], 16)
    pool = list(dict.fromkeys(pool))
    lists = {kind: [pool.pop() for _ in range(dice.choice((0, 1, 1, 2)))] for kind in CHAT_KINDS}
    people = {"operator": Chats(**{kind: tuple(ids) for kind, ids in lists.items()})}
    if dice.random() < 0.4:
        theirs = {kind: [pool.pop()] for kind in dice.sample(CHAT_KINDS, 3) if pool}
        theirs.setdefault("access_denied", []).extend(lists["joinable"])
        theirs.setdefault("absent", []).extend(lists["absent"])
        people["colleague"] = Chats(**{kind: tuple(ids) for kind, ids in theirs.items()})
        own = people["operator"]
        absent = (*own.absent, *theirs["absent"])
        people["operator"] = Chats(
            *(own.of(k) for k in CHAT_KINDS[:4]), tuple(dict.fromkeys(absent))
        )
    return people


def drawn_options(dice: random.Random, seed: int) -> Options:
    """Now and then a small budget, or an operator who stays."""
    budget = dice.choice((None, None, None, dice.randint(1, 40)))
    return Options(
        seed=seed,
        max_requests=budget,
        stay=dice.random() < 0.1,
        despite_warnings=dice.random() < 0.3,
    )


def allowed_places(people: dict[str, Chats], rung: Rung) -> set[tuple[int, int]]:
    """Who may be let in where, by user and chat."""
    kinds: list[ChatKind] = ["joined"] * (rung in ("repeat", "new")) + ["joinable"] * (
        rung == "new"
    )
    return {(USERS[name], chat) for name, chats in people.items() for chat in chats.of(*kinds)}


@contextmanager
def asked_freely(
    portal: Greedy, folder: Path, people: dict[str, Chats], rung: Rung
) -> Iterator[PortalImplementation]:
    """A live portal that can be asked anything, as far as the gate goes."""
    with Server(portal) as server:
        text = config_text(
            server.address, people["operator"], token=True, colleague=people["colleague"]
        )
        (folder / "live.toml").write_text(text, encoding="utf-8")
        config = load_config(folder / "live.toml")
        with configured_portal(config, Asked(rung, FAST)) as implementation:
            yield implementation


def steps_for(dice: random.Random, people: dict[str, Chats], count: int) -> Iterator[Step]:
    """Generated questions, and those of a run over another portal."""
    chats = [chat for own in people.values() for _, chat in own] + list(IDS[:6])
    seed = dice.randint(0, 9999)
    yield from islice(foreign(drawn_chats(dice), seed), count // 5)
    yield from of_schemathesis(chats, count // 15, seed)
    yield from (one for _ in range(count) if (one := step(dice, chats)))


def cases() -> list[tuple[int, Rung, Reading]]:
    """So many runs, the readings and the rungs in turn."""
    # Fewer runs than readings times rungs: each further seed begins where the last one ended.
    every = list(product(READINGS, RUNGS))
    random.Random("gate proof").shuffle(every)
    return [
        (seed, every[seed % len(every)][1], every[seed % len(every)][0]) for seed in range(RUNS)
    ]


class TestRuns:
    """Whole runs over every rung."""

    @pytest.mark.parametrize(
        ("seed", "rung", "reading"), cases(), ids=lambda v: getattr(v, "name", str(v))
    )
    def test_no_undeclared_chat_is_touched(
        self, tmp_path: Path, seed: int, rung: Rung, reading: Reading
    ) -> None:
        """Nobody is ever let into a chat that was not declared and allowed."""
        dice = random.Random(f"gate proof {seed}")
        people = drawn_chats(dice)
        portal = Greedy(people, reading)
        options = drawn_options(dice, seed)
        done = live_run(
            portal,
            tmp_path,
            joins=rung,
            options=options,
            chats=people["operator"],
            colleague=people.get("colleague"),
            token=dice.random() < 0.5,
            without=("batch",) if dice.random() < 0.2 else (),
        )
        assert set() == set(portal.touched) - allowed_places(people, rung)
        assert len(set(portal.joined)) == len(portal.joined)
        assert done.exit_code in (0, 1, 3, 4)
        if not options.stay:
            assert sorted(portal.joined) == sorted(portal.left), done.finished
            assert len(done.of(Left)) == len(portal.left)


class TestRequests:
    """Single requests and batches, straight at the gate."""

    @pytest.mark.parametrize("rung", RUNGS)
    def test_no_undeclared_chat_is_touched(self, tmp_path: Path, rung: Rung) -> None:
        """Whatever is asked: what the gate lets out is, by every reading, an allowed chat."""
        dice = random.Random(f"gate proof {rung}")
        met: list[tuple[int, int]] = []
        let_out, refused = 0, 0
        while let_out + refused < PROBES // len(RUNGS):
            people = drawn_chats(dice)
            people.setdefault("colleague", Chats())
            portal = Omnivore(people)
            with asked_freely(portal, tmp_path, people, rung) as implementation:
                for step in steps_for(dice, people, PROBES // 20):
                    try:
                        list(implementation.ask_step(step))
                        let_out += 1
                    except (GateClosedError, ValueError):
                        # ValueError: a space in a target would make two requests of one.
                        refused += 1
            met += set(portal.touched) - allowed_places(people, rung)
            assert [] == portal.left
        assert [] == met
        assert 100 < let_out
        assert 100 < refused
