"""The ways of asking that clauses speak of, each one step away from the plain one."""

from __future__ import annotations

from b24_conformance.probe import Asking

PLAIN = Asking()
JSON_SPELT = Asking(style="spelt")
NO_SUFFIX = Asking(suffix="")
FORM = Asking(encoding="form")
FORM_SPELT = Asking(encoding="form", style="spelt")
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
ACCESS_TOKEN = Asking(place="oauth_query", style="access_token")
BEARER = Asking(place="bearer")
BEARER_LOWER = Asking(place="bearer", style="lower")
BATCH = Asking(encoding="form", suffix="", batch=True)
ROOM = 50
"""So many commands does a batch hold (docs: settings/how-to-call-rest-api/batch.md)."""
PREFLIGHT = Asking(verb="OPTIONS", encoding="query")
BATCH_FORM = Asking(encoding="form", suffix="", batch=True, style="form")
BATCH_QUERY = Asking(verb="GET", encoding="form", suffix="", batch=True)
BATCH_LIST = Asking(encoding="form", suffix="", batch=True, style="list")
BATCHES = (BATCH, BATCH_FORM, BATCH_QUERY, BATCH_LIST)
BATCH_HALTING = Asking(encoding="form", suffix="", batch=True, style="halting")
"""None of `BATCHES`: what stands behind a refused command is not answered."""
BATCH_LONG = Asking(encoding="form", suffix="", batch=True, style="long")
"""Nor is this: it may be refused as a whole."""
UPPER_XML = Asking(suffix=".XML")
OAUTH_FORM = Asking(encoding="form", place="oauth_body")
OAUTH_GET = Asking(verb="GET", encoding="query", place="oauth_query")
OAUTH_XML = Asking(suffix=".xml", place="oauth_body")
OAUTH_BATCH = Asking(encoding="form", suffix="", batch=True, place="oauth_body")

_SEEN = (
    POSTED_QUERY,
    TEXT_FORM,
    ANY_CASE,
    UPPER_SUFFIX,
    UPPER_XML,
    DOUBLE_SLASH,
    TRAILING_SLASH,
)
UNPROMISED = frozenset({*_SEEN, MULTIPART_UNQUOTED})
"""Ways that no documentation promises: whoever lacks one may answer as to any unknown address."""

ALL = (
    PLAIN,
    NO_SUFFIX,
    FORM,
    QUERY,
    MULTIPART,
    *_SEEN,
    XML,
    OAUTH_BODY,
    OAUTH_FORM,
    OAUTH_QUERY,
    OAUTH_GET,
    BEARER,
    BATCH,
    JSON_SPELT,
)
