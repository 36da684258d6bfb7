"""One interface for everything under test: ask a probe, get an observation."""

from __future__ import annotations

import abc
import time
from collections.abc import Iterator
from typing import Protocol

from b24_conformance.closing import Closing
from b24_conformance.declaration import Declaration
from b24_conformance.exchange import Exchange, Fault, Request, Response
from b24_conformance.outcome import Outcome
from b24_conformance.probe import Probe, Step
from b24_conformance.transcript import Observation


class WireError(Exception):
    """An exchange broke: `fault` says at which point, `detail` how."""

    def __init__(self, fault: Fault, detail: str) -> None:
        super().__init__(f"{fault}: {detail}")
        self.fault: Fault = fault
        self.detail = detail


class Transport(Protocol):
    """Carries a request to a portal and brings its response; never retries, never redirects."""

    def send(self, request: Request) -> Response:
        """The response, or WireError."""
        ...

    def close(self) -> None:
        """Gives back what the transport holds."""
        ...


class Implementation(Closing, abc.ABC):
    """What is under test. A context manager: leaving it ends whatever it started."""

    def __init__(self, declaration: Declaration) -> None:
        self.declaration = declaration
        self.secrets: dict[str, str] = {}
        self._observed = 0

    @property
    def name(self) -> str:
        """How reports call it: scheme, host and port of a portal, or `client:NAME`."""
        return self.declaration.name

    @property
    def missing(self) -> str | None:
        """Why it cannot be asked at all on this machine, and how to change that."""
        return None

    @property
    def version(self) -> str | None:
        """The version that a client says it has."""
        return None

    @abc.abstractmethod
    def ask(self, probe: Probe) -> Observation:
        """Puts one probe and observes its outcome."""

    def ask_step(self, step: Step) -> Iterator[Observation]:
        """Puts the probes of a step one after another, each when the one before was looked at."""
        return (self.ask(probe) for probe in step)

    def wait(self, seconds: float) -> None:
        """Lets some time pass before the next question."""
        time.sleep(seconds)

    def close(self) -> None:
        """Ends whatever the implementation started."""

    def _observe(
        self, probe: Probe, outcome: Outcome, exchanges: tuple[Exchange, ...]
    ) -> Observation:
        observation = Observation(self._observed, probe, outcome, exchanges)
        self._observed += 1
        return observation
