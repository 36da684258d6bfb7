"""Whether a declared chat looks as it is declared; pure, over what read-only calls gave.

A declaration is not an oracle: chats change under it. `contradiction` says why a chat must not
be used as declared (its clauses are `not_checked`), `unseen` what nothing could witness: such a
chat may be used for refusals and repeated joins, but a failure over it is inconclusive; a chat
declared joinable is only joined when nothing about it is unseen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from b24_conformance.declaration import ChatKind
from b24_conformance.events import Standing

OUT_OF_DATE = "the declaration is out of date"
FAR = 1_000_000
"""How far above the largest id in use one must be, to be taken for an id of no chat."""

INSIDE = ("owner", "manager", "member")
_OUTSIDE = ("guest", "none")
REFUSALS = ("ACCESS_ERROR", "ACCESS_DENIED")
_UNSEEN = "not witnessed"
_SCOPES = "the scopes imopenlines and im are needed to see it"
_ADD: dict[ChatKind, str] = {
    "joinable": f"{_SCOPES}; whether it is offered shows only among one's latest hundred chats",
    "access_denied": "a [colleague] who takes part in it could witness that it is there",
    "absent": "take an id far above all in use: `b24-conformance discover` proposes one",
}


class Sight(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one user could see of one chat; None: not known.

    `asked_by` is the id of the user whose credentials asked, `error` the code with which the
    portal refused to show the chat to him, or why it could not be asked. `members` may lack
    customers; it is empty where the portal does not show them. `offered`: the line's queue
    offers the chat to him and nobody has answered yet. `owner` is whoever is responsible.
    """

    chat: int
    asked_by: int | None = None
    entity_type: str | None = None
    message_type: str | None = None
    role: str | None = None
    members: tuple[int, ...] | None = None
    user_counter: int | None = None
    owner: int | None = None
    offered: bool | None = None
    has_bot: bool | None = None
    error: str | None = None

    @property
    def line(self) -> bool | None:
        """Whether the chat belongs to an open line."""
        if self.entity_type:
            return self.entity_type == "LINES"
        return None if self.message_type is None else self.message_type == "L"

    @property
    def granted(self) -> bool:
        """Whether the portal showed the chat to whoever asked."""
        shown = (self.entity_type, self.message_type, self.role, self.user_counter)
        return any(value is not None for value in shown)

    @property
    def refused(self) -> bool:
        """Whether the portal refused to show the chat, for want of rights or of such a chat."""
        return self.error in REFUSALS and not self.granted

    def has(self, user_id: int | None) -> bool | None:
        """Whether the user takes part in the chat."""
        if user_id is not None and user_id in (self.members or ()):
            return True
        if self.asked_by == user_id and self.role in (*INSIDE, *_OUTSIDE):
            return self.role in INSIDE
        # An empty list says that the members are hidden, not that there are none.
        return False if self.members and user_id is not None else None


class Witness(msgspec.Struct, frozen=True):
    """What all sights of a chat together say of its declaration, as `Witnessed` tells it.

    `missing`: not all of it was seen, and `add` would help to see it.
    """

    standing: Standing = "witnessed"
    reason: str = ""
    missing: bool = False
    add: str = ""


def witness(
    kind: ChatKind,
    sights: Sequence[Sight],
    operator_id: int | None,
    *,
    largest: int | None = None,
    despite: bool = False,
    trouble: str = "",
) -> Witness:
    """Whether a chat may be used as declared; the operator's own sight is the first.

    `despite` is the user's explicit option to join what `caution` objects to, or where nobody
    can tell whether it would. `trouble` is why the operator could not look at anything.
    """
    for sight in sights:
        if reason := contradiction(kind, sight, operator_id, despite=True):
            return Witness("contradicted", reason)
    if not despite and (reason := caution(kind, sights[0], operator_id)):
        return Witness("withheld", reason)
    reason = unseen(kind, sights, operator_id, largest=largest, despite=despite)
    if not reason:
        return Witness()
    # What is not known to be harmless is not joined.
    standing: Standing = "withheld" if kind == "joinable" else "unseen"
    if trouble:
        return Witness(standing, f"{_UNSEEN}: {trouble}", missing=True)
    return Witness(standing, reason, missing=True, add=_ADD.get(kind, _SCOPES))


def witness_again(
    kind: ChatKind,
    sights: Sequence[Sight],
    operator_id: int | None,
    *,
    joined: bool,
    trouble: str = "",
) -> Witness:
    """Whether a chat looks after the run as it must; `joined`: the run's own join stands."""
    expected = expected_after(kind, joined=joined)
    for sight in sights:
        if reason := contradiction(expected, sight, operator_id, despite=True, again=True):
            return Witness("contradicted", reason)
    reason = unseen(expected, sights, operator_id, again=True)
    if not reason:
        return Witness()
    return Witness("unseen", f"{_UNSEEN}: {trouble}" if trouble else reason, missing=True)


def proved_outside(sights: Sequence[Sight], operator_id: int | None) -> bool:
    """Whether the sights of a chat prove that the operator takes no part in it."""
    inside = _known(sight.has(operator_id) for sight in sights)
    if inside is not None:
        return not inside
    # A member is shown both the chat and its members.
    own = [sight for sight in sights if sight.asked_by == operator_id]
    return any(sight.refused and sight.members == () for sight in own)


def contradiction(
    kind: ChatKind,
    sight: Sight,
    operator_id: int | None,
    *,
    despite: bool = False,
    again: bool = False,
) -> str | None:
    """Why a chat that is declared as `kind` for the operator must not be used so, or None.

    `despite` is the user's explicit option to use chats to which `caution` objects. `again`: the
    chat was as declared before the run, and this is a look after it.
    """
    found = _mismatch(kind, sight, operator_id)
    if found:
        looks = f"should look {kind} after the run" if again else f"is declared {kind}"
        return f"{OUT_OF_DATE}: chat {sight.chat} {looks}, but {found}"
    return None if despite else caution(kind, sight, operator_id)


def caution(kind: ChatKind, sight: Sight, operator_id: int | None) -> str | None:
    """Why a chat of a line may only be joined by an explicit option, though it is as declared."""
    if kind not in ("joinable", "joined"):
        return None
    reasons = []
    if sight.offered and sight.asked_by == operator_id and sight.has(operator_id) is not True:
        reasons.append("the queue offers it to the operator")
    if operator_id is not None and sight.owner == operator_id:
        reasons.append("the operator is responsible for it")
    if sight.has_bot:
        reasons.append("a bot talks in it")
    if not reasons:
        return None
    return f"chat {sight.chat} needs an explicit option: {' and '.join(reasons)}"


def _mismatch(kind: ChatKind, sight: Sight, operator_id: int | None) -> str | None:
    objections = _objections(kind, sight, operator_id)
    return next((reason for holds, reason in objections if holds), None)


def _objections(
    kind: ChatKind, sight: Sight, operator_id: int | None
) -> Iterator[tuple[bool | None, str]]:
    """What would contradict `kind`, and whether it was seen."""
    own, inside = sight.asked_by == operator_id, sight.has(operator_id)
    if kind == "absent":
        yield sight.granted or bool(sight.members), "there is such a chat"
        return
    if kind == "not_open_line":
        yield sight.line, "it belongs to an open line"
        yield inside is False, "the operator does not take part in it"
        return
    # A line's chat is shown to its members.
    another_kind = sight.line is False or (own and sight.refused and inside)
    yield another_kind, "it belongs to no open line"
    if kind == "access_denied":
        shown = own and (sight.granted or sight.offered)
        yield inside or shown, "the portal grants the operator access to it"
        return
    yield own and sight.refused, "the portal grants the operator no access to it"
    if kind == "joinable":
        yield inside, "the operator takes part in it already"
    else:
        yield inside is False, "the operator does not take part in it"


def expected_after(kind: ChatKind, *, joined: bool) -> ChatKind:
    """As what a chat must look after a run in which the operator joined it, or did not.

    Where a join was to be refused and was not, what shows now is the run's own doing.
    """
    return "joined" if joined and kind in ("joinable", "access_denied") else kind


def unseen(
    kind: ChatKind,
    sights: Iterable[Sight],
    operator_id: int | None,
    *,
    largest: int | None = None,
    despite: bool = False,
    again: bool = False,
) -> str | None:
    """What no sight of a chat could witness of its being `kind`, or None: all was witnessed.

    `sights` are all of one chat, by whomever. `largest` is the largest chat id that was seen.
    Whether a join would do harm need not be seen `despite` it, nor after the run (`again`).
    """
    seen = tuple(sights)
    chat = max((sight.chat for sight in seen), default=0)
    # Chats are counted upwards: an id that was far above all stays so during a run.
    far = again or (largest is not None and chat > largest + FAR)
    missing = _unwitnessed(kind, seen, operator_id, far=far, harm=not (despite or again))
    return f"{_UNSEEN}: {', '.join(missing)}" if missing else None


def _unwitnessed(
    kind: ChatKind, sights: tuple[Sight, ...], operator_id: int | None, *, far: bool, harm: bool
) -> list[str]:
    own = [sight for sight in sights if sight.asked_by == operator_id]
    refused = any(sight.refused for sight in own)
    inside = _known(sight.has(operator_id) for sight in sights)
    line = _known(sight.line for sight in sights)
    wanted: list[tuple[bool, str]] = []
    if kind == "absent":
        wanted = [
            (refused, "that nothing is shown of it"),
            (far, "that its id is far above all in use"),
        ]
    elif kind == "not_open_line":
        # A line's chat is shown to its members: who is inside and refused sees another kind.
        another_kind = line is False or bool(refused and inside)
        wanted = [(inside is True, "the operator's part in it"), (another_kind, "its type")]
    elif kind == "access_denied":
        wanted = [(refused, "that access is refused"), (line is True, "that it is there")]
    else:
        known = inside is (kind == "joined")
        wanted = [(known, "who takes part in it"), (line is True, "its type")]
        wanted += _harmless(own) if harm and kind == "joinable" else []
    return [what for witnessed, what in wanted if not witnessed]


def _harmless(own: list[Sight]) -> list[tuple[bool, str]]:
    return [
        (any(sight.owner is not None for sight in own), "who is responsible"),
        (_known(sight.has_bot for sight in own) is not None, "whether a bot talks in it"),
        (_known(sight.offered for sight in own) is not None, "whether it is offered"),
    ]


def _known(values: Iterable[bool | None]) -> bool | None:
    """The first value that is known; True before False."""
    known = [value for value in values if value is not None]
    return any(known) if known else None
