"""Bodies and tokens that are read otherwise than PHP reads them."""

from __future__ import annotations

import dataclasses
import re

from b24_conformance.mutants.gallery import of_kind
from b24_conformance.mutants.portals.asking import Body
from b24_conformance.reference import Portal, Request
from b24_conformance.reference.php import Array
from b24_conformance.reference.refusals import RefusedError

faulty = of_kind("asking")


@faulty("php.malformed-json")
class MalformedRefused(Portal):
    """A body that is no JSON is refused with a code of its own."""

    def read_json(self, body: bytes) -> Array:
        fields = super().read_json(body)
        return fields or {"": body.decode("utf-8", "replace")}

    def check_link(self, parameters: Array) -> None:
        super().check_link(parameters)
        if parameters.get("") not in (None, "{}"):
            raise RefusedError("ERROR_ARGUMENT", 400, "bad JSON")


@faulty("php.malformed-json")
class MalformedMended(Portal):
    """The digits behind CHAT_ID are found in whatever the body is."""

    def read_json(self, body: bytes) -> Array:
        fields = super().read_json(body)
        found = re.search(rb"CHAT_ID\D{0,3}([0-9]{1,18})", body)
        return fields if fields or not found else {"CHAT_ID": int(found[1])}


@faulty("php.malformed-json")
class BareNumberRead(Portal):
    """A body that is a number alone, or a list of one, is taken for CHAT_ID."""

    def read_json(self, body: bytes) -> Array:
        bare = re.fullmatch(rb'\s*[\["]?([0-9]{1,18})[\]"]?\s*', body)
        return {"CHAT_ID": int(bare[1])} if bare else super().read_json(body)


@faulty("php.malformed-json")
class TrailingCommaRead(Portal):
    """A comma too many in a JSON object is overlooked."""

    def read_json(self, body: bytes) -> Array:
        return super().read_json(re.sub(rb",\s*}", b"}", body))


@faulty("php.malformed-json")
class FormInJson(Portal):
    """A form that is announced as JSON is read as a form."""

    def read_json(self, body: bytes) -> Array:
        return super().read_json(body) or super().read_form(body)


@faulty("php.duplicates")
class FirstOfTwo(Portal):
    """Of two CHAT_IDs in a JSON object the first counts."""

    def read_json(self, body: bytes) -> Array:
        first = re.match(rb'\{"CHAT_ID":([0-9]{1,18}),"CHAT_ID"', body)
        return {"CHAT_ID": int(first[1])} if first else super().read_json(body)


@faulty("php.duplicates")
class EscapesUnread(Portal):
    """Escapes in a JSON key are not read."""

    def read_json(self, body: bytes) -> Array:
        return super().read_json(body.replace(b"CHAT\\u005fID", b"OTHER"))


@faulty("php.form")
class FirstFormField(Portal):
    """Of two CHAT_IDs in a form the first counts."""

    def read_form(self, body: bytes) -> Array:
        pairs = body.split(b"&")
        named = [pair for pair in pairs if pair.startswith(b"CHAT_ID=")]
        return super().read_form(b"&".join([p for p in pairs if p not in named] + named[:1]))


@faulty("php.form")
class BracketsUnread(Portal):
    """CHAT_ID[] in a form is read like CHAT_ID."""

    def read_form(self, body: bytes) -> Array:
        return super().read_form(re.sub(rb"CHAT_ID\[\w*\]", b"CHAT_ID", body))


@faulty("php.form")
class PlusIsPlus(Portal):
    """A plus in a form is no space, which only two in a row tell from one before a number."""

    def read_form(self, body: bytes) -> Array:
        return super().read_form(body.replace(b"+", b"%2B"))


@faulty("php.strings")
class CapitalExponentUnread(Portal):
    """A text with an exponent is read up to it where it is written as a capital."""

    def read_chat_id(self, parameters: Array) -> int:
        value = parameters.get("CHAT_ID")
        text = value.partition("E")[0] if isinstance(value, str) else value
        return super().read_chat_id({**parameters, "CHAT_ID": text})


@faulty("asking.unknown-parameters")
class LastQuestionMark(Portal):
    """The query is what follows the last question mark of the URL."""

    def read_query(self, request: Request) -> Array:
        head, mark, query = request.target.rpartition("?")
        escaped = dataclasses.replace(request, target=f"{head.partition('?')[0]}{mark}{query}")
        return super().read_query(escaped)


@faulty("oauth.body")
class TokenInBodyUnread(Portal):
    """A token in the body is not read."""

    def read_body(self, request: Request) -> Array:
        body = super().read_body(request)
        return {key: value for key, value in body.items() if key != "auth"}


@faulty("oauth.query")
class TokenInQueryUnread(Portal):
    """A token in the URL is not read."""

    def read_query(self, request: Request) -> Array:
        query = super().read_query(request)
        return {key: value for key, value in query.items() if key != "auth"}


@faulty("oauth.bearer")
class BearerUnread(Portal):
    """A token in a header is not read."""

    def read_token(self, request: Request, parameters: Array) -> str | None:
        return super().read_token(dataclasses.replace(request, headers=()), parameters)


@faulty("oauth.body")
class OnlyAccessToken(Portal):
    """A token is read from the parameter access_token, and not from auth."""

    def read_token(self, request: Request, parameters: Array) -> str | None:
        return super().read_token(request, {**parameters, "auth": None})


@faulty("asking.json-spelling")
class JsonTypeToTheLetter(Body):
    """JSON is read only where its type has nothing behind it."""

    def unread(self, kind: str, body: bytes) -> bool:
        return kind.startswith("application/json;")


@faulty("asking.json-spelling")
class JsonOnOneLine(Body):
    """JSON is read only where it stands on one line."""

    def unread(self, kind: str, body: bytes) -> bool:
        return "json" in kind and b"\n" in body


@faulty("asking.json-spelling")
class JsonKeyAsWritten(Body):
    """CHAT_ID is looked for in the body as it is written."""

    def unread(self, kind: str, body: bytes) -> bool:
        return "json" in kind and b"CHAT_ID" not in body
