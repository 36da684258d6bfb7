"""The ways of asking that clauses speak of, each one step away from the plain one."""

from __future__ import annotations

from b24_conformance.probe import Asking

PLAIN = Asking()
JSON_SPELT = Asking(style="spelt")
NO_SUFFIX = Asking(suffix="")
FORM = Asking(encoding="form")
MULTIPART = Asking(encoding="multipart")
MULTIPART_UNQUOTED = Asking(encoding="multipart", style="unquoted")
QUERY = Asking(verb="GET", encoding="query")
POSTED_QUERY = Asking(encoding="query")
TEXT_FORM = Asking(encoding="text")
XML = Asking(suffix=".xml")
UPPER_SUFFIX = Asking(suffix=".JSON")
ANY_CASE = Asking(spelling="ImOpenLines.Session.JOIN")
DOUBLE_SLASH = Asking(slashes="double")
TRAILING_SLASH = Asking(suffix="", slashes="trailing")
OAUTH_BODY = Asking(place="oauth_body")
OAUTH_QUERY = Asking(place="oauth_query")
BEARER = Asking(place="bearer")
BATCH = Asking(encoding="form", suffix="", batch=True)
PREFLIGHT = Asking(verb="OPTIONS", encoding="query")
BATCH_FORM = Asking(encoding="form", suffix="", batch=True, style="form")
BATCH_QUERY = Asking(verb="GET", encoding="form", suffix="", batch=True)
BATCHES = (BATCH, BATCH_FORM, BATCH_QUERY)
UPPER_XML = Asking(suffix=".XML")
OAUTH_FORM = Asking(encoding="form", place="oauth_body")
OAUTH_GET = Asking(verb="GET", encoding="query", place="oauth_query")

ALL = (
    PLAIN,
    NO_SUFFIX,
    FORM,
    QUERY,
    MULTIPART,
    POSTED_QUERY,
    TEXT_FORM,
    ANY_CASE,
    UPPER_SUFFIX,
    UPPER_XML,
    DOUBLE_SLASH,
    TRAILING_SLASH,
    XML,
    OAUTH_BODY,
    OAUTH_FORM,
    OAUTH_QUERY,
    OAUTH_GET,
    BEARER,
    BATCH,
    JSON_SPELT,
)

UNPROMISED = frozenset(
    {
        MULTIPART_UNQUOTED,
        POSTED_QUERY,
        TEXT_FORM,
        ANY_CASE,
        UPPER_SUFFIX,
        UPPER_XML,
        DOUBLE_SLASH,
        TRAILING_SLASH,
    }
)
"""Ways that no documentation promises: whoever lacks one may answer as to any unknown address."""
