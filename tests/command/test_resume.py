"""`run --resume`: a run that was ended at any moment goes on, and ends as if it never had been."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from copy import copy
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from conftest import COMMAND, Command, environment

from b24_conformance.reference import Portal, Request, Response, Server, default_state, webhooks
from b24_conformance.reference.dialogue import Decision
from b24_conformance.reference.refusals import RefusedError

JOIN = "imopenlines.session.join"
HELLO = ("POST", f"{JOIN}.json", '{"CHAT_ID":0}')
REAL_JOIN = ("POST", f"{JOIN}.json", '{"CHAT_ID":2044}')
# The longest step that may have been cut: its requests are asked again.
LONGEST = 8
Line = tuple[str, str, str]


class Watched(Portal):
    """A portal that notes what it is asked, and strikes the one who asks at the Nth request.

    `came` are the chats which somebody has come into.
    """

    def __init__(self) -> None:
        self.log: list[Line] = []
        self.came: list[int] = []
        self.strike: Callable[[], None] = lambda: None
        self.at = 0
        self.locked_out = False
        super().__init__()

    def answer(self, request: Request) -> Response:
        body = request.body.decode("utf-8", "replace")
        self.log.append((request.verb, request.target.rpartition("/")[2], body))
        if len(self.log) == self.at:
            self.strike()
        if self.locked_out:
            error = b'{"error":"INVALID_CREDENTIALS","error_description":"No."}'
            return Response(401, (("Content-Type", "application/json"),), error)
        return super().answer(request)

    def apply_join(self, user_id: int, chat_id: int) -> None:
        if not self.is_member(user_id, chat_id):
            self.came.append(chat_id)
        super().apply_join(user_id, chat_id)


class Joins2050(Watched):
    """It joins a chat that it should refuse."""

    def decide(self, user_id: int, chat_id: int) -> Decision:
        return Decision.ALLOWED if chat_id == 2050 else super().decide(user_id, chat_id)


class WrongCode(Watched):
    """It calls every wrong type an access denied."""

    def join_refusal(self, code: str) -> RefusedError:
        return super().join_refusal("ACCESS_DENIED" if code == "CHAT_TYPE" else code)


class Ended(NamedTuple):
    """How a run ended: its exit code, what it said, and the joins that it asked for."""

    code: int
    said: str
    joins: list[Line]


class Place:
    """A folder with a config, and the portal that it names."""

    def __init__(self, folder: Path, portal: Watched, server: Server, *config: str) -> None:
        folder.mkdir()
        self.folder = folder
        self.sent = 0
        self.portal = portal
        first, second = (webhooks(server.address, default_state())[user] for user in (1, 2))
        text = "\n".join(config).format(operator=first, colleague=second)
        (folder / "b24-conformance.toml").write_text(text, encoding="utf-8")

    @property
    def events(self) -> Path:
        """The file of events."""
        return self.folder / "reports" / "events.jsonl"

    def run(self, *words: object, at: int = 0, by: int = signal.SIGKILL) -> Ended:
        """A run, which gets the signal `by` at the request `at`, before that is answered."""
        there = threading.Event()
        process: list[subprocess.Popen[str]] = []

        def strike() -> None:
            there.wait()
            os.kill(process[0].pid, by)

        portal = self.portal
        portal.log, portal.at, portal.strike = [], at, strike
        process.append(
            subprocess.Popen(
                [str(COMMAND), *map(str, words)],
                cwd=self.folder,
                env=environment(self.folder),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )
        there.set()
        said, _ = process[0].communicate(timeout=60)
        self.sent += len(portal.log)
        joins = [line for line in portal.log if JOIN in f"{line[1]}{line[2]}".lower()]
        return Ended(process[0].returncode, said, joins)

    @property
    def results(self) -> dict[str, Any]:
        """What stands in results.json."""
        path = self.folder / "reports" / "results.json"
        loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return loaded

    @property
    def requests(self) -> int:
        """How many requests the only implementation got, as the results say."""
        (one,) = self.results["implementations"]
        return int(one["requests"])

    @property
    def statuses(self) -> dict[str, str]:
        """The status of each clause of the only implementation."""
        return {row["id"]: row["status"] for row in self.clauses}

    @property
    def clauses(self) -> list[dict[str, Any]]:
        """The clauses of the only implementation."""
        (one,) = self.results["implementations"]
        return list(one["clauses"])

    def observed(self) -> list[dict[str, Any]]:
        """The observations in the events, which are one readable run."""
        lines = self.events.read_text(encoding="utf-8").splitlines()
        return [e["observation"] for e in map(json.loads, lines) if e["type"] == "observed"]


STAND_IN = (
    "[portal]",
    "stand_in = true",
    "[operator]",
    'webhook = "{operator}"',
    "[operator.chats]",
    "joinable = [2043, 2044]",
    "joined = [2045]",
    "access_denied = [2050]",
    "not_open_line = [12]",
    "absent = [999999999]",
)
LIVE = (
    *STAND_IN[2:5],
    "joinable = [2044]",
    *STAND_IN[6:],
    "[colleague]",
    'webhook = "{colleague}"',
    "[colleague.chats]",
    "access_denied = [2044, 2050]",
    "not_open_line = [15]",
    "[run]",
    'joins = "new"',
    "rate = 1000",
)
MakePlace = Callable[..., Place]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[MakePlace]:
    """Makes folders, each with a portal of its own."""
    with ExitStack() as stack:

        def make(*config: str, portal: Watched | None = None) -> Place:
            watched = portal or Watched()
            server = stack.enter_context(Server(watched))
            return Place(
                tmp_path / f"place{len(list(tmp_path.iterdir()))}", watched, server, *config
            )

        yield make


class Whole(NamedTuple):
    """A run that nobody interrupted."""

    statuses: dict[str, str]
    ended: Ended
    log: list[Line]

    @property
    def requests(self) -> int:
        """How many requests it sent."""
        return len(self.log)


WholeOf = Callable[..., Whole]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> WholeOf:
    """What a run comes to that nobody interrupts, for a config and options."""

    @cache
    def of(config: tuple[str, ...], *words: str) -> Whole:
        portal = Watched()
        with Server(portal) as server:
            there = Place(tmp_path_factory.mktemp("whole") / "w", portal, server, *config)
            ended = there.run("run", *words)
        assert 0 == ended.code, ended.said
        return Whole(there.statuses, ended, portal.log)

    return of


def asked_again(whole: Whole, *legs: Ended) -> Counter[Line]:
    """What was asked for more often than a whole run does; nothing was left out."""
    asked = Counter(line for leg in legs for line in leg.joins)
    assert Counter() == Counter(whole.ended.joins) - asked
    return asked - Counter(whole.ended.joins)


def cut_step(again: Counter[Line], leg: Ended) -> bool:
    """Whether only a leg's last few requests were asked again, which were one step."""
    return any(again == Counter(leg.joins[len(leg.joins) - n :]) for n in range(LONGEST))


def cut_behind_join(log: list[Line]) -> bool:
    """Whether the one real join was made, but not looked at afterwards: it tells too little."""
    if REAL_JOIN not in log:
        return False
    answered = log[log.index(REAL_JOIN) + 1 : -1]
    return not any("im.chat.user.list" in body for _, _, body in answered)


class TestKilled:
    """SIGKILL at any moment: the rest is asked, once, and the verdict is the same."""

    @pytest.mark.parametrize("moment", [0.0, 0.02, 0.3, 0.7, 1.0])
    def test_stand_in(self, place: MakePlace, whole: WholeOf, moment: float) -> None:
        """A stand-in over HTTP, which kept its state."""
        expected, there = whole(STAND_IN), place(*STAND_IN)
        first = there.run("run", at=1 + int(moment * (expected.requests - 1)))
        assert -signal.SIGKILL == first.code
        second = there.run("run", "--resume")
        assert (0, expected.statuses) == (second.code, there.statuses), second.said
        assert there.results["complete"] is True
        assert cut_step(asked_again(expected, first, second) - Counter([HELLO]), first)

    @pytest.mark.parametrize("moment", [0.0, 0.1, 0.15, 0.2, 0.6, 0.85, 1.0])
    def test_live(self, place: MakePlace, whole: WholeOf, moment: float) -> None:
        """A live portal: what was joined is undone first, and nobody is in it in the end."""
        expected, there = whole(LIVE), place(*LIVE)
        before = there.portal.members(2044)
        first = there.run("run", at=1 + int(moment * (expected.requests - 1)))
        assert -signal.SIGKILL == first.code
        once_more = cut_behind_join(there.portal.log)
        second = there.run("run", "--resume")
        if there.portal.members(2044) != before or second.code == 2:
            assert "b24-conformance undo" in second.said
            assert [] == second.joins
            assert 0 == there.run("undo", "--rate", 1000).code
            second = there.run("run", "--resume")
        assert (0, expected.statuses) == (second.code, there.statuses), second.said
        assert there.results["complete"] is True
        assert before == there.portal.members(2044)
        assert cut_step(asked_again(expected, first, second) - Counter([HELLO]), first)
        assert [2044] * (1 + once_more) == there.portal.came

    @pytest.mark.parametrize("lines", [1, 3, 60, 300])
    def test_reference(self, tmp_path: Path, command: Command, lines: int) -> None:
        """The reference portal, which starts afresh in each leg."""
        path = tmp_path / "reports" / "events.jsonl"
        process = subprocess.Popen(
            [str(COMMAND), "run", "--quiet"], cwd=tmp_path, env=environment(tmp_path)
        )
        while not path.is_file() or path.read_bytes().count(b"\n") < lines:
            assert process.poll() is None
            time.sleep(0.001)
        process.kill()
        process.wait(timeout=20)
        done = command("run", "--resume")
        assert 0 == done.returncode, done.stdout + done.stderr
        assert "CONFORMANT: 52 of 52 MUST" in done.stdout
        loaded = json.loads((tmp_path / "reports" / "results.json").read_text(encoding="utf-8"))
        assert loaded["complete"] is True

    def test_again_and_again(self, place: MakePlace, whole: WholeOf) -> None:
        """A resumed run that is killed can be resumed; its numbers go on."""
        expected, there = whole(STAND_IN), place(*STAND_IN)
        legs = [there.run("run", at=70), *(there.run("run", "--resume", at=50) for _ in range(3))]
        assert [-signal.SIGKILL] * 4 == [leg.code for leg in legs]
        assert 2 == there.run("run", "--resume", "--seed", 7).code
        last = there.run("run", "--resume")
        assert (0, expected.statuses) == (last.code, there.statuses)
        again = asked_again(expected, *legs, last) - Counter([HELLO] * 4)
        assert 4 * LONGEST > again.total()
        seen = there.observed()
        assert list(range(len(seen))) == [one["index"] for one in seen]
        numbers = [each["number"] for one in seen for each in one["exchanges"]]
        assert sorted(numbers) == numbers
        assert {0, 1, 2, 3, 4} == {one.get("leg", 0) for one in seen}
        assert 0 == there.run("judge", "reports/events.jsonl").code

    def test_faulty(self, place: MakePlace) -> None:
        """A failure is found in whichever leg it was seen, and its evidence as well."""
        straight, there = place(*STAND_IN, portal=WrongCode()), place(*STAND_IN, portal=WrongCode())
        assert 1 == straight.run("run").code
        assert -signal.SIGKILL == there.run("run", at=200).code
        assert 1 == there.run("run", "--resume").code
        assert straight.statuses == there.statuses
        rows = there.results["implementations"][0]["clauses"]
        (proof,) = (row["evidence"] for row in rows if row["id"] == "refusal.chat-type")
        assert "12" == proof["chat_id"]

    def test_cut_line(self, place: MakePlace, whole: WholeOf) -> None:
        """Half a line at the end is forgotten."""
        there = place(*STAND_IN)
        there.run("run", at=100)
        with there.events.open("ab") as file:
            file.write(b'{"type":"observed","impl')
        assert 0 == there.run("run", "--resume").code
        assert whole(STAND_IN).statuses == there.statuses


class TestWronglyJoined:
    """A live portal joins what it should refuse, and the run is killed over it."""

    @pytest.fixture
    def alarmed(self, place: MakePlace) -> int:
        """At which request the portal joins."""
        there = place(*LIVE, portal=Joins2050())
        done = there.run("run")
        assert 4 == done.code, done.said
        log = there.portal.log
        return next(n for n, line in enumerate(log, 1) if f"{JOIN}?CHAT_ID=2050" in line[2])

    def test_seen(self, place: MakePlace, alarmed: int) -> None:
        """A wrong join that was seen is never asked for again; the operator gets out of it."""
        there = place(*LIVE, portal=Joins2050())
        assert -signal.SIGKILL == there.run("run", at=alarmed + 1).code
        second = there.run("run", "--resume")
        if second.code == 2:
            assert 0 == there.run("undo", "--rate", 1000).code
            second = there.run("run", "--resume")
        assert (4, []) == (second.code, second.joins)
        assert "A LIVE PORTAL JOINED A CHAT" in second.said
        assert 1 not in there.portal.members(2050)
        assert (4, []) == there.run("run", "--resume")[::2]

    def test_not_seen(self, place: MakePlace, alarmed: int) -> None:
        """Killed before the answer: the run notices who has come in, and goes no further."""
        there = place(*LIVE, portal=Joins2050())
        assert -signal.SIGKILL == there.run("run", at=alarmed).code
        for _ in range(2):
            done = there.run("run", "--resume")
            assert (3, [HELLO]) == (done.code, done.joins), done.said
            assert "2050 (the operator)" in done.said
        there.portal.reset()
        assert 4 == there.run("run", "--resume").code


class TestStay:
    """A run that stays where it has joined."""

    @pytest.mark.parametrize(
        ("moment", "words"),
        [(0.1, ("--stay",)), (0.2, ("--stay",)), (0.6, ("--stay",)), (0.6, ())],
        ids=["before", "just-joined", "after", "leave"],
    )
    def test_goes_on(
        self, place: MakePlace, whole: WholeOf, moment: float, words: tuple[str, ...]
    ) -> None:
        """What it has joined is no chat to join any more: nobody sees a second join."""
        expected, there = whole(LIVE, "--stay"), place(*LIVE)
        at = 1 + int(moment * expected.requests)
        assert 3 == there.run("run", "--stay", at=at, by=signal.SIGINT).code
        assert (moment > 0.1) == (1 in there.portal.members(2044))
        done = there.run("run", "--resume", *words)
        assert (0, expected.statuses) == (done.code, there.statuses), done.said
        assert [2044] == there.portal.came
        assert 1 in there.portal.members(2044)

    def test_other_chats_are_left_alone(self, place: MakePlace) -> None:
        """Another chat to join is not joined instead."""
        two = (line.replace("joinable = [2044]", "joinable = [2044, 2043]") for line in LIVE)
        there = place(*two)
        assert 3 == there.run("run", "--stay", at=25, by=signal.SIGINT).code
        assert 0 == there.run("run", "--stay", "--resume").code
        assert [2044] == there.portal.came

    def test_unanswered(self, place: MakePlace, whole: WholeOf) -> None:
        """A join whose answer nobody saw proves nothing: the chat is not used, and it says why."""
        there = place(*LIVE)
        at = 1 + whole(LIVE, "--stay").log.index(REAL_JOIN)
        assert -signal.SIGKILL == there.run("run", "--stay", at=at).code
        done = there.run("run", "--stay", "--resume")
        assert (3, [2044]) == (done.code, there.portal.came), done.said
        (row,) = (one for one in there.clauses if one["id"] == "success.joinable")
        assert "not_checked" == row["status"]
        assert "the operator takes part in it already" in row["reason"]


class TestEndedEarly:
    """Runs that ended in order, but too early."""

    @pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
    @pytest.mark.parametrize("config", [STAND_IN, LIVE], ids=["stand-in", "live"])
    def test_signal(
        self, place: MakePlace, whole: WholeOf, by: int, config: tuple[str, ...]
    ) -> None:
        """An interrupted run goes on; where it was live, it had undone its join itself."""
        expected, there = whole(config), place(*config)
        first = there.run("run", at=expected.requests // 2, by=by)
        assert 3 == first.code, first.said
        assert "interrupted" in first.said
        assert there.results["complete"] is False
        second = there.run("run", "--resume")
        assert (0, expected.statuses) == (second.code, there.statuses), second.said
        assert there.results["complete"] is True

    def test_spent(self, place: MakePlace, whole: WholeOf) -> None:
        """--max-requests counts what is sent anew; with enough legs everything is checked."""
        expected, there = whole(STAND_IN), place(*STAND_IN)
        legs = [there.run("run", "--max-requests", 120)]
        while "--max-requests 120 is spent" in legs[-1].said and len(legs) < 9:
            legs.append(there.run("run", "--resume", "--max-requests", 120))
        assert 0 == legs[-1].code
        assert expected.statuses == there.statuses
        assert 120 >= max(len(leg.joins) for leg in legs)
        assert expected.requests // 120 + 1 >= len(legs) - 1
        assert Counter([HELLO] * (len(legs) - 1)) == asked_again(expected, *legs)

    @pytest.mark.parametrize("most", [16, 20])
    def test_spent_live(self, place: MakePlace, whole: WholeOf, most: int) -> None:
        """However many legs it takes, people see one join."""
        expected, there = whole(LIVE), place(*LIVE)
        legs = [there.run("run", "--max-requests", most)]
        while f"--max-requests {most} is spent" in legs[-1].said and len(legs) < 6:
            legs.append(there.run("run", "--resume", "--max-requests", most))
        assert (0, expected.statuses) == (legs[-1].code, there.statuses), legs[-1].said
        assert [2044] == there.portal.came
        assert there.sent == there.requests <= most * len(legs)

    def test_too_little_for_a_join(self, place: MakePlace) -> None:
        """Nobody joins where the looks after it are more than may be sent."""
        there = place(*LIVE)
        assert 3 == there.run("run", "--max-requests", 12).code
        assert 3 == there.run("run", "--resume", "--max-requests", 12).code
        assert [] == there.portal.came

    def test_all_requests_count(self, place: MakePlace, whole: WholeOf) -> None:
        """Looks and leaves of each leg are counted."""
        expected, there = whole(LIVE), place(*LIVE)
        half = expected.requests // 2
        assert 3 == there.run("run", at=half, by=signal.SIGINT).code
        assert -signal.SIGKILL == there.run("run", "--resume", at=6).code
        assert 0 == there.run("run", "--resume").code
        # What was under way as the run was killed is known to nobody.
        assert there.sent - 1 == there.requests

    def test_requests_of_undo_count(self, place: MakePlace, whole: WholeOf) -> None:
        """So are those of `undo`."""
        expected, there = whole(LIVE), place(*LIVE)
        there.run("run", at=expected.requests // 2)
        assert 0 == there.run("undo", "--rate", 1000).code
        assert 0 == there.run("run", "--resume").code
        assert there.sent - 1 == there.requests
        numbers = [each["number"] for one in there.observed() for each in one["exchanges"]]
        assert sorted(numbers) == numbers

    def test_locked_out(self, place: MakePlace, whole: WholeOf) -> None:
        """Where the credentials are refused nothing is learned of the portal, and it says so."""
        expected, there = whole(STAND_IN), place(*STAND_IN)
        there.run("run", at=50)
        there.portal.locked_out = True
        second = there.run("run", "--resume")
        assert 3 == second.code
        assert "the portal refuses the operator's own credentials" in second.said
        assert 3 > len(second.joins)
        there.portal.locked_out = False
        third = there.run("run", "--resume")
        assert (0, expected.statuses) == (third.code, there.statuses), third.said

    def test_nobody_there(self, place: MakePlace, whole: WholeOf, tmp_path: Path) -> None:
        """What was not reached is asked when the portal is there again."""
        expected, portal = whole(STAND_IN), Watched()
        with Server(portal) as server:
            there = Place(tmp_path / "there", portal, server, *STAND_IN)
            port = int(server.address.rpartition(":")[2])
            there.run("run", at=50)
        second = there.run("run", "--resume")
        assert 3 == second.code, second.said
        with Server(portal, port=port):
            third = there.run("run", "--resume")
        assert (0, expected.statuses) == (third.code, there.statuses), third.said


class TestSeveral:
    """Several implementations in one run."""

    def test_finished_ones_are_kept(self, place: MakePlace, whole: WholeOf) -> None:
        """Whoever came to an end is not asked again, and keeps judgements and verdict."""
        there = place(*STAND_IN)
        there.run("run", "mock", "portal", at=100)
        before = [line for line in there.events.read_bytes().splitlines() if b'"mock"' in line]
        second = there.run("run", "mock", "portal", "--resume")
        assert 0 == second.code, second.said
        after = [line for line in there.events.read_bytes().splitlines() if b'"mock"' in line]
        assert before == after
        assert "asking mock" not in second.said
        assert "mock: CONFORMANT" in second.said
        names = [one["name"] for one in there.results["implementations"]]
        assert ["mock", names[1]] == names
        assert there.results["complete"] is True

    def test_clients(self, tmp_path: Path, command: Command) -> None:
        """A client goes on as well."""
        words = ("run", "client:curl-webhook", "reference")
        assert 3 == command(*words, "--max-requests", 10).returncode
        done = command(*words, "--resume")
        assert 0 == done.returncode, done.stdout + done.stderr
        assert 2 == done.stdout.count("CONFORMANT")


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A run that was killed."""
    portal = Watched()
    with Server(portal) as server:
        there = Place(tmp_path_factory.mktemp("killed") / "run", portal, server, *STAND_IN)
        there.run("run", "--seed", 5, at=50)
        yield there


class TestRefused:
    """What cannot be resumed: exit 2, the file as it was, and nothing sent."""

    @pytest.fixture
    def cut(self, killed: Place, tmp_path: Path) -> Place:
        """That run in a folder of the test's own."""
        shutil.copytree(killed.folder, tmp_path / "copy")
        there = copy(killed)
        there.folder = tmp_path / "copy"
        return there

    @pytest.mark.parametrize(
        ("words", "what"),
        [
            (("--seed", "6"), "the earlier run has the seed 5"),
            (("--clause", "refusal.*"), "--clause"),
            (("mock",), "targets"),
            (("--joins", "refused"), "rung: new then, refused now"),
            (("--plan",), "--plan shows the requests of a whole run"),
            (("--reports", "elsewhere"), "nothing to resume"),
        ],
        ids=str,
    )
    def test_another_run(self, cut: Place, words: tuple[str, ...], what: str) -> None:
        """Other options are another run; the message names them."""
        before = cut.events.read_bytes()
        done = cut.run("run", *words, "--resume")
        assert (2, []) == (done.code, done.joins)
        assert what in done.said
        assert "leave out --resume" in done.said or "give one of them" in done.said
        assert before == cut.events.read_bytes()

    @pytest.mark.parametrize(
        ("old", "new", "what"),
        [
            ("joined = [2045]", "joined = [2045, 7000]", "chats joined: [2045] then, [2045, 7000]"),
            ("[operator]", 'without = ["xml"]\n[operator]', "without: [] then, ['xml'] now"),
            ("/rest/1/", "/rest/3/", "user_id: 1 then, 3 now"),
            ("stand_in = true", "stand_in = false", "stand_in: True then, False now"),
        ],
        ids=["chats", "without", "user", "live"],
    )
    def test_another_config(self, cut: Place, old: str, new: str, what: str) -> None:
        """A config that declares something else is refused, with what differs."""
        path = cut.folder / "b24-conformance.toml"
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        done = cut.run("run", "--resume")
        assert (2, []) == (done.code, done.joins)
        assert what in done.said

    def test_other_options_may_change(self, cut: Place) -> None:
        """The pace and the look of the output are nobody's business."""
        done = cut.run("run", "--resume", "--quiet", "--rate", 5000, "--seed", 5)
        assert 0 == done.code, done.said

    def test_another_version(self, cut: Place) -> None:
        """Other versions of this suite ask other questions."""
        text = cut.events.read_text(encoding="utf-8")
        cut.events.write_text(text.replace('"version":"', '"version":"0.', 1), encoding="utf-8")
        done = cut.run("run", "--resume")
        assert 2 == done.code
        assert "was made by version" in done.said

    @pytest.mark.parametrize("text", ["", '{"type":"run_st'])
    def test_no_beginning(self, cut: Place, text: str) -> None:
        """A run that was killed before its first line is no run."""
        cut.events.write_text(text, encoding="utf-8")
        done = cut.run("run", "--resume")
        assert 2 == done.code
        assert "nothing to resume" in done.said

    def test_no_run(self, cut: Place) -> None:
        """Another file of that name is no run either, and is left alone."""
        cut.events.write_text("my notes\n", encoding="utf-8")
        assert 2 == cut.run("run", "--resume").code
        assert "my notes\n" == cut.events.read_text(encoding="utf-8")


class TestNothingLeft:
    """A run that came to its end."""

    def test_verdict_again(self, place: MakePlace) -> None:
        """It says so, sends nothing, and ends as the earlier run did."""
        there = place(*STAND_IN, portal=WrongCode())
        assert 1 == there.run("run", "--clause", "refusal.*").code
        before = there.events.read_bytes()
        (there.folder / "reports" / "results.json").unlink()
        done = there.run("run", "--clause", "refusal.*", "--resume")
        assert (1, []) == (done.code, done.joins)
        assert "nothing to resume" in done.said
        assert "NONCONFORMANT" in done.said
        assert "FAILED MUST refusal.chat-type" in done.said
        assert before == there.events.read_bytes()
        assert there.results["complete"] is True

    def test_killed_at_the_very_end(self, place: MakePlace) -> None:
        """Only the end is missing: it is written, and nothing is sent."""
        there = place(*STAND_IN)
        there.run("run", "--clause", "refusal.*")
        whole = there.events.read_bytes().splitlines(keepends=True)
        there.events.write_bytes(b"".join(whole[:-1]))
        done = there.run("run", "--clause", "refusal.*", "--resume")
        assert (0, []) == (done.code, done.joins)
        assert whole[:-1] == there.events.read_bytes().splitlines(keepends=True)[:-1]
        assert there.results["complete"] is True
