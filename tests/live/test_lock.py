"""One run at a time for a live portal, whatever becomes of the run."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Thread

import pytest

from b24_conformance.declaration import Declaration
from b24_conformance.errors import UsageError
from b24_conformance.live.lock import lock_file, lock_for, portal_lock
from b24_conformance.reference import Portal, Server, default_state, webhooks

ADDRESS = "https://example.bitrix24.com"
SECRET = str(default_state().users[1].webhook_secret)
COMMAND = Path(sys.executable).with_name("b24-conformance")
HOLDER = """
import sys, time
from b24_conformance.live.lock import portal_lock
with portal_lock(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""
Hold = Callable[[str], "subprocess.Popen[str]"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of this test's own for the locks."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


@pytest.fixture
def hold() -> Iterator[Hold]:
    """Holds the lock of a portal in a process of its own."""
    with ExitStack() as stack:

        def start(address: str) -> subprocess.Popen[str]:
            words = [sys.executable, "-c", HOLDER, address]
            process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
            stack.enter_context(process)
            stack.callback(process.kill)
            assert process.stdout is not None
            assert "held\n" == process.stdout.readline()
            return process

        yield start


def is_free(address: str) -> bool:
    """Whether the lock can be had."""
    try:
        with portal_lock(address):
            return True
    except UsageError:
        return False


class TestHeld:
    """What the lock keeps out."""

    def test_another_process(self, hold: Hold) -> None:
        """Another process with the same portal keeps us out, with what to do about it."""
        hold(ADDRESS)
        with pytest.raises(UsageError) as caught, portal_lock(ADDRESS):
            pass
        assert 2 == caught.value.exit_code
        assert f"another run of this suite is asking {ADDRESS}" == caught.value.what
        assert "wait until it has ended" in caught.value.hint

    def test_another_thread(self) -> None:
        """So does another thread, and the same one."""
        found: list[bool] = []
        with portal_lock(ADDRESS):
            thread = Thread(target=lambda: found.append(is_free(ADDRESS)))
            thread.start()
            thread.join()
            assert [False, False] == [*found, is_free(ADDRESS)]

    def test_given_back(self) -> None:
        """It is free again afterwards, also after an error."""
        with pytest.raises(ValueError, match="oops"), portal_lock(ADDRESS):
            raise ValueError("oops")
        assert is_free(ADDRESS)

    def test_killed(self, hold: Hold) -> None:
        """A killed process holds nothing any more."""
        process = hold(ADDRESS)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert is_free(ADDRESS)

    @pytest.mark.parametrize(
        "other",
        ["http://example.bitrix24.com", "https://example.bitrix24.com:8443", "https://b.example"],
    )
    def test_other_portals(self, other: str) -> None:
        """Another scheme, port or host is another portal."""
        with portal_lock(ADDRESS):
            assert is_free(other)

    @pytest.mark.parametrize("same", [f"{ADDRESS}:443", "https://EXAMPLE.bitrix24.com/rest/1/x/"])
    def test_same_portal(self, same: str) -> None:
        """The usual port may be said, and neither case nor path matter."""
        with portal_lock(ADDRESS):
            assert not is_free(same)


class TestFile:
    """What is left on disk."""

    def test_name(self, folder: Path) -> None:
        """The file is in the folder for temporary files, and its name tells no address."""
        with portal_lock(f"https://example.bitrix24.com/rest/1/{SECRET}/"):
            (path,) = folder.iterdir()
            assert lock_file(ADDRESS) == path
        assert "example" not in path.name
        assert SECRET.encode() not in path.name.encode() + path.read_bytes()

    def test_nowhere_to_write(self, folder: Path) -> None:
        """Where no lock can be made, the error says in which folder and what to do."""
        lock_file(ADDRESS).mkdir()
        with pytest.raises(UsageError) as caught, portal_lock(ADDRESS):
            pass
        assert f"the lock of the portal cannot be made in {folder}" in caught.value.what
        assert "TMPDIR" in caught.value.hint

    def test_stand_in(self, folder: Path) -> None:
        """A stand-in is not locked, a live portal is."""
        with lock_for(Declaration("one", address=ADDRESS, stand_in=True)):
            assert [] == list(folder.iterdir())
        with lock_for(Declaration("one", address=ADDRESS)):
            assert not is_free(ADDRESS)


class TestCommands:
    """Commands that ask a live portal."""

    @pytest.mark.parametrize("command", ["doctor", "discover", "run"])
    def test_kept_out(self, hold: Hold, folder: Path, command: str) -> None:
        """While another run asks, nothing is sent and the exit code is 2; afterwards it works."""
        asked: list[object] = []
        with Server(Portal(), on_exchange=lambda *exchange: asked.append(exchange)) as server:
            process = hold(server.address)
            hook = webhooks(server.address, default_state())[1]
            words = [COMMAND, command, hook, "--rate", "1000/s"]

            def run() -> subprocess.CompletedProcess[str]:
                return subprocess.run(
                    words, capture_output=True, text=True, timeout=60, cwd=folder, check=False
                )

            refused = run()
            assert (2, []) == (refused.returncode, asked)
            assert f"another run of this suite is asking {server.address}" in refused.stderr
            process.kill()
            process.wait()
            assert 2 != run().returncode
            assert asked
