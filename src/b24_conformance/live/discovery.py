"""Proposes the chat lists of a configuration from read-only calls; keeps ids, roles and kinds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from b24_conformance.declaration import CHAT_KINDS, ChatKind
from b24_conformance.live.checkup_chats import described
from b24_conformance.live.looking import look
from b24_conformance.live.readonly import ReadOnly, Trouble
from b24_conformance.live.readonly_answers import Line, RecentChat, RecentChats
from b24_conformance.live.witnessing import FAR, INSIDE, Sight, caution

PAGES = 4
USE = "put it into your configuration, in the place of the table [operator.chats] if there is one"
_OF_LINES: tuple[ChatKind, ...] = ("joined", "joinable", "access_denied")
_MIRRORED = 2**31
_BUDGET = 4
"""For each chat that is wanted, so many are looked at before the search is given up."""


class Proposed(msgspec.Struct, frozen=True):
    """A chat, and why it is proposed (or is not)."""

    chat: int
    why: str


class Proposal(msgspec.Struct, frozen=True):
    """What may be declared: chats by kind; `withheld` are chats of lines better left alone.

    `lines` are the portal's open lines, as far as it tells. `second`: a colleague's credentials
    helped to look.
    """

    user_id: int | None
    chats: dict[ChatKind, tuple[Proposed, ...]]
    withheld: tuple[Proposed, ...] = ()
    lines: tuple[Line, ...] = ()
    second: bool = False


def discover(
    client: ReadOnly, user_id: int | None, colleague: ReadOnly | None = None, *, limit: int = 3
) -> Proposal | Trouble:
    """Looks for at most `limit` chats of each kind; a Trouble where chats cannot be listed."""
    recent = client.recent(pages=PAGES)
    if isinstance(recent, Trouble):
        return recent
    theirs = colleague.recent(pages=PAGES) if colleague else None
    others = theirs.chats if isinstance(theirs, RecentChats) else ()
    found = _Found(client, user_id, recent, limit)
    found.look_at(one for one in recent.chats if one.line)
    found.look_at(one for one in others if one.line and recent.find(one.chat) is None)
    found.take_others(one for one in recent.chats if not one.line)
    largest = max((one.chat for one in (*recent.chats, *others)), default=0)
    found.add("absent", absent_id(largest), f"far above {largest}, the largest id seen")
    if largest + FAR < _MIRRORED:
        found.add("absent", _MIRRORED, "its negative has no other mirror image either")
    if others_of := found.chats["not_open_line"] or found.chats["joined"]:
        known = others_of[0].chat
        found.add("absent", wide_id(known, largest), f"its low 32 bits name chat {known}")
    lines = client.lines()
    return Proposal(
        user_id,
        {kind: tuple(found.chats[kind]) for kind in CHAT_KINDS},
        tuple(found.withheld),
        () if isinstance(lines, Trouble) else lines,
        isinstance(theirs, RecentChats),
    )


def absent_id(largest: int) -> int:
    """An id that no chat will have for years; below 2**31 as long as that is far enough.

    Above, a portal that cuts ids to 32 bits must take it for none.
    """
    enough = (one for one in (999_999_999, 2**31 - 1) if one > largest + FAR)
    return next(enough, wide_id(0, largest))


def wide_id(chat: int, largest: int) -> int:
    """An id of no chat, far above all in use, that 32 bits take for `chat`."""
    return chat + 2**32 * ((largest + FAR) // 2**32 + 1)


class _Found:
    """What was found so far; asks no more than it needs."""

    def __init__(
        self, client: ReadOnly, user_id: int | None, recent: RecentChats, limit: int
    ) -> None:
        self.chats: dict[ChatKind, list[Proposed]] = {kind: [] for kind in CHAT_KINDS}
        self.withheld: list[Proposed] = []
        self._client = client
        self._user = user_id
        self._recent = recent
        self._limit = limit

    def add(self, kind: ChatKind, chat: int, why: str) -> None:
        """Proposes a chat, unless there are enough of its kind."""
        if not self._enough(kind):
            self.chats[kind].append(Proposed(chat, why))

    def look_at(self, listed: Iterable[RecentChat]) -> None:
        """Looks at chats of lines, and takes them for what they are."""
        for looks, one in enumerate(listed):
            if looks >= _BUDGET * self._limit or all(map(self._enough, _OF_LINES)):
                return
            if one.dialog.role in INSIDE and self._enough("joined"):
                continue
            self._take(look(self._client, one.chat, self._user, self._recent))

    def take_others(self, listed: Iterable[RecentChat]) -> None:
        """Takes chats of other kinds in which the operator takes part."""
        for looks, one in enumerate(listed):
            if looks >= _BUDGET * self._limit or self._enough("not_open_line"):
                return
            inside = one.dialog.role in INSIDE
            if one.dialog.role is None:
                inside = self._inside(one.chat)
            if inside:
                self.add("not_open_line", one.chat, "a chat of another kind with the operator in")

    def _enough(self, kind: ChatKind) -> bool:
        return len(self.chats[kind]) >= self._limit

    def _inside(self, chat: int) -> bool:
        members = self._client.members(chat)
        return not isinstance(members, Trouble) and self._user in members

    def _take(self, sight: Sight) -> None:
        inside = sight.has(self._user)
        if sight.refused and not inside:
            self.add("access_denied", sight.chat, "a colleague's chat, which the portal refuses")
            return
        if sight.line is not True or inside is None or not sight.granted:
            return
        kind: ChatKind = "joined" if inside else "joinable"
        if reason := caution(kind, sight, self._user):
            self.withheld.append(Proposed(sight.chat, reason.partition(": ")[2]))
        else:
            self.add(kind, sight.chat, described(sight))


_ABOUT: dict[ChatKind, tuple[str, ...]] = {
    "joinable": (
        "open line, may join -> true. A join would be seen by colleagues: it adds a line to the",
        "chat. Only --joins new ever does it. / Вступление увидят коллеги; только --joins new.",
    ),
    "joined": (
        "open line, already a member -> true; joining again changes nothing",
        "/ открытая линия, оператор уже в чате",
    ),
    "access_denied": ("open line, may not join -> ACCESS_DENIED / вступить нельзя",),
    "not_open_line": (
        "another kind of chat, the operator is a member -> CHAT_TYPE / не открытая линия",
    ),
    "absent": ("no such chat -> CHAT_ID / такого чата нет",),
}
_HOW_TO_GET: dict[ChatKind, tuple[str, ...]] = {
    "access_denied": (
        "Own rights cannot show what they do not open. Add the webhook of a second user as",
        "[colleague], one who takes part in chats of lines in whose queue the operator is not (an",
        "ordinary employee's webhook for [operator] helps), and run `discover` again.",
        "/ Нужен вебхук второго сотрудника в [colleague].",
    ),
    "joinable": (
        "none was found. Best is a line of your own, in whose queue the operator is and whose only",
        "customer you are; or add a [colleague] who takes part in such chats.",
        "/ Лучше всего своя тестовая линия.",
    ),
}


def to_toml(proposal: Proposal) -> str:
    """The proposal as a table for a configuration; ids only, and why in comments."""
    return "\n".join(_toml(proposal)) + "\n"


def _toml(proposal: Proposal) -> Iterator[str]:
    whose = f"user {proposal.user_id}" if proposal.user_id else "the operator"
    yield f"# Proposed by `b24-conformance discover` for {whose}, by read-only calls."
    yield "# Look at each chat before you keep it. / Проверьте каждый чат, прежде чем оставить."
    yield f"# Then {USE}."
    yield "# / Поставьте на место таблицы [operator.chats]: двух таких TOML не допускает."
    yield from (f"# {line}" for line in _lines(proposal))
    yield "[operator.chats]"
    for kind in CHAT_KINDS:
        yield from (f"# {text}" for text in _ABOUT[kind])
        chats = proposal.chats[kind]
        if not chats:
            missing = _HOW_TO_GET.get(kind, ("none was found",))
            if kind == "access_denied" and proposal.second:
                missing = ("none was found: the operator may enter all of the colleague's chats",)
            yield from (f"# {text}" for text in missing)
            yield f"{kind} = []"
            continue
        yield f"{kind} = ["
        yield from (f"    {one.chat},  # {one.why}" for one in chats)
        yield "]"
    if proposal.withheld:
        yield "# Not proposed / Не предложены:"
        yield from (f"#   {one.chat}: {one.why}" for one in proposal.withheld)


def _lines(proposal: Proposal) -> Iterator[str]:
    if not proposal.lines:
        return
    queues = [line for line in proposal.lines if line.queue is not None]
    mine = [str(line.line) for line in queues if proposal.user_id in (line.queue or ())]
    rest = [str(line.line) for line in queues if proposal.user_id not in (line.queue or ())]
    yield f"Open lines: {len(proposal.lines)}; the operator is in the queue of {_listed(mine)}."
    if rest:
        yield f"access_denied chats may be found on lines {_listed(rest)}."


def _listed(words: list[str]) -> str:
    return ", ".join(words) or "none"
