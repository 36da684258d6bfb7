"""The page that shows what was seen of each case."""

from __future__ import annotations

from html import escape
from typing import Any

VERDICT = "/cases"
# The caller gives it, so that another one on the wire is the client's doing.
ASKED = 2043
_HEAD = f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Cases</title><style>
body {{ font: 16px/1.5 system-ui, sans-serif }}
body {{ margin: 2rem auto; max-width: 60rem; padding: 0 1rem }}
code, pre {{ font: 14px/1.4 ui-monospace, monospace }}
code, pre {{ overflow-wrap: anywhere; white-space: pre-wrap }}
section {{ border-top: 1px solid #ccc; padding: .5rem 0 }}
.passed {{ color: #1a6b2f }} .failed {{ color: #a31515; font-weight: bold }}
</style></head><body><h1>Cases</h1>
<p>Point a client at a case (its webhook, or its token), make one call with CHAT_ID {ASKED}, and
read here what was on the wire. All requests of a case since the last start count as one call:
start afresh before the next one.</p>
<form method="post" action="{VERDICT}"><button>Start afresh</button></form>
<p>A program sends <code>POST {VERDICT}</code>.</p>
"""


def page(told: dict[str, Any]) -> str:
    """The page of a verdict; cases that were asked for come first."""
    cases = sorted(told["cases"], key=lambda case: not case["requests"])
    return _HEAD + "".join(_section(case) for case in cases) + "</body></html>\n"


def _section(case: dict[str, Any]) -> str:
    rows = [
        f"<section><h2>{escape(case['name'])}</h2><p>The portal: {escape(case['portal'])}.</p>",
        f"<p>Webhook <code>{escape(case['webhook'])}</code><br>",
        f"Token <code>{escape(case['token'])}</code>, ",
        f"refresh token <code>{escape(case['refresh_token'])}</code></p>",
    ]
    if case["requests"]:
        rows += ["<ol>", *map(_request, case["requests"]), "</ol><ul>"]
        rows += [*map(_clause, case["clauses"]), "</ul>"]
        rows.append(f"<p>What the caller was told: {escape(case['caller'])}.</p>")
    else:
        rows.append("<p>No request so far.</p>")
    return "".join([*rows, "</section>\n"])


def _request(request: dict[str, Any]) -> str:
    status = request["status"] or "no HTTP answer"
    asked = f"{request['verb']} {request['target']}\n{request['body']}".strip()
    return f"<li><pre>{escape(asked)}</pre><pre>{status} {escape(request['answer'])}</pre></li>"


def _clause(clause: dict[str, Any]) -> str:
    reason = f": {escape(clause['reason'])}" if clause["reason"] else ""
    words = f"{clause['level']} {escape(clause['id'])} {clause['status']}{reason}"
    return f'<li class="{clause["status"]}">{words}<br>{escape(clause["statement"])}</li>'
