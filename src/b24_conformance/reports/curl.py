"""A recorded request as a line for a POSIX shell that repeats it byte for byte.

The record has labels such as `$B24_WEBHOOK` in the places of the secrets, and so has the line:
it runs wherever those variables are set, and nowhere else. A variable of a webhook may hold the
bare secret or the whole address, as `basename` makes both the same.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from b24_conformance.exchange import Exchange, Request
from b24_conformance.probe import Probe

_OWN_LABEL = re.compile(r"\$B24_[A-Z0-9]+(?:_[A-Z0-9]+)*")
_NOT_REPEATED = frozenset(
    {"host", "content-length", "connection", "accept-encoding", "user-agent", "transfer-encoding"}
)
_PLAIN_TARGET = re.compile(r"/[!-\"$-~]*")
_WEBHOOK_PLACE = re.compile(r"/rest/[^/]+/$")
_HIDDEN = "[redacted]"
# What is left of a secret that was shown spoilt, as a shell cuts it out of the whole one.
_LEFT = {
    "altered": "${SECRET%?}",
    "beheaded": "${SECRET#?}",
    "truncated": '$(printf "%.$((${#SECRET} / 2))s" "$SECRET")',
}
_DOT_SEGMENT = re.compile(r"/\.\.?(?:/|\?|$)")


def curl_line(exchange: Exchange, address: str, *, labels: Collection[str] = ()) -> str:
    """The command that sends the request of `exchange` again, to `address` (scheme and host).

    `labels` are the ones that stand for secrets; without them all words `$B24_…` do.
    """
    request = exchange.request
    shell = _Shell(labels)
    before, body = _body(request, shell)
    words = ["curl -sS -g", *_verb(request), *_headers(request, shell), *body]
    line = before + " ".join([*words, *_address(request.target, address, shell)])
    return _guarded(line, shell.met)


def spelt_out(line: str, probe: Probe) -> str:
    """The line with spoilt credentials made of the real ones, or the words that some are hidden."""
    if _HIDDEN not in line:
        return line
    left = _LEFT.get(probe.asking.identity)
    if left is None:
        return f"{line} # put in a part of the secret in the place of {_HIDDEN}"
    whose = "" if probe.operator == "operator" else f"_{probe.operator.upper()}"
    what = "WEBHOOK" if probe.asking.place == "webhook" else "TOKEN"
    label = f"$B24{whose}_{what}"
    spelt = f"SECRET={_variable(label)} && " + line.replace(_HIDDEN, f"'\"{left}\"'")
    return _guarded(spelt, [label])


class _Shell:
    """Quotes text for a POSIX shell; labels in it become variables."""

    def __init__(self, labels: Collection[str]) -> None:
        longest_first = sorted(labels, key=len, reverse=True)
        named = "|".join(re.escape(label) for label in longest_first)
        self._label = re.compile(named) if named else _OWN_LABEL
        self.met: dict[str, None] = {}

    def quoted(self, text: str) -> str:
        """`text` as one word."""
        words: list[str] = []
        before = ""
        for part, is_label in self.parts(text):
            words.append(_variable(part, before) if is_label else _literal(part))
            before = part
        return "".join(words) or "''"

    def parts(self, text: str) -> Iterator[tuple[str, bool]]:
        """The parts of `text`, each with whether it is a label."""
        done = 0
        for found in self._label.finditer(text):
            if text[done : found.start()]:
                yield text[done : found.start()], False
            self.met[found[0]] = None
            yield found[0], True
            done = found.end()
        if text[done:]:
            yield text[done:], False


def _guarded(line: str, labels: Iterable[str]) -> str:
    """`line`, which a shell does not run where one of the variables is not set.

    Within the line it would: an error inside of `$(…)` or of a pipe ends only that.
    """
    needed = " ".join(f'"${{{label.removeprefix("$")}:?}}"' for label in labels)
    return f": {needed} && {line}" if needed else line


def _variable(label: str, before: str = "") -> str:
    webhook = label.endswith("WEBHOOK") or _WEBHOOK_PLACE.search(before)
    return f'"$(basename "{label}")"' if webhook else f'"{label}"'


def _literal(text: str) -> str:
    if _is_plain(text):
        return "'" + text.replace("'", "'\\''") + "'"
    return f'"$({_printf(_format(text))})"'


def _is_plain(text: str) -> bool:
    """Whether `text` survives a terminal and a clipboard."""
    return all(char.isprintable() for char in text)


def _format(text: str) -> str:
    """`text` as a format of printf, within single quotes."""
    return "".join(_formatted(char) for char in text)


def _printf(pattern: str) -> str:
    # A format that begins with a dash would be an option.
    return f"printf '{pattern}'" if pattern[:1] != "-" else f"printf '\\055{pattern[1:]}'"


def _formatted(char: str) -> str:
    known = {"%": "%%", "\\": "\\\\", "'": "'\\''", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    if char in known:
        return known[char]
    if char.isprintable():
        return char
    return "".join(f"\\{byte:03o}" for byte in char.encode("utf-8", "surrogatepass"))


def _verb(request: Request) -> list[str]:
    if request.verb == "HEAD" and not request.body:
        return ["-I"]
    return [f"-X {_literal(request.verb) if not request.verb.isalpha() else request.verb}"]


def _headers(request: Request, shell: _Shell) -> list[str]:
    kept = [(n, value) for n, value in request.headers if n.lower() not in _NOT_REPEATED]
    words = [f"{name}: {value}" if value.strip() else f"{name};" for name, value in kept]
    if request.body and not any(name.lower() == "content-type" for name, _ in kept):
        # Otherwise curl calls the body a form.
        words.append("Content-Type:")
    return [f"-H {shell.quoted(word)}" for word in words]


def _body(request: Request, shell: _Shell) -> tuple[str, list[str]]:
    """What comes before the command, and the options with the body."""
    if not request.body:
        return "", []
    if _is_plain(request.body):
        return "", [f"--data-raw {shell.quoted(request.body)}"]
    # A command's output in quotes would lose its last newlines: a pipe keeps them.
    parts = list(shell.parts(request.body))
    pattern = "".join("%s" if is_label else _format(part) for part, is_label in parts)
    variables = [_variable(part) for part, is_label in parts if is_label]
    return " ".join([_printf(pattern), *variables, "| "]), ["--data-binary @-"]


def _address(target: str, address: str, shell: _Shell) -> list[str]:
    address = address.rstrip("/")
    if not _PLAIN_TARGET.fullmatch(target):
        # curl would cut a fragment off and refuse spaces.
        return [f"--request-target {shell.quoted(target)}", _literal(f"{address}/")]
    options = ["--path-as-is"] if _DOT_SEGMENT.search(target) else []
    return [*options, shell.quoted(address + target)]
