"""Every refusal that the reference portal knows: code, HTTP status, text."""

from __future__ import annotations

from typing import Final

# Kernel of the portal, rest.php and the authorisation handlers; portal-facts section 6.2.
_SYSTEM: Final[dict[str, tuple[int, str]]] = {
    "ERROR_METHOD_NOT_FOUND": (404, "Method not found!"),
    "NO_AUTH_FOUND": (401, "Wrong authorization data"),
    "INVALID_CREDENTIALS": (401, "Invalid request credentials"),
    "INVALID_REQUEST": (401, "Https required."),
    "expired_token": (401, "The access token provided has expired"),
    "invalid_token": (401, "Unable to get application by token"),
    "QUERY_LIMIT_EXCEEDED": (503, "Too many requests"),
    "ERROR_BATCH_METHOD_NOT_ALLOWED": (400, "Method is not allowed for batch usage"),
    "ERROR_BATCH_LENGTH_EXCEEDED": (400, "Max batch length exceeded"),
    "WRONG_ENCODING": (400, "Wrong request encoding"),
    "CHAT_ID_EMPTY": (400, "Chat ID can't be empty"),
    "DIALOG_ID_EMPTY": (400, "Dialog ID can't be empty"),
    "ACCESS_ERROR": (403, "Action unavailable"),
    "ACCESS_DENIED_KICK": (403, "Access denied to kick user from chat"),
}

# Language files of the vendor's imopenlines module; portal-facts section 6.1.
_METHOD: Final[dict[str, dict[str, str]]] = {
    "en": {
        "CHAT_ID": "Chat ID is invalid.",
        "CHAT_TYPE": "This chat is not Open Channel",
        "ACCESS_DENIED": "You do not have permission to access this chat.",
        "USER_ID": "User ID is invalid.",
    },
    "ru": {
        "CHAT_ID": "Указан не корректный идентификатор чата",
        "CHAT_TYPE": "Указанный чат не является открытой линией",
        "ACCESS_DENIED": "Вы не можете открыть этот разговор, т.к. у вас недостаточно прав.",
        "USER_ID": "Указан не корректный идентификатор пользователя",
    },
}

_SCOPE_TEXT: Final = "The request requires higher privileges than provided by the "


class RefusedError(Exception):
    """A call that is refused with a code, a text and an HTTP status."""

    def __init__(self, code: str, status: int | None = None, text: str | None = None) -> None:
        known = _SYSTEM.get(code, (400, ""))
        super().__init__(code)
        self.code = code
        self.status = known[0] if status is None else status
        self.text = known[1] if text is None else text


def method_refusal(code: str, language: str) -> RefusedError:
    """Return a refusal by the method itself; its text follows the portal's language."""
    return RefusedError(code, 400, _METHOD[language][code])


def scope_refusal(*, webhook: bool) -> RefusedError:
    """Return the refusal of a caller who lacks the method's scope."""
    token = "webhook token" if webhook else "access token"
    return RefusedError("insufficient_scope", 401, _SCOPE_TEXT + token)
