"""Why each request of a live run is safe, and what people will see of it, or could read."""

from __future__ import annotations

from b24_conformance import hosts
from b24_conformance.declaration import Declaration
from b24_conformance.gate import chats_read
from b24_conformance.probe import MEMBERS, Probe, Step

NOTHING_SEEN = "nobody sees anything of it"
LEAVE_SEEN = " and one that he has left"
JOIN_SEEN = (
    "colleagues in the chat see one message that the operator has joined{}, "
    "and their counters; the customer sees nothing"
)


def told_readable(declaration: Declaration) -> str | None:
    """A warning for a live portal whose operators' secrets can be read on the way to it."""
    if declaration.stand_in or not hosts.readable(declaration.address):
        return None
    return (
        f"warning: {declaration.address} is asked without TLS: whoever is on the way can read the "
        "secret; write https:// if the portal has it"
    )


def why_safe(step: Step, declaration: Declaration, *, stays: bool = False) -> str:
    """Why the probes of one request hurt nobody, or whom the one real join shows what.

    `stays`: it is not undone.
    """
    seen = JOIN_SEEN.format("" if stays else LEAVE_SEEN)
    reasons = dict.fromkeys(_why(probe, declaration, seen) for probe in step)
    return "; ".join(reasons)


def _why(probe: Probe, declaration: Declaration, seen: str) -> str:
    if probe.method == MEMBERS:
        return f"read-only: {NOTHING_SEEN}"
    if probe.asking.identity != "own":
        return "wrong credentials, and no chat: nothing to join"
    chats = declaration.chats(probe.operator)
    numbers = set(chats_read(probe))
    if numbers & set(chats.joinable):
        return f"THE REAL JOIN, or the chat joined by it: {seen}"
    if numbers & set(chats.joined):
        return f"the operator is in the chat already: {NOTHING_SEEN}"
    return "a declared chat that must be refused" if numbers else "every reading of it is no chat"
