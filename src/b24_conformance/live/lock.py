"""One lock for each live portal, held across processes: two runs would share its limits."""

from __future__ import annotations

import getpass
import os
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from b24_conformance.declaration import Declaration
from b24_conformance.errors import UsageError

_PORTS = {"http": 80, "https": 443}


def lock_for(declaration: Declaration) -> AbstractContextManager[None]:
    """The lock of a live portal; nothing is locked for a stand-in, which has no limits to share."""
    return nullcontext() if declaration.stand_in else portal_lock(declaration.address)


@contextmanager
def portal_lock(address: str) -> Iterator[None]:
    """Holds the lock of the portal at scheme, host and port; UsageError if another run holds it.

    The system takes it from a process that ends, however it ends.
    """
    path = lock_file(address)
    try:
        # Each call has an object of its own: threads of one process keep each other out as well.
        lock = FileLock(path, 0, 0o600, thread_local=False, fallback_to_soft=False)
        held = lock.acquire()
    except Timeout:
        raise UsageError(
            f"another run of this suite is asking {address}",
            hint="wait until it has ended: a live portal is asked by one run at a time",
        ) from None
    except (OSError, NotImplementedError) as error:
        raise UsageError(
            f"the lock of the portal cannot be made in {path.parent}: {error}",
            hint="name a folder that can be written: TMPDIR=DIR b24-conformance …",
        ) from None
    with held:
        yield


def lock_file(address: str) -> Path:
    """The file behind the lock of a portal: by user, so that nobody else's file is in the way."""
    parts = urlsplit(address)
    port = parts.port or _PORTS.get(parts.scheme)
    # An application in this process has a name and no host.
    place = f"{parts.scheme}://{parts.hostname}:{port}" if parts.hostname else address
    name = f"b24-conformance-{_user()}-{sha256(place.encode()).hexdigest()[:16]}.lock"
    return Path(tempfile.gettempdir()) / name


def _user() -> str:
    # Names come from the environment, which differs more easily than numbers.
    return str(os.getuid()) if hasattr(os, "getuid") else getpass.getuser()
