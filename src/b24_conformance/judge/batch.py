"""Rules of `batch`: its items agree with single calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from b24_conformance import strict_json, ways
from b24_conformance.exchange import Response
from b24_conformance.judge.asking import by_proxy
from b24_conformance.judge.registry import Absent, Check, answers, rule
from b24_conformance.judge.trial import Seen, Trial

MAPS = ("result", "result_error", "result_total", "result_next", "result_time")
_TOO_LONG = "ERROR_BATCH_LENGTH_EXCEEDED"


def _items(trial: Trial) -> list[Seen]:
    return [seen for asking in ways.BATCHES for seen in trial.by_asking.get(asking, ())]


def _halted(trial: Trial) -> tuple[list[Seen], list[Seen]]:
    """The items of the halting batch: those up to the first refused one, and those behind it."""
    run: list[Seen] = []
    behind: list[Seen] = []
    ended: set[int] = set()
    for seen in trial.by_asking.get(ways.BATCH_HALTING, ()):
        leg = seen.observation.leg
        (behind if leg in ended else run).append(seen)
        if seen.answer[0] == "refused":
            ended.add(leg)
    return run, behind


def lacks_batch(trial: Trial) -> Absent | None:
    """That the portal itself says that it knows no batch."""
    if trial.batchless:
        return Absent("the portal answers ERROR_METHOD_NOT_FOUND to `batch`")
    return None


@rule("batch.agrees")
def agrees(trial: Trial) -> Iterator[Check | Absent]:
    """Each item gets the answer that the single call demands."""
    if lacks := lacks_batch(trial):
        yield lacks
        return
    items = (s for s in (*_items(trial), *_halted(trial)[0]) if not by_proxy(s.probe))
    yield from answers(trial, (s for s in items if s.strictness in ("plain", "invalid")))


@rule("batch.halts")
def halts(trial: Trial) -> Iterator[Check | Absent]:
    """Where `halt` is on, nothing behind a refused command is run."""
    if lacks := lacks_batch(trial):
        yield lacks
        return
    for seen in _halted(trial)[1]:
        answered = seen.answer[0] in ("joined", "refused")
        yield Check(seen.observation, not answered, "no answer behind a refused command")


def _beyond(trial: Trial) -> Iterator[Seen]:
    """The commands for which a batch has no room any more."""
    asked: Counter[int] = Counter()
    for seen in trial.by_asking.get(ways.BATCH_LONG, ()):
        leg = seen.observation.leg
        asked[leg] += 1
        if asked[leg] > ways.ROOM:
            yield seen


@rule("batch.length")
def length(trial: Trial) -> Iterator[Check | Absent]:
    """What stands behind the fiftieth command is refused, alone or with the whole batch."""
    if lacks := lacks_batch(trial):
        yield lacks
        return
    others = [seen.answer for seen in _items(trial)]
    within = [seen.answer for seen in trial.by_asking.get(ways.BATCH_LONG, ())]
    answered = any(kind != "broken" and code != _TOO_LONG for kind, code in (*others, *within))
    left_out = any(kind == "broken" for kind, _ in others)
    for seen in _beyond(trial):
        outcome = seen.observation.outcome
        yield Check(
            seen.observation,
            # The documentation has the status of the whole, the vendor's code one error an item.
            outcome.code == _TOO_LONG and outcome.status in (None, 400),
            f"{_TOO_LONG} for every command behind the fiftieth",
            contrast=answered,
            excuse="see batch.agrees" if left_out and outcome.kind == "broken" else "",
        )


@rule("batch.shape")
def shape(trial: Trial) -> Iterator[Check | Absent]:
    """A batch answers HTTP 200 with its five maps, whatever its items do."""
    if lacks := lacks_batch(trial):
        yield lacks
        return
    for seen in (*_items(trial), *_halted(trial)[0]):
        response = seen.observation.response
        if response is None:
            continue
        wrong = _faults(response)
        yield Check(seen.observation, not wrong, "HTTP 200 and the maps of a batch", wrong)


def _faults(response: Response) -> str:
    if response.status != 200:
        return f"HTTP {response.status}"
    try:
        body = strict_json.decode(response.body)
    except ValueError:
        return "a body that is not JSON"
    maps = body.get("result") if isinstance(body, dict) else None
    if not isinstance(maps, dict):
        return "no object `result`"
    wrong = [name for name in MAPS if not isinstance(maps.get(name), dict | list)]
    if not wrong and not all(_is_error(one) for one in _values(maps["result_error"])):
        wrong = ["`error` and `error_description` in result_error"]
    if not wrong and not all(isinstance(one, dict) for one in _values(maps["result_time"])):
        wrong = ["the objects in result_time"]
    return f"wrong or missing: {', '.join(wrong)}" if wrong else ""


def _values(group: dict[str, object] | list[object]) -> list[object]:
    return list(group.values()) if isinstance(group, dict) else group


def _is_error(value: object) -> bool:
    fields = ("error", "error_description")
    return isinstance(value, dict) and all(isinstance(value.get(name), str) for name in fields)
