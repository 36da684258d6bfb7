"""Runs each example of a page once for each outcome, and judges what its reader is told."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from b24_conformance.docs_page import METHOD, Page, Tab, without_comments
from b24_conformance.examples import printed
from b24_conformance.examples.hearing import Heard, Printed, Refusal, Run, excerpt, heard
from b24_conformance.examples.kinds import runner_for
from b24_conformance.examples.portal import Answer, Stand
from b24_conformance.examples.runner import Runner
from b24_conformance.redaction import Redaction

Verdict = Literal["right", "wrong", "does not say which refusal", "empty", "not run"]
SUCCESS = "success"
# The outcomes that the page documents, each with a chat of the reference portal that leads to it.
CASES = {SUCCESS: 2045, "ACCESS_DENIED": 2050, "CHAT_TYPE": 12, "CHAT_ID": 999999999}


@dataclass(frozen=True)
class CaseReport:
    """One run: what the portal answered, what a reader makes of the output, and the output."""

    case: str
    chat_id: int
    answered: str
    heard: Heard
    verdict: Verdict
    reason: str
    run: Run


@dataclass(frozen=True)
class TabReport:
    """A tab: its verdict is its worst run's. `used` is what it was run with."""

    tab: Tab
    kind: str
    verdict: Verdict
    reason: str = ""
    used: tuple[str, ...] = ()
    cases: tuple[CaseReport, ...] = ()


@dataclass(frozen=True)
class Report:
    """A page, with the exit code that it is worth."""

    page: str
    tabs: tuple[TabReport, ...]

    @property
    def exit_code(self) -> int:
        """0: all that could be run is right; 1: something is not; 3: nothing could be run."""
        run = [tab.verdict for tab in self.tabs if tab.verdict not in ("empty", "not run")]
        if not run:
            return 3
        return 0 if all(verdict == "right" for verdict in run) else 1


def check(
    page: Page,
    *,
    paths: Mapping[str, str] | None = None,
    tell: Callable[[TabReport], None] = lambda _: None,
) -> Report:
    """Checks the examples of a page; `tell` is called with each tab. No secret is in a report."""
    tabs = []
    with Stand() as stand:
        for tab in page.tabs:
            report = _checked(tab, stand, paths or {})
            tell(report)
            tabs.append(report)
    return Report(page.name, tuple(tabs))


def _checked(tab: Tab, stand: Stand, paths: Mapping[str, str]) -> TabReport:
    if tab.empty:
        return TabReport(tab, "", "empty", "only a comment" if tab.code.strip() else "no code")
    chosen = runner_for(tab)
    if chosen is None:
        named = f"a runner for {tab.language or tab.title}, which this version does not have"
        return TabReport(tab, tab.language, "not run", f"needs {named}")
    runner = chosen(paths)
    hindrance = _hindrance(tab, runner, stand)
    if hindrance:
        return TabReport(tab, runner.kind, "not run", hindrance)
    runs = list(_runs(tab, runner, stand))
    used = runner.used(tab)
    unready = next((run for _, run, _ in runs if not run.ready), None)
    if unready is not None:
        what = f"what stands around the example failed: {excerpt(unready)}"
        return TabReport(tab, runner.kind, "not run", what, used)
    cases = tuple(
        _judged(case, run, answers, [other for name, other, _ in runs if name != case])
        for case, run, answers in runs
    )
    worst = min(cases, key=lambda one: _ORDER.index(one.verdict))
    return TabReport(tab, runner.kind, worst.verdict, worst.reason, used, cases)


# What a refusal is worth by what its reader hears.
_REFUSED: dict[Heard, tuple[Verdict, str]] = {
    "refusal": ("right", ""),
    "unclear refusal": ("does not say which refusal", "{case}: {told}"),
    "nothing": ("wrong", "says nothing of a refusal ({case}: {told})"),
    "success": ("wrong", "reports a refusal as success ({case}: {told})"),
}
_ORDER: tuple[Verdict, ...] = ("wrong", "does not say which refusal", "right", "empty", "not run")


def _hindrance(tab: Tab, runner: Runner, stand: Stand) -> str:
    """Why an example is not run; empty if nothing hinders it."""
    missing = runner.needs(tab)
    if missing:
        return f"needs {missing}"
    if not printed.names_chat(tab.code):
        return "needs a number for CHAT_ID, which the example does not print"
    access = stand.access(tls=runner.tls)
    code = without_comments(printed.with_access(tab.code, access))
    other = printed.elsewhere(code, (access.address, *runner.scripts(tab)))
    if other:
        return f"needs {other}, and examples are only run against the reference portal"
    with tempfile.TemporaryDirectory(prefix="b24-example-") as folder:
        return runner.prepare(Path(folder))


def _runs(tab: Tab, runner: Runner, stand: Stand) -> Iterator[tuple[str, Run, list[Answer]]]:
    access, hide = stand.access(tls=runner.tls), Redaction(stand.secrets).hide
    for case, chat_id in CASES.items():
        code = printed.with_access(printed.with_chat(tab.code, chat_id), access)
        stand.take()
        with tempfile.TemporaryDirectory(prefix="b24-example-") as folder:
            run = runner.run(tab, code, access, Path(folder))
        yield case, _hidden(run, hide), stand.take()


def _judged(case: str, run: Run, answers: list[Answer], others: list[Run]) -> CaseReport:
    answered = answers[-1].outcome if answers else ""
    refusal: Refusal | None = answers[-1].refusal if answers else None
    said = heard(run, refusal, others)
    if answered != case:
        verdict, reason = _astray(case, answered, run)
    else:
        verdict, reason = _verdict(case, said, run)
    return CaseReport(case, CASES[case], answered, said, verdict, reason, run)


def _astray(case: str, answered: str, run: Run) -> tuple[Verdict, str]:
    """The example's request did not lead to the outcome that its CHAT_ID stands for."""
    if not answered:
        return "wrong", f"never calls {METHOD} ({excerpt(run)})"
    return "wrong", f"gets {answered} for the chat of {case} ({excerpt(run)})"


def _verdict(case: str, said: Heard, run: Run) -> tuple[Verdict, str]:
    told = excerpt(run)
    if case == SUCCESS:
        if said == SUCCESS:
            return "right", ""
        what = "says nothing of a success" if said == "nothing" else "reports success as an error"
        return "wrong", f"{what} ({told})"
    return _REFUSED[said][0], _REFUSED[said][1].format(case=case, told=told)


def _hidden(run: Run, hide: Callable[[str], str]) -> Run:
    shown = tuple(Printed(each.channel, hide(each.text)) for each in run.printed)
    return replace(run, printed=shown)
