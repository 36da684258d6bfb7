"""Rules of the object `time`: its fields, and how they agree with one another."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from b24_conformance.judge.batch import lacks_batch
from b24_conformance.judge.envelopes import decoded, successes
from b24_conformance.judge.registry import Absent, Check, rule
from b24_conformance.judge.trial import Trial
from b24_conformance.php import by_key
from b24_conformance.transcript import Observation

_NUMBERS = ("start", "finish", "duration", "processing")
_DATES = ("date_start", "date_finish")
_TOLD = (*_NUMBERS, *_DATES, "operating")
# Seconds by which a number is off that was cut to a whole one.
_CUT = 1.001
# Numbers beyond it are all the same, so that the difference of two is one, too.
_FAR = 1e18
# Samples have numbers and dates of different days; milliseconds are thousands of years away.
_YEAR = 366 * 86400
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)\Z")


@rule("time.present")
def time_present(trial: Trial) -> Iterator[Check]:
    """A success carries the object `time`."""
    for a in successes(trial):
        time = a.body.get("time")
        got = f"`time` {json.dumps(time)[:80]}" if "time" in a.body else "no `time`"
        yield Check(a.observation, isinstance(time, dict), "an object `time`", got)


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
            told = {name: time[name] for name in _TOLD if name in time}
            yield Check(
                observation,
                not wrong,
                "finish not before start, durations and dates that fit",
                f"{wrong}: {json.dumps(told)}" if wrong else "",
            )


@rule("batch.time")
def time_of_items(trial: Trial) -> Iterator[Check | Absent]:
    """Each item of a batch that succeeded has its own object `time` in result_time."""
    if lacks := _lacks_them(trial):
        yield lacks
        return
    for observation, body in _batches(trial):
        maps = body.get("result") if isinstance(body, dict) else None
        if not isinstance(maps, dict):
            continue
        done = [key for key, value in by_key(maps.get("result")).items() if value is True]
        times = by_key(maps.get("result_time"))
        wrong = [key for key in done if not isinstance(times.get(key), dict)]
        if done:
            yield Check(
                observation,
                not wrong,
                "an object in result_time for each success",
                f"none for {', '.join(wrong)[:80]}",
            )


def _lacks_them(trial: Trial) -> Absent | None:
    timeless = "time" in trial.declaration.without
    return lacks_batch(trial) or (Absent("declared without time") if timeless else None)


def _times(trial: Trial) -> Iterator[tuple[Observation, dict[str, Any]]]:
    """Every object `time` of a success; of a batch once, with those of its items."""
    for a in successes(trial):
        if isinstance(time := a.body.get("time"), dict):
            yield a.observation, time
    for observation, body in _batches(trial):
        yield from ((observation, time) for time in _times_of_batch(body))


def _batches(trial: Trial) -> Iterator[tuple[Observation, Any]]:
    """The body of every batch, once."""
    seen: set[int] = set()
    for observation in (s.observation for s in trial.joins if s.probe.asking.batch):
        number = observation.exchanges[-1].number if observation.exchanges else 0
        if observation.response is not None and number not in seen:
            seen.add(number)
            yield observation, decoded(observation.response.body)


def _times_of_batch(body: Any) -> list[dict[str, Any]]:
    """The objects `time` of a batch's answer: its own, and one for each item that succeeded.

    A refusal promises none, so that it is free to have anything there.
    """
    maps = body.get("result") if isinstance(body, dict) and "error" not in body else None
    if not isinstance(maps, dict):
        return []
    found = [body.get("time"), *by_key(maps.get("result_time")).values()]
    return [time for time in found if isinstance(time, dict)]


def _disorder(time: dict[str, Any]) -> str:
    """What does not fit; numbers may be cut to whole seconds, as the newer kernel does."""
    numbers = (max(-_FAR, min(_FAR, time[name])) for name in _NUMBERS)
    start, finish, duration, processing = numbers
    operating = time.get("operating", 0)
    spent = operating if _is_number(operating) else 0
    if finish < start or min(duration, processing, spent) < 0:
        return "time runs backwards"
    if abs(duration - (finish - start)) > _CUT or processing > duration + _CUT:
        return "another duration than from start to finish"
    if not all(_is_date(time.get(name)) for name in _DATES):
        return ""
    begun, ended = (datetime.fromisoformat(time[name]) for name in _DATES)
    if abs(start - begun.timestamp()) > _YEAR:
        return "start is not in seconds since 1970"
    # Samples of the documentation have dates of another day than the numbers: only their
    # distance is theirs.
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
