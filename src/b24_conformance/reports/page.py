"""index.html: the whole run on one page that needs nothing else, in English and Russian."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import jinja2
import msgspec

from b24_conformance.exchange import Headers, Request, Response
from b24_conformance.reports.chat_id import shown
from b24_conformance.reports.report import JOIN_WORDS, LEVELS, STATUSES, Report
from b24_conformance.reports.texts import clipped, one_line, visible

# (sign, English, Russian): the sign and the word say it, the colour only repeats it.
STATUS_WORDS = {
    "passed": ("✓", "passed", "выполнено"),
    "failed": ("✗", "failed", "нарушено"),
    "inconclusive": ("?", "inconclusive", "неясно"),
    "not_checked": ("–", "not checked", "не проверено"),
    "not_implemented": ("∅", "not implemented", "не реализовано"),
}
VERDICT_WORDS = {
    "conformant": ("✓", "Conformant", "Соответствует"),
    "nonconformant": ("✗", "Nonconformant", "Не соответствует"),
    "incomplete": ("!", "Incomplete", "Проверено не полностью"),
}
STANDING_WORDS = {
    "witnessed": ("as declared", "как объявлено"),
    "unseen": ("not all seen", "видно не всё"),
    "withheld": ("not used", "не использован"),
    "contradicted": ("not as declared", "не как объявлено"),
}
SURE_WORDS = {
    "documented": ("documented", "документация"),
    "seen": ("seen", "замечено"),
    "project": ("project", "проект"),
}


def page_html(report: Report) -> str:
    """The text of index.html."""
    return _template().render(
        report=report,
        levels=LEVELS,
        statuses=STATUSES,
        status_words=STATUS_WORDS,
        verdict_words=VERDICT_WORDS,
        sure_words=SURE_WORDS,
        standing_words=STANDING_WORDS,
        join_words=JOIN_WORDS,
    )


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = {"visible": visible, "one_line": one_line, "chat_id": shown}
    environment.filters.update(filters, request=_request, response=_response)
    return environment.get_template("index.html.j2")


def _request(request: Request) -> str:
    first = f"{request.verb} {request.target}"
    return _message(first, request.headers, request.body)


def _response(response: Response) -> str:
    return _message(f"HTTP {response.status}", response.headers, response.body)


def _message(first: str, headers: Headers, body: str) -> str:
    lines = [one_line(first), *(one_line(f"{name}: {value}") for name, value in headers)]
    return "\n".join([*lines, "", visible(clipped(_pretty(body)))]).rstrip("\n")


def _pretty(body: str) -> str:
    """JSON on several lines, with every literal as it came; anything else as it is."""
    if body[:1] not in ("{", "["):
        return body
    try:
        return msgspec.json.format(body, indent=2)
    except msgspec.DecodeError:
        return body
