"""Runs over live portals: served on loopback, configured by TOML, asked by the public engine."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from b24_conformance.command.planning import print_plan
from b24_conformance.config import load_config
from b24_conformance.declaration import Chats, Rung
from b24_conformance.events import Event, ImplementationFinished, Judged, Observed
from b24_conformance.implementations.building import Asked
from b24_conformance.implementations.configured import configured_portal
from b24_conformance.options import Options
from b24_conformance.reference import Portal, Raw, Request, Response, Server, default_state
from b24_conformance.run import run

FAST = 1000.0
ABSENT = 9_999_999_999
SIMPLE = Chats((2043,), (2045,), (2050,), (12,), (999999999,))
JOIN = "imopenlines.session.join"
Answer = Callable[[Request], Response | Raw]
E = TypeVar("E")


class Sent(NamedTuple):
    """One request on the portal's side, and how it was answered."""

    request: Request
    response: Response | Raw

    @property
    def method(self) -> str:
        """The method in the path, without its suffix."""
        path = self.request.target.partition("?")[0].rstrip("/")
        name = path.rpartition("/")[2].lower()
        return name.removesuffix(".json").removesuffix(".xml")

    @property
    def commands(self) -> list[str]:
        """The commands of a batch."""
        if self.method != "batch":
            return []
        found = json.loads(self.request.body)["cmd"]
        return found if isinstance(found, list) else [*found.values()]

    @property
    def line(self) -> str:
        """Everything but headers in one line."""
        return f"{self.request.verb} {self.request.target} {self.request.body.decode('latin-1')}"

    @property
    def joins(self) -> bool:
        """Whether it asks for the join, alone or in a batch."""
        return self.method == JOIN or any(c.startswith(JOIN) for c in self.commands)


class Done(NamedTuple):
    """How a run ended, all its events, and all requests as the portal saw them."""

    finished: ImplementationFinished
    events: list[Event]
    sent: list[Sent]

    @property
    def exit_code(self) -> int:
        """The exit code of the implementation."""
        return self.finished.exit_code

    @property
    def statuses(self) -> dict[str, str]:
        """Each clause's status."""
        return {one.clause: one.status for one in self.of(Judged)}

    @property
    def judged(self) -> dict[str, Judged]:
        """Each clause's judgement."""
        return {one.clause: one for one in self.of(Judged)}

    def of(self, kind: type[E]) -> list[E]:
        """The events of a kind."""
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def asked(self) -> list[Observed]:
        """What was observed."""
        return self.of(Observed)


def secret(user: int) -> str:
    """A user's webhook secret."""
    return str(default_state().users[user].webhook_secret)


def chat_lines(chats: Chats) -> list[str]:
    """The lists of chats in TOML."""
    lists = ((kind, chats.of(kind)) for kind in Chats.__struct_fields__)  # type: ignore[arg-type]
    return [f"{kind} = {list(ids)}" for kind, ids in lists if ids]


def config_text(  # noqa: PLR0913 (so many things can be configured)
    address: str,
    chats: Chats = SIMPLE,
    *,
    stand_in: bool = False,
    webhook: bool = True,
    token: bool = False,
    colleague: Chats | None = None,
    without: Sequence[str] = (),
    scopeless: bool = False,
    expired: bool = False,
    more: Sequence[str] = (),
) -> str:
    """A configuration for a live portal at `address`."""
    lines = [
        "[portal]",
        f"stand_in = {str(stand_in).lower()}",
        f"without = {json.dumps(list(without))}",
        "[operator]",
    ]
    user = default_state().users[1]
    if webhook:
        lines.append(f'webhook = "{address}/rest/1/{secret(1)}/"')
    else:
        lines.append(f'address = "{address}"')
    lines += [f'access_token = "{user.access_token}"'] * token
    lines += [*more, "[operator.chats]", *chat_lines(chats)]
    if colleague is not None:
        lines += ["[colleague]", f'webhook = "{address}/rest/2/{secret(2)}/"']
        lines += ["[colleague.chats]", *chat_lines(colleague)]
    if scopeless or expired:
        lines.append("[credentials]")
        lines += [f'without_scope = "{address}/rest/9/{secret(9)}/"'] * scopeless
        lines += [f'expired_token = "{user.expired_token}"'] * expired
    return "\n".join(lines)


def live_run(
    portal: Portal | Answer,
    folder: Path,
    *,
    joins: Rung = "new",
    options: Options | None = None,
    rate: float = FAST,
    **config: Any,
) -> Done:
    """A whole run of the public engine over a portal served in this process."""
    sent: list[Sent] = []
    events: list[Event] = []

    def heard(request: Request, answer: Response | Raw, *_: float) -> None:
        sent.append(Sent(request, answer))

    with Server(portal, on_exchange=heard) as server:
        path = folder / "live.toml"
        path.write_text(config_text(server.address, **config), encoding="utf-8")
        asked = Asked(joins, rate)
        implementation = configured_portal(load_config(path), asked)
        (finished,) = run([implementation], options or Options(), events.append)
    return Done(finished, events, sent)


def live_plan(
    folder: Path, *, joins: Rung = "new", options: Options | None = None, **config: Any
) -> tuple[str, list[Sent]]:
    """What `run --plan` prints, and what it sends."""
    sent: list[Sent] = []
    with Server(Portal(), on_exchange=lambda *seen: sent.append(Sent(*seen[:2]))) as server:
        path = folder / "live.toml"
        path.write_text(config_text(server.address, **config), encoding="utf-8")
        told = io.StringIO()
        portal = configured_portal(load_config(path), Asked(joins, FAST))
        with portal, redirect_stdout(told):
            print_plan([portal], options or Options())
    return told.getvalue(), sent
