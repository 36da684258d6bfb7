"""Why each request of a live run is safe, and what people will see of it; for `run --plan`."""

from __future__ import annotations

from b24_conformance.declaration import Declaration
from b24_conformance.gate import readings
from b24_conformance.probe import MEMBERS, Probe, Step

NOTHING_SEEN = "nobody sees anything of it"
JOIN_SEEN = (
    "colleagues in the chat see one message that the operator has joined and one that he has left, "
    "and their counters; the customer sees nothing"
)


def why_safe(step: Step, declaration: Declaration) -> str:
    """Why the probes of one request hurt nobody, or whom the one real join shows what."""
    reasons = dict.fromkeys(_why(probe, declaration) for probe in step)
    return "; ".join(reasons)


def _why(probe: Probe, declaration: Declaration) -> str:
    if probe.method == MEMBERS:
        return f"read-only: {NOTHING_SEEN}"
    if probe.asking.identity != "own":
        return "wrong credentials, and no chat: nothing to join"
    chats = declaration.chats(probe.operator)
    numbers = {number for number in readings(probe) if number > 0}
    if numbers & set(chats.joinable):
        return f"THE REAL JOIN, or the chat joined by it: {JOIN_SEEN}"
    if numbers & set(chats.joined):
        return f"the operator is in the chat already: {NOTHING_SEEN}"
    return "a declared chat that must be refused" if numbers else "every reading of it is no chat"
