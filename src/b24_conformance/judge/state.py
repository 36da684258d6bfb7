"""Rules of state: who takes part in a chat, carried forward through the transcript."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from b24_conformance import php
from b24_conformance.histories import A_MOMENT_LATER
from b24_conformance.judge.asking import by_proxy, decides
from b24_conformance.judge.changes import Change, Place, changes, is_a_page, members_of
from b24_conformance.judge.registry import Absent, Check, rule
from b24_conformance.judge.trial import JOINED, Seen, Trial
from b24_conformance.outcome import METHOD_NOT_FOUND
from b24_conformance.probe import MEMBERS
from b24_conformance.transcript import Observation
from b24_conformance.ways import UNPROMISED


def _takes_part(trial: Trial, observation: Observation, user: int) -> bool | None:
    """Whether `user` takes part; None where the list is not for all, or a page of it only."""
    members = members_of(observation)
    if user in members:
        return True
    if is_a_page(observation):
        return None
    shown = bool(members) or user == _user(trial, observation.probe.operator)
    return False if shown else None


def _user(trial: Trial, operator: str) -> int | None:
    person = trial.declaration.people.get(operator)
    return person.user_id if person else None


def unanswered(trial: Trial) -> Absent | None:
    """That the portal itself says that nobody can be told who takes part."""
    asked = [o for o in trial.reached if o.probe.method == MEMBERS]
    if asked and all(o.outcome.code == METHOD_NOT_FOUND for o in asked):
        return Absent(f"the portal answers {METHOD_NOT_FOUND} to {MEMBERS}")
    return None


def _joined_users(trial: Trial, joins: Iterable[Seen]) -> frozenset[int]:
    users = {_user(trial, seen.probe.operator) for seen in joins if seen.answer == JOINED}
    return frozenset(user for user in users if user is not None)


@rule("success.participant")
def participant(trial: Trial) -> Iterator[Check | Absent]:
    """Whoever was told that he joined, as he should, is a participant from then on."""
    if absent := unanswered(trial):
        yield absent
        return
    # Where the operator may not look at all, he is not in the list either.
    lists = [
        {*members_of(o)}
        for o in trial.reached
        if o.probe.method == MEMBERS and o.outcome.kind in ("members", "refused")
    ]
    always = set[int].intersection(*lists) if lists else set()
    later = _further_looks(trial)
    for change in changes(trial):
        # On a live portal somebody may have thrown him out since.
        joins = change.so_far if trial.declaration.stand_in else change.between
        # A `true` that should have been a refusal is that clause's business, not the list's.
        due = (s for s in joins if s.probe.asking.identity == "own" and s.demanded == JOINED)
        for user in sorted(_joined_users(trial, due)):
            takes_part = _takes_part(trial, change.after, user)
            if takes_part is not None:
                yield Check(
                    change.after,
                    takes_part or _comes_to_light(change.after, user, later),
                    f"user {user} among the participants after the join",
                    f"participants {list(members_of(change.after))}",
                    contrast=user not in always,
                )


def _further_looks(trial: Trial) -> dict[int, Observation]:
    """For a look the next one, by which a list that may be late was looked at again."""
    pairs = ((c.before, c.after) for c in changes(trial) if c.before is not None)
    return {
        before.index: after for before, after in pairs if after.probe.occasion == A_MOMENT_LATER
    }


def _comes_to_light(look: Observation, user: int, later: dict[int, Observation]) -> bool:
    """Whether the list shows a user a moment later: nobody knows whether a portal's is in time."""
    while (after := later.get(look.index)) is not None:
        if user in members_of(after):
            return True
        look = after
    return False


@rule("state.refusal-changes-nothing")
def refusal_changes_nothing(trial: Trial) -> Iterator[Check | Absent]:
    """Whoever was refused is no participant afterwards, if he was none before."""
    if absent := unanswered(trial):
        yield absent
        return
    for change in changes(trial):
        joined = _joined_users(trial, change.between)
        for seen in change.between:
            user = _user(trial, seen.probe.operator)
            if seen.answer[0] != "refused" or user is None or user in joined:
                continue
            if change.before is not None:
                yield _unchanged(trial, change, user)


def _unchanged(trial: Trial, change: Change, user: int) -> Check:
    before = None if change.before is None else _takes_part(trial, change.before, user)
    after = _takes_part(trial, change.after, user)
    return Check(
        change.after,
        None in (before, after) or before == after,
        f"the same participants as before the refusal: {list(members_of(change.before))}",
        f"participants {list(members_of(change.after))}",
        contrast=None not in (before, after),
    )


@rule("state.join-is-own")
def join_is_own(trial: Trial) -> Iterator[Check | Absent]:
    """A join adds nobody but the operator who joined, removes nobody, and nobody fades away."""
    if absent := unanswered(trial):
        yield absent
        return
    known = {_user(trial, name) for name in trial.declaration.people} - {None}
    for change in changes(trial):
        if change.before is None or any(by_proxy(seen.probe) for seen in change.between):
            continue
        # Where nobody has joined, nothing was to be seen of a join.
        joined = bool(_joined_users(trial, change.between))
        if joined and (intruders := _intruders(trial, change)):
            yield _with_intruders(change, intruders)
        elif change.between or trial.declaration.stand_in:
            check = _others_unchanged(trial, change, known)
            yield check._replace(contrast=check.contrast and joined)


def _intruders(trial: Trial, change: Change) -> list[str]:
    """Who takes part after another's join though the chat is closed to him; on a stand-in only.

    There the declaration is trusted, so that the look from before need not have shown anybody.
    """
    if not trial.declaration.stand_in:
        return []
    chat = php.chat_id(change.after.probe) or 0
    inside = {*members_of(change.after)} - {*members_of(change.before)}
    inside -= _joined_users(trial, change.so_far)
    people = trial.declaration.people
    return [
        name
        for name, person in people.items()
        if person.user_id in inside and trial.declaration.kind(name, chat) == "access_denied"
    ]


def _with_intruders(change: Change, names: list[str]) -> Check:
    closed = " and ".join(names)
    return Check(
        change.after,
        kept=False,
        demanded=f"no change but the own join: the chat is closed to the {closed}",
        got=f"participants {list(members_of(change.after))}",
    )


@rule("proxy.nobody-joined")
def nobody_joined_by_proxy(trial: Trial) -> Iterator[Check | Absent]:
    """A join that names another user adds nobody but the operator who asked."""
    if absent := unanswered(trial):
        yield absent
        return
    known = {_user(trial, name) for name in trial.declaration.people} - {None}
    for change in changes(trial):
        named = {
            int(value)
            for seen in change.between
            for name, value in seen.probe.extra
            if name == "USER_ID" and value.isdigit()
        }
        if change.before is not None and named:
            yield _others_unchanged(trial, change, known | named)


def _others_unchanged(trial: Trial, change: Change, known: set[int | None]) -> Check:
    # Colleagues may come and go on a live portal; nobody else touches a stand-in.
    joined = _joined_users(trial, change.between)
    # Whose answer is broken in itself may have joined all the same.
    perhaps = {_user(trial, s.probe.operator) for s in change.between if s.answer[0] == "broken"}
    # A list that is late shows now who has joined before.
    known_to_be_in = _joined_users(trial, change.so_far) & {*members_of(change.after)}
    others = change.changed - joined - perhaps - known_to_be_in
    strangers = others if trial.declaration.stand_in else others & known
    alone = frozenset(members_of(change.after)) <= joined
    return Check(
        change.after,
        not strangers,
        f"no change but the operator's own join: before {list(members_of(change.before))}",
        f"participants {list(members_of(change.after))}",
        contrast=not change.paged and (alone or bool(members_of(change.before))),
    )


@rule("state.colleague-unaffected")
def colleague_unaffected(trial: Trial) -> Iterator[Check]:
    """One operator's join does not open the chat for another who may not join it."""
    joined: dict[Place, set[str]] = defaultdict(set)
    for seen in trial.own:
        if seen.probe.raw or seen.probe.beside or seen.number is None:
            continue
        inside = joined[seen.observation.leg, seen.number]
        others = inside - {seen.probe.operator}
        if seen.answer == JOINED:
            inside.add(seen.probe.operator)
        if others and seen.kind == "access_denied" and _tells_of_access(seen):
            kept = seen.answer == seen.demanded
            yield Check(seen.observation, kept, "ACCESS_DENIED, as before the other's join")


def _tells_of_access(seen: Seen) -> bool:
    """Whether the answer is about the chat; whatever else came is no other operator's doing."""
    plain = seen.strictness == "plain" and not seen.probe.extra
    return plain and decides(seen) and seen.probe.asking not in UNPROMISED
