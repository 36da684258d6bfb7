"""Methods around the join: who am I, who is in a chat, leaving it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from b24_conformance.reference import php
from b24_conformance.reference.accounts import Account, Accounts
from b24_conformance.reference.dialogue import Dialogue
from b24_conformance.reference.php import Array, Value
from b24_conformance.reference.refusals import RefusedError
from b24_conformance.reference.state import Chat

_RIGHTS: Final[Array] = {
    "manage_users_add": "member",
    "manage_users_delete": "manager",
    "manage_ui": "member",
    "manage_settings": "owner",
    "manage_messages": "member",
    "can_post": "member",
}
_RESTRICTIONS = (
    "avatar",
    "rename",
    "extend",
    "call",
    "mute",
    "leave",
    "leave_owner",
    "send",
    "user_list",
)
_MESSAGE_TYPES = {"open_line": "L", "group": "C", "private": "P", "channel": "N"}


@dataclass(frozen=True, slots=True)
class Call:
    """An authorised call of one method."""

    parameters: Array
    account: Account

    @property
    def user_id(self) -> int:
        """Return the caller's id."""
        return self.account.user.id

    def any_case(self, name: str) -> Value:
        """Return a parameter of the methods that fold the case of their keys."""
        found: Value = None
        for key, value in self.parameters.items():
            if isinstance(key, str) and key.upper() == name:
                found = value
        return found


class Helpers(Accounts, Dialogue):
    """Handlers of the methods other than the join; shapes as in the vendor's documentation."""

    def profile(self, call: Call) -> Value:
        """Answer ``profile`` (docs: api-reference/common/users/profile.md)."""
        name = call.account.user.login or f"user{call.user_id}"
        return {
            "ID": str(call.user_id),
            "ADMIN": False,
            "NAME": name,
            "LAST_NAME": "",
            "PERSONAL_GENDER": "",
            "TIME_ZONE": "",
        }

    def scope(self, call: Call) -> Value:
        """Answer ``scope`` (docs: api-reference/common/system/scope.md)."""
        return list(call.account.user.scopes)

    def chat_user_list(self, call: Call) -> Value:
        """Answer ``im.chat.user.list``; who may not see the chat gets an empty list."""
        chat_id = self.required_chat_id(call)
        seen = self.members(chat_id) if self.may_see(call.user_id, chat_id) else ()
        return [*sorted(seen)]

    def chat_leave(self, call: Call) -> Value:
        """Answer ``im.chat.leave`` (docs: api-reference/chats/chat-users/im-chat-leave.md)."""
        chat_id = self.required_chat_id(call)
        chat = self.state.chats.get(chat_id)
        if chat is None or chat.kind == "private":
            raise RefusedError("ACCESS_ERROR")
        if not self.is_member(call.user_id, chat_id):
            raise RefusedError("ACCESS_DENIED_KICK")
        self.apply_leave(call.user_id, chat_id)
        return True

    def required_chat_id(self, call: Call) -> int:
        """Return CHAT_ID as the methods of the im module read it."""
        chat_id = php.intval(call.any_case("CHAT_ID"))
        if chat_id <= 0:
            raise RefusedError("CHAT_ID_EMPTY")
        return chat_id

    def dialog_id(self, call: Call) -> int:
        """Return the chat of a DIALOG_ID such as ``chat42``, or 0."""
        text = call.any_case("DIALOG_ID")
        return php.intval(text[4:]) if isinstance(text, str) and text[:4] == "chat" else 0

    def dialog_users_list(self, call: Call) -> Value:
        """Answer ``im.dialog.users.list``."""
        chat_id = self.dialog_id(call)
        if chat_id <= 0:
            raise RefusedError("DIALOG_ID_EMPTY")
        if not self.may_see(call.user_id, chat_id):
            raise RefusedError("ACCESS_ERROR")
        return [
            {"id": user_id, "active": True, "name": f"user{user_id}", "type": "user"}
            for user_id in sorted(self.members(chat_id))
        ]

    def recent_list(self, call: Call) -> Value:
        """Answer ``im.recent.list`` with the chats of which the caller is a member."""
        items: list[Value] = [
            {
                "id": f"chat{chat.id}",
                "chat_id": chat.id,
                "type": "lines" if chat.open_line else "chat",
                "title": f"Chat {chat.id}",
                "counter": 0,
            }
            for chat in self.state.chats.values()
            if self.is_member(call.user_id, chat.id)
        ]
        return {"items": items, "hasMore": False}

    def dialog_get(self, call: Call) -> Value:
        """Answer ``imopenlines.dialog.get`` for CHAT_ID or DIALOG_ID."""
        chat_id = php.intval(call.any_case("CHAT_ID")) or self.dialog_id(call)
        chat = self.state.chats.get(chat_id)
        if chat is None or not chat.open_line or not self.may_see(call.user_id, chat_id):
            raise RefusedError(
                "ACCESS_ERROR", 400, "You do not have access to the specified dialog"
            )
        return self.describe_chat(chat, call.user_id)

    def describe_chat(self, chat: Chat, user_id: int) -> Value:
        """Return the fields of a chat (docs: sessions/imopenlines-dialog-get.md)."""
        members = sorted(self.members(chat.id))
        entity_id = f"livechat|1|{chat.id}|0"
        return {
            "id": chat.id,
            "parent_chat_id": 0,
            "parent_message_id": 0,
            "name": f"Guest #{chat.id}",
            "description": None,
            "owner": 0,
            "extranet": False,
            "avatar": "",
            "color": "#58cc47",
            "type": "lines",
            "counter": 0,
            "user_counter": len(members),
            "message_count": 0,
            "unread_id": 0,
            "restrictions": dict.fromkeys(_RESTRICTIONS, True),
            "last_message_id": 0,
            "last_id": 0,
            "marked_id": 0,
            "disk_folder_id": 0,
            "entity_type": "LINES",
            "entity_id": entity_id,
            "entity_data_1": f"N|NONE|0|N|N|{chat.id}|0|0|0|0",
            "entity_data_2": "",
            "entity_data_3": "N",
            "mute_list": [],
            "message_type": _MESSAGE_TYPES[chat.kind],
            "public": "",
            "role": "member" if user_id in members else "guest",
            "entity_link": {"type": "LINES", "url": "", "id": entity_id},
            "permissions": _RIGHTS,
            "readed_list": [],
            "manager_list": [],
            "dialog_id": f"chat{chat.id}",
        }
