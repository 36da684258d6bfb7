"""`b24-conformance serve`: the reference portal, for other projects' CI."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType
from typing import Any

import click

from b24_conformance import reference
from b24_conformance.cases import Cases
from b24_conformance.errors import ConfigError, UsageError, nearest
from b24_conformance.implementations.inprocess import Answer
from b24_conformance.mutants.gallery import portals


@click.command()
@click.option("--state", type=click.Path(path_type=Path), help="TOML file with users and chats.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 takes a free one.")
@click.option("--tls", is_flag=True, help="HTTPS, under an authority made on the spot.")
@click.option("--cases", is_flag=True, help="Credentials of its own for each case.")
@click.option("--fault", metavar="NAME", help="One named fault, as `prove` lists them.")
def serve(state: Path | None, **options: Any) -> int:
    """Serves the reference portal until SIGTERM or SIGINT."""
    declared = _state(state)
    if options["cases"] and options["fault"]:
        raise UsageError("--cases and --fault exclude each other")
    if options["cases"]:
        cases = Cases(declared)
        return _serve(cases.portal, cases.lines, options)
    answer = _faulty(options["fault"], declared) if options["fault"] else reference.Portal(declared)
    return _serve(answer, lambda address: _webhooks(address, declared), options)


def _faulty(name: str, state: reference.State) -> Answer:
    if state != reference.default_state():
        raise UsageError("--fault goes with the default state only", hint="leave --state out")
    known = {mutant.name: mutant for mutant in portals()}
    if name not in known:
        raise UsageError(f"no fault is named {name!r}", hint=nearest(name, known))
    made = known[name].make()
    return made.answer if isinstance(made, reference.Portal) else made


def _serve(
    answer: reference.Portal | Answer,
    lines: Callable[[str], Iterable[str]],
    options: dict[str, Any],
) -> int:
    host, port = options["host"], options["port"]
    done = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        done.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    try:
        server = reference.Server(answer, host=host, port=port, tls=options["tls"])
        server.open()
    except OSError as error:
        raise ConfigError(f"cannot listen on {host}:{port}: {error.strerror}") from None
    try:
        _announce(server, lines(server.address))
        done.wait()
    finally:
        server.close()
    return 0


def _state(path: Path | None) -> reference.State:
    if path is None:
        return reference.default_state()
    try:
        return reference.State.load(path)
    except reference.StateError as error:
        raise ConfigError(str(error)) from None
    except OSError as error:
        raise ConfigError(f"the state {path.name} cannot be read: {error.strerror}") from None


def _webhooks(address: str, state: reference.State) -> list[str]:
    return [f"webhook {url}" for url in reference.webhooks(address, state).values()]


def _announce(server: reference.Server, lines: Iterable[str]) -> None:
    authority = [f"ca {server.ca_file}"] if server.ca_file else []
    for line in (f"listening {server.address}", *lines, *authority):
        click.echo(line)
    sys.stdout.flush()
