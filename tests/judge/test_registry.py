"""From checks to a judgement: contrast, absence, reasons, and what counts as a request."""

from __future__ import annotations

import msgspec
import pytest
import test_rules_asking
import test_rules_batch
import test_rules_credentials
import test_rules_envelopes
import test_rules_false_joins
import test_rules_headers
import test_rules_once
import test_rules_outcomes
import test_rules_php_reading
import test_rules_shape
import test_rules_state
import test_rules_times
import test_rules_xml
from observations import (
    CHAT_ID,
    CHAT_TYPE,
    DECLARATION,
    DENIED,
    JOINED,
    Came,
    judged,
    listed,
    lost,
    p,
    refused,
    response,
    transcript,
)

from b24_conformance import ways
from b24_conformance.contract import load_contract
from b24_conformance.declaration import Chats, Declaration, Person
from b24_conformance.judge import Trial, judge, rules, size
from b24_conformance.judge.registry import rule
from b24_conformance.judgement import Finding
from b24_conformance.outcome import Outcome
from b24_conformance.probe import MEMBERS
from b24_conformance.transcript import Transcript
from b24_conformance.verdict import required

MODULES = (
    test_rules_asking,
    test_rules_batch,
    test_rules_credentials,
    test_rules_envelopes,
    test_rules_false_joins,
    test_rules_headers,
    test_rules_once,
    test_rules_outcomes,
    test_rules_php_reading,
    test_rules_shape,
    test_rules_state,
    test_rules_times,
    test_rules_xml,
)
NOTHING = Declaration("portal", rung="none", people={"operator": Person(1)})
CLIENT = msgspec.structs.replace(DECLARATION, name="client:x", side="client")


class TestRules:
    """The register of rules."""

    def test_every_rule_has_cases(self) -> None:
        """Each rule of portals has one kept and one broken case in these tests."""
        cased = {case.clause for module in MODULES for case in module.CASES}
        clauses = {one.id for one in load_contract().clauses if one.side != "client"}
        assert set() == clauses - cased
        assert set() == cased - set(rules())

    def test_a_second_rule_is_an_error(self) -> None:
        """No clause has two rules."""
        with pytest.raises(ValueError, match=r"two rules for refusal\.zero"):
            rule("refusal.zero")(lambda _: ())

    def test_rules_are_a_copy(self) -> None:
        """Whoever changes the register that he was given changes nothing."""
        rules().clear()
        assert rules()


class TestContrast:
    """A refusal proves something only beside another outcome."""

    @pytest.mark.parametrize(
        ("clause", "asked"),
        [
            ("refusal.zero", [(p(0), CHAT_ID), (p(-5), CHAT_ID)]),
            ("refusal.access-denied", [(p(2050), DENIED)]),
            ("asking.form", [(p(0, asking=ways.FORM), CHAT_ID), (p(12), CHAT_TYPE)]),
            ("refusal.absent-never-joined", [(p(999999999), CHAT_ID), (p(0), CHAT_ID)]),
            ("credentials.none", [(p(2045), refused("NO_AUTH_FOUND", 401))]),
        ],
    )
    def test_without_it_nothing_is_checked(self, clause: str, asked: list[object]) -> None:
        """A portal that always answers the same passes no refusal clause."""
        assert "not_checked" == judged(clause, asked).status  # type: ignore[arg-type]

    @pytest.mark.parametrize("clause", ["credentials.scope", "oauth.expired-token"])
    def test_of_credentials(self, clause: str) -> None:
        """A portal that refuses everybody alike passes no clause of credentials."""
        code = {"credentials.scope": "insufficient_scope"}.get(clause, "expired_token")
        shown = {"credentials.scope": ("without_scope", "webhook")}
        identity, place = shown.get(clause, ("expired", "oauth_body"))
        asking = ways.PLAIN.__class__(identity=identity, place=place)  # type: ignore[arg-type]
        everybody = [(p(2045), refused(code, 401)), (p(12, asking=asking), refused(code, 401))]
        assert "not_checked" == judged(clause, everybody).status

    def test_reason(self) -> None:
        """The reason says that only one outcome was seen, and what to declare."""
        reason = judged("refusal.zero", [(p(0), CHAT_ID)]).reason or ""
        assert "only one outcome was seen" in reason
        assert "declare chats" in reason

    def test_a_failure_needs_none(self) -> None:
        """What is broken fails without any contrast."""
        assert "failed" == judged("refusal.zero", [(p(0), JOINED)]).status

    def test_broken_answers_are_no_contrast(self) -> None:
        """An answer that is no outcome contrasts with nothing."""
        asked = [(p(0), CHAT_ID), (p(12), lost())]
        assert "not_checked" == judged("refusal.zero", asked).status


class TestReasons:
    """Why a clause was not judged, and what to do about it."""

    def test_pass_has_no_reason(self) -> None:
        """A pass needs no reason."""
        judgement = judged("refusal.zero", [(p(0), CHAT_ID), (p(12), CHAT_TYPE)])
        assert ("passed", None, ()) == (judgement.status, judgement.reason, judgement.findings)

    def test_rung(self) -> None:
        """A clause beyond the rung names the rung that it needs."""
        assert "needs --joins refused; this run has --joins none" == (
            judged("refusal.chat-type", [], NOTHING).reason
        )

    def test_chats(self) -> None:
        """A clause without chats names the list to fill."""
        declaration = msgspec.structs.replace(NOTHING, rung="new")
        assert "no chat is declared: add [operator.chats] not_open_line = [...]" == (
            judged("refusal.chat-type", [], declaration).reason
        )

    @pytest.mark.parametrize(
        ("clause", "what"),
        [
            ("precedence.foreign-chat", "add [colleague]"),
            ("oauth.wrong-token", "add [operator] access_token"),
            ("oauth.expired-token", "add [credentials] expired_token"),
            ("credentials.scope", "add [credentials] without_scope"),
        ],
    )
    def test_credentials(self, clause: str, what: str) -> None:
        """A clause without credentials names what to configure."""
        declaration = msgspec.structs.replace(NOTHING, rung="new")
        judgement = judged(clause, [], declaration)
        assert "not_checked" == judgement.status
        assert what in (judgement.reason or "")

    def test_webhook(self) -> None:
        """A clause about webhooks asks for one where there is only a token."""
        person = Person(1, Chats(not_open_line=(12,)), ("oauth_body",))
        declaration = Declaration("portal", rung="new", people={"operator": person})
        reason = judged("credentials.wrong-secret", [], declaration).reason or ""
        assert "add [operator] webhook" in reason

    def test_unreached(self) -> None:
        """Where nothing could be asked, the clause is inconclusive."""
        judgement = judged("refusal.zero", [(p(0), lost("unreachable"))])
        assert "inconclusive" == judgement.status
        assert "could not be reached" in (judgement.reason or "")

    def test_why_unreached(self) -> None:
        """What is known of the cause is said; a portal that answers is no unreached one."""
        why = "the portal answers QUERY_LIMIT_EXCEEDED and goes on so"
        limited = Came(Outcome("unreachable", detail=why), response({}, 503))
        assert why == judged("refusal.zero", [(p(0), limited)]).reason
        reason = judged("refusal.zero", [(p(0), lost("unreachable"))]).reason
        assert "the implementation could not be reached: lost by unreachable" == reason

    def test_without_the_scope_of_looks(self) -> None:
        """A webhook that may not look at participants is told apart from nothing to look at."""
        look = p(2045, method=MEMBERS)
        asked = [(look, refused("insufficient_scope", 401)), (p(2045), JOINED)]
        reason = judged("success.participant", asked).reason or ""
        assert 'give it the scope, or say [portal] without = ["members"]' in reason

    def test_without_a_user_id(self) -> None:
        """Whoever is not known is found in no list."""
        person = msgspec.structs.replace(DECLARATION.operator, user_id=None)
        declaration = msgspec.structs.replace(DECLARATION, people={"operator": person})
        judgement = judged("success.participant", [listed(2045, 1), (p(2045), JOINED)], declaration)
        assert "not_checked" == judgement.status
        assert "add [operator] user_id" in (judgement.reason or "")

    def test_colleagues_webhook(self) -> None:
        """A colleague who has only a token has no secret to be shown."""
        clause = load_contract().clause("credentials.anothers-secret")
        colleague = Person(2, Chats(), ("oauth_body",))
        people = {**DECLARATION.people, "colleague": colleague}
        declaration = msgspec.structs.replace(DECLARATION, people=people)
        reason = judged(clause.id, [], declaration).reason
        assert "no webhook of the second operator: add [colleague] webhook" == reason
        assert not required(clause, declaration)
        assert required(clause, DECLARATION)

    def test_nothing_asked(self) -> None:
        """Where nothing met the precondition, the reason says so."""
        judgement = judged("refusal.zero", [(p(12), CHAT_TYPE)])
        assert "not_checked" == judgement.status
        assert "no observation meets" in (judgement.reason or "")

    def test_failure(self) -> None:
        """A failure says what was demanded and what came, for the smallest CHAT_ID."""
        asked = [(p("-0"), JOINED), (p("0"), refused("CHAT_TYPE"))]
        judgement = judged("refusal.zero", asked)
        assert "demanded CHAT_ID, got refused with CHAT_TYPE (HTTP 400)" == judgement.reason
        assert ["-0", "0"] == [f.observation.probe.chat_id for f in judgement.findings]

    def test_only_in_a_batch(self) -> None:
        """What was answered so in a batch alone is told as such, but by clauses about batches."""
        cut = refused("ERROR_BATCH_LENGTH_EXCEEDED")
        item = p("abc", asking=ways.BATCH)
        asked = [(p(0), CHAT_ID), (p(2045), JOINED), (item, cut)]
        said = "demanded CHAT_ID, got refused with ERROR_BATCH_LENGTH_EXCEEDED (HTTP 400)"
        assert f"{said}, in a batch" == judged("refusal.text", asked).reason
        assert said == judged("batch.agrees", asked).reason

    def test_also_without_a_batch(self) -> None:
        """A finding without a batch comes first, though its CHAT_ID be longer."""
        item = p("abc", asking=ways.BATCH)
        asked = [(item, CHAT_TYPE), (p('"abc"'), CHAT_TYPE), (p(2045), JOINED)]
        judgement = judged("refusal.text", asked)
        assert "demanded CHAT_ID, got refused with CHAT_TYPE (HTTP 400)" == judgement.reason
        ordered = sorted(judgement.findings, key=size)
        assert ['"abc"', "abc"] == [f.observation.probe.chat_id for f in ordered]

    def test_size(self) -> None:
        """Findings are ordered by the length of CHAT_ID, then by its digits."""
        found = transcript([(p("-10"), JOINED), (p("7"), JOINED), (p("3"), JOINED)])
        findings = [Finding(observation, "", "") for observation in found.observations]
        ordered = sorted(findings, key=size)
        assert ["3", "7", "-10"] == [f.observation.probe.chat_id for f in ordered]


class TestAbsent:
    """A feature that the implementation does not have."""

    def test_declared(self) -> None:
        """A feature that is declared absent is not judged, whatever was seen."""
        declaration = msgspec.structs.replace(DECLARATION, without=("core",))
        judgement = judged("refusal.zero", [(p(0), JOINED)], declaration)
        assert ("not_implemented", "declared without core") == (judgement.status, judgement.reason)

    def test_shown(self) -> None:
        """A portal that says it has no `batch` does not implement it."""
        asked = [(p(12, asking=ways.BATCH), refused("ERROR_METHOD_NOT_FOUND", 404))]
        for clause in ("batch.agrees", "batch.shape"):
            judgement = judged(clause, asked)
            assert "not_implemented" == judgement.status
            assert "ERROR_METHOD_NOT_FOUND" in (judgement.reason or "")


class TestRequests:
    """How many exchanges a judgement rests on."""

    def test_each_exchange_once(self) -> None:
        """Observations that share an exchange count it once."""
        asked = [(p(0), CHAT_ID), (p("-0"), CHAT_ID), (p(12), CHAT_TYPE)]
        shared = transcript(asked).observations
        one = tuple(msgspec.structs.replace(o, exchanges=shared[0].exchanges) for o in shared)
        clause = load_contract().clause("refusal.zero")
        assert 2 == judge(clause, Trial(DECLARATION, Transcript(shared))).requests
        assert 1 == judge(clause, Trial(DECLARATION, Transcript(one))).requests

    def test_judging_changes_nothing(self) -> None:
        """The same trial gives the same judgements each time."""
        asked = [(p(0), JOINED), (p(12), CHAT_TYPE), (p(2045), JOINED)]
        again = Trial(DECLARATION, transcript(asked))
        clauses = [one for one in load_contract().clauses if one.side != "client"]
        assert [judge(one, again) for one in clauses] == [judge(one, again) for one in clauses]


class TestNotSent:
    """A client that refuses to call."""

    @pytest.mark.parametrize(
        ("probe", "clause", "status"),
        [
            (p(0), "refusal.zero", "passed"),
            (p('"abc"'), "refusal.text", "passed"),
            (p(None), "refusal.missing", "passed"),
            (p(2045), "success.member", "failed"),
            (p(12), "refusal.chat-type", "failed"),
        ],
    )
    def test_right_for_what_is_no_chat(self, probe: object, clause: str, status: str) -> None:
        """Not calling is right for what is no positive integer, and wrong for a chat."""
        came = Came(Outcome("not_sent", detail="TypeError"))
        asked = [(probe, came), (p(2050), DENIED)]
        assert status == judged(clause, asked, CLIENT).status  # type: ignore[arg-type]
