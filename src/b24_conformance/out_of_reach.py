"""Clauses about which the declared chats leave nothing to ask, and what to add for them."""

from __future__ import annotations

import msgspec

from b24_conformance.declaration import Declaration
from b24_conformance.suite import World, load_suites

HOW_TO_OPEN = {
    "refusal.negative": (
        "a negative CHAT_ID is safe only where its mirror images are no chats: "
        "add 2147483648 (or 4294967296) to [operator.chats] absent, if there is no such chat"
    ),
    **dict.fromkeys(
        ("refusal.absent", "refusal.absent-never-joined", "refusal.absent-chat-id"),
        "an id beyond 31 bits may be cut to another one: "
        "take one below 2147483648, or 4294967296, for [operator.chats] absent",
    ),
    "cors.preflight": "a live portal is spared a browser's preflight",
    "precedence.method": "a live portal is asked for no method that it need not know",
    "batch.length": "a live portal is spared a batch of more commands than it may hold",
    "chat-id.wide": (
        "an id beyond 32 bits must be declared: add 4294967296 + one of the other chats "
        "to [operator.chats] absent"
    ),
}
"""What to add for clauses that the gate may hold back from a live portal."""

HOW_TO_PAIR = {
    "state.colleague-unaffected": (
        "no chat tells the two operators apart: add one of the operator's joinable or joined "
        "chats to [colleague.chats] access_denied"
    ),
    **dict.fromkeys(
        ("precedence.foreign-chat", "precedence.type-over-access"),
        "no chat of another kind has only one of the operators in it: add one that is in no list "
        "of the other to [colleague.chats] not_open_line",
    ),
}
"""What to add for clauses that need a chat which is something else for the colleague."""


def out_of_reach(declaration: Declaration) -> dict[str, str]:
    """The clauses about which the declared chats leave nothing to ask, and what to add.

    On a live portal also those of which nothing can be asked that is safe.
    """
    world = World(declaration)
    trusted = World(msgspec.structs.replace(declaration, stand_in=True))
    unsafe = "with the declared chats no question about it is safe on a live portal"
    found = {}
    for clause_id, wants_of in load_suites().items():
        # A stand-in is asked whatever there is to ask.
        if not world.live and clause_id not in HOW_TO_PAIR:
            continue
        if any(map(world.may, wants_of(world).telling)):
            continue
        if world.live and wants_of(trusted).telling:
            found[clause_id] = HOW_TO_OPEN.get(clause_id, unsafe)
        elif clause_id in HOW_TO_PAIR:
            found[clause_id] = HOW_TO_PAIR[clause_id]
    return found
