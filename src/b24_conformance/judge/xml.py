"""Rules of the XML transport."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from xml.etree import ElementTree

from b24_conformance import strict_xml, ways
from b24_conformance.exchange import Response
from b24_conformance.judge.registry import Absent, Check, answers, rule
from b24_conformance.judge.trial import METHOD_CODES, Seen, Trial

_NOT_FOUND = 404
_UTF_8 = ("", "utf-8", "utf8")
_CHARSET = re.compile(r"charset\s*=\s*\"?([\w-]*)")
_ABSENT = Absent("the portal answers ERROR_METHOD_NOT_FOUND to every address that ends in .xml")
Judged = Callable[[Trial], Iterator[Check]]


def _of_xml(clause_id: str) -> Callable[[Judged], Judged]:
    """Registers a rule that has nothing to say of a portal without XML."""

    def register(judged: Judged) -> Judged:
        def judged_if_there(trial: Trial) -> Iterator[Check | Absent]:
            if trial.xmlless:
                yield _ABSENT
            else:
                yield from judged(trial)

        rule(clause_id)(judged_if_there)
        return judged

    return register


def _asked(trial: Trial) -> list[Seen]:
    return [s for s in trial.asked(ways.XML) if s.strictness in ("plain", "invalid")]


@_of_xml("xml.success")
def success(trial: Trial) -> Iterator[Check]:
    """A success is <response> with a true <result>."""
    chosen = (s for s in _asked(trial) if s.demanded and s.demanded[0] == "joined")
    return map(_without_stray_text, answers(trial, chosen))


@_of_xml("xml.refusal")
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
    root = _root(check.observation.response) if check.kept else None
    stray = root is not None and any(map(_stands_between, root.iter()))
    return check._replace(kept=False, got="text between the elements") if stray else check


def _root(response: Response | None) -> ElementTree.Element | None:
    """The root of the XML in an answer, None where there is none."""
    try:
        return strict_xml.decode(response.body) if response is not None else None
    except ValueError:
        return None


def _stands_between(element: ElementTree.Element) -> bool:
    if not len(element):
        return False
    texts = (element.text, *(inner.tail for inner in element))
    return any(text and text.strip() for text in texts)


def _of_credentials(trial: Trial) -> Iterator[Check]:
    """Who is let in, and by which code others are refused, is not its business: is it XML?"""
    for seen in trial.joins:
        asking = seen.probe.asking
        # Whoever knows webhooks only has no address for a call without one.
        webhook = asking.identity != "none" and asking.place == "webhook"
        nowhere = not webhook and seen.observation.outcome.status == _NOT_FOUND
        strangers = asking.suffix == ".xml" and asking.identity != "own"
        if strangers and not nowhere and seen.answer[0] != "joined":
            kept = seen.answer[0] == "refused"
            yield Check(seen.observation, kept, "<error> with the code", contrast=False)


@_of_xml("xml.contents")
def contents(trial: Trial) -> Iterator[Check]:
    """A success holds <result>1</result> and its <time>, a refusal its <error_description>."""
    timed = "time" not in trial.declaration.without
    for seen in _asked(trial):
        root = _root(seen.observation.response)
        if root is None or seen.answer[0] not in ("joined", "refused"):
            continue
        missing = _missing(root, timed=timed)
        wanted = "1 in <result>, fields in <time>, an <error_description> beside <error>"
        yield Check(seen.observation, not missing, wanted, missing)


def _missing(root: ElementTree.Element, *, timed: bool) -> str:
    """What the answer in `root` lacks of what the same answer in JSON holds."""
    if root.find("error") is not None:
        return "no <error_description>" if root.find("error_description") is None else ""
    if (result := root.findtext("result")) != "1":
        return f"<result> {result!r}"
    time = root.find("time")
    return "no <time> with fields" if timed and (time is None or not len(time)) else ""


@_of_xml("xml.content-type")
def content_type(trial: Trial) -> Iterator[Check]:
    """XML is announced as XML in UTF-8, and is."""
    for seen in _asked(trial):
        response = seen.observation.response
        if response is not None:
            kind = (response.header("content-type") or "").lower()
            wrong = _wrong_type(kind, response.encoding)
            wanted = "Content-Type text/xml; charset=utf-8"
            yield Check(seen.observation, not wrong, wanted, wrong)


def _wrong_type(kind: str, encoding: str) -> str:
    main, _, rest = kind.partition(";")
    charset = _CHARSET.search(rest)
    if main.strip() not in ("text/xml", "application/xml"):
        return kind or "no content type"
    if charset is not None and charset[1] not in _UTF_8:
        return kind
    return f"{kind}, and bytes that are no UTF-8" if encoding != "utf-8" else ""
