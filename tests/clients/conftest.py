"""Tiny adapter programs, and clients that end with their test."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from b24_conformance.clients.catalogue import Client
from b24_conformance.exchange import Exchange
from b24_conformance.implementations.client import ClientImplementation

Program = Callable[[str], tuple[str, ...]]
Drive = Callable[..., ClientImplementation]

PRELUDE = """
import json, os, subprocess, sys, time
def say(text): print(text, flush=True)
"""


def as_it_is(exchange: Exchange) -> Exchange:
    """Hides nothing: what these tests hold back is nobody's secret."""
    return exchange


@pytest.fixture
def program() -> Program:
    """Makes the command of an inline program; it has `say(line)` and the usual modules."""

    def make(code: str) -> tuple[str, ...]:
        return (sys.executable, "-c", PRELUDE + textwrap.dedent(code))

    return make


@pytest.fixture
def drive() -> Iterator[Drive]:
    """Makes an implementation of a client, and closes it after the test."""
    with ExitStack() as stack:

        def make(client: Client, *, deadline: float = 30.0) -> ClientImplementation:
            implementation = ClientImplementation(client, hide=as_it_is, deadline=deadline)
            return stack.enter_context(implementation)

        yield make
