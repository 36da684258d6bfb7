"""How an implementation over a transport is put together: gate, pace, credentials, redaction."""

from __future__ import annotations

import msgspec

from b24_conformance.declaration import Declaration
from b24_conformance.gate import Gate
from b24_conformance.implementations.base import Transport
from b24_conformance.implementations.keyring import Keyring
from b24_conformance.implementations.portal import PortalImplementation
from b24_conformance.pace import LIVE_RATE, Pace, Steady, Unlimited

OAUTH = ("oauth_body", "oauth_query", "bearer")


class Asked(msgspec.Struct, frozen=True):
    """How the user wants targets to be reached."""

    joins: str | None = None
    rate: float | None = None
    seed: int = 0
    timeout: float = 30.0


def build(
    declaration: Declaration,
    transport: Transport,
    keyring: Keyring,
    asked: Asked,
) -> PortalImplementation:
    """A portal behind `transport`; a live one is paced."""
    live = not declaration.stand_in
    rate = asked.rate or (LIVE_RATE if live else None)
    pace: Pace = Steady(rate) if rate else Unlimited()
    return PortalImplementation(
        declaration,
        transport=transport,
        keyring=keyring,
        gate=Gate(declaration),
        pace=pace,
    )
