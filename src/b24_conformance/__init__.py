"""Contract testing for the Bitrix24 REST method `imopenlines.session.join`.

The public face for other projects' tests::

    portal_fake    the reference portal behind the `responses` library, as a context manager
    Portal         the reference portal without I/O: `Portal(state).answer(request)`
    Server         a portal over real HTTP or HTTPS on loopback, as a context manager
    State          users and chats of a portal, from TOML or by hand
    default_state  the state that there is when nothing else is declared
"""

from __future__ import annotations

from importlib import import_module

__version__ = "0.1.0"

# Found when asked for: whoever only has the pytest plugin installed pays nothing for it.
_HOMES = {
    "Portal": "b24_conformance.reference",
    "Server": "b24_conformance.reference",
    "State": "b24_conformance.reference",
    "default_state": "b24_conformance.reference",
    "portal_fake": "b24_conformance.fake",
}
__all__ = ["Portal", "Server", "State", "__version__", "default_state", "portal_fake"]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
