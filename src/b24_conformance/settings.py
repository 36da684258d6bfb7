"""The options of a run, wherever they were given: on a command line, to pytest, or in TOML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from b24_conformance.config import Config
from b24_conformance.errors import UsageError
from b24_conformance.implementations.building import Asked
from b24_conformance.options import Options


def options_of(config: Config, options: Mapping[str, Any]) -> Options:
    """What a run is told: the options given, else those of `[run]`."""
    defaults = config.run
    return Options(
        clauses=tuple(options["clause"] or ()) or defaults.clause,
        require=tuple(options["require"] or ()) or defaults.require,
        seed=_first(options["seed"], defaults.seed, 0),
        max_requests=_first(options["max_requests"], defaults.max_requests, None),
        strict=bool(_first(options["strict"], defaults.strict, False)),
        stay=bool(_first(options["stay"], defaults.stay, False)),
        despite_warnings=bool(
            _first(options["despite_warnings"], defaults.despite_warnings, False)
        ),
    )


def asked_of(config: Config, options: Mapping[str, Any], seed: int) -> Asked:
    """How targets are to be reached: the options given, else those of `[run]`."""
    return Asked(
        joins=_first(options["joins"], config.run.joins, None),
        rate=_rate(_first(options["rate"], config.run.rate, None)),
        seed=seed,
        timeout=float(_first(options["timeout"], config.run.timeout, 30.0)),
    )


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _rate(text: float | str | None) -> float | None:
    if text is None:
        return None
    try:
        rate = float(str(text).removesuffix("/s"))
    except ValueError:
        rate = 0.0
    if not 0 < rate < 1e6:
        raise UsageError(f"--rate {text} is no rate", hint="write for instance --rate 1/s")
    return rate
