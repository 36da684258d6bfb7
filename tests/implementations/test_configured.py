"""The portal that a configuration names."""

from __future__ import annotations

import pytest

from b24_conformance.config import parse_config
from b24_conformance.errors import ConfigError
from b24_conformance.implementations.building import Asked
from b24_conformance.implementations.configured import configured_portal

HERE = "http://127.0.0.1:9/rest"


class TestSecrets:
    """Secrets that would show nothing."""

    @pytest.mark.parametrize("secret", ["time", "ERROR", "CHAT_ID", "true", "access_token"])
    def test_word_of_answers(self, secret: str) -> None:
        """A secret that every answer is made of could not be seen to be told."""
        config = parse_config({"operator": {"webhook": f"{HERE}/1/{secret}/"}}, "test")
        with pytest.raises(ConfigError, match="a word that every answer or report is made of"):
            configured_portal(config, Asked())

    @pytest.mark.parametrize("secret", ["1", "42"])
    def test_number_of_few_digits(self, secret: str) -> None:
        """Items of a batch are numbered, so that such a number is in every answer."""
        config = parse_config({"operator": {"webhook": f"{HERE}/1/{secret}/"}}, "test")
        with pytest.raises(ConfigError, match="webhook is a number of fewer than 3 digits, as"):
            configured_portal(config, Asked())

    @pytest.mark.parametrize(
        ("table", "key"),
        [
            ("operator", "webhook"),
            ("operator", "access_token"),
            ("colleague", "webhook"),
            ("colleague", "access_token"),
            ("credentials", "without_scope"),
            ("credentials", "expired_token"),
        ],
    )
    def test_key_is_named(self, table: str, key: str) -> None:
        """The key whose secret shows nothing is named, and the secret is not."""
        hook = key in ("webhook", "without_scope")
        spoilt = {key: f"{HERE}/3/charset/" if hook else "charset"}
        tables = {"operator": {"webhook": f"{HERE}/1/a-real-secret/"}}
        tables[table] = {**tables.get(table, {}), **spoilt}
        with pytest.raises(ConfigError) as caught:
            configured_portal(parse_config(tables, "test"), Asked())
        assert f"the secret of [{table}] {key} is a word" in str(caught.value)
        assert "charset" not in str(caught.value)

    def test_of_two(self) -> None:
        """With one secret for two, that one does not open the other's door cannot be seen."""
        people = {
            "operator": {"webhook": f"{HERE}/1/secret/"},
            "colleague": {"webhook": f"{HERE}/2/secret/"},
        }
        with pytest.raises(ConfigError, match="the same secret"):
            configured_portal(parse_config(people, "test"), Asked())
