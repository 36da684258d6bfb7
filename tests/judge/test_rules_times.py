"""Rules of the object `time`: kept and broken cases."""

from __future__ import annotations

import pytest
from observations import (
    BEGUN,
    CHAT_ID,
    TIME,
    Came,
    Case,
    Rules,
    broken,
    joined,
    judged,
    p,
    response,
    success,
)

from b24_conformance import ways
from b24_conformance.outcome import Outcome

ITEM = p(2045, asking=ways.BATCH)
AN_HOUR_LATER = "2026-11-22T14:00:01+03:00"


def with_time(**fields: object) -> Came:
    """A success whose `time` has other fields."""
    return joined(time={**TIME, **fields})


def without_time(name: str) -> Came:
    """A success whose `time` lacks a field."""
    return joined(time={key: value for key, value in TIME.items() if key != name})


def batch(result: object, times: object, **fields: object) -> Came:
    """A whole batch with these results and times of its commands."""
    maps = {"result": result, "result_error": [], "result_time": times}
    return Came(Outcome("joined"), response({"result": maps, "time": TIME, **fields}))


CASES = [
    success("time.present", joined(time=None)),
    success("time.present", joined(time=[])),
    *(success("time.fields", without_time(name)) for name in TIME),
    success("time.fields", with_time(start="1.0")),
    success("time.fields", with_time(duration=True)),
    success("time.fields", with_time(date_start="22.11.2026")),
    success("time.fields", with_time(date_start="2026-13-41T13:00:00+03:00")),
    success("time.fields", with_time(operating="0")),
    success("time.order", with_time(finish=BEGUN - 0.5)),
    success("time.order", with_time(duration=-1)),
    success("time.order", with_time(processing=-0.1)),
    success("time.order", with_time(operating=-0.1), with_time(operating=0)),
    success("time.order", with_time(duration=2.5)),
    success("time.order", with_time(duration=10**400)),
    success("time.order", with_time(processing=1.0e9)),
    success("time.order", with_time(date_finish=AN_HOUR_LATER)),
    success("time.order", with_time(start=BEGUN * 1000, finish=BEGUN * 1000 + 1)),
    success("time.order", with_time(start=1, finish=2)),
    Case("batch.time", [(ITEM, batch([True], [TIME]))], [(ITEM, batch([True], []))]),
    Case(
        "batch.time",
        [(ITEM, batch({"b": True, "c": None}, {"b": TIME}))],
        [(ITEM, batch({"b": True, "c": True}, {"b": TIME}))],
    ),
    Case("batch.time", [(ITEM, batch([True], {"0": {}}))], [(ITEM, batch([True], [1.5]))]),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.clause)
class TestRules(Rules):
    """Each rule passes what keeps its clause and fails what breaks it."""


class TestFreedoms:
    """What a conformant portal may do."""

    @pytest.mark.parametrize("date", ["2026-11-22T13:00:00Z", "2026-11-22T13:00:00.5+0300"])
    def test_dates(self, date: str) -> None:
        """Any ISO 8601 date with a zone is right."""
        asked = [(p(2045), with_time(date_start=date, operating=0, operating_reset_at=1))]
        assert "passed" == judged("time.fields", asked).status

    @pytest.mark.parametrize(
        ("start", "finish", "duration", "processing"),
        [(0, 1.9, 1.9, 1), (0, 1, 1, 0), (0.9, 1.0, 0.1, 0), (0, 1, 0.001, 1)],
    )
    def test_cut_to_seconds(
        self, start: float, finish: float, duration: float, processing: float
    ) -> None:
        """Any of the numbers may be cut to whole seconds."""
        fields = {"start": BEGUN + start, "finish": BEGUN + finish}
        came = with_time(**fields, duration=duration, processing=processing)
        assert "passed" == judged("time.order", [(p(2045), came)]).status

    @pytest.mark.parametrize("days", [-300, 300])
    def test_dates_of_another_day(self, days: int) -> None:
        """Numbers of another day than the dates are those of many a sample."""
        begun = BEGUN + days * 86400
        asked = [(p(2045), with_time(start=begun, finish=begun + 1))]
        assert "passed" == judged("time.order", asked).status

    def test_refused_batch(self) -> None:
        """A batch that is refused as a whole may have anything for `time`."""
        body = {"error": "INVALID_CREDENTIALS", "error_description": "", "time": {}}
        refused = Came(Outcome("refused", "INVALID_CREDENTIALS", 401), response(body, 401))
        for clause in ("time.fields", "time.order", "batch.time"):
            asked = [(p(2045), joined()), (ITEM, batch([True], [TIME])), (ITEM, refused)]
            assert "passed" == judged(clause, asked).status

    def test_batch_of_refusals(self) -> None:
        """Where nothing succeeded there is no time to look for."""
        assert "not_checked" == judged("batch.time", [(ITEM, batch([], []))]).status


class TestReasons:
    """What came where an object `time` was demanded."""

    @pytest.mark.parametrize(
        ("body", "got"),
        [({}, "no `time`"), ({"time": None}, "`time` null"), ({"time": []}, "`time` []")],
    )
    def test_what_came(self, body: dict[str, object], got: str) -> None:
        """A `time` that is not there is told apart from one that is null."""
        came = Came(Outcome("joined"), response({"result": True, **body}))
        reason = judged("time.present", [(p(2045), came)]).reason
        assert f"demanded an object `time`, got {got}" == reason


@pytest.mark.parametrize("clause", sorted({case.clause for case in CASES}))
class TestHostileAnswers:
    """Answers that break a careless judge."""

    @pytest.mark.parametrize(
        "body", ["[" * 100_000, "[]", '{"result":{"result":7,"result_time":"x"}}', '{"result":[]}']
    )
    def test_other_shapes(self, clause: str, body: str) -> None:
        """What is no object of objects breaks no judge."""
        asked = [(ITEM, broken(body)), (p(2045), broken(body)), (p(0), CHAT_ID)]
        assert judged(clause, asked).status
