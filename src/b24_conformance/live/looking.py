"""How chats look to one operator: read-only questions, put together into sights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import msgspec

from b24_conformance.live import questions
from b24_conformance.live.questions import PAGE, Question
from b24_conformance.live.readonly import ReadOnly, Trouble
from b24_conformance.live.readonly_answers import Dialog, Participants, Profile, RecentChats
from b24_conformance.live.witnessing import REFUSALS, Sight

Members: TypeAlias = tuple[int, ...]
_Kept: TypeAlias = Profile | Dialog | Participants | Members
_Recent: TypeAlias = RecentChats | Trouble | None


class Look(msgspec.Struct, frozen=True):
    """A chat to look at; `bots`: it matters whether one talks in it."""

    chat: int
    bots: bool = True


class Shown(msgspec.Struct, frozen=True):
    """What an operator was shown of the chats he looked at, and who he is, as far as known."""

    user_id: int | None
    sights: dict[int, Sight]


class _Answers(msgspec.Struct, frozen=True):
    """The answers about one chat; `plain` is asked for where `people` leaves members open."""

    dialog: _Kept | Trouble
    people: _Kept | Trouble
    plain: Members | Trouble | None = None

    @property
    def lacking(self) -> bool:
        """Whether the plain list of members may tell what the detailed one did not."""
        if isinstance(self.people, Participants):
            return len(self.people.members) >= PAGE
        if not isinstance(self.people, Trouble) or self.people.code == "insufficient_scope":
            return False
        # Whoever is refused the chat itself is not shown its members by any list.
        return not (isinstance(self.dialog, Trouble) and self.dialog.code in REFUSALS)


def look(client: ReadOnly, chat: int, user_id: int | None, recent: _Recent = None) -> Sight:
    """What the operator sees of one chat, in one request; `recent` is his list of chats."""
    return look_at(client, [Look(chat)], user_id, recent).sights[chat]


def look_at(
    client: ReadOnly, looks: Sequence[Look], user_id: int | None, recent: _Recent = None
) -> Shown:
    """What the operator sees of chats, in one request; it asks who he is if that is not known."""
    first: list[Question[_Kept]] = [] if user_id else [questions.profile()]
    own = len(first)
    told = client.together(first + [one for look in looks for one in _about(look)])
    if own and isinstance(told[0], Profile):
        user_id = told[0].user_id
    pairs = zip(told[own::2], told[own + 1 :: 2], strict=True)
    answers = {look.chat: _Answers(*pair) for look, pair in zip(looks, pairs, strict=True)}
    again = [chat for chat, one in answers.items() if one.lacking]
    for chat, plain in zip(again, client.together([*map(questions.members, again)]), strict=True):
        answers[chat] = msgspec.structs.replace(answers[chat], plain=plain)
    sights = {chat: _sight(chat, user_id, one, recent) for chat, one in answers.items()}
    return Shown(user_id, sights)


def _about(look: Look) -> tuple[Question[_Kept], Question[_Kept]]:
    # Detailed lists have names in them: they are not asked for where ids are enough.
    people = questions.participants if look.bots else questions.members
    return questions.dialog(look.chat), people(look.chat)


def _sight(chat: int, user_id: int | None, answers: _Answers, recent: _Recent) -> Sight:
    dialog = answers.dialog
    shown = dialog if isinstance(dialog, Dialog) else Dialog()
    listed = recent.find(chat) if isinstance(recent, RecentChats) else None
    if listed:
        shown = _completed(shown, listed.dialog, line=listed.line)
    return Sight(
        chat,
        asked_by=user_id,
        entity_type=shown.entity_type,
        message_type=shown.message_type,
        role=shown.role,
        members=_members(answers),
        user_counter=shown.user_counter,
        owner=shown.owner,
        offered=_offered(recent, chat),
        has_bot=_has_bot(answers.people),
        error=(dialog.code or dialog.kind) if isinstance(dialog, Trouble) else None,
    )


def _members(answers: _Answers) -> Members | None:
    if isinstance(answers.plain, tuple):
        return answers.plain
    if isinstance(answers.people, Participants):
        # A page that was cut off says of nobody that he is not in the chat.
        return None if answers.lacking else answers.people.members
    return answers.people if isinstance(answers.people, tuple) else None


def _has_bot(people: _Kept | Trouble) -> bool | None:
    if not isinstance(people, Participants) or people.bots is None:
        return None
    # A full page may have been cut off before the bot.
    return True if people.bots else (False if len(people.members) < PAGE else None)


def _completed(shown: Dialog, listed: Dialog, *, line: bool) -> Dialog:
    """What the dialog tells, else what the list of chats tells."""
    told = {
        field: getattr(shown, field) if getattr(shown, field) is not None else listed_value
        for field, listed_value in msgspec.structs.asdict(listed).items()
    }
    if told["entity_type"] is None and told["message_type"] is None:
        told["message_type"] = "L" if line else "C"
    return Dialog(**told)


def _offered(recent: RecentChats | Trouble | None, chat: int) -> bool | None:
    if not isinstance(recent, RecentChats):
        return None
    listed = recent.find(chat)
    if listed is None:
        return False if recent.complete else None
    return listed.offered
