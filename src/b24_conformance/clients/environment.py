"""The environment of somebody else's program: ours, without the secrets that it holds.

No short list of what is let through: adapters are everybody's, and so is what they need.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

# A webhook opens a portal, whatever the variable is called.
_WEBHOOK = re.compile(r"https?://\S+/rest/\d+/[^/\s]+")
# The variables of our README and of our curl lines, which may hold a bare secret.
_OURS = re.compile(
    r"B24_(?!CONFORMANCE_)(?:\w*_)?(?:WEBHOOK|TOKEN|SECRET|SCOPE|PASSWORD|KEY|AUTH)(?:_\w*)?\Z"
)
# Without these no program runs; a stand-in's secret may be a word that is a user's name as well.
_NEEDED = frozenset({"PATH", "HOME", "USER", "LOGNAME", "SHELL", "PWD", "TMPDIR", "LANG"})
# A shorter word would be found in anything.
_TELLING = 8


def without_secrets(
    environment: Mapping[str, str],
    *,
    named: Collection[str] = (),
    known: Iterable[str] = (),
) -> dict[str, str]:
    """`environment` without variables that are `named` or hold a webhook or a `known` secret."""
    secrets = {part for secret in known for part in _parts(secret)}
    # Clients are made side by side, while whoever called us may unset a variable of this process.
    held = {name: environment.get(name) for name in list(environment)}
    return {
        name: value
        for name, value in held.items()
        if value is not None
        and (name in _NEEDED or not (name in named or _tells(name, value, secrets)))
    }


def _tells(name: str, value: str, secrets: Iterable[str]) -> bool:
    if _OURS.match(name) or _WEBHOOK.search(value):
        return True
    return any(_holds(value, secret) for secret in secrets)


def _parts(secret: str) -> set[str]:
    """The secret, and of a webhook's address the one within."""
    whole = secret.strip().rstrip("/")
    return {whole, whole.rpartition("/")[2]} - {""}


def _holds(value: str, secret: str) -> bool:
    if value.strip() == secret:
        return True
    # Not as a part of a path or of a longer word, which says the same by chance.
    alone = rf"(?<![\w/.-]){re.escape(secret)}(?![\w/.-])"
    return len(secret) >= _TELLING and re.search(alone, value) is not None
