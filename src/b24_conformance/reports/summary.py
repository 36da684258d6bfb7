"""summary.md: a page for the summary of a CI job, in GitHub's Markdown.

Whatever a stranger wrote goes into code spans and fences that it cannot leave.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from b24_conformance.reports.chat_id import shown
from b24_conformance.reports.report import JOIN_WORDS, LEVELS, STATUSES, Looked, Part, Report, Row
from b24_conformance.reports.request_line import request_line
from b24_conformance.reports.texts import elided, one_line, visible

_ACTIVE = re.compile(r"[\\`*\[\]<>|#~$&@]|(?<!\w)_|_(?!\w)|(?<=\w):(?=//)|(?<=www)\.")
_PUNCTUATION = re.compile(r"[^\w\s]|_")
_SHORT = 300
_MARKS = {"conformant": "✅", "nonconformant": "❌", "incomplete": "⚠️"}


def summary_md(report: Report) -> str:
    """The text of summary.md."""
    blocks: list[str] = [f"# Conformance to `{report.results.contract.method}`"]
    for part in report.parts:
        blocks += _part(part)
    contract, seed = report.results.contract, report.results.seed
    version = report.started.version
    blocks.append(f"Contract {contract.version}, seed {seed}, b24-conformance {version}.")
    return "\n\n".join(blocks) + "\n"


def _part(part: Part) -> Iterator[str]:
    verdict = part.result.verdict
    selection = " (a selection)" if part.result.selection else ""
    yield f"## {_MARKS[verdict]} {code(part.result.name)}: {verdict}{selection}"
    yield f"**{prose(part.line)}**"
    if part.result.note:
        yield prose(part.result.note)
    if failed := part.of("failed"):
        yield "### Failed"
        yield table(["Clause", "Demands", "CHAT_ID", "Demanded", "Got"], map(_failure, failed))
        yield from (_repeat(row) for row in failed if row.result.evidence)
    yield "### Counts"
    words = [status.replace("_", " ") for status in STATUSES]
    yield table(["Level", *words], (_counts(part, level) for level in LEVELS))
    if unchecked := part.of("inconclusive", "not_checked"):
        yield "### Not checked"
        yield table(["Clause", "Level", "Why", "What to add"], map(_unchecked, unchecked))
    if part.chats:
        yield "### Declared chats"
        yield table(["Operator", "Chat", "Declared", "Before", "After", ""], map(_chat, part.chats))
    if absent := part.of("not_implemented"):
        yield f"Not implemented: {', '.join(code(row.result.id) for row in absent)}."
    if part.advice:
        yield prose(part.advice)


def _failure(row: Row) -> list[str]:
    result, evidence = row.result, row.result.evidence
    statement = prose(row.clause.statement.en if row.clause else result.reason or "")
    clause = f"{code(result.id)} {result.level}"
    if not evidence:
        return [clause, statement, "", "", _short(result.reason or "")]
    return [
        clause,
        statement,
        code(shown(evidence.chat_id)),
        _short(evidence.demanded),
        _short(evidence.got),
    ]


def _short(text: str) -> str:
    return prose(elided(text, _SHORT))


def _repeat(row: Row) -> str:
    evidence = row.result.evidence
    clause = code(row.result.id)
    if evidence and evidence.curl:
        return f"Repeat {clause}:\n\n{fence(evidence.curl, 'sh')}"
    line = request_line(evidence) if evidence else ""
    return f"Request of {clause}: {code(line)}" if line else f"Nothing of {clause} was on the wire."


def _counts(part: Part, level: str) -> list[str]:
    return [level, *(str(part.count(level, status)) for status in STATUSES)]


def _unchecked(row: Row) -> list[str]:
    add = ", ".join(code(what) for what in row.add)
    return [code(row.result.id), row.result.level, _short(row.result.reason or ""), add]


def _chat(chat: Looked) -> list[str]:
    words = [chat.operator, str(chat.chat), chat.kind, chat.before or "", chat.after or ""]
    remark = "; ".join(filter(None, (JOIN_WORDS.get(chat.join, ("", ""))[0], chat.reason)))
    return [*map(prose, words), prose(remark)]


def table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def code(text: str) -> str:
    """`text` as a code span on one line, in a table cell or elsewhere."""
    shown = one_line(elided(text, _SHORT))
    if not shown.strip():
        return f"<code>{'&nbsp;' * len(shown) or '(empty)'}</code>"
    if "`" in shown or "|" in shown:
        return f"<code>{_PUNCTUATION.sub(_entity, shown)}</code>"
    return f"`{shown}`"


def prose(text: str) -> str:
    """`text` as a sentence that is nothing but text."""
    return _ACTIVE.sub(_entity, visible(text).replace("\n", " ").replace("\t", " "))


def fence(text: str, language: str = "") -> str:
    """`text` in a fence that is longer than any in it."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}{language}\n{visible(text)}\n{ticks}"


def _entity(found: re.Match[str]) -> str:
    return f"&#{ord(found[0])};"
