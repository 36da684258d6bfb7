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

    @pytest.mark.parametrize("secret", ["time", "ERROR", "CHAT_ID", "true", "access_token", "12"])
    def test_word_of_answers(self, secret: str) -> None:
        """A secret that every answer is made of could not be seen to be told."""
        config = parse_config({"operator": {"webhook": f"{HERE}/1/{secret}/"}}, "test")
        with pytest.raises(ConfigError, match="a word that every answer or report is made of"):
            configured_portal(config, Asked())

    def test_of_two(self) -> None:
        """With one secret for two, that one does not open the other's door cannot be seen."""
        people = {
            "operator": {"webhook": f"{HERE}/1/secret/"},
            "colleague": {"webhook": f"{HERE}/2/secret/"},
        }
        with pytest.raises(ConfigError, match="the same secret"):
            configured_portal(parse_config(people, "test"), Asked())
