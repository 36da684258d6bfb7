"""Rules of the object `time`: its fields, and how they agree with one another."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from b24_conformance.judge.envelopes import decoded, successes
from b24_conformance.judge.registry import Check, rule
from b24_conformance.judge.trial import Trial
from b24_conformance.transcript import Observation

_NUMBERS = ("start", "finish", "duration", "processing")
_DATES = ("date_start", "date_finish")
# Seconds by which a number is off that was cut to a whole one.
_CUT = 1.001
# Numbers beyond it are all the same, so that the difference of two is one, too.
_FAR = 1e18
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)\Z")


@rule("time.present")
def time_present(trial: Trial) -> Iterator[Check]:
    """A success carries the object `time`."""
    for a in successes(trial):
        kept = isinstance(a.body.get("time"), dict)
        yield Check(
            a.observation, kept, "an object `time`", f"`time` {json.dumps(a.body.get('time'))[:80]}"
        )


@rule("time.fields")
def time_fields(trial: Trial) -> Iterator[Check]:
    """`time` has its six fields, four numbers and two dates."""
    for observation, time in _times(trial):
        wrong = [n for n in _NUMBERS if not _is_number(time.get(n))]
        wrong += [n for n in _DATES if not _is_date(time.get(n))]
        wrong += [
            n for n in ("operating", "operating_reset_at") if n in time and not _is_number(time[n])
        ]
        yield Check(
            observation,
            not wrong,
            "numbers and ISO 8601 dates in `time`",
            f"wrong or missing: {', '.join(wrong)}",
        )


@rule("time.order")
def time_order(trial: Trial) -> Iterator[Check]:
    """Time does not run backwards within an answer, and its fields agree."""
    for observation, time in _times(trial):
        if all(_is_number(time.get(name)) for name in _NUMBERS):
            wrong = _disorder(time)
            yield Check(
                observation,
                not wrong,
                "finish not before start, durations and dates that fit",
                f"{wrong}: {json.dumps({name: time.get(name) for name in (*_NUMBERS, *_DATES)})}",
            )


def _times(trial: Trial) -> Iterator[tuple[Observation, dict[str, Any]]]:
    """Every object `time` of a success; of a batch once, with those of its items."""
    for a in successes(trial):
        if isinstance(time := a.body.get("time"), dict):
            yield a.observation, time
    seen: set[int] = set()
    for observation in (s.observation for s in trial.joins if s.probe.asking.batch):
        number = observation.exchanges[-1].number if observation.exchanges else 0
        if observation.response is not None and number not in seen:
            seen.add(number)
            body = decoded(observation.response.body)
            yield from ((observation, time) for time in _times_of_batch(body))


def _times_of_batch(body: Any) -> list[dict[str, Any]]:
    """The objects `time` of a batch's answer: its own, and one for each item that succeeded."""
    body = body if isinstance(body, dict) else {}
    maps = body.get("result")
    items = maps.get("result_time") if isinstance(maps, dict) else None
    values = items.values() if isinstance(items, dict) else items
    found = [body.get("time"), *(values if isinstance(values, Iterable) else ())]
    return [time for time in found if isinstance(time, dict)]


def _disorder(time: dict[str, Any]) -> str:
    """What does not fit; numbers may be cut to whole seconds, as the newer kernel does."""
    numbers = (max(-_FAR, min(_FAR, time[name])) for name in _NUMBERS)
    start, finish, duration, processing = numbers
    if finish < start or min(duration, processing) < 0:
        return "time runs backwards"
    if abs(duration - (finish - start)) > _CUT or processing > duration + _CUT:
        return "another duration than from start to finish"
    if not all(_is_date(time.get(name)) for name in _DATES):
        return ""
    # Samples of the documentation have dates of another day than the numbers: only their
    # distance is theirs.
    begun, ended = (datetime.fromisoformat(time[name]) for name in _DATES)
    apart = (ended - begun).total_seconds()
    return "dates of other instants" if abs(apart - (finish - start)) > 2 * _CUT else ""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_date(value: object) -> bool:
    if not isinstance(value, str) or not _ISO.match(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True
