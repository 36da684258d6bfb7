"""What a reader makes of an example's output: success, a refusal and which, or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Heard = Literal["success", "refusal", "unclear refusal", "nothing"]
_EXCERPT = 160
# What nobody prints for a success, in English or Russian, also at the end of a name such as
# AjaxError; unless it is the name of a field that says there is none.
_ERROR_WORDS = re.compile(
    r"(?:\b(?:error|exception|fatal|fail(?:ed|ure)?|refused|denied|"
    r"ошибк\w*|исключени\w*|отказ\w*|не удалось)|(?-i:Error|Exception))\b"
    r"""(?!["']?\]?\s*(?::|=>?)\s*(?:null|false|undefined|0|""|\'\'|\[\]|\{\})(?!\w))""",
    re.IGNORECASE,
)
# Whatever is written there is an error.
ERROR_CHANNELS = frozenset({"console.error", "uncaught", "error log"})
# A browser's own remarks are shown, and nothing else; warnings, often an SDK's, tell no success.
_BROWSER = "browser"
_WARNINGS = "console.warn"
# A label without a value, or what a value that is not there is printed as.
_NO_VALUE = re.compile(r"(?:.*[:=])?\s*(?:undefined|null|NaN|false)?\s*", re.DOTALL)
# The interpreter's own remarks are not what the example says.
_REMARK = re.compile(r"^(?:PHP )?(?:Deprecated|Notice|Warning): .* on line \d+$", re.MULTILINE)


@dataclass(frozen=True)
class Printed:
    """Something that an example printed, and where: stdout, stderr, console.log, uncaught …"""

    channel: str
    text: str


@dataclass(frozen=True)
class Run:
    """What is known of one run. `exit_code` is None for a page, which has none.

    `ready`: whether what stands around the example was set up, so that the rest is its own doing.
    """

    printed: tuple[Printed, ...]
    exit_code: int | None = 0
    ready: bool = True
    overdue: bool = False

    @property
    def text(self) -> str:
        """All that was printed."""
        return "\n".join(each.text for each in self.printed)


@dataclass(frozen=True)
class Refusal:
    """A refusal as the portal put it."""

    code: str
    description: str


def heard(run: Run, refusal: Refusal | None, others: Sequence[Run] = ()) -> Heard:
    """What a reader of `run` takes it for; `refusal` is what the portal answered.

    `others` are the runs of the same example for other outcomes. A code that stands in those as
    well, as the name of a parameter does, tells nothing.
    """
    if not complains(run):
        return "nothing" if _NO_VALUE.fullmatch(_last_said(run)) else "success"
    if refusal is None:
        return "unclear refusal"
    return "refusal" if _tells(run, refusal, others) else "unclear refusal"


def complains(run: Run) -> bool:
    """Whether a run ends or speaks as one that has failed."""
    if run.exit_code or run.overdue:
        return True
    said = _said(run)
    return any(channel in ERROR_CHANNELS or _ERROR_WORDS.search(text) for channel, text in said)


def _last_said(run: Run) -> str:
    texts = [text for channel, text in _said(run) if channel != _WARNINGS]
    return texts[-1] if texts else ""


def _said(run: Run) -> list[tuple[str, str]]:
    """What the example itself has printed, and on which channels."""
    texts = [(each.channel, _REMARK.sub("", each.text).strip()) for each in run.printed]
    return [(channel, text) for channel, text in texts if text and channel != _BROWSER]


def excerpt(run: Run) -> str:
    """The beginning of what a run printed, in one line; of its errors alone, if it has any."""
    chosen = [each for each in run.printed if each.channel in ERROR_CHANNELS] or run.printed
    shown = [f"{each.channel}: {' '.join(each.text.split())}" for each in chosen]
    if run.overdue:
        shown.append("it does not end")
    elif run.exit_code:
        shown.append(f"exit {run.exit_code}")
    text = "; ".join(shown) or "it prints nothing"
    return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]}…"


def _tells(run: Run, refusal: Refusal, others: Iterable[Run]) -> bool:
    if refusal.description and _folded(refusal.description) in _folded(run.text):
        return True
    return _count(run, refusal.code) > max((_count(one, refusal.code) for one in others), default=0)


def _count(run: Run, code: str) -> int:
    return len(re.findall(rf"(?<!\w){re.escape(code)}(?!\w)", run.text, re.IGNORECASE))


def _folded(text: str) -> str:
    # Without what an encoding of JSON, or an SDK's tidying, adds or takes away.
    return " ".join(text.replace("\\/", "/").replace('\\"', '"').casefold().split()).rstrip(" .")
