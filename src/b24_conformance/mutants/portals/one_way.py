"""By one way of asking only: joins that are not stored, callers who are taken for another."""

from __future__ import annotations

from b24_conformance.mutants.gallery import of_kind
from b24_conformance.reference import Portal, Request
from b24_conformance.reference.accounts import Account
from b24_conformance.reference.helpers import Call
from b24_conformance.reference.php import Value
from b24_conformance.reference.reading import Incoming, Route

faulty = of_kind("state")
_FIRST_USER = 1


class _Knowing(Portal):
    """Knows how the call came in that is being answered; `by` is the way that it treats badly."""

    by = ""
    way: frozenset[str] = frozenset()

    def read(self, request: Request, route: Route) -> Incoming:
        incoming = super().read(request, route)
        kind = (request.header("content-type") or "").partition(";")[0]
        token = "token" if incoming.webhook is None and incoming.token else "webhook"
        self.way = frozenset({kind.rpartition("/")[2], incoming.transport, token})
        return incoming

    def run_command(self, command: str, call: Call) -> Value:
        self.way |= {"batch"}
        return super().run_command(command, call)


class _NotStored(_Knowing):
    """Stores no joins that come by one way."""

    def apply_join(self, user_id: int, chat_id: int) -> None:
        if self.by not in self.way or "batch" in self.way:
            super().apply_join(user_id, chat_id)


@faulty("success.participant")
class FormNotStored(_NotStored):
    """A join by a form is not stored."""

    by = "x-www-form-urlencoded"


@faulty("success.participant")
class TokenNotStored(_NotStored):
    """A join by a token is not stored."""

    by = "token"


@faulty("success.participant")
class XmlNotStored(_NotStored):
    """A join that is answered in XML is not stored."""

    by = "xml"


@faulty("success.participant")
class TokenStoredForFirst(_Knowing):
    """A join by a token is stored for the first user, whoever's token it is."""

    def apply_join(self, user_id: int, chat_id: int) -> None:
        super().apply_join(_FIRST_USER if "token" in self.way else user_id, chat_id)


class _ActsAsFirst(_Knowing):
    """Takes everybody who comes by one way for the first user."""

    def authenticate(self, incoming: Incoming) -> Account:
        account = super().authenticate(incoming)
        if self.by not in self.way:
            return account
        return Account(self.state.users[_FIRST_USER], webhook=account.webhook)


@faulty("xml.refusal")
class XmlAsFirst(_ActsAsFirst):
    """Whoever wants XML is the first user."""

    by = "xml"


@faulty("asking.multipart")
class MultipartAsFirst(_ActsAsFirst):
    """Whoever sends multipart is the first user."""

    by = "form-data"


@faulty("asking.form")
class FormAsFirst(_ActsAsFirst):
    """Whoever sends a form is the first user."""

    by = "x-www-form-urlencoded"

    def authenticate(self, incoming: Incoming) -> Account:
        batch = incoming.method.lower() == "batch"
        return Portal.authenticate(self, incoming) if batch else super().authenticate(incoming)


@faulty("oauth.bearer")
class BearerAsFirst(Portal):
    """Whoever shows his token in a header is the first user."""

    def authenticate_oauth(self, incoming: Incoming) -> Account | None:
        account = super().authenticate_oauth(incoming)
        if account is None or "auth" in incoming.parameters:
            return account
        return Account(self.state.users[_FIRST_USER], webhook=False)


@faulty("state.colleague-unaffected")
class TokenBatchAsFirst(Portal):
    """Whoever sends a batch with a token is the first user."""

    def run_command(self, command: str, call: Call) -> Value:
        if call.account.webhook:
            return super().run_command(command, call)
        first = Account(self.state.users[_FIRST_USER], webhook=False)
        return super().run_command(command, Call(call.parameters, first))


@faulty("state.colleague-unaffected")
class BatchOpensJoined(Portal):
    """What anybody has joined by a plain call is open to everybody's batches."""

    def __init__(self) -> None:
        super().__init__()
        self._opened: set[int] = set()
        self._batched = False

    def run_command(self, command: str, call: Call) -> Value:
        self._batched = True
        try:
            return super().run_command(command, call)
        finally:
            self._batched = False

    def may_join(self, user_id: int, chat_id: int) -> bool:
        opened = self._batched and chat_id in self._opened
        return opened or super().may_join(user_id, chat_id)

    def apply_join(self, user_id: int, chat_id: int) -> None:
        if not self._batched:
            self._opened.add(chat_id)
        super().apply_join(user_id, chat_id)
