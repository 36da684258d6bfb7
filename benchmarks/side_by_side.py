"""Ours and schemathesis on the same portals: kills, false reds, requests, seconds, leaks.

python -m benchmarks.side_by_side [--sample N] [--seed S] [--write FILE]

Every tool is a command in a process and an empty folder of its own and asks a fresh portal, which
is served on loopback from another process. A *kill* is a finding that the tool does not have on
the plain reference portal, which is correct: for ours a failed clause, MUST or SHOULD; for
schemathesis a failed check of an operation. What a CI sees, the exit code, is told beside it.
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import os
import platform
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from b24_conformance import reference
from b24_conformance.mutants.gallery import portal, portals
from b24_conformance.mutants.sound import sound_portals
from b24_conformance.reference.messages import Answer
from b24_conformance.resources import contract_file

FAULTY, SOUND = 40, 8
PLAIN = "reference"
LIMIT, GRACE = 20.0, 5.0
_POLL = 0.05
_OUTPUT = "output.txt"
EXAMPLES = 150


@dataclass(frozen=True)
class Subject:
    """A portal to ask.

    `clause` names the fault, `shoulds` are the SHOULD clauses from which a sound one departs.
    """

    name: str
    sound: bool
    clause: str = ""
    shoulds: frozenset[str] = frozenset()
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What one tool said of one portal, and what that took."""

    exit_code: int
    findings: frozenset[str]
    requests: int
    seconds: float
    cpu: float
    leaked: int
    cut_off: bool

    @property
    def red(self) -> bool:
        """Whether a CI fails for it; a run that was stopped has said nothing."""
        return bool(self.exit_code) and not self.cut_off


@dataclass(frozen=True)
class Tool:
    """A command, the files that a user writes for it, and how its findings are read."""

    name: str
    command: tuple[str, ...]
    files: Callable[[str, Subject], dict[str, str]]
    findings: Callable[[Path, str], frozenset[str]]


# ---- the portals


def _made(name: str) -> reference.Portal | Answer:
    if name == PLAIN:
        return reference.Portal(reference.default_state())
    found = {sound.name: sound for sound in sound_portals()}
    return found[name].make() if name in found else portal(name).make()


def _serve(pipe: Connection) -> None:
    """Serves one portal after another: a name comes, an address goes; then None, and a count."""
    sys.stderr = io.StringIO()  # faulty portals print their tracebacks
    while True:
        name = pipe.recv()
        asked: list[None] = []
        # Bound as a default, since a late connection must not be counted for the next portal.
        with reference.Server(_made(name), on_exchange=lambda *_, n=asked: n.append(None)) as one:
            pipe.send(one.address)
            pipe.recv()
            pipe.send(len(asked))


@contextmanager
def host() -> Iterator[Connection]:
    """A process that serves portals."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there,), daemon=True)
    process.start()
    try:
        yield here
    finally:
        process.terminate()
        process.join()


def sampled(sample: int, seed: int) -> list[Subject]:
    """The plain portal, every k-th sound one and every k-th faulty one; `sample` 0 takes all."""
    faulty = [Subject(one.name, False, one.clause) for one in portals()]
    sound = [
        Subject(one.name, True, "", one.shoulds, one.without)
        for one in sound_portals()
        if one.world is None
    ]
    if sample:
        faulty = _every(faulty, sample, seed)
        sound = _every(sound, max(1, sample * SOUND // FAULTY - 1), seed)
    return [Subject(PLAIN, True), *sound, *faulty]


def _every(found: Sequence[Subject], wanted: int, seed: int) -> list[Subject]:
    step = max(1, len(found) // wanted)
    return list(found[seed % step :: step][:wanted])


# ---- the tools


def tools(seed: int) -> tuple[Tool, ...]:
    """Ours, and schemathesis with its defaults and at its best without code."""
    runs = _program("st"), "--no-color", "run", "openapi.yaml", "--seed", str(seed)
    ours = (_program("b24-conformance"), "run", "portal", "--reports", "reports")
    best = (
        *("--mode", "all", "--max-examples", str(EXAMPLES), "--continue-on-failure"),
        *("--phases", "examples,coverage,fuzzing,stateful", "--request-timeout", "1"),
        *("--suppress-health-check", "all", "--report", "junit"),
    )
    return (
        Tool("ours", (*ours, "--seed", str(seed), "--timeout", "1"), _our_files, _failed_clauses),
        Tool("schemathesis, defaults", runs, _default_files, _failed_checks),
        Tool("schemathesis, best settings", (*runs, *best), _best_files, _failed_checks),
    )


def _program(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _our_files(address: str, subject: Subject) -> dict[str, str]:
    state = reference.default_state()
    hooks = reference.webhooks(address, state)
    lines = ["[portal]", "stand_in = true", f"without = {json.dumps(subject.without)}"]
    for operator, user in (("operator", 1), ("colleague", 2)):
        token = state.users[user].access_token
        lines += [f"[{operator}]", f'webhook = "{hooks[user]}"', f'access_token = "{token}"']
        chats = reference.DECLARATIONS[operator].items()
        lines += [f"[{operator}.chats]", *(f"{kind} = {list(ids)}" for kind, ids in chats)]
    expired = state.users[1].expired_token
    lines += ["[credentials]", f'without_scope = "{hooks[9]}"', f'expired_token = "{expired}"']
    return {"b24-conformance.toml": "\n".join(lines)}


def _default_files(address: str, _subject: Subject) -> dict[str, str]:
    secret = reference.default_state().users[1].webhook_secret
    own = f'base-url = "{address}"\n[parameters]\n"path.user" = 1\n"path.secret" = "{secret}"\n'
    return {"openapi.yaml": _description(), "schemathesis.toml": own}


def _best_files(address: str, subject: Subject) -> dict[str, str]:
    """Tuned until the plain portal is green, and fed with a token and with every kind of chat.

    A portal reads what it does not know and refuses what is no chat; a user says the former in
    the description and the latter in the settings of the checks.
    """
    files = _default_files(address, subject)
    kinds = reference.DECLARATIONS["operator"].values()
    chats = [chat for kind in kinds for chat in list(kind)[:2]]
    token = reference.default_state().users[1].access_token
    half = '{ dictionary = "chats", probability = 0.5 }'
    files["schemathesis.toml"] += (
        f'"body.CHAT_ID" = {half}\n"query.CHAT_ID" = {half}\n'
        '"body.auth" = { dictionary = "tokens", probability = 1.0 }\n'
        f'[dictionaries]\ntokens = {{ values = ["{token}"] }}\nchats = {{ values = {chats} }}\n'
        '[checks.positive_data_acceptance]\nexpected-statuses = ["2XX", 400, 401, 403, 404]\n'
        "[checks.unsupported_method]\nenabled = false\n"
    )
    files["openapi.yaml"] = re.sub(" *additionalProperties: false\n", "", files["openapi.yaml"])
    return files


@cache
def _description() -> str:
    return contract_file("openapi.yaml").read_text(encoding="utf-8")


def _failed_clauses(folder: Path, _output: str) -> frozenset[str]:
    results = folder / "reports" / "results.json"
    if not results.is_file():
        return frozenset()
    (found,) = json.loads(results.read_text(encoding="utf-8"))["implementations"]
    return frozenset(one["id"] for one in found["clauses"] if one["status"] == "failed")


def _failed_checks(_folder: Path, output: str) -> frozenset[str]:
    """`OPERATION CODE` of every failure in the output; the code stands for the check."""
    found, operation = set(), ""
    for line in output.splitlines():
        if head := re.fullmatch("_{3,} (.+) _{3,}", line):
            operation = head[1]
        elif finding := re.match(r"- (.+)", line):
            found.add(f"{operation}: {finding[1]}")
    return frozenset(found)


# ---- one run


def ask(tool: Tool, subject: Subject, pipe: Connection, limit: float) -> Outcome:
    """Runs the tool against a fresh portal and looks at what it leaves."""
    pipe.send(subject.name)
    files = tool.files(pipe.recv(), subject)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        for file, text in files.items():
            (folder / file).write_text(text, encoding="utf-8")
        clock = time.perf_counter()
        # Without the plain portal's findings there is nothing to compare with.
        ended = _bounded(tool.command, folder, limit * 3 if subject.name == PLAIN else limit)
        seconds = time.perf_counter() - clock
        output = (folder / _OUTPUT).read_text(encoding="utf-8", errors="replace")
        leaked = sum(map(_leaked, _left(folder, files)))
        findings = tool.findings(folder, output)
    pipe.send(None)
    return Outcome(
        ended.exit_code, findings, pipe.recv(), seconds, ended.cpu, leaked, ended.cut_off
    )


class _Ended(NamedTuple):
    exit_code: int
    cpu: float
    cut_off: bool


def _bounded(command: Sequence[str], folder: Path, limit: float) -> _Ended:
    """Runs the command, and interrupts it at the limit as a user would, then kills it."""
    with (folder / _OUTPUT).open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    still_to_send = [(limit, signal.SIGINT), (limit + GRACE, signal.SIGKILL)]
    clock = time.monotonic()
    while True:
        pid, status, used = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            cpu = used.ru_utime + used.ru_stime
            return _Ended(process.returncode, cpu, len(still_to_send) < 2)
        if still_to_send and time.monotonic() - clock > still_to_send[0][0]:
            process.send_signal(still_to_send.pop(0)[1])
        time.sleep(_POLL)


def _left(folder: Path, given: Iterable[str]) -> Iterator[bytes]:
    """Everything in the folder but what the user wrote, state folders with it."""
    own = {folder / name for name in given}
    for path in folder.rglob("*"):
        if path.is_file() and path not in own:
            yield path.read_bytes()


def _leaked(data: bytes) -> int:
    return sum(data.count(secret) * len(secret) for secret in _canaries())


@cache
def _canaries() -> tuple[bytes, ...]:
    users = reference.default_state().users.values()
    secrets = {one for user in users for one in (user.webhook_secret, user.access_token)}
    return tuple(secret.encode() for secret in secrets if secret)


# ---- all runs

Outcomes = dict[tuple[str, str], Outcome]


def compared(
    wanted: Sequence[Tool], subjects: Sequence[Subject], *, jobs: int, limit: float
) -> Outcomes:
    """Every tool on every portal; `jobs` portals at a time."""

    def share(number: int) -> Outcomes:
        with host() as pipe:
            return {
                (tool.name, subject.name): _told(tool, subject, ask(tool, subject, pipe, limit))
                for subject in subjects[number::jobs]
                for tool in wanted
            }

    with ThreadPoolExecutor(jobs) as pool:
        return {key: one for part in pool.map(share, range(jobs)) for key, one in part.items()}


def _told(tool: Tool, subject: Subject, outcome: Outcome) -> Outcome:
    kind = "sound" if subject.sound else "faulty"
    print(
        f"{kind} {subject.name} · {tool.name}: exit {outcome.exit_code}, "
        f"{len(outcome.findings)} findings, {outcome.requests} requests, {outcome.seconds:.1f} s"
        f"{', stopped' if outcome.cut_off else ''}",
        file=sys.stderr,
        flush=True,
    )
    return outcome


def _row(tool: Tool, subjects: Sequence[Subject], outcomes: Outcomes) -> tuple[str, ...]:
    plain = outcomes[tool.name, PLAIN]
    came = [(subject, outcomes[tool.name, subject.name]) for subject in subjects]
    faulty = [(subject, one) for subject, one in came if not subject.sound]
    sound = [(subject, one) for subject, one in came if subject.sound]
    killed = sum(bool(one.findings - plain.findings) for _, one in faulty)
    beyond = sum(bool(one.findings - plain.findings - of.shoulds) for of, one in sound)
    both = [one for _, one in came]
    leaks = [one.leaked for one in both if one.leaked]
    return (
        tool.name,
        f"{killed} of {len(faulty)}",
        f"{sum(one.red for _, one in faulty)} of {len(faulty)}",
        f"red ({len(plain.findings)} findings)" if plain.red else "green",
        f"{sum(one.red for _, one in sound)} of {len(sound)}",
        f"{beyond} of {len(sound)}",
        f"{statistics.median(one.requests for one in both):,.0f}",
        f"{statistics.median(one.seconds for one in both):.1f}",
        f"{statistics.median(one.cpu for one in both):.1f}",
        str(sum(one.cut_off for one in both)),
        f"{sum(leaks):,} in {len(leaks)} of {len(both)} runs",
    )


_HEADS = (
    "tool",
    "faulty portals killed",
    "faulty, exit code red",
    "plain portal",
    "sound, exit code red",
    "sound, findings beyond the plain portal's",
    "requests, median",
    "wall seconds, median",
    "its CPU seconds, median",
    "stopped at the limit",
    "bytes of secrets left",
)


def report(wanted: Sequence[Tool], subjects: Sequence[Subject], outcomes: Outcomes) -> str:
    """The table, and what it rests on."""
    rows = [_HEADS, tuple("---" for _ in _HEADS)]
    rows += [_row(tool, subjects, outcomes) for tool in wanted]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    where = f"Python {platform.python_version()}, {os.cpu_count()} cores"
    only = [f"{tool.name}: {_only(tool, wanted, subjects, outcomes)}" for tool in wanted]
    named = _named(wanted[0], subjects, outcomes)
    return (
        f"schemathesis {version('schemathesis')}, {where}, "
        f"load {os.getloadavg()[0]:.1f} at the end.\n\n{table}\n\n"
        f"Of our kills {named} are for the clause that names the fault.\n\n"
        "Killed by no other tool: " + "; ".join(only) + ".\n"
    )


def _killed(tool: Tool, subjects: Sequence[Subject], outcomes: Outcomes) -> set[str]:
    plain = outcomes[tool.name, PLAIN].findings
    faulty = [subject.name for subject in subjects if not subject.sound]
    return {name for name in faulty if outcomes[tool.name, name].findings - plain}


def _only(
    tool: Tool, wanted: Sequence[Tool], subjects: Sequence[Subject], outcomes: Outcomes
) -> int:
    others = [_killed(other, subjects, outcomes) for other in wanted if other is not tool]
    return len(_killed(tool, subjects, outcomes).difference(*others))


def _named(ours: Tool, subjects: Sequence[Subject], outcomes: Outcomes) -> int:
    return sum(one.clause in outcomes[ours.name, one.name].findings for one in subjects)


def main() -> None:
    """Prints the table; what comes of each run goes to standard error."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sample", type=int, default=FAULTY, help="faulty portals; 0: all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2, help="portals at a time")
    parser.add_argument("--limit", type=float, default=LIMIT, help="seconds for each run")
    parser.add_argument("--write", type=Path, help="a Markdown file for the table")
    options = parser.parse_args()
    wanted, subjects = tools(options.seed), sampled(options.sample, options.seed)
    outcomes = compared(wanted, subjects, jobs=options.jobs, limit=options.limit)
    text = report(wanted, subjects, outcomes)
    print(text, end="")
    if options.write:
        options.write.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
