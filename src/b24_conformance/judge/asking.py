"""Rules of equivalence: another way to ask gets the answer that the plain one demands."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from b24_conformance import redirects, ways
from b24_conformance.judge.registry import Absent, Check, Rule, answers, rule
from b24_conformance.judge.trial import JOINED, METHOD_CODES, Seen, Trial
from b24_conformance.outcome import METHOD_NOT_FOUND
from b24_conformance.probe import Asking, Probe
from b24_conformance.transcript import Observation

_NOT_FOUND = 404
USER_PARAMETERS = ("USER_ID", "SESSION_ID")


def _by(*askings: Asking, alone: bool = False) -> Rule:
    def judged(trial: Trial) -> Iterator[Check]:
        chosen = (s for s in trial.asked(*askings) if s.strictness in ("plain", "invalid"))
        return answers(trial, chosen, alone=alone)

    return judged


rule("asking.no-suffix")(_by(ways.NO_SUFFIX))
rule("asking.json-spelling")(_by(ways.JSON_SPELT, alone=True))
rule("asking.form")(_by(ways.FORM, ways.FORM_SPELT))
rule("asking.multipart")(_by(ways.MULTIPART))
rule("asking.query")(_by(ways.QUERY))
rule("asking.posted-query")(_by(ways.POSTED_QUERY, alone=True))
rule("asking.text-form")(_by(ways.TEXT_FORM, alone=True))
rule("asking.method-case")(_by(ways.ANY_CASE, alone=True))
rule("asking.suffix-case")(_by(ways.UPPER_SUFFIX, ways.UPPER_XML, alone=True))
rule("oauth.body")(_by(ways.OAUTH_BODY, ways.OAUTH_FORM))
rule("oauth.query")(_by(ways.OAUTH_QUERY, ways.OAUTH_GET))
rule("oauth.bearer")(_by(ways.BEARER, ways.BEARER_LOWER, ways.ACCESS_TOKEN, alone=True))


@rule("asking.slashes")
def slashes(trial: Trial) -> Iterator[Check | Absent]:
    """A slash too many changes nothing; a redirect may say so, if the whole request follows it.

    SDKs double slashes, but no source says that there is anything behind them.
    """
    for check in _by(ways.DOUBLE_SLASH, ways.TRAILING_SLASH, alone=True)(trial):
        if isinstance(check, Absent) or check.kept:
            yield check
        elif _asked_again(check.observation):
            yield Absent("the portal redirects to the path without the slash, with verb and body")
        elif _nothing_there(check.observation):
            yield Absent("the portal has nothing behind a doubled slash")
        else:
            yield check


def _nothing_there(observation: Observation) -> bool:
    """Whether a doubled slash leads nowhere, by the portal's word or a web server's."""
    outcome = observation.outcome
    if observation.probe.asking.slashes != "double":
        return False
    unread = outcome.status == _NOT_FOUND and outcome.code not in METHOD_CODES
    return unread or outcome.code == METHOD_NOT_FOUND


def _asked_again(observation: Observation) -> bool:
    return any(
        exchange.response is not None and redirects.repeats(exchange.request, exchange.response)
        for exchange in observation.exchanges[-1:]
    )


@rule("asking.digit-string")
def digit_string(trial: Trial) -> Iterator[Check]:
    """Digits in a JSON string mean the number."""
    chosen = (s for s in trial.asked(ways.PLAIN) if s.strictness == "digit_string")
    return answers(trial, chosen)


def _plain_but(trial: Trial) -> Iterator[Seen]:
    return (s for s in trial.by_asking.get(ways.PLAIN, ()) if not s.probe.raw)


def _with_more(trial: Trial, wanted: Callable[[Probe], bool]) -> list[Seen]:
    """What was asked in JSON or, where a live portal was spared that, by items of a batch."""
    plain = [seen for seen in _plain_but(trial) if wanted(seen.probe)]
    if plain or trial.declaration.stand_in:
        return plain
    return [seen for seen in trial.by_asking.get(ways.BATCH, ()) if wanted(seen.probe)]


@rule("asking.body-over-query")
def body_over_query(trial: Trial) -> Iterator[Check]:
    """With CHAT_ID both in the body and in the URL, the body decides."""
    both = (*_plain_but(trial), *trial.by_asking.get(ways.FORM, ()))
    return answers(trial, (s for s in both if s.probe.beside is not None))


@rule("asking.unknown-parameters")
def unknown_parameters(trial: Trial) -> Iterator[Check]:
    """Parameters that the method does not know change nothing."""
    more = _with_more(trial, lambda probe: bool(probe.extra))
    queries = (s for s in trial.by_asking.get(ways.QUERY, ()) if s.probe.extra)
    # What is decided in another's name is proxy.ignored's business.
    own = (s for s in more if not (by_proxy(s.probe) and decides(s)))
    return answers(trial, (*own, *queries))


@rule("proxy.ignored")
def proxy_ignored(trial: Trial) -> Iterator[Check]:
    """USER_ID and SESSION_ID bring nobody another's answer; they may be refused as such."""
    asked = (*_plain_but(trial), *trial.by_asking.get(ways.BATCH, ()))
    for seen in (s for s in asked if by_proxy(s.probe)):
        if decides(seen):
            yield from answers(trial, (seen,))
        else:
            contrast = trial.contrasted(seen)
            yield Check(seen.observation, True, "no other's answer", contrast=contrast)


def decides(seen: Seen) -> bool:
    """Whether the answer is about the chat, and not about the parameters."""
    return seen.answer == JOINED or seen.answer[1] in METHOD_CODES


@rule("asking.lower-case-key")
def lower_case_key(trial: Trial) -> Iterator[Check]:
    """Neither `chat_id` nor `chatId` is CHAT_ID: the parameter is missing."""
    return answers(trial, _with_more(trial, lambda p: p.key in ("chat_id", "Chat_Id", "chatId")))


def by_proxy(probe: Probe) -> bool:
    """Whether the probe tries to act for somebody else, and nothing more."""
    return bool(probe.extra) and all(name in USER_PARAMETERS for name, _ in probe.extra)
