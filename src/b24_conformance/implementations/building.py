"""How an implementation over a transport is put together: gate, pace, credentials, redaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from b24_conformance.declaration import Declaration
from b24_conformance.gate import Gate
from b24_conformance.implementations.base import Implementation, Transport
from b24_conformance.implementations.keyring import Keyring
from b24_conformance.implementations.portal import PortalImplementation
from b24_conformance.pace import Wait, pace_of
from b24_conformance.redaction import Redaction

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
    return PortalImplementation(
        declaration,
        transport=transport,
        keyring=keyring,
        gate=Gate(declaration),
        pace=pace_of(stand_in=declaration.stand_in, rate=asked.rate),
    )


def watch(
    implementations: Iterable[Implementation],
    redaction: Redaction,
    waits: Callable[[Wait], None] | None = None,
) -> None:
    """Lets `redaction` learn the tokens that are renewed, and `waits` hear what is waited for."""
    for one in implementations:
        if isinstance(one, PortalImplementation):
            one.redaction.teach(redaction)
            one.pace.tell = waits or one.pace.tell
