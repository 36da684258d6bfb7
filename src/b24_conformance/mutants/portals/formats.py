"""Faults of the object `time`."""

from __future__ import annotations

import time as clock

from b24_conformance.mutants.gallery import of_kind
from b24_conformance.reference import Portal
from b24_conformance.reference.batch import Results
from b24_conformance.reference.php import Array, Value

faulty = of_kind("time")


class _Time(Portal):
    """Writes `time` in its own way."""

    def time_object(self, started: float, finished: float) -> Array:
        return self.spoil(super().time_object(started, finished))

    def spoil(self, times: Array) -> Array:
        """Another object."""
        raise NotImplementedError


@faulty("time.present")
class NoTime(Portal):
    """A success carries no time."""

    def success_envelope(self, result: Value, times: Array) -> Array:
        return {"result": result}


@faulty("time.present")
class NullTime(Portal):
    """The time is null."""

    def success_envelope(self, result: Value, times: Array) -> Array:
        return {"result": result, "time": None}


@faulty("time.present")
class BareTime(Portal):
    """The time is a number alone."""

    def success_envelope(self, result: Value, times: Array) -> Array:
        return {"result": result, "time": times["start"]}


@faulty("shape.openapi")
class TimeInList(Portal):
    """The time is a list of its fields."""

    def success_envelope(self, result: Value, times: Array) -> Array:
        return {"result": result, "time": list(times.values())}


@faulty("time.fields")
class NoProcessing(_Time):
    """One of the six fields is missing."""

    def spoil(self, times: Array) -> Array:
        return {name: value for name, value in times.items() if name != "processing"}


@faulty("time.fields")
class NumbersAsText(_Time):
    """The numbers are written as texts."""

    def spoil(self, times: Array) -> Array:
        return {name: str(value) for name, value in times.items()}


@faulty("time.fields")
class RussianDates(_Time):
    """The dates are written as day.month.year."""

    def spoil(self, times: Array) -> Array:
        now = clock.strftime("%d.%m.%Y %H:%M:%S", clock.gmtime())
        return {**times, "date_start": now, "date_finish": now}


@faulty("time.fields")
class DatesWithoutOffset(_Time):
    """The dates are written without an offset from UTC."""

    def spoil(self, times: Array) -> Array:
        return {**times, "date_start": str(times["date_start"])[:19]}


@faulty("time.fields")
class DatesOfNoDay(_Time):
    """The month of a date is 13."""

    def spoil(self, times: Array) -> Array:
        return {**times, "date_finish": "2026-13-01T00:00:00+00:00"}


@faulty("time.fields")
class OperatingAsText(_Time):
    """The optional field operating is a text."""

    def spoil(self, times: Array) -> Array:
        return {**times, "operating": "0"}


@faulty("time.order")
class FinishBeforeStart(_Time):
    """Start and finish are swapped."""

    def spoil(self, times: Array) -> Array:
        finish = times["finish"]
        assert isinstance(finish, float)
        return {**times, "start": finish, "finish": finish - 0.5}


@faulty("time.order")
class NegativeDuration(_Time):
    """The duration is below zero."""

    def spoil(self, times: Array) -> Array:
        return {**times, "duration": -0.01}


@faulty("time.order")
class StartInMilliseconds(_Time):
    """Start is in milliseconds, finish in seconds."""

    def spoil(self, times: Array) -> Array:
        start = times["start"]
        assert isinstance(start, int)
        return {**times, "start": start * 1000}


@faulty("time.order")
class AllInMilliseconds(_Time):
    """All numbers are in milliseconds, which agree with one another and not with the dates."""

    def spoil(self, times: Array) -> Array:
        now = int(clock.time() * 1000)
        return {**times, "start": now, "finish": now, "duration": 0, "processing": 0}


@faulty("time.order")
class NegativeOperating(_Time):
    """The time that was used is below zero."""

    def spoil(self, times: Array) -> Array:
        return {**times, "operating": -0.25}


@faulty("batch.time")
class ItemsWithoutTime(Portal):
    """The successes of a batch carry no time."""

    def batch_envelope(self, results: Results) -> Value:
        results.times.clear()
        return super().batch_envelope(results)


@faulty("batch.time")
class OneTimeForAll(Portal):
    """The successes of a batch share the time of the first of them."""

    def batch_envelope(self, results: Results) -> Value:
        results.times = dict([*results.times.items()][:1])
        return super().batch_envelope(results)


@faulty("time.order")
class DurationInMilliseconds(_Time):
    """The duration is in milliseconds, start and finish in seconds."""

    def spoil(self, times: Array) -> Array:
        duration = times["duration"]
        assert isinstance(duration, float)
        return {**times, "duration": (duration + 0.05) * 1000}


@faulty("time.order")
class ProcessingIsAnInstant(_Time):
    """Processing is when it ended, and not how long it took."""

    def spoil(self, times: Array) -> Array:
        return {**times, "processing": times["finish"]}


@faulty("time.order")
class FinishDateOfAnHourAgo(_Time):
    """The date of the end is written in a zone of its own, under the offset of the other."""

    def spoil(self, times: Array) -> Array:
        an_hour_ago = clock.gmtime(clock.time() - 3600)
        return {**times, "date_finish": clock.strftime("%Y-%m-%dT%H:%M:%S+00:00", an_hour_ago)}
