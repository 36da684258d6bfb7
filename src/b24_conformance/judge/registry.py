"""Rules: one for each clause, found by its id; judging turns their checks into a judgement."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from b24_conformance.contract import Clause
from b24_conformance.declaration import CHAT_KINDS, Declaration
from b24_conformance.judge.trial import Answer, Seen, Trial
from b24_conformance.judgement import Finding, Judgement, Status
from b24_conformance.probe import MEMBERS
from b24_conformance.transcript import Observation
from b24_conformance.ways import PLAIN


class Check(NamedTuple):
    """A clause looked at one observation: is it kept, what was demanded, what came.

    `contrast` False: kept, but no other outcome was seen by this way of asking, so that it
    proves nothing by itself. `excuse`: not kept, but why is another clause's business.
    """

    observation: Observation
    kept: bool
    demanded: str
    got: str = ""
    contrast: bool = True
    excuse: str = ""


class Absent(NamedTuple):
    """The implementation itself says that it lacks what the clause is about."""

    reason: str


Rule = Callable[[Trial], Iterable[Check | Absent]]
_RULES: dict[str, Rule] = {}


def rule(clause_id: str) -> Callable[[Rule], Rule]:
    """Registers the rule of a clause."""

    def register(function: Rule) -> Rule:
        if clause_id in _RULES:
            raise ValueError(f"two rules for {clause_id}")
        _RULES[clause_id] = function
        return function

    return register


def rules() -> dict[str, Rule]:
    """Every rule by the id of its clause."""
    return dict(_RULES)


def judge(clause: Clause, trial: Trial) -> Judgement:
    """Judges one clause over a whole transcript; sends nothing."""
    if clause.feature in trial.declaration.without:
        return Judgement(clause.id, "not_implemented", f"declared without {clause.feature}")
    checks, absent = [], None
    for check in _RULES[clause.id](trial):
        if isinstance(check, Absent):
            absent = absent or check
        else:
            checks.append(check)
    return _weighed(clause, trial, checks, absent)


def _weighed(clause: Clause, trial: Trial, checks: list[Check], absent: Absent | None) -> Judgement:
    requests = len({e.number for c in checks for e in c.observation.exchanges})
    broken = [check for check in checks if not check.kept]
    doubted = [c for c in broken if trial.doubt(c.observation) and not _seen_inside(trial, c)]
    certain = (check for check in broken if not check.excuse and check not in doubted)
    if failures := tuple(_finding(clause, check) for check in certain):
        return Judgement(clause.id, "failed", _told(failures), requests, failures)
    if doubted:
        told = _told([_finding(clause, check) for check in doubted])
        reason = f"{told}; {trial.doubt(doubted[0].observation)}"
        return Judgement(clause.id, "inconclusive", reason, requests)
    if broken:
        reason = f"{_told([_finding(clause, broken[0])])}; {broken[0].excuse}"
        return Judgement(clause.id, "inconclusive", reason, requests)
    if any(check.kept and check.contrast for check in checks):
        return Judgement(clause.id, "passed", None, requests)
    if absent:
        return Judgement(clause.id, "not_implemented", absent.reason, requests)
    status, reason = _unjudged(clause, trial, bool(checks))
    return Judgement(clause.id, status, reason, requests)


def _seen_inside(trial: Trial, check: Check) -> bool:
    """Whether the operator was seen to take part right afterwards: no doubt excuses that.

    That he is not shown any more may be somebody else's doing.
    """
    operator = trial.declaration.people.get(check.observation.probe.operator)
    members = check.observation.outcome.members or ()
    return operator is not None and operator.user_id in members


def _finding(clause: Clause, check: Check) -> Finding:
    observation = check.observation
    # Else a reader would look for the fault where single calls are answered.
    batched = observation.probe.asking.batch and clause.feature != "batch"
    got = check.got or f"{observation.outcome}{', in a batch' if batched else ''}"
    return Finding(observation, check.demanded, got)


def _told(findings: Sequence[Finding]) -> str:
    first = min(findings, key=size)
    return f"demanded {first.demanded}, got {first.got}"


def size(finding: Finding) -> tuple[bool, int, str, bool, int]:
    """Orders findings: the smallest CHAT_ID first, and one that was asked plainly.

    What shows without a batch is shown without one.
    """
    probe, index = finding.observation.probe, finding.observation.index
    literal, asking = probe.literal, probe.asking
    return (asking.batch, len(literal), literal, asking != PLAIN, index)


def _unjudged(clause: Clause, trial: Trial, uncontrasted: bool) -> tuple[Status, str]:
    missing = lacking(clause, trial)
    if missing:
        return "not_checked", missing
    if trial.unreached:
        return "inconclusive", _why_unreached(trial)
    if clause.feature == "members" and (hidden := _why_hidden(trial)):
        return "not_checked", hidden
    if uncontrasted:
        return "not_checked", (
            "only one outcome was seen by this way of asking, so that it proves nothing: "
            "declare chats that demand another one, or ask for more clauses"
        )
    if clause.feature == "throttle":
        return "not_checked", "nothing was throttled in this run, so there was no such answer"
    return "not_checked", "no observation meets the clause's precondition"


def _why_unreached(trial: Trial) -> str:
    last = trial.unreached[-1]
    said = last.outcome.detail or ""
    if last.response is not None:
        return said
    reason = "the implementation could not be reached"
    return f"{reason}: {said}" if said else reason


def _why_hidden(trial: Trial) -> str | None:
    """Why nothing was to be seen of the participants, where that is known."""
    looks = [o for o in trial.reached if o.probe.method == MEMBERS]
    if looks and all(str(o.outcome.code).lower() == "insufficient_scope" for o in looks):
        return (
            f"the webhook has not the scope im, which {MEMBERS} needs: "
            'give it the scope, or say [portal] without = ["members"]'
        )
    if any(o.outcome.more for o in looks):
        return (
            f"the portal answers {MEMBERS} page by page, and the first page did not tell: let the "
            'chats have fewer participants, or say [portal] without = ["members"]'
        )
    if looks and trial.declaration.operator.user_id is None:
        return "nobody says which participant the operator is: add [operator] user_id"
    return None


def lacking(clause: Clause, trial: Trial) -> str | None:
    """What the declaration lacks for `clause`, and what to add; None when nothing."""
    declaration = trial.declaration
    if not declaration.allows(clause.rung):
        return f"needs --joins {clause.rung}; this run has --joins {declaration.rung}"
    for need in clause.needs:
        if need in CHAT_KINDS:
            if not getattr(declaration.operator.chats, need):
                none = f"no chat is declared: add [operator.chats] {need} = [...]"
                return trial.doubts.why_none("operator", need) or none
        elif not configured(need, declaration):
            return _WHAT_TO_ADD[need]
    return None


_WHAT_TO_ADD = {
    "colleague": "no second operator: add [colleague]",
    "oauth": "no access token: add [operator] access_token",
    "webhook": "no webhook: add [operator] webhook",
    "colleague_webhook": "no webhook of the second operator: add [colleague] webhook",
    "expired": "no expired token: add [credentials] expired_token",
    "without_scope": "no webhook without the scope: add [credentials] without_scope",
}


def unconfigured(clause: Clause, declaration: Declaration) -> list[str]:
    """The credentials that a clause needs and that are not there."""
    needs = (need for need in clause.needs if need not in CHAT_KINDS)
    return [need for need in needs if not configured(need, declaration)]


def configured(need: str, declaration: Declaration) -> bool:
    """Whether the credentials that a clause needs are there."""
    if need == "colleague":
        return declaration.colleague is not None
    if need == "colleague_webhook":
        return declaration.colleague is not None and "webhook" in declaration.colleague.places
    if need == "oauth":
        return any(place.startswith("oauth") for place in declaration.operator.places)
    if need == "webhook":
        return "webhook" in declaration.operator.places
    return need in declaration.identities


def demand(seen: Seen, *, preferred: bool = False) -> str:
    """Words for what is demanded of an observation."""
    return _words(frozenset({seen.demanded}) if preferred and seen.demanded else seen.accepted)


@cache
def _words(answers: frozenset[Answer]) -> str:
    words = [
        code if kind == "refused" else "success true" for kind, code in sorted(answers, key=str)
    ]
    return " or ".join(str(word) for word in words)


def _rightly_not_sent(seen: Seen) -> bool:
    """A client that refuses to call is right for what is no positive integer."""
    not_sent = seen.answer[0] == "not_sent"
    return not_sent and (seen.strictness != "plain" or seen.demanded == ("refused", "CHAT_ID"))


def answers(
    trial: Trial, candidates: Iterable[Seen], *, preferred: bool = False, alone: bool = False
) -> Iterator[Check]:
    """Checks each observation of which something is demanded against it.

    What the plain question gets as well is no fault of another way to ask. `alone`: one answer
    may be contrast enough, if it shows that CHAT_ID was read.
    """
    for seen in candidates:
        if seen.demanded is None:
            continue
        wanted = {seen.demanded} if preferred else seen.accepted
        yield Check(
            seen.observation,
            seen.answer in wanted or _rightly_not_sent(seen) or trial.plainly_so(seen),
            demand(seen, preferred=preferred),
            contrast=trial.contrasted(seen) or (alone and trial.reads(seen)),
        )
