"""The gallery of clients: by name, with the clause that must name each fault."""

from __future__ import annotations

import sys

from b24_conformance.clients.entry import Client, Credentials
from b24_conformance.implementations.client import ClientImplementation
from b24_conformance.mutants.adapter import LOADED
from b24_conformance.mutants.callers.base import ENTRIES, Entry
from b24_conformance.redaction import Redaction
from b24_conformance.reference import default_state

DEADLINE = 3.0
__all__ = ["LOADED", "Entry", "client", "faulty_clients", "implementation", "sound_clients"]


def faulty_clients() -> tuple[Entry, ...]:
    """Every faulty client, in the order in which they are written down."""
    return tuple(entry for entry in ENTRIES.values() if entry.clause)


def sound_clients() -> tuple[Entry, ...]:
    """Every sound client."""
    return tuple(entry for entry in ENTRIES.values() if not entry.clause)


def client(entry: Entry) -> Client:
    """The client as the suite drives it: a program that is spoken to line by line."""
    command = (sys.executable, "-P", "-m", "b24_conformance.mutants.adapter", entry.name)
    credentials: Credentials = "oauth" if entry.make.credentials == "oauth" else "webhook"
    return Client(entry.name, command, credentials=credentials)


def implementation(entry: Entry, *, deadline: float = DEADLINE) -> ClientImplementation:
    """The client against a reference portal of its own; to be closed by its user."""
    user = default_state().users[1]
    known = {
        "$B24_WEBHOOK": user.webhook_secret,
        "$B24_TOKEN": user.access_token,
        "$B24_REFRESH_TOKEN": user.refresh_token,
    }
    secrets = {label: value for label, value in known.items() if value}
    redaction = Redaction(secrets)
    made = ClientImplementation(
        client(entry), hide=redaction.hide_exchange, hide_text=redaction.hide, deadline=deadline
    )
    made.secrets = secrets
    return made
