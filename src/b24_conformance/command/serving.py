"""`b24-conformance serve`: the reference portal, for other projects' CI."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from types import FrameType

import click

from b24_conformance import reference
from b24_conformance.errors import ConfigError, NotBuiltError


@click.command()
@click.option("--state", type=click.Path(path_type=Path), help="TOML file with users and chats.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 takes a free one.")
@click.option("--tls", is_flag=True, help="HTTPS, under an authority made on the spot.")
@click.option("--fault", metavar="NAME", help="One named fault.")
def serve(state: Path | None, host: str, port: int, tls: bool, fault: str | None) -> int:
    """Serves the reference portal until SIGTERM or SIGINT."""
    if fault:
        raise NotBuiltError(f"--fault {fault} is not built yet")
    declared = _state(state)
    done = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        done.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    portal = reference.Portal(declared)
    try:
        server = reference.Server(portal, host=host, port=port, tls=tls)
        server.__enter__()
    except OSError as error:
        raise ConfigError(f"cannot listen on {host}:{port}: {error.strerror}") from None
    try:
        _announce(server, declared)
        done.wait()
    finally:
        server.__exit__(None, None, None)
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


def _announce(server: reference.Server, state: reference.State) -> None:
    lines = [f"listening {server.address}"]
    lines += [f"webhook {url}" for url in reference.webhooks(server.address, state).values()]
    if server.ca_file:
        lines.append(f"ca {server.ca_file}")
    for line in lines:
        click.echo(line)
    sys.stdout.flush()
