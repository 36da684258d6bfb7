"""Gathering: what is sent, in which order, and when it ends early."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable

import msgspec
import pytest

from b24_conformance.contract import Clause, load_contract
from b24_conformance.declaration import CHAT_KINDS, ChatKind, Chats, Declaration, Person
from b24_conformance.exchange import Exchange, Request, Response
from b24_conformance.gather import FIRST, Gathered, gather, plan
from b24_conformance.histories import members
from b24_conformance.implementations.base import Implementation
from b24_conformance.outcome import JOINED, Outcome, broken, refused
from b24_conformance.probe import MEMBERS, Asking, Probe, Step
from b24_conformance.suite import Wants, World, load_suites
from b24_conformance.transcript import Observation
from b24_conformance.ways import BATCH, FORM

CHATS = Chats(joinable=(2043,), joined=(2045,), access_denied=(2050,), not_open_line=(12,))
STAND_IN = Declaration("portal", stand_in=True, rung="new", people={"operator": Person(1, CHATS)})
LIVE = msgspec.structs.replace(STAND_IN, stand_in=False)
Answer = Callable[[Probe], Outcome | tuple[Outcome, Response]]
CHAT_ID = refused("CHAT_ID", 400)


class Canned(Implementation):
    """An implementation that answers by a function."""

    def __init__(self, answer: Answer, declaration: Declaration = STAND_IN) -> None:
        super().__init__(declaration)
        self._answer = answer
        self.asked: list[Probe] = []

    def ask(self, probe: Probe) -> Observation:
        self.asked.append(probe)
        came = self._answer(probe)
        outcome, response = came if isinstance(came, tuple) else (came, None)
        exchange = Exchange(len(self.asked), Request("POST", "/"), response)
        return self._observe(probe, outcome, (exchange,))


def steps(count: int) -> list[Step]:
    """The first step, and further ones."""
    return [(FIRST,), *((Probe(str(-number)),) for number in range(1, count))]


@functools.cache
def clauses(*ids: str) -> tuple[Clause, ...]:
    """Clauses of portals, all or those named."""
    chosen = (one for one in load_contract().clauses if one.side != "client")
    return tuple(one for one in chosen if not ids or one.id in ids)


def planned(seed: int = 0, declaration: Declaration = STAND_IN, *ids: str) -> list[Probe]:
    """The probes of a plan in their order."""
    found = plan(clauses(*ids), load_suites(), World(declaration), seed=seed, drawn=8)
    return [probe for step in found.steps for probe in step]


def outcomes(*kinds: Outcome) -> Answer:
    """Answers one after another; the last one for ever."""
    left = list(kinds)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


class TestPlan:
    """The plan of a run."""

    def test_first_request(self) -> None:
        """The first request is CHAT_ID 0, asked plainly."""
        assert Probe("0") == planned()[0] == FIRST

    def test_each_once(self) -> None:
        """No step is sent twice, and no probe by itself beside a step that holds it."""
        found = plan(clauses(), load_suites(), World(STAND_IN), seed=0, drawn=8).steps
        assert len(found) == len(set(found))
        longer = {probe for step in found if len(step) > 1 for probe in step}
        assert [] == [step for step in found if len(step) == 1 and step[0] in longer]

    @pytest.mark.parametrize("kind", CHAT_KINDS)
    def test_one_list(self, kind: ChatKind) -> None:
        """Whichever single list is declared, no step is empty."""
        person = Person(1, Chats(**{kind: (2045,)}), ("webhook",))
        one = msgspec.structs.replace(STAND_IN, people={"operator": person})
        assert () not in plan(clauses(), load_suites(), World(one), seed=0).steps

    def test_same_seed(self) -> None:
        """The same seed gives the same plan, in any order of calls."""
        first = planned(7)
        planned(8)
        assert first == planned(7)

    def test_other_seed(self) -> None:
        """Another seed gives another plan, with the same telling probes in front."""
        one, other = planned(1), planned(2)
        assert one != other
        assert one[:20] == other[:20]

    def test_telling_before_drawn(self) -> None:
        """Every clause's telling probes come before any drawn one."""
        wants = load_suites()["refusal.negative"](World(STAND_IN))
        probes = planned(0, STAND_IN, "refusal.negative")
        assert {FIRST, *wants.telling} == set(probes[: 1 + len(wants.telling)])
        assert len(probes) > 1 + len(wants.telling)

    def test_draws_of_a_clause_are_its_own(self) -> None:
        """What is drawn for a clause does not depend on which other clauses are selected."""
        alone = planned(3, STAND_IN, "refusal.negative")
        assert set(alone) <= set(planned(3))

    def test_probe_within_a_longer_step(self) -> None:
        """A probe that a longer step holds is not asked by itself as well."""
        lone = Probe("-1")
        wants = {
            "refusal.zero": lambda _: Wants((lone,)),
            "refusal.empty": lambda _: Wants(((Probe("-2"), lone),)),
        }
        found = plan(clauses("refusal.zero", "refusal.empty"), wants, World(STAND_IN), seed=0)
        assert 1 == sum(step.count(lone) for step in found.steps)

    def test_live_portal(self) -> None:
        """On a live portal every planned probe passes the gate, on the lowest rung as well."""
        lowest = msgspec.structs.replace(LIVE, rung="none")
        assert planned(0, lowest)
        assert all(World(lowest).may(probe) for probe in planned(0, lowest))

    def test_threads(self) -> None:
        """A plan made in another thread is the same plan."""
        found: list[list[Probe]] = []
        thread = threading.Thread(target=lambda: found.append(planned(5)))
        thread.start()
        thread.join(30)
        assert [planned(5)] == found


class TestGather:
    """Sending the steps."""

    def test_all(self) -> None:
        """Every probe is asked once, in order, and handed on as soon as it is answered."""
        seen: list[Observation] = []
        implementation = Canned(lambda _: CHAT_ID)
        gathered = gather(steps(10), implementation, seen.append)
        assert [probe for (probe,) in steps(10)] == implementation.asked
        assert tuple(seen) == gathered.transcript.observations
        assert gathered.note is None

    def test_handed_on_at_once(self) -> None:
        """What was answered before a crash has been handed on."""
        seen: list[Observation] = []

        def answer(probe: Probe) -> Outcome:
            if probe.chat_id == "-3":
                raise RuntimeError("crash")
            return CHAT_ID

        with pytest.raises(RuntimeError):
            gather(steps(10), Canned(answer), seen.append)
        assert 3 == len(seen)

    @pytest.mark.parametrize("limit", [1, 2, 5])
    def test_max_requests(self, limit: int) -> None:
        """The limit of requests is kept, and said."""
        implementation = Canned(lambda _: CHAT_ID)
        gathered = gather(steps(10), implementation, print, max_requests=limit)
        assert limit == len(implementation.asked)
        assert f"--max-requests {limit} is spent" == gathered.note

    def test_max_requests_and_longer_steps(self) -> None:
        """A step that does not fit is not begun."""
        implementation = Canned(lambda _: CHAT_ID)
        longer = tuple(Probe(str(-n)) for n in range(1, 5))
        gathered = gather([(FIRST,), longer], implementation, print, max_requests=3)
        assert [FIRST] == implementation.asked
        assert gathered.note

    def test_enough_requests(self) -> None:
        """A limit that is not reached is not mentioned."""
        gathered = gather(steps(3), Canned(lambda _: CHAT_ID), print, max_requests=3)
        assert gathered.note is None


class TestHopeless:
    """When it makes no sense to go on."""

    def test_unreachable_at_first(self) -> None:
        """Who cannot be reached at all is asked once."""
        implementation = Canned(lambda _: Outcome("unreachable", detail="refused"))
        assert "refused" in str(gather(steps(20), implementation, print).note)
        assert 1 == len(implementation.asked)

    def test_unreachable_later(self) -> None:
        """Who goes away is given up after a few attempts; one lost connection is none."""
        gone = Outcome("unreachable", detail="refused")
        answer = outcomes(*[CHAT_ID] * 15, gone, CHAT_ID, CHAT_ID, gone)
        implementation = Canned(answer)
        gathered = gather(steps(60), implementation, print)
        assert "refused" in str(gathered.note)
        assert 18 < len(implementation.asked) < 30

    def test_what_was_asked_before(self) -> None:
        """Where the portal is gone, the note names the last question that it looked at."""
        gone = Outcome("unreachable", detail="no connection")
        ended = gather(steps(9), Canned(outcomes(CHAT_ID, CHAT_ID, gone)), lambda _: None)
        said = "no connection; before, the portal was asked for CHAT_ID -1"
        assert ("cut_off", said) == (ended.ending, ended.note)

    @pytest.mark.parametrize(
        ("code", "status"), [("INVALID_CREDENTIALS", 401), ("insufficient_scope", 403)]
    )
    def test_own_credentials_refused(self, code: str, status: int) -> None:
        """Who refuses the operator's own credentials from the first is not asked on."""
        implementation = Canned(lambda _: refused(code, status))
        note = str(gather(steps(60), implementation, print).note)
        assert "refuses the operator's own credentials" in note
        assert code in note
        assert 12 >= len(implementation.asked)

    def test_wrong_credentials_refused(self) -> None:
        """Whoever refuses wrong credentials only does what he should."""
        wrong = [(Probe(str(-n), asking=Asking(identity="random")),) for n in range(1, 9)]

        def answer(probe: Probe) -> Outcome:
            own = probe.asking.identity == "own"
            return CHAT_ID if own else refused("INVALID_CREDENTIALS", 401)

        assert gather([(FIRST,), *wrong], Canned(answer), print).note is None

    @pytest.mark.parametrize(
        "response",
        [
            Response(200, (("Content-Type", "text/html"),), "<html>"),
            Response(200, (), ""),
            Response(302, (("Location", "https://elsewhere.example/"),), ""),
            Response(302, (("Location", "https://elsewhere.example/"),), "{}"),
            Response(500, (), "Internal Server Error"),
        ],
        ids=["html", "empty", "redirect", "json-redirect", "500"],
    )
    def test_silent(self, response: Response) -> None:
        """Who never speaks JSON is no portal."""
        came = (Outcome("broken", detail="odd", status=response.status), response)
        implementation = Canned(lambda _: came)
        note = str(gather(steps(60), implementation, print).note)
        assert "does not answer like a portal" in note
        assert 12 >= len(implementation.asked)

    def test_broken_json_is_spoken(self) -> None:
        """Who speaks JSON, however wrong, is judged."""
        came = (Outcome("broken", detail="odd", status=200), Response(200, (), "[]"))
        assert gather(steps(30), Canned(lambda _: came), print).note is None

    @pytest.mark.parametrize("body", ['\ufeff{"error":"CHAT_ID"}', "{'error': 'CHAT_ID'}"])
    def test_nearly_json_is_spoken(self, body: str) -> None:
        """Whoever writes an envelope that is nearly JSON is a portal, and is judged."""
        answer = (broken("no JSON", 400), Response(400, (), body))
        gathered = gather(steps(9), Canned(lambda _: answer), lambda _: None)
        assert ("complete", 9) == (gathered.ending, gathered.transcript.requests)

    def test_html_later(self) -> None:
        """A page for people later on is for the clauses to judge."""
        page = (Outcome("broken", detail="HTML", status=500), Response(500, (), "<html>"))
        first = [CHAT_ID] * 2

        def answer(_: Probe) -> Outcome | tuple[Outcome, Response]:
            return first.pop() if first else page

        assert gather(steps(30), Canned(answer), print).note is None


class TestAlarm:
    """A live portal that joins what it should have refused."""

    @pytest.mark.parametrize(
        "probe",
        [
            Probe("2050"),
            Probe("12"),
            Probe("0"),
            Probe('"abc"'),
            Probe("2045", asking=Asking(identity="none")),
        ],
        ids=str,
    )
    def test_stops_at_once(self, probe: Probe) -> None:
        """One wrong join ends the run, and the note says it first."""
        answer: Answer = lambda one: JOINED if one == probe else CHAT_ID  # noqa: E731
        implementation = Canned(answer, LIVE)
        gathered = gather([(FIRST,), (probe,), (Probe("-1"),)], implementation, print)
        assert probe == implementation.asked[-1]
        assert str(gathered.note).startswith("A LIVE PORTAL JOINED")
        assert probe.literal in str(gathered.note)

    def test_within_a_step(self) -> None:
        """A right join is no alarm."""
        right = [(FIRST,), (Probe("2045"),), (Probe("2043"),), (Probe("-1"),)]
        answer: Answer = lambda one: JOINED if one.chat_id in ("2045", "2043") else CHAT_ID  # noqa: E731
        assert gather(right, Canned(answer, LIVE), print).note is None

    def test_rest_of_a_step(self) -> None:
        """Nothing more is sent after a wrong join, not even the rest of its step."""
        step = (Probe("2050"), Probe("2050", occasion="again"))
        implementation = Canned(lambda _: JOINED, LIVE)
        gather([step], implementation, print)
        assert 1 == len(implementation.asked)

    def test_stand_in(self) -> None:
        """On a stand-in a wrong join is a finding, and the run goes on."""
        implementation = Canned(lambda _: JOINED)
        assert gather(steps(10), implementation, print).note is None
        assert 10 == len(implementation.asked)


class TestShutOut:
    """A portal that refuses the operator's own credentials after it has let him in."""

    def test_lock(self) -> None:
        """Once CHAT_ID 0 is refused so, too, the run ends, and nothing of it is judged."""
        portal = Canned(outcomes(CHAT_ID, CHAT_ID, refused("INVALID_CREDENTIALS", 401)))
        gathered = gather(steps(9), portal, lambda _: None)
        kinds = [one.outcome.kind for one in gathered.transcript.observations]
        assert ["refused", "refused", "unreachable", "unreachable"] == kinds
        assert ("cut_off", True) == (
            gathered.ending,
            "lets the operator in no more" in _note(gathered),
        )

    def test_method_looked_for_first(self) -> None:
        """That a method is unknown does not show that his credentials were good."""
        unknown = refused("ERROR_METHOD_NOT_FOUND", 404)

        def answer(probe: Probe) -> Outcome:
            return unknown if probe.asking.batch else refused("INVALID_CREDENTIALS", 401)

        asked = [(Probe("7", asking=BATCH),), (FIRST,), *steps(9)]
        gathered = gather(asked, Canned(answer), lambda _: None)
        assert ("not_let_in", True) == (
            gathered.ending,
            "refuses the operator's own credentials" in _note(gathered),
        )

    def test_one_way_only(self) -> None:
        """Where the plain question is answered as ever, the refusal stands, and the run goes on."""

        def answer(probe: Probe) -> Outcome:
            return refused("NO_AUTH_FOUND", 401) if probe.asking == FORM else CHAT_ID

        asked = [(FIRST,), *((Probe(str(chat), asking=FORM),) for chat in (5, 7))]
        gathered = gather(asked, Canned(answer), lambda _: None)
        codes = [one.outcome.code for one in gathered.transcript.observations]
        assert ["CHAT_ID", "NO_AUTH_FOUND", "CHAT_ID", "NO_AUTH_FOUND"] == codes
        assert "complete" == gathered.ending


def _note(gathered: Gathered) -> str:
    return gathered.note or ""


class TestNoBatch:
    """A portal that turns out to have no `batch`."""

    def test_looks_by_themselves(self) -> None:
        """Looks that were to share a batch are asked one by one, those that failed once more."""
        looks = [members(chat) for chat in (5, 7)]
        batched = tuple(msgspec.structs.replace(look, asking=BATCH) for look in looks)

        def answer(probe: Probe) -> Outcome:
            if probe.asking.batch:
                return refused("ERROR_METHOD_NOT_FOUND", 404)
            return Outcome("members", members=(1,)) if probe.method == MEMBERS else JOINED

        portal = Canned(answer)
        join = Probe("5")
        gather([batched, (join, *batched)], portal, lambda _: None)
        assert [*batched, *looks, join, *looks] == portal.asked


PEOPLE = {"operator": Person(1, CHATS), "colleague": Person(2, CHATS)}


class Listing(Canned):
    """A portal that lets everybody in, and shows him from so many looks at a chat on."""

    def __init__(self, late: int, shown: tuple[int, ...] = (100,)) -> None:
        super().__init__(self.answer)
        self.late = late
        self.shown = shown
        self.waits = 0

    def wait(self, seconds: float) -> None:
        """Counts, and passes no time."""
        self.waits += seconds > 0

    def answer(self, probe: Probe) -> Outcome:
        """A join succeeds; a look shows the joiner when it is late enough."""
        if probe.method != MEMBERS:
            return JOINED
        looks = [one for one in self.asked if (one.method, one.literal) == (MEMBERS, probe.literal)]
        return Outcome("members", members=(1, 100) if len(looks) > self.late else self.shown)


class TestLateLists:
    """A list of participants that does not show at once who has joined."""

    JOINS: tuple[Step, ...] = tuple((Probe(chat), members(int(chat))) for chat in ("2043", "2045"))

    @pytest.mark.parametrize("late", [0, 1, 2])
    def test_looked_at_again(self, late: int) -> None:
        """It is looked at again, a moment later, until it shows him: twice at most."""
        portal = Listing(late)
        gathered = gather(self.JOINS, portal, lambda _: None)
        shown = [one.outcome.members for one in gathered.transcript.observations]
        assert [None, *[(100,)] * late, (1, 100)] * 2 == shown
        assert 2 * late == portal.waits

    def test_never(self) -> None:
        """A list that never shows him is waited for no more."""
        portal = Listing(9)
        gather(self.JOINS, portal, lambda _: None)
        assert (4, 2) == (sum(one.method == MEMBERS for one in portal.asked), portal.waits)

    @pytest.mark.parametrize(("looker", "looks"), [("operator", 3), ("colleague", 1)])
    def test_empty(self, looker: str, looks: int) -> None:
        """An empty list, shown to whoever may not look, is waited for where he himself looks."""
        portal = Listing(9, shown=())
        portal.declaration = msgspec.structs.replace(STAND_IN, people=PEOPLE)
        gather([(Probe("2043"), members(2043, looker))], portal, lambda _: None)
        assert looks == len(portal.asked) - 1

    @pytest.mark.parametrize("most", [2, 3])
    def test_max_requests(self, most: int) -> None:
        """Where no request is left to look again, the last list has shown nothing."""
        gathered = gather(self.JOINS, Listing(2), lambda _: None, max_requests=most)
        assert ("spent", most) == (gathered.ending, gathered.transcript.requests)
        assert "unreachable" == gathered.transcript.observations[-1].outcome.kind
