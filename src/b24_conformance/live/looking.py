"""One operator's look at one chat: two read-only questions, put together into a sight."""

from __future__ import annotations

import msgspec

from b24_conformance.live.readonly import PAGE, ReadOnly, Trouble
from b24_conformance.live.readonly_answers import Dialog, Participants, RecentChats
from b24_conformance.live.witnessing import Sight


def look(
    client: ReadOnly, chat: int, user_id: int | None, recent: RecentChats | Trouble | None = None
) -> Sight:
    """What the operator sees of a chat, in two requests; `recent` is his list of chats."""
    dialog = client.dialog(chat)
    shown = dialog if isinstance(dialog, Dialog) else Dialog()
    listed = recent.find(chat) if isinstance(recent, RecentChats) else None
    if listed:
        shown = _completed(shown, listed.dialog, line=listed.line)
    people = client.participants(chat)
    members: tuple[int, ...] | Trouble
    # Where detailed lists are refused, the plain one may still be shown.
    members = client.members(chat) if isinstance(people, Trouble) else people.members
    return Sight(
        chat,
        asked_by=user_id,
        entity_type=shown.entity_type,
        message_type=shown.message_type,
        role=shown.role,
        members=None if isinstance(members, Trouble) else members,
        user_counter=shown.user_counter,
        owner=shown.owner,
        offered=_offered(recent, chat),
        has_bot=_has_bot(people),
        error=(dialog.code or dialog.kind) if isinstance(dialog, Trouble) else None,
    )


def _has_bot(people: Participants | Trouble) -> bool | None:
    if isinstance(people, Trouble) or people.bots is None:
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
