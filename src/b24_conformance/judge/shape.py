"""The rule of shape: schemathesis holds each answer against the OpenAPI description."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from b24_conformance.exchange import Response
from b24_conformance.judge.envelopes import json_answers
from b24_conformance.judge.registry import Check, rule
from b24_conformance.judge.trial import Trial
from b24_conformance.openapi import join_operation

if TYPE_CHECKING:
    from schemathesis.openapi.checks import JsonSchemaError

# What is no JSON at all is the business of envelope.json.
_JSON_STARTS = ("{", "[", '"', "t", "f", "n")
# How a validator says that a `not` of the schema holds.
_FORBIDDEN = re.compile(r'\{"required":\["(\w+)"\]\} is not allowed for .*')


@rule("shape.openapi")
def openapi(trial: Trial) -> Iterator[Check]:
    """Every JSON answer of the method has the described shape."""
    for answer in json_answers(trial):
        response = answer.response
        described = response.status == 200 or response.status >= 400
        if described and response.body.lstrip().startswith(_JSON_STARTS):
            fault = _fault(response.status, response.body)
            yield Check(answer.observation, not fault, "the shape in openapi.yaml", fault)


@lru_cache(maxsize=8192)
def _fault(status: int, body: str) -> str:
    """What is wrong with the shape, or nothing."""
    from schemathesis.core.failures import Failure, FailureGroup  # noqa: PLC0415 (slow to import)

    response = _as_schemathesis(Response(status, (), body))
    try:
        join_operation().validate_response(response)
    except FailureGroup as group:
        return _told(group.exceptions)
    except Failure as failure:
        return _told([failure])
    return ""


def _told(failures: Sequence[BaseException]) -> str:
    from schemathesis.core.failures import MalformedJson  # noqa: PLC0415 (slow to import)
    from schemathesis.openapi.checks import JsonSchemaError  # noqa: PLC0415 (slow to import)

    first = failures[0]
    if isinstance(first, MalformedJson):
        return f"a body that is no JSON: {first.validation_message} at {first.position}"
    if not isinstance(first, JsonSchemaError):
        return f"a body that cannot be read: {_first_line(first)}"
    wrong = (_misfit(one) for one in failures if isinstance(one, JsonSchemaError))
    return f"a body of another shape: {'; '.join(wrong)}"


def _misfit(failure: JsonSchemaError) -> str:
    where = ".".join(map(str, failure.instance_path))
    what = _FORBIDDEN.sub(r"`\1` is not allowed here", _first_line(failure))
    return f"in `{where}` {what}" if where else what


def _first_line(failure: BaseException) -> str:
    said = str(getattr(failure, "validation_message", "") or failure)
    return said.strip().splitlines()[0][:160]


def _as_schemathesis(response: Response) -> Any:
    from schemathesis.core.transport import Response as Theirs  # noqa: PLC0415 (slow to import)

    return Theirs(
        status_code=response.status,
        headers={"content-type": ["application/json"]},
        content=response.body.encode("utf-8", "surrogatepass"),
        request=_request(),
        elapsed=0.0,
        verify=True,
    )


@cache
def _request() -> Any:
    import requests  # noqa: PLC0415 (slow to import)

    return requests.Request("POST", "https://example.bitrix24.com/").prepare()
