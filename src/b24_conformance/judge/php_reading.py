"""Rules of leniency: what PHP makes of a CHAT_ID that is not plainly an integer."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from b24_conformance import php, ways
from b24_conformance.judge.registry import Check, Rule, answers, rule
from b24_conformance.judge.trial import Seen, Trial


def _lenient(wanted: Callable[[object], bool]) -> Rule:
    def judged(trial: Trial) -> Iterator[Check]:
        chosen = (
            seen
            for seen in trial.asked(ways.PLAIN)
            if seen.strictness == "lenient" and wanted(seen.value)
        )
        return answers(trial, chosen)

    return judged


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


rule("php.numbers")(_lenient(_is_number))
rule("php.strings")(_lenient(_is_text))
rule("php.booleans")(_lenient(lambda value: value is None or isinstance(value, bool)))
rule("php.containers")(_lenient(lambda value: isinstance(value, list | dict)))


@rule("php.form")
def form(trial: Trial) -> Iterator[Check]:
    """Form fields are read as PHP reads them; the commands of a batch are forms, too."""
    fields = (*trial.by_asking.get(ways.FORM, ()), *filter(_answered, _commands(trial)))
    chosen = (
        seen
        for seen in fields
        if seen.strictness == "lenient" and not (seen.probe.extra or seen.probe.beside)
    )
    return answers(trial, chosen)


def _commands(trial: Trial) -> list[Seen]:
    return [] if "batch" in trial.declaration.without else trial.by_asking.get(ways.BATCH, [])


def _answered(seen: Seen) -> bool:
    """Whether the item has an answer of its own; a broken batch is another clause's business."""
    return seen.answer[0] in ("joined", "refused")


@rule("php.malformed-json")
def malformed_json(trial: Trial) -> Iterator[Check]:
    """A body that is no JSON object counts as none: CHAT_ID is missing."""
    return answers(trial, (s for s in trial.by_asking.get(ways.PLAIN, ()) if _broken_body(s)))


@rule("php.duplicates")
def duplicates(trial: Trial) -> Iterator[Check]:
    """Of a CHAT_ID given twice in one JSON object, the last counts."""
    chosen = (
        seen
        for seen in trial.by_asking.get(ways.PLAIN, ())
        if seen.probe.raw and not _broken_body(seen)
    )
    return answers(trial, chosen)


def _broken_body(seen: Seen) -> bool:
    return seen.probe.raw and seen.value is php.MISSING
