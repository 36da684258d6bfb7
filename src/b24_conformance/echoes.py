"""Where in an answer a secret stands: it is hidden by then, and its mark is what is found."""

from __future__ import annotations

import re
from collections.abc import Iterator

from b24_conformance.exchange import Request, Response
from b24_conformance.redirects import plain

HIDDEN = re.compile(r"\$B24_[A-Z_]+|\[redacted\]")
_MARKS = ("$B24_", "[redacted]")
_ORIGIN = re.compile(r"\A(?:[a-z][a-z0-9+.-]*:)?//[^/?]*", re.IGNORECASE)


def places(request: Request, response: Response) -> Iterator[str]:
    """Where the answer to `request` holds something that is hidden, in words for a reader."""
    told = "\n".join(response.texts)
    if not any(mark in told for mark in _MARKS):
        # As nearly every answer: there is no need to look at each header.
        return
    if HIDDEN.search(response.body):
        yield "the body"
    if HIDDEN.search(response.reason):
        yield "the words behind the status"
    for name, value in response.headers:
        if HIDDEN.search(name):
            yield "the name of a header"
        if HIDDEN.search(value) and not _leads_back(request, response, name, value):
            yield f"the header {name}"


def _leads_back(request: Request, response: Response, name: str, value: str) -> bool:
    """Whether a redirect names the address that was asked, and so cannot leave the secret out."""
    redirect = 300 <= response.status < 400 and name.lower() == "location"
    return redirect and plain(_ORIGIN.sub("", value.strip(), count=1)) == plain(request.target)
