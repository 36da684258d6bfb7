"""`b24-conformance discover`: proposes the chat lists, by read-only calls."""

from __future__ import annotations

from pathlib import Path

import click

from b24_conformance.command.progress import in_words
from b24_conformance.config import load_config
from b24_conformance.errors import UsageError
from b24_conformance.live.checkup import advice
from b24_conformance.live.discovery import USE, to_toml
from b24_conformance.live.discovery import discover as search
from b24_conformance.live.lock import lock_for
from b24_conformance.live.reach import Reach, reach
from b24_conformance.live.readonly import Trouble
from b24_conformance.pace import Wait
from b24_conformance.redaction import Redaction
from b24_conformance.settings import asked_of


@click.command()
@click.argument("target", required=False, metavar="[TARGET]")
@click.option("--config", type=click.Path(path_type=Path), help="TOML file.")
@click.option("--rate", metavar="N/s", help="Requests a second; 1/s with a burst of 5 if live.")
@click.option("--limit", type=click.IntRange(1, 20), default=3, show_default=True)
@click.option("--write", type=click.Path(path_type=Path), help="A new file for the lists.")
def discover(
    target: str | None, config: Path | None, rate: str | None, limit: int, write: Path | None
) -> int:
    """Proposes the chat lists as TOML, from read-only calls, for you to confirm.

    It keeps and prints ids, roles and kinds only, never titles, names or messages. TARGET is
    `portal` (the one in the config), a webhook's URL, or `reference`. --limit is how many chats
    of each kind are wanted.
    """
    if write is not None and write.exists():
        raise _exists(write)
    loaded = load_config(config)
    asked = asked_of(loaded, {"joins": None, "rate": rate, "timeout": None}, 0)
    with reach(target, loaded, asked) as portal, lock_for(portal.declaration):
        hide = Redaction(portal.secrets).hide
        pace = portal.client().pace
        pace.tell = _wait
        found = _toml(portal, limit)
        click.echo(f"read-only requests: {portal.requests}; nothing was joined or stored", err=True)
    if isinstance(found, Trouble):
        click.echo(hide(f"error: chats cannot be listed: {found}\n  {advice(found)}"), err=True)
        return 3
    if pace.ended:
        click.echo(
            f"error: not all chats were looked at: {pace.ended}\n  run again later", err=True
        )
    if write is None:
        click.echo(hide(found), nl=False)
    else:
        new_file(write, hide(found))
        click.echo(f"written: {write}; look at each chat, then {USE}")
    return 3 if pace.ended else 0


def _wait(wait: Wait) -> None:
    if wait.why == "limit":
        click.echo(in_words(wait), err=True)


def _toml(portal: Reach, limit: int) -> str | Trouble:
    client = portal.client()
    profile = client.profile()
    if isinstance(profile, Trouble) and profile.final:
        return profile
    declared = portal.declaration.operator.user_id
    user = declared if isinstance(profile, Trouble) else profile.user_id
    colleague = portal.client("colleague") if portal.declaration.colleague else None
    found = search(client, user, colleague, limit=limit)
    return found if isinstance(found, Trouble) else to_toml(found)


def new_file(path: Path, text: str) -> None:
    """Writes a file that must not be there yet; UsageError if it is, or cannot be written."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None


def _exists(path: Path) -> UsageError:
    return UsageError(f"{path} exists already, and nothing is overwritten", hint="name a new file")
