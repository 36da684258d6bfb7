"""What can be said of a portal before a run, by read-only questions: see `doctor`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from b24_conformance.declaration import Declaration
from b24_conformance.live.checkup_chats import of_chats
from b24_conformance.live.reach import Reach
from b24_conformance.live.readonly import ReadOnly, Trouble
from b24_conformance.live.readonly_answers import Profile
from b24_conformance.probe import Asking

Mark = Literal["ok", "problem", "open"]


class Line(msgspec.Struct, frozen=True):
    """One line of the checklist: `open` is what could not or need not be checked.

    `add` says what to do. `hinders`: no run can give a verdict until that is done.
    """

    subject: str
    mark: Mark
    text: str
    add: str = ""
    hinders: bool = False


_ANOTHER = "make a new inbound webhook (Developer resources) and put it into [operator] webhook"
ADVICE = {
    "INVALID_CREDENTIALS": f"the user or the secret in the webhook is wrong: {_ANOTHER}",
    "NO_AUTH_FOUND": f"the portal saw no credentials: {_ANOTHER}",
    "INVALID_REQUEST": "the portal wants https:// in the webhook",
    "expired_token": "the access token has expired: refresh it, or use a webhook",
    "invalid_token": "the access token is of another portal or application",
    "insufficient_scope": "give the webhook the scopes imopenlines and im",
    "authorization_error": "the user is dismissed or locked: use a webhook of an active one",
    "user_access_error": "give the user access to the application",
    "ACCESS_DENIED": "the portal's plan has no REST: choose a plan or subscription that has",
    "PAYMENT_REQUIRED": "the portal's subscription has ended",
    "APPLICATION_NOT_FOUND": "install the application on the portal again",
    "ERROR_OAUTH": "install the application on the portal again",
    "PORTAL_DELETED": "the portal was deleted: name another one",
    "OVERLOAD_LIMIT": "REST is blocked on this portal: ask its support",
    "OPERATION_TIME_LIMIT": "wait ten minutes",
    "QUERY_LIMIT_EXCEEDED": "wait a minute, stop other scripts of this address, lower --rate",
}
_KINDS = {
    "unreachable": "check the address in the webhook, the network, VPN and firewall",
    "tls": 'for an authority of your own add [portal] ca_file = "….pem"; else renew the'
    " portal's certificate (verification cannot be switched off)",
    "broken": "look at the portal's own logs, or raise [run] timeout",
    "redirect": "put the new address into the webhook: redirects are not followed",
    "not_json": "use the address of a REST webhook: https://example.bitrix24.com/rest/1/SECRET/",
    "throttled": "wait some minutes and lower --rate",
}

_RENEWED = ("the access token has expired; a run renews it", "run once, then look again")


def advice(trouble: Trouble) -> str:
    """What to do about a trouble."""
    general = _KINDS.get(trouble.kind, "see the portal's documentation of this error")
    return ADVICE.get(trouble.code, general)


class Checkup:
    """Looks at a portal step by step; `found` is what the declaration is really worth."""

    def __init__(self, portal: Reach) -> None:
        self.portal = portal
        self.found: Declaration = portal.declaration
        self.im = True
        self._operator = portal.client()
        self._user: int | None = None

    def lines(self) -> Iterator[Line]:
        """The checklist, each line as soon as it is known."""
        profile = self._operator.profile()
        yield self._reached(profile)
        yield self._tls(profile)
        yield self._credentials(profile)
        # A portal without `profile` may still answer everything else.
        unheard = isinstance(profile, Trouble) and profile.code != "ERROR_METHOD_NOT_FOUND"
        if unheard:
            yield Line("the rest", "open", "not asked, as nothing would come of it")
            return
        yield self._who(profile)
        yield from self._scope()
        yield self._method()
        yield from self._others()
        yield from self._chats()

    def _reached(self, profile: Profile | Trouble) -> Line:
        subject, address = "portal", self.found.address
        if not isinstance(profile, Trouble) or profile.kind in ("refused", "odd"):
            return Line(subject, "ok", f"{address} answers")
        if profile.kind == "tls":
            return Line(subject, "ok", f"{address} is there")
        return Line(subject, "problem", f"{address}: {profile}", advice(profile), hinders=True)

    def _tls(self, profile: Profile | Trouble) -> Line:
        if not self.found.secure:
            add = "write https:// in the webhook, but for a stand-in on this machine"
            return Line("TLS", "open", "not used: the secret travels unencrypted", add)
        if isinstance(profile, Trouble) and profile.kind == "tls":
            return Line("TLS", "problem", str(profile), advice(profile), hinders=True)
        if isinstance(profile, Trouble) and profile.kind in ("unreachable", "broken"):
            return Line("TLS", "open", "not seen, as nothing answered")
        return Line("TLS", "ok", "the certificate is valid and trusted")

    def _credentials(self, profile: Profile | Trouble) -> Line:
        subject = "credentials"
        if not isinstance(profile, Trouble):
            return Line(subject, "ok", "the portal accepts them")
        if profile.code == "ERROR_METHOD_NOT_FOUND":
            return Line(subject, "open", "the portal has no method `profile` to try them with")
        if profile.kind not in ("refused", "odd"):
            return Line(subject, "open", "not tried, as the portal was not reached")
        if profile.code == "expired_token" and "operator" in self.portal.renewed:
            return Line(subject, "open", *_RENEWED)
        return Line(subject, "problem", f"`profile`: {profile}", advice(profile), hinders=True)

    def _who(self, profile: Profile | Trouble) -> Line:
        declared = self.found.operator.user_id
        self._user = declared
        if isinstance(profile, Trouble):
            user = f"user {declared}, by the webhook" if declared else "not known"
            return Line("operator", "open", user, "" if declared else "add [operator] user_id")
        self._user = profile.user_id
        text = f"user {profile.user_id}"
        if declared not in (None, profile.user_id):
            add = f"write user_id = {profile.user_id} in [operator], or leave it out"
            return Line("operator", "problem", f"{text}, not {declared}", add, hinders=True)
        if profile.admin:
            add = "an ordinary employee's webhook makes access_denied chats easier to find"
            return Line("operator", "ok", f"{text}, an administrator, who may join anywhere", add)
        return Line("operator", "ok", text)

    def _scope(self) -> Iterator[Line]:
        scopes = self._operator.scope()
        if isinstance(scopes, Trouble):
            yield Line("scope", "open", f"`scope`: {scopes}", "see the method below")
            return
        for scope in ("imopenlines", "im"):
            if scope in scopes:
                yield Line("scope", "ok", scope)
                continue
            self.im = self.im and scope != "im"
            add = f"tick {scope} in the webhook's settings"
            if scope == "im":
                add += ": without it nobody can witness who takes part in a chat"
            yield Line("scope", "problem", f"{scope} is missing", add, hinders=scope != "im")

    def _method(self) -> Line:
        subject, method = "method", self._operator.method()
        if isinstance(method, Trouble):
            return Line(subject, "open", f"`method.get`: {method}")
        if method.available:
            return Line(subject, "ok", "imopenlines.session.join is available")
        if method.existing:
            text, add = "it exists, but not for these credentials", "add the scope imopenlines"
        else:
            text, add = "the portal has no such method", "install the module of open lines"
        return Line(subject, "problem", text, add, hinders=True)

    def _others(self) -> Iterator[Line]:
        """The further credentials that are configured, each by one request."""
        places = self.found.operator.places
        if "webhook" in places and "bearer" in places:
            yield self._token()
        if self.found.colleague:
            yield self._colleague()
        if "without_scope" in self.found.identities:
            yield self._without_scope()
        if "expired" in self.found.identities:
            yield self._expired()

    def _token(self) -> Line:
        subject = "access token"
        profile = self.portal.client(asking=Asking(place="oauth_body")).profile()
        if isinstance(profile, Trouble):
            if profile.code == "expired_token" and "operator" in self.portal.renewed:
                return Line(subject, "open", *_RENEWED)
            return Line(subject, "problem", str(profile), advice(profile), hinders=True)
        if self._user not in (None, profile.user_id):
            text = f"it is user {profile.user_id}'s, the webhook user {self._user}'s"
            return Line(subject, "problem", text, "take both of one user", hinders=True)
        return Line(subject, "ok", "the portal accepts it")

    def _colleague(self) -> Line:
        profile = self.portal.client("colleague").profile()
        if isinstance(profile, Trouble):
            return Line("colleague", "problem", str(profile), advice(profile), hinders=True)
        if profile.user_id == self._user:
            text = f"user {profile.user_id} is the operator himself"
            return Line("colleague", "problem", text, "take another user's webhook", hinders=True)
        person = msgspec.structs.replace(self.found.people["colleague"], user_id=profile.user_id)
        people = {**self.found.people, "colleague": person}
        self.found = msgspec.structs.replace(self.found, people=people)
        return Line("colleague", "ok", f"user {profile.user_id}")

    def _without_scope(self) -> Line:
        subject = "without_scope"
        scopes = self.portal.client(asking=Asking(identity="without_scope")).scope()
        if isinstance(scopes, Trouble):
            return Line(subject, "problem", str(scopes), advice(scopes), hinders=True)
        if "imopenlines" in scopes:
            add = "take the scope imopenlines from that webhook"
            return Line(subject, "problem", "it has the scope imopenlines", add, hinders=True)
        return Line(subject, "ok", "a webhook that works, without the scope imopenlines")

    def _expired(self) -> Line:
        asking = Asking(place="oauth_body", identity="expired")
        answer = self.portal.client(asking=asking).profile()
        if isinstance(answer, Trouble) and answer.code == "expired_token":
            return Line("expired_token", "ok", "the portal calls it expired")
        text = str(answer) if isinstance(answer, Trouble) else "the portal still accepts it"
        add = "give a token of this portal that was issued more than an hour ago"
        return Line("expired_token", "problem", text, add, hinders=True)

    def _chats(self) -> Iterator[Line]:
        people = self.found.people
        users = {name: person.user_id for name, person in people.items()}
        users["operator"] = self._user
        clients: dict[str, ReadOnly] = {
            name: self._operator if name == "operator" else self.portal.client(name)
            for name in people
        }
        for look in of_chats(self.found, clients, users):
            if look.contradicted:
                self.found = without(self.found, look.operator, look.chat)
            yield Line(look.subject, look.mark, look.text, look.add)


def without(declaration: Declaration, operator: str, chat: int) -> Declaration:
    """The declaration without one of the operator's chats."""
    person = declaration.people[operator]
    lists = {
        kind: tuple(one for one in ids if one != chat)
        for kind, ids in msgspec.structs.asdict(person.chats).items()
    }
    chats = msgspec.structs.replace(person.chats, **lists)
    people = {**declaration.people, operator: msgspec.structs.replace(person, chats=chats)}
    return msgspec.structs.replace(declaration, people=people)
