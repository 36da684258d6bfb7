"""Which runner an example is for: told by its code, for the titles of tabs are only for people."""

from __future__ import annotations

import re

from b24_conformance.docs_page import Tab
from b24_conformance.examples.browser import Bx24, Umd
from b24_conformance.examples.go import Go
from b24_conformance.examples.javascript import JavaScript
from b24_conformance.examples.php import CRest, PhpSdk
from b24_conformance.examples.runner import Runner
from b24_conformance.examples.shell import Shell

# The first that fits; the languages come last, as BX24.js and the SDK share theirs.
_MARKS: tuple[tuple[re.Pattern[str], type[Runner]], ...] = (
    (re.compile(r"\bBX24\.\w+\s*\("), Bx24),
    (re.compile(r"\bB24Js\.|/umd/"), Umd),
    (re.compile(r"\bCRest::"), CRest),
    (re.compile(r"\$(?:b24Service|serviceBuilder)\b|Bitrix24\\SDK"), PhpSdk),
    (re.compile(r"\bb24\.Params\b|github\.com/bitrix24/b24gosdk"), Go),
    (re.compile(r"\$b24\.|@bitrix24/b24jssdk"), JavaScript),
    (re.compile(r"^\s*(?:\$\s+)?curl\s", re.MULTILINE), Shell),
)


def runner_for(tab: Tab) -> type[Runner] | None:
    """The runner of an example; None for a kind that has none."""
    return next((runner for mark, runner in _MARKS if mark.search(tab.code)), None)
