"""The contract: its clauses, its shapes, and that suites and rules agree with it."""

from __future__ import annotations

import re

import msgspec
import pytest
import yaml
from openapi_spec_validator import validate

from b24_conformance.contract import Clause, Contract, load_contract
from b24_conformance.declaration import CHAT_KINDS
from b24_conformance.errors import ContractError, UsageError
from b24_conformance.judge import rules
from b24_conformance.resources import contract_file
from b24_conformance.suite import agree, clause, load_suites

CLAUSES = load_contract().clauses
CREDENTIALS = {"colleague", "colleague_webhook", "oauth", "webhook", "expired", "without_scope"}


@pytest.mark.parametrize("one", CLAUSES, ids=lambda one: one.id)
class TestClauses:
    """Every clause."""

    def test_id(self, one: Clause) -> None:
        """An id is a subject and a matter, in lower case."""
        assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)*\.[a-z0-9]+(-[a-z0-9]+)*", one.id)

    def test_both_languages(self, one: Clause) -> None:
        """The statement is one sentence in English and one in Russian."""
        for text in (one.statement.en, one.statement.ru):
            assert text.endswith(".")
            assert text.strip() == text
        assert re.search("[а-яё]", one.statement.ru)
        assert not re.search("[а-яё]", one.statement.en)

    def test_source(self, one: Clause) -> None:
        """MUST is documented or taken for granted; SHOULD may be seen only."""
        assert one.source.where
        if one.level == "MUST":
            assert one.source.sure in ("documented", "project")

    def test_feature_and_needs(self, one: Clause) -> None:
        """Feature and needs are known words."""
        assert one.feature in load_contract().features
        assert set(one.needs) <= {*CHAT_KINDS, *CREDENTIALS}


class TestContract:
    """The contract as a whole."""

    def test_ids_are_unique(self) -> None:
        """No id stands twice."""
        assert len(CLAUSES) == len({one.id for one in CLAUSES})

    def test_features_are_used(self) -> None:
        """Every feature has a clause, and words in both languages."""
        features = load_contract().features
        assert set(features) == {one.feature for one in CLAUSES}
        assert all(one.en and one.ru for one in features.values())

    def test_statements_are_unique(self) -> None:
        """No two clauses say the same."""
        assert len(CLAUSES) == len({one.statement.en for one in CLAUSES})

    @pytest.mark.parametrize("name", ["clauses.yaml", "openapi.yaml", "chat-ids.json"])
    def test_is_data(self, name: str) -> None:
        """The contract is read without us: plain YAML and JSON in UTF-8."""
        text = contract_file(name).read_text(encoding="utf-8")
        assert yaml.safe_load(text)

    def test_lookup(self) -> None:
        """A clause is found by its id, and an unknown one names the nearest."""
        assert "refusal.zero" == load_contract().clause("refusal.zero").id
        with pytest.raises(UsageError, match=r"did you mean 'refusal\.zero'"):
            load_contract().clause("refusal.zer")

    def test_select(self) -> None:
        """Patterns select in the contract's order; one that matches nothing is an error."""
        chosen = load_contract().select(("time.*", "refusal.zero"))
        assert "refusal.zero" == chosen[0].id
        assert {"refusal", "time"} == {one.id.partition(".")[0] for one in chosen}
        assert CLAUSES == load_contract().select(())
        for patterns in (("nothing.*",), ("refusal.*", "nothing.*"), ("",)):
            with pytest.raises(UsageError):
                load_contract().select(patterns)

    @pytest.mark.parametrize(
        ("pattern", "hint"),
        [
            ("nope.*", r"  areas are: .*refusal\.\*, "),
            ("refusl.*", r"  did you mean 'refusal\.\*'\? areas are: "),
            ("refusal.nope*", r"  in refusal\.\* there are: .*refusal\.zero, "),
            ("refusl.zero", r"  did you mean 'refusal\.zero'\?$"),
        ],
    )
    def test_hint(self, pattern: str, hint: str) -> None:
        """For a pattern that matches nothing, patterns that match something are named."""
        with pytest.raises(UsageError, match=rf"matches no clause\n{hint}"):
            load_contract().select((pattern,))


class TestAgreement:
    """Clauses, tests and rules are the same set."""

    def test_as_shipped(self) -> None:
        """Every clause has a test and a rule, and the other way round."""
        agree(load_contract())
        assert {one.id for one in CLAUSES} == set(load_suites()) == set(rules())

    def test_clause_without_a_test(self) -> None:
        """A clause without a test is an error that names it."""
        tested = [one.id for one in CLAUSES if one.id != "refusal.zero"]
        with pytest.raises(ContractError, match=r"clauses without a test: refusal\.zero"):
            agree(load_contract(), tested)

    def test_test_without_a_clause(self) -> None:
        """A test without a clause is an error that names it."""
        tested = [*(one.id for one in CLAUSES), "made.up"]
        with pytest.raises(ContractError, match=r"tests without a clause: made\.up"):
            agree(load_contract(), tested)

    def test_clause_without_a_rule(self) -> None:
        """So is a clause without a rule."""
        extra = msgspec.structs.replace(CLAUSES[0], id="made.up")
        contract: Contract = msgspec.structs.replace(load_contract(), clauses=(*CLAUSES, extra))
        tested = [one.id for one in contract.clauses]
        with pytest.raises(ContractError, match=r"clauses without a rule: made\.up"):
            agree(contract, tested)

    def test_rule_without_a_clause(self) -> None:
        """And a rule without a clause."""
        contract = msgspec.structs.replace(load_contract(), clauses=CLAUSES[1:])
        tested = [one.id for one in contract.clauses]
        with pytest.raises(ContractError, match="rules without a clause"):
            agree(contract, tested)

    def test_two_tests(self) -> None:
        """A clause has one test."""
        load_suites()
        with pytest.raises(ContractError, match=r"two tests for the clause refusal\.zero"):
            clause("refusal.zero")(lambda _: None)  # type: ignore[arg-type,return-value]


class TestOpenapi:
    """The wire shapes."""

    def test_valid(self) -> None:
        """openapi.yaml is a valid OpenAPI 3.1 document."""
        document = yaml.safe_load(contract_file("openapi.yaml").read_text(encoding="utf-8"))
        assert document["openapi"].startswith("3.1")
        validate(document)
