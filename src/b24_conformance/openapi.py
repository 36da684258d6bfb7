"""The OpenAPI description, as schemathesis understands it."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

import yaml
from hypothesis import strategies as st

from b24_conformance.chat_ids.makers import Maker, strategy
from b24_conformance.probe import Probe
from b24_conformance.resources import contract_file

_PATH = "/rest/{user}/{secret}/imopenlines.session.join.json"
_FORMAT = "b24-chat-id"


@cache
def description() -> dict[str, Any]:
    """The OpenAPI document."""
    loaded = yaml.safe_load(contract_file("openapi.yaml").read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


@cache
def join_operation() -> Any:
    """The operation of the plain call."""
    return _operation(description())


def calls(literals: Maker[str]) -> st.SearchStrategy[Probe]:
    """The calls that schemathesis generates with our `literals` as CHAT_ID."""
    import schemathesis  # noqa: PLC0415 (slow to import)

    schemathesis.openapi.format(_FORMAT, strategy(literals))
    ours = copy.deepcopy(description())
    ours["components"]["schemas"]["ChatId"] = {"type": "string", "format": _FORMAT}
    operation = _operation(ours)
    # Everything but CHAT_ID is given: the credentials are the run's own.
    cases = operation.as_strategy(
        path_parameters={"user": "1", "secret": "secret"}, headers={}, query={}, cookies={}
    )
    found: st.SearchStrategy[Probe] = cases.map(lambda case: Probe(case.body["CHAT_ID"]))
    return found


def _operation(document: dict[str, Any]) -> Any:
    import schemathesis  # noqa: PLC0415 (slow to import)

    return schemathesis.openapi.from_dict(document)[_PATH]["POST"]
