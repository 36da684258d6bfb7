"""What a web server may do in front of a conformant portal: redirects, pages, its own limit."""

from __future__ import annotations

import json
import re
from typing import Final

from b24_conformance.mutants.wording import Wording
from b24_conformance.reference import Request, Response
from b24_conformance.reference.formats import xml_encode

# All that a run asks for but an unknown method, with a suffix or without one.
_SERVED: Final = re.compile(
    r"/(?:imopenlines\.session\.join|im\.chat\.user\.list|batch)(?:\.\w+)?\Z", re.IGNORECASE
)
_ELSEWHERE: Final = "https://other.bitrix24.com"
_PAGE: Final = b"<!DOCTYPE html><title>Nothing here</title><h1>Nothing here</h1>"


class Edge(Wording):
    """Answers some requests before the portal sees them."""

    def answer_with_body(self, request: Request) -> Response:
        """Send away who spells the address otherwise, and refuse in the format of the suffix."""
        path, mark, query = request.target.partition("?")
        plain = re.sub(r"/+", "/", path).rstrip("/")
        if self.departs("slashes-redirect") and path != plain:
            return Response(308, (("Location", f"{_ELSEWHERE}{plain}{mark}{query}"),), _PAGE)
        if self.departs("suffix-case-page") and path.endswith((".JSON", ".XML")):
            return page(404)
        if self.departs("unknown-page") and not _SERVED.search(plain):
            return page(404)
        response = super().answer_with_body(request)
        limited = response.status == 503 and path.lower().endswith(".xml")
        return _in_xml(response) if limited and self.freedoms.limits == "xml" else response


def page(status: int) -> Response:
    """A web server's page for people, with nothing of the portal's in it."""
    return Response(status, (("Content-Type", "text/html"),), _PAGE)


def _in_xml(response: Response) -> Response:
    headers = [pair for pair in response.headers if pair[0].lower() != "content-type"]
    kind = ("Content-Type", "text/xml; charset=utf-8")
    body = xml_encode(json.loads(response.body)).encode()
    return Response(response.status, (kind, *headers), body)
