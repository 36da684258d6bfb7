"""Features that a portal seems not to have at all: every answer to them shows it.

One answer of another kind speaks for a feature that is there. What never reads CHAT_ID cannot be
told from what is not there: that is why it is asked, and not said.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from b24_conformance.declaration import Declaration
from b24_conformance.exchange import Response
from b24_conformance.judge.envelopes import decoded
from b24_conformance.judge.trial import JOINED, Seen, Trial
from b24_conformance.outcome import CHAT_ID, METHOD_NOT_FOUND
from b24_conformance.transcript import Transcript
from b24_conformance.ways import PLAIN

# Nothing here, not by this verb, not in this form, not at all.
_NOT_THERE = frozenset({404, 405, 406, 415, 501})
_UNREAD = ("refused", CHAT_ID)


def advice(declaration: Declaration, transcript: Transcript, unkept: Collection[str]) -> str | None:
    """What to declare of a stand-in that seems to lack some of the features it did not keep."""
    if not declaration.stand_in or declaration.side != "portal" or not _SHOWS_NONE.keys() & unkept:
        return None
    trial = Trial(declaration, transcript)
    absent = absent_features(trial, unkept) if _is_told_apart(trial) else ()
    if not absent:
        return None
    listed = ", ".join(f'"{name}"' for name in (*declaration.without, *absent))
    lacking = f"none of {', '.join(absent)}" if len(absent) > 1 else f"no {absent[0]}"
    return f"has it {lacking}? say so: [portal] without = [{listed}]"


def absent_features(trial: Trial, features: Collection[str]) -> tuple[str, ...]:
    """Those of `features` that were asked for and of which no answer shows anything."""
    return tuple(name for name in _SHOWS_NONE if name in features and _SHOWS_NONE[name](trial))


def _is_told_apart(trial: Trial) -> bool:
    """Whether the plain question gets what is demanded: else more is wrong than a feature."""
    kept = {seen.answer for seen in trial.asked(PLAIN) if seen.answer == seen.demanded}
    return JOINED in kept and len(kept) > 1


def _no_batch(trial: Trial) -> bool:
    asked = [seen for seen in trial.own if seen.probe.asking.batch]
    # Whoever looks at the last part of the path only, and not for what it says, misses CHAT_ID.
    return _all(asked, lambda seen, response: _nothing(seen, response) or seen.answer == _UNREAD)


def _no_xml(trial: Trial) -> bool:
    asked = [seen for seen in trial.own if seen.probe.asking.in_xml]
    return _all(asked, lambda seen, response: _nothing(seen, response) or _is_json(response))


def _no_multipart(trial: Trial) -> bool:
    asked = [seen for seen in trial.own if seen.probe.asking.encoding == "multipart"]
    demanded = {seen.demanded for seen in asked if seen.demanded}
    unread = _all(asked, lambda seen, response: _nothing(seen, response) or seen.answer == _UNREAD)
    # Where nothing but CHAT_ID is demanded, that answer shows nothing.
    return unread and bool(demanded - {_UNREAD})


def _no_time(trial: Trial) -> bool:
    answers = [seen for seen in trial.own if seen.answer[0] == "joined" and _is_single(seen)]
    return _all(answers, lambda _, response: "time" not in (decoded(response.body) or {}))


def _no_cors(trial: Trial) -> bool:
    responses = (o.response for o in trial.reached if o.response is not None)
    names = {name.lower() for response in responses for name, _ in response.headers}
    return bool(names) and not any(name.startswith("access-control-") for name in names)


_SHOWS_NONE: dict[str, Callable[[Trial], bool]] = {
    "batch": _no_batch,
    "cors": _no_cors,
    "multipart": _no_multipart,
    "time": _no_time,
    "xml": _no_xml,
}


def _all(asked: Iterable[Seen], shows: Callable[[Seen, Response], bool]) -> bool:
    """Whether there are answers, and each shows that nothing is there."""
    answered = [(seen, seen.observation.response) for seen in asked]
    found = [response is not None and shows(seen, response) for seen, response in answered]
    return bool(found) and all(found)


def _nothing(seen: Seen, response: Response) -> bool:
    return response.status in _NOT_THERE or seen.answer == ("refused", METHOD_NOT_FOUND)


def _is_json(response: Response) -> bool:
    return isinstance(decoded(response.body), dict)


def _is_single(seen: Seen) -> bool:
    return not (seen.probe.asking.batch or seen.probe.asking.in_xml)
