"""Taking up the run in a file of events: what stays of it, and whether it is the same run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import msgspec

from b24_conformance import __version__
from b24_conformance.contract import Contract
from b24_conformance.declaration import Declaration
from b24_conformance.errors import UsageError
from b24_conformance.events import (
    Event,
    ImplementationFinished,
    ImplementationStarted,
    Joining,
    Judged,
    Observed,
    Planned,
    RunFinished,
    RunStarted,
    Witnessed,
)
from b24_conformance.giving_up import tells_nothing
from b24_conformance.live.joins import joined
from b24_conformance.probe import LEAVE
from b24_conformance.redaction import Redaction
from b24_conformance.reports import as_written, read_events
from b24_conformance.reports.story import Chapter, Story, read_story
from b24_conformance.resuming import Earlier, after
from b24_conformance.transcript import Observation, Transcript
from b24_conformance.verdict import WRONGLY_JOINED

_NEW_RUN = "leave out --resume: a new run begins"
_SAME_AGAIN = f"resume with the config and the options of the earlier run, or {_NEW_RUN}"
_CUT_OUT = "[redacted]"


class Kept(msgspec.Struct, frozen=True):
    """What stays of an earlier run: its `events`, and what they tell of each implementation.

    `over`: it came to its end, and nothing is left to be asked.
    """

    events: tuple[Event, ...]
    earlier: dict[str, Earlier]
    over: bool

    @property
    def finished(self) -> tuple[ImplementationFinished, ...]:
        """The verdicts that stand."""
        return tuple(one.finished for one in self.earlier.values() if one.finished)

    def lacks(self, event: Event) -> bool:
        """Whether `event` is new; the beginning of what goes on is in the file already."""
        if isinstance(event, ImplementationStarted):
            return event.declaration.name not in self.earlier
        return not (isinstance(event, RunStarted) and self.events)


NOTHING_KEPT = Kept((), {}, over=False)


def begun(path: Path, contract: Contract) -> RunStarted:
    """How the run at `path` began; UsageError where there is none that can go on."""
    if not path.is_file() or b"\n" not in path.read_bytes():
        raise UsageError(f"nothing to resume: there is no run in {path}", hint=_NEW_RUN)
    start = read_story(read_events(path)).started
    if (start.method, start.contract) != (contract.method, contract.version):
        raise UsageError(
            f"the earlier run is of {start.method} {start.contract}, and this suite checks "
            f"{contract.method} {contract.version}",
            hint=_NEW_RUN,
        )
    if start.version != __version__:
        raise UsageError(
            f"the earlier run was made by version {start.version}, and this is {__version__}",
            hint=f"{_NEW_RUN}: other versions ask other questions",
        )
    return start


def take_up(
    path: Path,
    declarations: Iterable[Declaration],
    clauses: tuple[str, ...],
    redaction: Redaction,
) -> Kept:
    """What stays of the run at `path`, of which the same must be asked; else UsageError."""
    events = list(read_events(path))
    story = read_story(events)
    # The file calls an implementation as it was written: without its secrets.
    named = {_written(one, redaction).name: one for one in declarations}
    _agree(story, named, clauses, redaction)
    earlier = {
        named[name].name: _earlier(chapter, events, redaction)
        for name, chapter in story.chapters.items()
    }
    over = story.finished is not None and all(one.finished for one in earlier.values())
    going = {
        name: {one.index for one in earlier[named[name].name].seen.observations}
        for name in story.chapters
        if not earlier[named[name].name].finished
    }
    return Kept(tuple(one for one in events if over or _stays(one, going)), earlier, over)


def _written(declaration: Declaration, redaction: Redaction) -> Declaration:
    event = as_written(ImplementationStarted(declaration), redaction)
    return event.declaration if isinstance(event, ImplementationStarted) else declaration


def _agree(
    story: Story, named: Mapping[str, Declaration], clauses: tuple[str, ...], redaction: Redaction
) -> None:
    found: list[str] = []
    if story.started.clauses != clauses:
        found += _differences(_in_words(story.started.clauses), _in_words(clauses), "--clause")
    asked, now = list(story.chapters), list(named)
    if not set(asked) <= set(now) or (story.finished and set(asked) != set(now)):
        found += _differences(_in_words(asked), _in_words(now), "targets")
    for name in set(asked) & set(now):
        then = story.chapters[name].declaration
        found += _differences(_compared(then), _compared(_written(named[name], redaction)), name)
    if found:
        raise UsageError(f"the earlier run was another one: {'; '.join(found)}", hint=_SAME_AGAIN)


def _compared(declaration: Declaration) -> object:
    """All that must be the same; what is served here has another port in each leg."""
    elsewhere = msgspec.structs.replace(declaration, address="")
    return msgspec.json.decode(msgspec.json.encode(elsewhere))


def _differences(then: object, now: object, where: str) -> Iterator[str]:
    if isinstance(then, dict) and isinstance(now, dict):
        for key in {**then, **now}:
            yield from _differences(then.get(key), now.get(key), f"{where} {key}")
    elif then != now:
        yield f"{where}: {then} then, {now} now"


def _in_words(names: Sequence[str]) -> str:
    few = ", ".join(names[:3])
    return f"{few} and {len(names) - 3} more" if len(names) > 3 else few or "none"


def _earlier(chapter: Chapter, events: Iterable[Event], redaction: Redaction) -> Earlier:
    if chapter.finished and _needs_no_more(chapter.finished):
        return Earlier(finished=chapter.finished)
    told = [one for one in events if getattr(one, "implementation", "") == chapter.name]
    all_seen = [one.observation for one in told if isinstance(one, Observed)]
    earlier = after(all_seen)
    return msgspec.structs.replace(
        earlier,
        seen=Transcript(tuple(_worth_keeping(all_seen, redaction))),
        witnessed=tuple(one for one in told if isinstance(one, Witnessed)),
        # What was sent after the last observation, only an end in order tells.
        number=max(earlier.number, chapter.requests),
        stays_in=joined(one for one in told if not isinstance(one, Joining) or one.stays),
    )


def _needs_no_more(finished: ImplementationFinished) -> bool:
    """A note says why asking was ended early; after a wrong join it is never taken up again."""
    return finished.note is None or finished.exit_code == WRONGLY_JOINED


def _worth_keeping(seen: Iterable[Observation], redaction: Redaction) -> Iterator[Observation]:
    """What was answered, and by a portal: whatever else was asked is asked again."""
    asked = (one for one in seen if one.probe.method != LEAVE)
    for _, leg in groupby(asked, key=lambda one: one.leg):
        observed = list(leg)
        if not tells_nothing(observed):
            yield from (one for one in observed if _is_answer(one, redaction))


def _is_answer(observation: Observation, redaction: Redaction) -> bool:
    """Whether it is known what was asked, and the question was looked at."""
    if observation.outcome.kind == "unreachable":
        return False
    question = msgspec.json.encode(observation.probe).decode()
    return not any(label in question for label in (*redaction.labels, _CUT_OUT))


def _stays(event: Event, going: Mapping[str, set[int]]) -> bool:
    """Whether an event stays in the file; `going` are the observations of what goes on."""
    match event:
        case RunFinished():
            return False
        case Planned() | Judged() | ImplementationFinished():
            return event.implementation not in going
        case Observed(observation=seen) if event.implementation in going:
            return seen.probe.method == LEAVE or seen.index in going[event.implementation]
    return True
