"""What a run shows on the screen of what strangers said."""

from __future__ import annotations

import msgspec
import pytest

from b24_conformance.command.console import Teller
from b24_conformance.declaration import Declaration
from b24_conformance.events import Evidence, ImplementationFinished, ImplementationStarted, Judged
from b24_conformance.exchange import Exchange, Request, Response
from b24_conformance.redaction import Redaction

NAME = "app:ok:app"
SAID = "':smile: [bold]x[/] [link=a]b \\'\\"
ASKED = Request(
    "POST",
    "/rest/1/$B24_WEBHOOK/imopenlines.session.join.JSON",
    (("Accept", "*/*"), ("Content-Type", "application/json")),
    '{"CHAT_ID":12}',
)


def shown(
    capsys: pytest.CaptureFixture[str],
    *,
    request: Request | None = ASKED,
    curl: str | None = None,
    advice: str | None = None,
) -> str:
    """All that is shown of one failure and its verdict."""
    exchange = Exchange(1, request, Response(200)) if request else None
    proof = Evidence("12", "CHAT_TYPE", SAID, msgspec.to_builtins(exchange), curl)
    row = ("asking.suffix-case", "SHOULD", "core", "failed", "because", 1)
    with Teller(Redaction({})) as told:
        told.tell(ImplementationStarted(Declaration(NAME)))
        told.tell(Judged(NAME, *row, required=True, evidence=proof))
        end = ImplementationFinished(NAME, "portal", "conformant", 1, "LINE", advice=advice)
        told.conclude([end], None)
    return capsys.readouterr().out


class TestFailure:
    """A failure on the screen."""

    def test_to_the_letter(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Names and evidence are shown as they are: no emoji, no markup, no backslash more."""
        lines = shown(capsys).splitlines()
        assert f"asking {NAME} …" == lines[0]
        assert f"  got       {SAID}" in lines
        assert f"{NAME}: LINE" in lines

    def test_request(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Where there is no curl line, a line says what was asked."""
        line = f'  request   POST {ASKED.target} {{"CHAT_ID":12}}'
        assert line in shown(capsys).splitlines()

    def test_curl(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A curl line says it all."""
        text = shown(capsys, curl="curl x")
        assert (True, False) == ("  repeat    curl x" in text, "  request " in text)

    def test_nothing_sent(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Where nothing was on the wire, nothing is said of it."""
        assert "  request " not in shown(capsys, request=None)

    def test_advice(self, capsys: pytest.CaptureFixture[str]) -> None:
        """What could be declared stands behind the verdict."""
        assert shown(capsys, advice="say so").endswith(f"{NAME}: LINE\n  say so\n")
