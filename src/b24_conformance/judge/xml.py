"""Rules of the XML transport."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

from b24_conformance import ways
from b24_conformance.judge.registry import Check, answers, rule
from b24_conformance.judge.trial import METHOD_CODES, Seen, Trial

_NOT_FOUND = 404


def _asked(trial: Trial) -> list[Seen]:
    return [s for s in trial.asked(ways.XML) if s.strictness in ("plain", "invalid")]


@rule("xml.success")
def success(trial: Trial) -> Iterator[Check]:
    """A success is <response> with a true <result>."""
    chosen = (s for s in _asked(trial) if s.demanded and s.demanded[0] == "joined")
    return map(_without_stray_text, answers(trial, chosen))


@rule("xml.refusal")
def refusal(trial: Trial) -> Iterator[Check]:
    """A refusal is <response> with the code in <error>, and the status of the JSON one."""
    yield from _of_credentials(trial)
    for seen in _asked(trial):
        if seen.demanded is None or seen.demanded[0] != "refused":
            continue
        outcome = seen.observation.outcome
        status = outcome.status == 400 if outcome.code in METHOD_CODES else True
        codes = " or ".join(str(code) for _, code in sorted(seen.accepted, key=str))
        kept = seen.answer in seen.accepted and status
        wanted = f"<error> {codes} with HTTP 400"
        contrast = trial.contrasted(seen)
        yield _without_stray_text(Check(seen.observation, kept, wanted, contrast=contrast))


def _without_stray_text(check: Check) -> Check:
    """The check, broken where anything but white space stands between the elements."""
    response = check.observation.response
    stray = check.kept and response is not None and _has_stray_text(response.body)
    return check._replace(kept=False, got="text between the elements") if stray else check


def _has_stray_text(body: str) -> bool:
    # Entities could grow beyond measure; whoever reads an answer for its outcome refuses them.
    if "<!DOCTYPE" in body or "<!ENTITY" in body:
        return False
    try:
        root = ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError):
        return False
    return any(map(_stands_between, root.iter()))


def _stands_between(element: ElementTree.Element) -> bool:
    if not len(element):
        return False
    texts = (element.text, *(inner.tail for inner in element))
    return any(text and text.strip() for text in texts)


def _of_credentials(trial: Trial) -> Iterator[Check]:
    """Which code names unsound credentials is another clause's business: here it is XML at all."""
    for seen in trial.joins:
        asking = seen.probe.asking
        # Whoever knows webhooks only has no address for a call without credentials.
        nowhere = asking.identity == "none" and seen.observation.outcome.status == _NOT_FOUND
        if asking.suffix == ".xml" and asking.identity != "own" and not nowhere:
            kept = seen.answer[0] == "refused"
            yield Check(seen.observation, kept, "<error> with the code", contrast=False)


@rule("xml.content-type")
def content_type(trial: Trial) -> Iterator[Check]:
    """XML is announced as XML."""
    for seen in _asked(trial):
        response = seen.observation.response
        if response is not None:
            kind = (response.header("content-type") or "").lower().partition(";")[0].strip()
            kept = kind in ("text/xml", "application/xml")
            yield Check(seen.observation, kept, "Content-Type text/xml", kind or "no content type")
