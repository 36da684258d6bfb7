"""Rules of `batch`: its items agree with single calls."""

from __future__ import annotations

from collections.abc import Iterator

from b24_conformance import strict_json, ways
from b24_conformance.exchange import Response
from b24_conformance.judge.asking import by_proxy
from b24_conformance.judge.registry import Absent, Check, answers, rule
from b24_conformance.judge.trial import Seen, Trial

MAPS = ("result", "result_error", "result_total", "result_next", "result_time")


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
