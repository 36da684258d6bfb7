"""Secrets by environment, file and command: found where the user says, and never shown."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from b24_conformance import secrets_from
from b24_conformance.errors import ConfigError
from b24_conformance.secrets_from import reveal

SECRET = "kx7vq2m9wz4t"
KEY = "[operator] webhook"


def refused(secret: object) -> str:
    """The error for a secret that cannot be had."""
    with pytest.raises(ConfigError) as caught:
        reveal(secret, KEY)  # type: ignore[arg-type]
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value.__context__)
    return str(caught.value)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of its owner's with the secret in it."""
    path = tmp_path / "secret"
    path.write_text(f"{SECRET}\n", encoding="utf-8")
    path.chmod(0o600)
    return path


def python(code: str) -> dict[str, str]:
    """The secret that a Python program says."""
    return {"command": f'"{sys.executable}" -c "{code}"'}


class TestText:
    """A secret as it stands."""

    def test_text(self) -> None:
        """A text is the secret itself."""
        assert SECRET == reveal(SECRET, KEY)

    def test_none(self) -> None:
        """Nothing is nothing."""
        assert None is reveal(None, KEY)

    @pytest.mark.parametrize("secret", [{}, {"env": "A", "file": "B"}])
    def test_not_one_source(self, secret: dict[str, str]) -> None:
        """A table names exactly one source."""
        assert "must be a text or" in refused(secret)

    def test_unknown_source(self) -> None:
        """An unknown source is an error that names the nearest known one."""
        assert "did you mean 'file'" in refused({"fil": "x"})


class TestEnvironment:
    """`{ env = "NAME" }`."""

    def test_set(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The variable's value counts, without spaces around it."""
        monkeypatch.setenv("A_SECRET", f" {SECRET}\n")
        assert SECRET == reveal({"env": "A_SECRET"}, KEY)

    def test_unset(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """An unset variable is an error, or nothing where the secret is optional."""
        monkeypatch.delenv("A_SECRET", raising=False)
        assert "the environment variable A_SECRET is not set" in refused({"env": "A_SECRET"})
        assert None is reveal({"env": "A_SECRET"}, KEY, optional=True)


class TestFile:
    """`{ file = "PATH" }`."""

    def test_first_line(self, file: Path) -> None:
        """The file's first line is the secret."""
        assert SECRET == reveal({"file": str(file)}, KEY)

    def test_home(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A tilde is the home folder."""
        monkeypatch.setenv("HOME", str(file.parent))
        assert SECRET == reveal({"file": "~/secret"}, KEY)

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
    def test_open_to_others(self, file: Path, mode: int) -> None:
        """A file that others may read or write is refused, and the error says what to do."""
        file.chmod(mode)
        told = refused({"file": str(file)})
        assert f"is open to others (mode {mode:o})" in told
        assert "chmod 600" in told

    def test_missing(self, tmp_path: Path) -> None:
        """A missing file is an error, or nothing where the secret is optional."""
        secret = {"file": str(tmp_path / "none")}
        assert "there is no file" in refused(secret)
        assert None is reveal(secret, KEY, optional=True)

    def test_empty(self, file: Path) -> None:
        """An empty file is an error."""
        file.write_text("\n")
        assert "is empty" in refused({"file": str(file)})

    def test_folder(self, tmp_path: Path) -> None:
        """A folder is no file."""
        assert "is no file" in refused({"file": str(tmp_path)})

    def test_pipe(self, tmp_path: Path) -> None:
        """A named pipe that nobody writes into is refused and not waited for."""
        os.mkfifo(tmp_path / "pipe", 0o600)
        assert "is no file" in refused({"file": str(tmp_path / "pipe")})

    def test_binary(self, file: Path) -> None:
        """Bytes that are no UTF-8 are an error that does not show them."""
        file.write_bytes(SECRET.encode() + b"\xff\xfe")
        assert "gives no text in UTF-8" in refused({"file": str(file)})

    def test_huge(self, file: Path) -> None:
        """A file too long for a secret is an error."""
        file.write_bytes(SECRET.encode() * 100_000)
        assert "holds more than a secret" in refused({"file": str(file)})


class TestCommand:
    """`{ command = "…" }`."""

    def test_first_line(self) -> None:
        """The first line that the command says is the secret."""
        assert SECRET == reveal(python(f"print('{SECRET}'); print('more')"), KEY)

    def test_no_shell(self, tmp_path: Path) -> None:
        """No shell reads the command."""
        assert "$(id) > x | y" == reveal({"command": "echo '$(id)' '>' x '|' y"}, KEY)

    def test_asked_once(self, tmp_path: Path) -> None:
        """A command is asked once in a run, however often its secret is needed."""
        counter = tmp_path / "asked"
        secret = python(f"open('{counter}', 'a').write('x'); print('{SECRET}')")
        assert [SECRET] * 3 == [reveal(secret, KEY) for _ in range(3)]
        assert "x" == counter.read_text()

    def test_failing(self) -> None:
        """A command that fails is an error with its exit code and without what it said."""
        told = refused(python(f"import sys; print('{SECRET}'); sys.exit('{SECRET}')"))
        assert "ended with exit code 1" in told

    def test_unknown(self) -> None:
        """A command that is not there is an error that shows its name alone."""
        told = refused({"command": f"no-such-command --password {SECRET}"})
        assert "the command no-such-command cannot be run: No such file" in told

    def test_silent(self) -> None:
        """A command that says nothing is an error."""
        assert "said nothing" in refused({"command": "true"})

    def test_endless(self) -> None:
        """A command that never stops talking is stopped."""
        assert "says more than a secret" in refused({"command": f"yes {SECRET}"})

    def test_slow(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A command that takes too long is given up, with whatever it started."""
        monkeypatch.setattr(secrets_from, "COMMAND_SECONDS", 0.3)
        assert "did not end within" in refused({"command": "sh -c 'sleep 30; echo x'"})

    @pytest.mark.parametrize(("command", "told"), [("", "is empty"), ("'x", "be split")])
    def test_no_words(self, command: str, told: str) -> None:
        """A command is split into words as a shell would."""
        assert told in refused({"command": command})
