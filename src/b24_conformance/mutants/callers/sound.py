"""Sound clients: each takes one freedom that the contract leaves."""

from __future__ import annotations

import http.client
import json
import re
import secrets
from urllib.parse import urlencode, urljoin

from b24_conformance.clients.protocol import Answer, Call, broken
from b24_conformance.mutants.callers.base import (
    LIMIT,
    Caller,
    OAuthCaller,
    Params,
    Reply,
    pause,
    sound,
)

FORM = "application/x-www-form-urlencoded"


@sound()
class Plain(Caller):
    """POSTs JSON once."""


@sound()
class Form(Caller):
    """POSTs a form: every value is a string."""

    kind = FORM

    def post(self, method: str, params: Params) -> Reply:
        return self.send("POST", self.path(method), urlencode(params).encode(), self.kind)


@sound()
class TextForm(Form):
    """POSTs a form as plain text, as browsers do to avoid a preflight."""

    kind = "text/plain;charset=UTF-8"


@sound()
class Query(Caller):
    """GETs with everything in the query."""

    suffix = ""

    def post(self, method: str, params: Params) -> Reply:
        return self.send("GET", f"{self.path(method)}?start=0&{urlencode(params)}")


@sound()
class Multipart(Caller):
    """POSTs multipart/form-data."""

    def post(self, method: str, params: Params) -> Reply:
        mark = secrets.token_hex(8)
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in params.items()
        ]
        body = "".join([*parts, f"--{mark}--\r\n"]).encode()
        return self.send("POST", self.path(method), body, f"multipart/form-data; boundary={mark}")


class _Batching(Caller):
    """Wraps the call into a batch, and takes its item out again."""

    key = "order0"

    def post(self, method: str, params: Params) -> Reply:
        command = f"{method}?__order={self.key}&{urlencode(params)}&"
        return self._unwrapped(self.batch(command))

    def batch(self, command: str) -> Reply:
        """The answer to a batch of one command."""
        body = json.dumps({"halt": 0, "cmd": {self.key: command}}).encode()
        return self.send("POST", f"{self.address.path}batch", body, "application/json")

    def _unwrapped(self, reply: Reply) -> Reply:
        maps = reply.value.get("result") if isinstance(reply.value, dict) else None
        if not isinstance(maps, dict):
            return reply
        errors, results = maps["result_error"], maps["result"]
        if errors:
            error = errors[0] if isinstance(errors, list) else errors[self.key]
            return Reply(400, json.dumps(error).encode())
        item = results[0] if isinstance(results, list) else results[self.key]
        return Reply(reply.status, json.dumps({"result": item}).encode())


@sound()
class BatchOfJson(_Batching):
    """Calls through a batch in JSON."""


@sound()
class BatchOfForm(_Batching):
    """Calls through a batch in a form, whose items are numbered."""

    key = "0"

    def batch(self, command: str) -> Reply:
        body = urlencode({"halt": "0", "cmd[0]": command}).encode()
        return self.send("POST", f"{self.address.path}batch.json", body, FORM)


@sound()
class TokenInBody(OAuthCaller):
    """Uses a token, and surfaces its expiry."""


@sound()
class Renewing(OAuthCaller):
    """Sends the token in the query, and renews it when it has expired."""

    def post(self, method: str, params: Params) -> Reply:
        token = urlencode({"auth": params["auth"]})
        body = json.dumps({k: v for k, v in params.items() if k != "auth"}).encode()
        return self.send("POST", f"{self.path(method)}?{token}", body, "application/json")

    def ask(self, params: Params) -> Reply:
        reply = super().ask(params)
        if reply.error == "expired_token":
            self.renew()
            reply = super().ask(params)
        return reply


@sound()
class Patient(Caller):
    """Tries again after a limit or a broken connection, each time after a pause."""

    def ask(self, params: Params) -> Reply:
        reply = self._tried(params)
        for _ in range(2):
            if reply is not None and reply.error != LIMIT:
                return reply
            pause()
            reply = self._tried(params)
        return reply or super().ask(params)

    def _tried(self, params: Params) -> Reply | None:
        try:
            return super().ask(params)
        except TimeoutError:
            raise
        except (OSError, http.client.HTTPException):
            return None


@sound()
class Choosy(Caller):
    """Refuses locally whatever is no positive integer."""

    def __call__(self, call: Call) -> Answer:
        value = call.params.get("CHAT_ID")
        digits = isinstance(value, str) and value.isascii() and value.isdigit()
        integer = isinstance(value, int) and not isinstance(value, bool)
        if value is None or not (digits or integer):
            return {"not_sent": f"CHAT_ID {value!r} is no integer"}
        if int(value) <= 0:
            return {"not_sent": "CHAT_ID is not positive"}
        return super().__call__(call)


@sound("client.codes-exact")
class CodeInMessage(Caller):
    """Has the code only as the first word of a message."""

    def refusal(self, code: str, reply: Reply) -> Answer:
        return {"refused": code, "via": "message", "status": reply.status}


@sound()
class OddPath(Caller):
    """Doubles and appends slashes, and adds parameters of its own to the URL."""

    suffix = ""

    def path(self, method: str) -> str:
        path = super().path(method).replace("/rest/", "/rest//")
        return f"{path}/?bx24_request_id={secrets.token_hex(8)}&bx24_sdk_type=gallery"


@sound()
class UpperCase(Caller):
    """Writes the method's name in another case."""

    def path(self, method: str) -> str:
        return super().path(method.replace("imopenlines", "ImOpenLines"))


@sound()
class DigitString(Caller):
    """Makes a string of every integer."""

    def join(self, params: Params) -> Answer:
        value = params.get("CHAT_ID")
        if isinstance(value, int) and not isinstance(value, bool):
            params = {"CHAT_ID": str(value)}
        return super().join(params)


@sound()
class NullForMissing(Caller):
    """Sends null for a CHAT_ID that was left out."""

    def join(self, params: Params) -> Answer:
        return super().join({"CHAT_ID": None, **params})


@sound()
class LooksFirst(Caller):
    """Asks who it is and what the dialogue looks like before it joins."""

    def ask(self, params: Params) -> Reply:
        self.post("profile", self.signed({}))
        self.post("imopenlines.dialog.get", self.signed(params))
        return super().ask(params)


@sound()
class Preflight(Caller):
    """Sends the preflight of a browser first."""

    def post(self, method: str, params: Params) -> Reply:
        line = http.client.HTTPConnection(self.address.netloc, timeout=self.setup.patience)
        headers = {"Origin": "null", "Access-Control-Request-Method": "POST"}
        line.request("OPTIONS", self.path(method), headers=headers)
        line.getresponse().read()
        line.close()
        return super().post(method, params)


@sound()
class FollowsRedirects(Caller):
    """Follows a redirect with a GET, and is not taken in by the page that it finds."""

    def send(self, verb: str, path: str, body: bytes = b"", kind: str = "") -> Reply:
        line = http.client.HTTPConnection(self.address.netloc, timeout=self.setup.patience)
        try:
            line.request(verb, path, body or None, {"Content-Type": kind} if kind else {})
            answer = line.getresponse()
            reply = Reply(answer.status, answer.read())
            where = answer.getheader("Location")
        finally:
            line.close()
        return super().send("GET", urljoin(path, where)) if where else reply


@sound()
class Xml(Caller):
    """Asks for XML and reads it."""

    suffix = ".xml"

    def tell(self, reply: Reply) -> Answer:
        text = reply.body.decode("utf-8", "replace")
        if not text.startswith("<response>"):
            return super().tell(reply)
        if error := re.search("<error>(.*?)</error>", text):
            return self.refusal(error[1], reply)
        if "<result>1</result>" in text:
            return {"joined": True}
        return broken(f"HTTP {reply.status} without a true result")


@sound()
class KeepAlive(Caller):
    """Keeps one connection open for as long as it holds."""

    line: http.client.HTTPConnection | None = None

    def send(self, verb: str, path: str, body: bytes = b"", kind: str = "") -> Reply:
        if self.line is None:
            netloc = self.address.netloc
            self.line = http.client.HTTPConnection(netloc, timeout=self.setup.patience)
        try:
            self.line.request(verb, path, body or None, {"Content-Type": kind} if kind else {})
            answer = self.line.getresponse()
            return Reply(answer.status, answer.read())
        except (OSError, http.client.HTTPException):
            self.line.close()
            self.line = None
            raise
