"""The portal that is there when nothing else is declared, and what it demands."""

from __future__ import annotations

from typing import Final

from b24_conformance.reference.state import Chat, State, User

OPERATOR: Final = 1
COLLEAGUE: Final = 2
MEMBER: Final = 3
WITHOUT_SCOPE: Final = 9
CUSTOMER: Final = 100


def default_state() -> State:
    """Return the default portal: an operator, a colleague, and chats of every kind."""
    return State.of(_USERS, _CHATS)


# Random, so that a leak of one is found by search; they open nothing but this stand-in.
_USERS: Final = (
    User(
        OPERATOR,
        webhook_secret="t1t0yqot4mcz10nm",
        access_token="8bb45b5ce87432569e2c347f7ad079550fefacbd3c10b0a301e855d67cf5cff9d465c0",
        refresh_token="69633d50d722cc461dac58686f8c77cfd2658353c5efda567720854d19e7f87e4c7a5f",
        expired_token="3e3c9c2d2045c3648bdd771247ad1be564a5a3069fb1ed45d6f6000ac8958470a0403f",
        login="operator",
    ),
    User(
        COLLEAGUE,
        webhook_secret="1kfki7wevijszx8k",
        access_token="d5deff6e631c13a886f98f59874e4ad80cac986f450930117ce44638cf81937495766a",
        refresh_token="f4252646489840ae53fcab24a06cbc9cf204c845ecd60a78559e281314e5bdb1b1a668",
        expired_token="b3c7eb7df132b1fba7144f6ef7f41a68bc4ff69d36b659cbac55190d0b7e82e064a77f",
        login="colleague",
    ),
    User(MEMBER, webhook_secret="2irlqc4gfh02g5sm", login="member"),
    User(
        WITHOUT_SCOPE,
        webhook_secret="meyj5ltc4wee98gv",
        access_token="0fa57c6d38dc055e85fdc86127f38e0b6de8b017abb15840761b080cc17fccb221e890",
        refresh_token="081c008b1c5ef8f67066806e4493bb8ea0042f35ead9f91a4d14da181c2c1c9b2cf1b7",
        expired_token="ea98077d4083b6f8e9def8dc0d922ac61d9e00a62fe552e5878bf94781d23f6b311372",
        scopes=("im",),
        login="without-scope",
    ),
)


def _line(
    number: int,
    *,
    members: tuple[int, ...] = (),
    may_join: tuple[int, ...] = (),
    offered_to: tuple[int, ...] = (),
) -> Chat:
    # Every dialogue has its customer in it, who is nobody's operator.
    present = frozenset({*members, CUSTOMER})
    return Chat(number, "open_line", present, frozenset(may_join), frozenset(offered_to))


def _other(number: int, kind: str, *members: int) -> Chat:
    return Chat(number, kind, frozenset(members))


_CHATS: Final = (
    _other(1, "group", OPERATOR, COLLEAGUE),
    _other(12, "group", OPERATOR, MEMBER),
    _other(13, "private", OPERATOR, MEMBER),
    _other(14, "channel", OPERATOR, MEMBER),
    _other(15, "group", COLLEAGUE),
    _other(5000, "group", OPERATOR),
    _line(5, may_join=(COLLEAGUE,)),
    _line(42, may_join=(OPERATOR, COLLEAGUE)),
    _line(1000),
    _line(2000, may_join=(OPERATOR,)),
    _line(2043, may_join=(OPERATOR, COLLEAGUE)),
    _line(2044, may_join=(OPERATOR,)),
    _line(2045, members=(OPERATOR,), may_join=(COLLEAGUE,)),
    _line(2046, offered_to=(OPERATOR,)),
    _line(2047, members=(COLLEAGUE,)),
    _line(2050),
    _line(2051),
    _line(7000, members=(OPERATOR,)),
    # 2**31 + 5 and 2**32 + 5: a portal that cuts ids to 32 bits takes them for another chat.
    _line(2147483653, members=(OPERATOR,)),
    _line(4294967301, may_join=(OPERATOR,)),
)

# Written by hand and not computed from the state, so that the two can be compared.
DECLARATIONS: Final[dict[str, dict[str, list[int]]]] = {
    "operator": {
        "joinable": [42, 2000, 2043, 2044, 2046, 4294967301],
        "joined": [2045, 7000, 2147483653],
        "access_denied": [5, 1000, 2047, 2050, 2051],
        "not_open_line": [1, 12, 13, 14, 5000],
        "absent": [999999999, 4294969339],
    },
    "colleague": {
        "joinable": [5, 42, 2043, 2045],
        "joined": [2047],
        "access_denied": [
            1000,
            2000,
            2044,
            2046,
            2050,
            2051,
            7000,
            2147483653,
            4294967301,
        ],
        "not_open_line": [1, 15],
        "absent": [999999999, 4294969339],
    },
}
