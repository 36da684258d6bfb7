"""Rules of credentials: without sound ones nobody joins, whatever CHAT_ID is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from b24_conformance.judge.asking import decides
from b24_conformance.judge.broken_answers import left_to_others
from b24_conformance.judge.envelopes import decoded
from b24_conformance.judge.registry import Check, Rule, rule
from b24_conformance.judge.trial import METHOD_CODES, Seen, Trial
from b24_conformance.outcome import ACCESS_DENIED, METHOD_NOT_FOUND, Outcome
from b24_conformance.probe import UNKNOWN, WRONG
from b24_conformance.transcript import Observation

# Sources disagree on 401 or 403 for most of these (portal-facts sections 6.2 and 11).
_REFUSED_STATUS = (401, 403)
_NOT_FOUND = 404
_NO_SUCH_VERB = 405
_ALSO_FORBIDDEN = ("INVALID_CREDENTIALS", "insufficient_scope")
_PREFERRED = {
    ("webhook", "none"): ("NO_AUTH_FOUND",),
    ("webhook", "random"): ("INVALID_CREDENTIALS", "NO_AUTH_FOUND"),
    # A wrong secret weighs more than a scope that is lacking (portal-facts, section 2).
    ("webhook", "unscoped"): ("INVALID_CREDENTIALS", "NO_AUTH_FOUND"),
    ("webhook", "anothers"): ("INVALID_CREDENTIALS", "NO_AUTH_FOUND"),
    ("webhook", "without_scope"): ("insufficient_scope",),
    ("oauth_body", "none"): ("NO_AUTH_FOUND",),
    ("oauth_body", "random"): ("invalid_token", "NO_AUTH_FOUND", "expired_token"),
    ("oauth_body", "expired"): ("expired_token",),
}


def _shown(trial: Trial, oauth: bool, *identities: str) -> Iterator[Seen]:
    for seen in trial.joins:
        asking = seen.probe.asking
        if asking.identity in identities and (asking.place != "webhook") == oauth:
            yield seen


def _locked_out(outcome: Outcome) -> bool:
    # An item of a batch has no status of its own.
    if outcome.kind != "refused" or outcome.status not in (*_REFUSED_STATUS, None):
        return False
    return outcome.code == ACCESS_DENIED or outcome.code not in METHOD_CODES


def _about_chats(shown: Iterable[Seen]) -> list[Seen]:
    """Those that ask for a chat; where nobody dared to name one to strangers, all."""
    every = list(shown)
    return [seen for seen in every if seen.number is None or seen.number > 0] or every


def _lets_in(trial: Trial) -> bool:
    """Whether sound credentials got further, which makes a refusal of others tell something."""
    return any(map(decides, trial.own))


def _no_such_door(seen: Seen) -> bool:
    """Refused all the same: an address that is not there, or a refusal in another format.

    A stand-in that knows webhooks only has nothing at `/rest/METHOD`, where a call without
    credentials arrives, nor has everybody something behind a slash too many, or knows what to
    make of an `auth` that is no text; that `.xml` answers in XML is another clause's business.
    """
    outcome, asking = seen.observation.outcome, seen.probe.asking
    if outcome.kind == "joined" or outcome.code in METHOD_CODES:
        return False
    status = outcome.status or 0
    beside = bool(asking.slashes) and 300 <= status < 500
    misshapen = bool(seen.probe.extra) and 400 <= status < 500
    as_xml = asking.suffix == ".xml" and status in (*_REFUSED_STATUS, _NOT_FOUND)
    return _nowhere(seen) or beside or misshapen or as_xml


def _nowhere(seen: Seen) -> bool:
    """Nothing is there without a webhook, or nothing that takes this verb."""
    outcome = seen.observation.outcome
    found_nothing = seen.probe.asking.identity == "none" and outcome.status == _NOT_FOUND
    return outcome.kind != "joined" and (found_nothing or outcome.status == _NO_SUCH_VERB)


def _refuses(oauth: bool, *identities: str) -> Rule:
    def judged(trial: Trial) -> Iterator[Check]:
        let_in = _lets_in(trial)
        for seen in _about_chats(_shown(trial, oauth, *identities)):
            outcome = seen.observation.outcome
            yield Check(
                seen.observation,
                _locked_out(outcome) or _no_such_door(seen),
                "a refusal of the credentials with HTTP 401 or 403",
                contrast=let_in,
            )

    return judged


rule("credentials.none")(_refuses(False, "none"))
rule("credentials.wrong-secret")(_refuses(False, *WRONG))
rule("credentials.anothers-secret")(_refuses(False, "anothers"))
rule("oauth.wrong-token")(_refuses(True, *WRONG))


def _sees_no_token(trial: Trial, seen: Seen) -> bool:
    """Whether nobody is let in by this door: not everybody reads the header, for one."""
    asking = seen.probe.asking
    own = trial.by_asking.get(replace(asking, identity="own"), ())
    return asking.place == "bearer" or (bool(own) and not any(map(decides, own)))


def _with_code(oauth: bool, identity: str, code: str) -> Rule:
    def judged(trial: Trial) -> Iterator[Check]:
        for seen in _about_chats(_shown(trial, oauth, identity)):
            outcome = seen.observation.outcome
            unread = _sees_no_token(trial, seen)
            named = _locked_out(outcome) and (str(outcome.code) == code or unread)
            kept = named or (outcome.kind == "broken" and _no_such_door(seen))
            demanded = f"{code} with HTTP 401 or 403"
            yield Check(seen.observation, kept, demanded, contrast=_lets_in(trial))

    return judged


rule("credentials.scope")(_with_code(False, "without_scope", "insufficient_scope"))
rule("oauth.expired-token")(_with_code(True, "expired", "expired_token"))


@rule("credentials.codes")
def codes(trial: Trial) -> Iterator[Check]:
    """Refused credentials are named by their own code, with HTTP 401 or a documented 403."""
    for seen in trial.joins:
        asking = seen.probe.asking
        wanted = _PREFERRED.get((asking.place, asking.identity))
        absent = asking.place != "webhook" and "oauth" in trial.declaration.without
        # An `auth` that holds no token may be called none, or a wrong one.
        if wanted is None or absent or seen.probe.extra or _nowhere(seen):
            continue
        outcome = seen.observation.outcome
        statuses = (401, 403, None) if outcome.code in _ALSO_FORBIDDEN else (401, None)
        kept = outcome.status in statuses and outcome.code in wanted
        yield Check(
            seen.observation, kept, f"{' or '.join(wanted)} with HTTP 401", contrast=_lets_in(trial)
        )


@rule("precedence.credentials")
def before_chat_id(trial: Trial) -> Iterator[Check]:
    """Unsound credentials are refused before CHAT_ID is looked at."""
    for seen in trial.joins:
        a_chat = seen.number is None or (seen.number > 0 and seen.kind != "absent")
        if seen.probe.asking.identity == "own" or a_chat:
            continue
        outcome = seen.observation.outcome
        yield Check(
            seen.observation,
            _locked_out(outcome) or _no_such_door(seen),
            "a refusal of the credentials, not of CHAT_ID",
            contrast=_lets_in(trial),
        )


@rule("precedence.method")
@left_to_others
def method_first(trial: Trial) -> Iterator[Check]:
    """A method that is not there is told as such, whoever asks for it."""
    for observation in trial.reached:
        if observation.probe.method == UNKNOWN:
            yield Check(
                observation,
                _not_there(observation),
                f"{METHOD_NOT_FOUND} with HTTP 404, or a web server's own 404",
                contrast=_lets_in(trial),
            )


def _not_there(observation: Observation) -> bool:
    """By the portal's code, or by what a web server says of any address it does not know."""
    outcome = observation.outcome
    if outcome.code == METHOD_NOT_FOUND:
        return outcome.status == _NOT_FOUND
    return outcome.status in (_NOT_FOUND, _NO_SUCH_VERB) and not _refuses_by_code(observation)


def _refuses_by_code(observation: Observation) -> bool:
    """Web servers, too, write pages in JSON with an `error`, but describe it in their own way."""
    response = observation.response
    body = decoded(response.body) if response is not None else None
    described = isinstance(body, dict) and "error_description" in body
    return observation.outcome.kind == "refused" and described
