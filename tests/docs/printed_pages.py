"""Small pages with tabs of our own."""

from __future__ import annotations

import textwrap
from pathlib import Path

from b24_conformance.docs_page import Page, read_page

STANDINS = Path(__file__).parents[1] / "clients" / "standins"
CURL = """\
curl -X POST -H "Content-Type: application/json" -d '{"CHAT_ID":2043}' \\
  https://your-domain.bitrix24.com/rest/1/webhook_key/imopenlines.session.join.json"""


def tab_of(title: str, language: str, code: str) -> str:
    """A tab as a page has it."""
    fenced = f"```{language}\n{code}\n```"
    return f"- {title}\n\n{textwrap.indent(fenced, '    ')}\n"


def page_of(*tabs: str) -> Page:
    """A page of these tabs."""
    listed = "\n".join(tabs)
    return read_page(f"# Join\n\n{{% list tabs %}}\n\n{listed}\n{{% endlist %}}\n", "ours.md")
