"""Clients that no registry serves, shown to work with stand-ins of ours: see standins/."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from b24_conformance.clients.catalogue import KNOWN, Client
from b24_conformance.clients.entry import FILES
from b24_conformance.exchange import Exchange
from b24_conformance.implementations.client import ClientImplementation
from b24_conformance.outcome import Outcome
from b24_conformance.probe import Probe
from b24_conformance.transcript import Observation

HERE = Path(__file__).parent / "standins"
STANDINS = {
    "crest": str(HERE / "crest-standin.php"),
    "b24phpsdk": str(HERE / "b24phpsdk-standin.php"),
    "bx24js": str(HERE / "bx24-standin.js"),
    "b24gosdk": str(HERE / "b24gosdk"),
}
NAMES = ["crest", "crest-oauth", "b24phpsdk", "bx24js", "b24gosdk"]


def as_it_is(exchange: Exchange) -> Exchange:
    """Hides nothing."""
    return exchange


def with_standin(name: str) -> Client:
    """The client, with our stand-in in the place of what its user gives."""
    return replace(KNOWN[name], paths=STANDINS)


@pytest.fixture(scope="module", autouse=True)
def no_paths_of_the_environment() -> Iterator[None]:
    """The real ones of this machine would take the stand-ins' place."""
    with pytest.MonkeyPatch.context() as patch:
        for variable, _ in FILES.values():
            patch.delenv(variable, raising=False)
        yield


@pytest.fixture(scope="module", params=NAMES)
def client(request: pytest.FixtureRequest) -> Iterator[ClientImplementation]:
    """Each client in turn, by one process."""
    entry = with_standin(request.param)
    if entry.missing:
        pytest.skip(f"NOT TESTED: {entry.name} is missing: {entry.how_to_get}")
    with ClientImplementation(entry, hide=as_it_is, deadline=60.0) as implementation:
        yield implementation


@pytest.fixture(scope="module")
def ask() -> Iterator[Callable[[Probe], Observation]]:
    """Asks BX24.js in its page."""
    entry = with_standin("bx24js")
    if entry.missing:
        pytest.skip(f"NOT TESTED: bx24js is missing: {entry.how_to_get}")
    with ClientImplementation(entry, hide=as_it_is) as implementation:
        yield implementation.ask


class TestSupplied:
    """What the callers of all of them see."""

    def test_without_its_file(self) -> None:
        """Without the file the client is missing, and says how to give it."""
        for name in NAMES:
            own = FILES[name.removesuffix("-oauth")][0]
            assert f"set {own}, or " in KNOWN[name].how_to_get

    def test_joined(self, client: ClientImplementation) -> None:
        """A joinable and a joined chat are joined, by one request each."""
        for chat_id in ("2043", "2045"):
            observation = client.ask(Probe(chat_id))
            assert (Outcome("joined"), 1) == (observation.outcome, len(observation.exchanges))

    @pytest.mark.parametrize(
        ("chat_id", "code"),
        [
            ("2050", "ACCESS_DENIED"),
            ("12", "CHAT_TYPE"),
            ("999999999", "CHAT_ID"),
            ("0", "CHAT_ID"),
            ('"\u2028"', "CHAT_ID"),
            (None, "CHAT_ID"),
        ],
    )
    def test_refused(self, client: ClientImplementation, chat_id: str | None, code: str) -> None:
        """Each refusal comes with its code: b24phpsdk has it in a message only."""
        outcome = client.ask(Probe(chat_id)).outcome
        via = "message" if client.name == "client:b24phpsdk" else "field"
        assert Outcome("refused", code=code, via=via) == outcome

    def test_success_is_boolean(self, client: ClientImplementation) -> None:
        """A result that is a text is no success."""
        outcome = client.ask(Probe("2045", when="result-string-true")).outcome
        assert "broken" == outcome.kind


class TestBx24:
    """BX24.js in a page."""

    def test_wire(self, ask: Callable[[Probe], Observation]) -> None:
        """It sends a form as plain text, so that the browser need not ask first."""
        (exchange,) = ask(Probe("2043")).exchanges
        kinds = [value for name, value in exchange.request.headers if name.lower() == "origin"]
        assert kinds and kinds[0].startswith("http://localhost:")
        assert exchange.request.body.startswith("CHAT_ID=2043&auth=")

    def test_callback_that_never_comes(self, ask: Callable[[Probe], Observation]) -> None:
        """That the callback is never called is told long before the deadline; it goes on."""
        outcome = ask(Probe("2045", when="dropped")).outcome
        assert "broken" == outcome.kind
        assert "the callback was never called within 1 s" in str(outcome.detail)
        assert Outcome("joined") == ask(Probe("2045")).outcome
