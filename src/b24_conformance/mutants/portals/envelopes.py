"""Answers that are right but wrapped wrongly: body, status, fields, headers."""

from __future__ import annotations

from b24_conformance.mutants.gallery import of_kind
from b24_conformance.reference import Portal, Response
from b24_conformance.reference.php import Array, Value
from b24_conformance.reference.refusals import RefusedError
from b24_conformance.reference.rendering import Passage

faulty = of_kind("envelope")


class _Refusal(Portal):
    """Writes the body of a refusal in its own way."""

    def refusal_envelope(self, refused: RefusedError) -> Array:
        return self.wrapped(refused.code, refused.text)

    def wrapped(self, code: str, text: str) -> Array:
        """The body."""
        raise NotImplementedError


@faulty("envelope.one-outcome")
class ResultBesideError(_Refusal):
    """A refusal holds a result as well."""

    def wrapped(self, code: str, text: str) -> Array:
        return {"result": False, "error": code, "error_description": text}


@faulty("envelope.one-outcome")
class UpperCaseFields(_Refusal):
    """The fields of a refusal are written in upper case."""

    def wrapped(self, code: str, text: str) -> Array:
        return {"ERROR": code, "ERROR_DESCRIPTION": text}


@faulty("envelope.one-outcome")
class ListOfErrors(_Refusal):
    """A refusal holds a list of errors."""

    def wrapped(self, code: str, text: str) -> Array:
        return {"errors": [{"code": code, "message": text}]}


@faulty("envelope.refusal-strings")
class ErrorObject(_Refusal):
    """The error is an object, as in REST 3.0."""

    def wrapped(self, code: str, text: str) -> Array:
        return {"error": {"code": code, "message": text}}


@faulty("envelope.refusal-strings")
class ErrorNumber(_Refusal):
    """The error is a number."""

    def wrapped(self, code: str, text: str) -> Array:
        return {"error": 400, "error_description": f"{code}: {text}"}


@faulty("envelope.refusal-strings")
class EmptyError(_Refusal):
    """The code is empty, and only the text tells what is wrong."""

    def wrapped(self, code: str, text: str) -> Array:
        return {"error": "", "error_description": text}


@faulty("envelope.refusal-strings")
class NoDescription(_Refusal):
    """A refusal has no error_description."""

    def wrapped(self, code: str, text: str) -> Array:
        return {"error": code}


@faulty("shape.openapi")
class NullDescription(_Refusal):
    """The text of a refusal is null."""

    def wrapped(self, code: str, text: str) -> Array:
        return {"error": code, "error_description": None}


@faulty("envelope.refusal-strings")
class DescriptionList(_Refusal):
    """The text of a refusal is a list of texts."""

    def wrapped(self, code: str, text: str) -> Array:
        return {"error": code, "error_description": [text]}


@faulty("envelope.refusal-strings")
class OtherNameOfText(_Refusal):
    """The text of a refusal stands under another name."""

    def wrapped(self, code: str, text: str) -> Array:
        return {"error": code, "error_message": text}


class _Success(Portal):
    """Writes the body of a success in its own way."""

    def success_envelope(self, result: Value, times: Array) -> Array:
        whole = super().success_envelope(result, times)
        return self.wrapped(whole) if result is True else whole

    def wrapped(self, whole: Array) -> Array:
        """The body, made of the right one."""
        raise NotImplementedError


@faulty("envelope.one-outcome")
class ErrorBesideResult(_Success):
    """A success holds an empty error as well."""

    def wrapped(self, whole: Array) -> Array:
        return {**whole, "error": None}


@faulty("envelope.one-outcome")
class NoResult(_Success):
    """A success holds the time and nothing else."""

    def wrapped(self, whole: Array) -> Array:
        return {"time": whole["time"]}


@faulty("envelope.one-outcome")
class ResultByAnotherName(_Success):
    """The result stands under the name success."""

    def wrapped(self, whole: Array) -> Array:
        return {"success": whole["result"], "time": whole["time"]}


class _Status(Portal):
    """Gives some answers another HTTP status."""

    def respond(self, status: int, envelope: Value, passage: Passage, finished: float) -> Response:
        other = self.other(status, envelope if isinstance(envelope, dict) else {})
        return super().respond(other, envelope, passage, finished)

    def other(self, status: int, envelope: Array) -> int:
        """The status that goes out."""
        raise NotImplementedError


@faulty("envelope.success-status")
class Created(_Status):
    """A success has HTTP status 201."""

    def other(self, status: int, envelope: Array) -> int:
        return 201 if envelope.get("result") is True else status


@faulty("envelope.success-status")
class Accepted(_Status):
    """A success has HTTP status 202."""

    def other(self, status: int, envelope: Array) -> int:
        return 202 if envelope.get("result") is True else status


@faulty("envelope.refusal-status")
class RefusedWith200(_Status):
    """A refusal has HTTP status 200."""

    def other(self, status: int, envelope: Array) -> int:
        return 200 if status == 400 else status


@faulty("envelope.refusal-status")
class DeniedWith403(_Status):
    """ACCESS_DENIED has HTTP status 403."""

    def other(self, status: int, envelope: Array) -> int:
        return 403 if (status, envelope.get("error")) == (400, "ACCESS_DENIED") else status


@faulty("envelope.refusal-status")
class UnknownWith404(_Status):
    """CHAT_ID has HTTP status 404."""

    def other(self, status: int, envelope: Array) -> int:
        return 404 if envelope.get("error") == "CHAT_ID" else status


@faulty("envelope.refusal-status")
class TypeWith422(_Status):
    """CHAT_TYPE has HTTP status 422."""

    def other(self, status: int, envelope: Array) -> int:
        return 422 if envelope.get("error") == "CHAT_TYPE" else status


@faulty("robust.no-server-error")
class RefusedWith500(_Status):
    """A refusal has HTTP status 500."""

    def other(self, status: int, envelope: Array) -> int:
        return 500 if status == 400 else status
