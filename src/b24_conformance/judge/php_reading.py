"""Rules of leniency: what PHP makes of a CHAT_ID that is not plainly an integer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

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


@rule("php.containers")
def containers(trial: Trial) -> Iterator[Check]:
    """Empty lists and objects are 0, and all others are one and the same chat: 1."""
    lenient = [seen for seen in trial.asked(ways.PLAIN) if seen.strictness == "lenient"]
    chosen = [seen for seen in lenient if isinstance(seen.value, list | dict)]
    yield from answers(trial, chosen)
    yield from _alike(chosen)


def _alike(chosen: Iterable[Seen]) -> Iterator[Check]:
    """Of a chat that nobody declared only this much is known: its answer is always the same."""
    first: dict[tuple[str, int], Seen] = {}
    for seen in chosen:
        if seen.demanded is not None or seen.number is None:
            continue
        before = first.setdefault((seen.probe.operator, seen.number), seen)
        yield Check(
            seen.observation,
            seen.answer == before.answer,
            f"the same answer as to {before.probe.literal}, which is chat {seen.number}, too "
            f"({before.observation.outcome})",
            contrast=False,
        )


@rule("php.form")
def form(trial: Trial) -> Iterator[Check]:
    """Form fields are read as PHP reads them; a query and the commands of a batch are forms, too.

    So is multipart in a spelling that PHP reads, and other readers do not.
    """
    alone = (seen for way in (ways.FORM, ways.QUERY) for seen in trial.by_asking.get(way, ()))
    fields = (*alone, *filter(_answered, _commands(trial)))
    chosen = [
        seen
        for seen in fields
        if seen.strictness == "lenient" and not (seen.probe.extra or seen.probe.beside)
    ]
    yield from answers(trial, chosen)
    yield from answers(trial, trial.asked(ways.MULTIPART_UNQUOTED))
    yield from _alike(seen for seen in chosen if isinstance(seen.value, dict))


def _commands(trial: Trial) -> list[Seen]:
    return [] if "batch" in trial.declaration.without else trial.by_asking.get(ways.BATCH, [])


def _answered(seen: Seen) -> bool:
    """Whether the item has an answer of its own; a broken batch is another clause's business."""
    return seen.answer[0] in ("joined", "refused")


@rule("php.malformed-json")
def malformed_json(trial: Trial) -> Iterator[Check]:
    """A body that is no JSON object counts as none: CHAT_ID is missing.

    So is a token in it (portal-facts 1.4), which whoever has no webhook shows there.
    """
    asked = (seen for seen in trial.by_asking.get(ways.PLAIN, ()) if malformed(seen))
    people = trial.declaration.people
    return answers(trial, (s for s in asked if "webhook" in people[s.probe.operator].places))


@rule("php.duplicates")
def duplicates(trial: Trial) -> Iterator[Check]:
    """Of a CHAT_ID given twice in one JSON object, the last counts."""
    chosen = (
        seen
        for seen in trial.by_asking.get(ways.PLAIN, ())
        if seen.probe.raw and not malformed(seen)
    )
    return answers(trial, chosen)


def malformed(seen: Seen) -> bool:
    """Whether PHP reads no JSON object there, and other readers may refuse the whole request.

    A CHAT_ID alone can be why: half a surrogate pair is no text, and depth has its limits.
    """
    probe = seen.probe
    alone = probe.asking.encoding == "json" and probe.key == "CHAT_ID" and probe.chat_id is not None
    return seen.value is php.MISSING and (probe.raw or alone)
