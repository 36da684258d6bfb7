"""The lowest rung asks for no chat, and yet checks what needs none: that credentials count."""

from __future__ import annotations

from pathlib import Path

import pytest
from faulty_portals import AnySecret, Open
from live_runs import live_run
from test_live_plan import EVERYTHING

from b24_conformance.declaration import Chats
from b24_conformance.reference.refusals import RefusedError

CLAUSES = (
    "credentials.wrong-secret",
    "credentials.none",
    "credentials.anothers-secret",
    "credentials.scope",
    "oauth.wrong-token",
    "oauth.expired-token",
)


class Broken(Open):
    """It looks at credentials, and then refuses everybody for a reason of its own."""

    def join_refusal(self, code: str) -> RefusedError:
        return RefusedError("ERROR_CORE", 400, "No.")


@pytest.mark.parametrize("stand_in", [False, True], ids=["live", "stand-in"])
class TestCredentials:
    """Clauses of credentials at `--joins none`."""

    @pytest.mark.parametrize("without", [(), ("batch", "xml")], ids=["all", "little"])
    def test_needed(self, tmp_path: Path, stand_in: bool, without: tuple[str, ...]) -> None:
        """The verdict needs all whose credentials are configured, and they pass."""
        config = {**EVERYTHING, "stand_in": stand_in, "without": without}
        done = live_run(Open(), tmp_path, joins="none", **config)
        found = [(done.judged[one].status, done.judged[one].required) for one in CLAUSES]
        assert (0, [("passed", True)] * len(CLAUSES)) == (done.exit_code, found)

    def test_no_chats(self, tmp_path: Path, stand_in: bool) -> None:
        """Nor is a chat needed on the rungs above."""
        config = {**EVERYTHING, "chats": Chats(), "colleague": Chats()}
        done = live_run(Open(), tmp_path, stand_in=stand_in, without=("batch",), **config)
        assert ["passed"] * len(CLAUSES) == [done.statuses[one] for one in CLAUSES]

    def test_any_secret(self, tmp_path: Path, stand_in: bool) -> None:
        """A portal that joins by any secret fails; where it is live, that is an alarm."""
        done = live_run(AnySecret(), tmp_path, joins="none", stand_in=stand_in)
        found = done.statuses["credentials.wrong-secret"]
        assert (1 if stand_in else 4, "failed") == (done.exit_code, found)

    def test_contrast(self, tmp_path: Path, stand_in: bool) -> None:
        """Where sound credentials get no further either, a refusal proves nothing."""
        done = live_run(Broken(), tmp_path, joins="none", stand_in=stand_in, **EVERYTHING)
        assert {"not_checked"} == {done.statuses[one] for one in CLAUSES}
