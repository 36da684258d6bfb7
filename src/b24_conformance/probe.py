"""A probe: one question to an implementation, as literally as it is asked."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

JOIN = "imopenlines.session.join"
MEMBERS = "im.chat.user.list"
LEAVE = "im.chat.leave"
UNKNOWN = "imopenlines.session.joined"
"""A method that no portal has, though its name begins like ours."""

Style = Literal["", "form", "list", "halting", "long", "unquoted", "spelt", "lower", "access_token"]
Encoding = Literal["json", "form", "multipart", "query", "text"]
Place = Literal["webhook", "oauth_body", "oauth_query", "bearer"]
Wrong = Literal[
    "random",
    "altered",
    "beheaded",
    "truncated",
    "extended",
    "nobodys",
    "swapped",
    "doubled",
    "wildcard",
    "quoted",
    "empty",
    "unscoped",
]
"""Credentials that nobody gave to anybody.

The first five are the operator's own, spoilt; `extended` both begins and ends with his.
`nobodys`: his secret, under a longer user id. `swapped`: his token in the place of his secret, or
the other way round. `doubled`: a wrong secret and a wrong token at once. `wildcard` and `quoted`
are what a careless query of a database takes for any secret. `empty`: a user and no secret, or
a header without its token. `unscoped`: a wrong secret of the user who lacks the scope.
"""
WRONG: tuple[Wrong, ...] = get_args(Wrong)
Identity = Literal["own", "none", Wrong, "anothers", "expired", "without_scope"]


_STYLES = {
    "form": "written as a form",
    "list": "with commands in a list and a CHAT_ID beside it",
    "halting": "with commands in a list, halting at the first error",
    "long": "with more commands in a list than there is room for",
    "unquoted": "unquoted names",
    "spelt": "spelt otherwise",
    "lower": "bearer in lower case",
    "access_token": "named access_token",
}


class Asking(msgspec.Struct, frozen=True, omit_defaults=True):
    """The way of asking: verb, encoding, suffix, place and kind of the credentials.

    OPTIONS is a browser's preflight, which names no chat.
    `encoding` says where CHAT_ID stands: in a JSON, form or multipart body, in the `query`, or
    as form `text` under text/plain. `identity` is whose credentials are shown: the operator's
    own, none, or wrong ones of a kind. `batch` wraps the call into a `batch` command. `style` is
    another way to write the same: the whole batch as a `form`, as PHP's clients do, its
    commands in a `list`, beside which stands a CHAT_ID; a batch that is `halting` at the first
    refused command, or so `long` that there is no room for all of them; multipart
    with `unquoted` names, as .NET's do, JSON and forms `spelt` with all that they allow, a token
    behind `bearer` in `lower` case or named `access_token`.
    """

    verb: Literal["GET", "POST", "OPTIONS"] = "POST"
    encoding: Encoding = "json"
    suffix: str = ".json"
    place: Place = "webhook"
    identity: Identity = "own"
    spelling: str = JOIN
    slashes: Literal["", "double", "trailing"] = ""
    batch: bool = False
    style: Style = ""

    @property
    def in_xml(self) -> bool:
        """Whether XML is asked for."""
        return self.suffix.lower() == ".xml"

    def __str__(self) -> str:
        words = [self.verb, self.encoding, self.place.replace("_", " by ")]
        if self.identity != "own":
            words.append(f"{self.identity.replace('_', ' ')} credentials")
        if self.suffix != ".json":
            words.append(self.suffix or "no suffix")
        if self.spelling != JOIN:
            words.append(self.spelling)
        if self.slashes:
            words.append(f"{self.slashes} slash")
        if self.batch:
            words.append("in a batch")
        if self.style:
            words.append(_STYLES[self.style])
        return ", ".join(words)


class Probe(msgspec.Struct, frozen=True, omit_defaults=True):
    """One question: who asks, for which CHAT_ID as literally written, and how.

    `chat_id` is a JSON literal for JSON, the unencoded text for the other encodings, or None:
    the parameter is absent. With `raw` it is the whole body (or query) as sent. `beside` is
    a second CHAT_ID in the URL, next to the one in the body. `extra` are further parameters
    as (name, literal). `occasion` tells apart equal questions that are meant to be asked again.
    `when` names the condition that the portal plays for this one call, see `conditions`; only
    probes for clients carry one.
    """

    chat_id: str | None = None
    operator: str = "operator"
    asking: Asking = Asking()
    method: str = JOIN
    key: str = "CHAT_ID"
    raw: bool = False
    beside: str | None = None
    extra: tuple[tuple[str, str], ...] = ()
    occasion: str = ""
    when: str = ""

    @property
    def literal(self) -> str:
        """CHAT_ID as a reader should see it; a whole body that is empty has none."""
        unnamed = self.chat_id is None or (self.raw and not self.chat_id)
        return "(absent)" if unnamed else str(self.chat_id)


Step = tuple[Probe, ...]
"""Probes that are sent one after another with nothing in between; one batch when they say so."""
