"""Faults of the wire: flaky, cut off, slow, sent elsewhere, of another protocol."""

from __future__ import annotations

import gzip
from collections.abc import Callable

from b24_conformance.mutants.gallery import of_kind
from b24_conformance.reference import Portal, Raw, Request, Response
from b24_conformance.reference.http1 import serialize
from b24_conformance.reference.messages import Answer

faulty = of_kind("transport")
Spoil = Callable[[Request, Response], Response | Raw]
_JSON = (("Content-Type", "application/json; charset=utf-8"),)
_HTML = (("Content-Type", "text/html; charset=utf-8"),)


def _on(spoil: Spoil, *, every: int = 1, only: bytes = b"") -> Answer:
    """A portal whose every nth answer is spoilt, or every one to a body with `only` in it."""
    portal, asked = Portal(), 0

    def answer(request: Request) -> Response | Raw:
        nonlocal asked
        asked += 1
        response = portal.answer(request)
        if asked % every or only not in request.body:
            return response
        return spoil(request, response)

    return answer


def _bytes(request: Request, response: Response) -> bytes:
    return serialize(response, verb=request.verb, keep_alive=False)


@faulty("robust.answers", over_http=True)
def every_fifth_reset() -> Answer:
    """Every fifth connection is reset."""
    return _on(lambda request, response: Raw(b"", reset=True), every=5)


@faulty("robust.answers", over_http=True)
def every_seventh_closed() -> Answer:
    """Every seventh request gets no answer."""
    return _on(lambda request, response: Raw(b""), every=7)


class _Counting(Portal):
    """Counts the joins that it stores."""

    stored = 0

    def apply_join(self, user_id: int, chat_id: int) -> None:
        super().apply_join(user_id, chat_id)
        self.stored += 1


@faulty("robust.answers", over_http=True)
def first_join_dropped() -> Answer:
    """The very first join is stored, but the connection ends in place of its answer."""
    portal = _Counting()

    def answer(request: Request) -> Response | Raw:
        before = portal.stored
        response = portal.answer(request)
        return Raw(b"") if before == 0 < portal.stored else response

    return answer


@faulty("robust.answers", over_http=True)
def success_cut_off() -> Answer:
    """A success is ten bytes shorter than announced."""

    def cut(request: Request, response: Response) -> Response | Raw:
        return response if response.status != 200 else Raw(_bytes(request, response)[:-10])

    return _on(cut)


@faulty("robust.answers", over_http=True)
def body_never_sent() -> Answer:
    """A refusal ends after its headers."""

    def cut(request: Request, response: Response) -> Response | Raw:
        head = _bytes(request, response).partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        return response if response.status != 400 else Raw(head)

    return _on(cut, every=3)


@faulty("robust.answers", over_http=True)
def text_hangs() -> Answer:
    """Text for an id makes the portal hang."""

    def drip(request: Request, response: Response) -> Response | Raw:
        return Raw(_bytes(request, response)[:60], pause=0.05)

    return _on(drip, only=b'"abc"')


@faulty("robust.answers", over_http=True)
def status_line_garbled() -> Answer:
    """The status line of every fourth answer is no HTTP."""

    def garble(request: Request, response: Response) -> Response | Raw:
        return Raw(_bytes(request, response).replace(b"HTTP/1.1", b"ICY", 1))

    return _on(garble, every=4)


@faulty("robust.answers", over_http=True)
def endless_chunks() -> Answer:
    """A chunked answer is never ended."""

    def chunk(request: Request, response: Response) -> Response | Raw:
        head = b"HTTP/1.1 400 Bad Request\r\nTransfer-Encoding: chunked\r\n\r\n"
        return Raw(head + b"%x\r\n%s\r\n" % (len(response.body), response.body))

    return _on(chunk, every=6)


@faulty("robust.no-server-error")
def every_ninth_fails() -> Answer:
    """Every ninth request is answered with HTTP 500."""
    failed = Response(500, _JSON, b'{"error":"ERROR_CORE","error_description":"SQL query error!"}')
    return _on(lambda request, response: failed, every=9)


@faulty("robust.no-server-error")
def bad_gateway() -> Answer:
    """Every eighth request is answered by the proxy: 502."""
    failed = Response(502, _HTML, b"<html><h1>502 Bad Gateway</h1></html>")
    return _on(lambda request, response: failed, every=8)


@faulty("throttle.shape")
def throttled_by_another_name() -> Answer:
    """Every twelfth request is answered with HTTP 503, which does not name its limit."""
    busy = b'{"error":"SERVICE_UNAVAILABLE","error_description":"Try again later"}'
    return _on(lambda request, response: Response(503, _JSON, busy), every=12)


@faulty("throttle.shape")
def throttled_in_html() -> Answer:
    """Every twelfth request is answered with HTTP 503 and a page."""
    page = b"<html><h1>503 Service Temporarily Unavailable</h1></html>"
    return _on(lambda request, response: Response(503, _HTML, page), every=12)


@faulty("robust.no-html")
def page_for_angles() -> Answer:
    """A firewall answers markup in CHAT_ID with a page."""
    page = Response(403, _HTML, b"<!DOCTYPE html><title>Forbidden</title>")
    return _on(lambda request, response: page, only=b"<")


@faulty("robust.no-html")
def login_page() -> Answer:
    """Wrong credentials are answered with the page to log in."""
    page = b"<html><body>Please log in</body></html>"

    def show(request: Request, response: Response) -> Response | Raw:
        return Response(401, _HTML, page) if response.status == 401 else response

    return _on(show)


@faulty("credentials.none")
def login_redirect() -> Answer:
    """Wrong credentials are sent to the page to log in."""

    def send(request: Request, response: Response) -> Response | Raw:
        moved = Response(302, (("Location", "/auth/"),))
        return moved if response.status == 401 else response

    return _on(send)


@faulty("asking.query")
def get_redirected() -> Answer:
    """GET is sent to the same address with a slash."""

    def send(request: Request, response: Response) -> Response | Raw:
        path, _, query = request.target.partition("?")
        moved = Response(301, (("Location", f"{path}/?{query}"),))
        return moved if request.verb == "GET" else response

    return _on(send)


@faulty("envelope.json")
def gzip_unasked() -> Answer:
    """Answers are compressed, though nobody asked for that."""

    def press(request: Request, response: Response) -> Response | Raw:
        headers = (*response.headers, ("Content-Encoding", "gzip"))
        return Response(response.status, headers, gzip.compress(response.body))

    return _on(press, every=2)


@faulty("envelope.json")
def every_sixth_empty() -> Answer:
    """Every sixth answer is empty."""
    return _on(lambda request, response: Response(204, _JSON), every=6)


@faulty("consistency.same-answer")
def stale_answers() -> Answer:
    """A cache gives every ninth request the answer to the one before."""
    last: list[Response] = []

    def cached(request: Request, response: Response) -> Response | Raw:
        last.append(response)
        return last[-2] if len(last) % 9 == 0 else response

    return _on(cached)


@faulty("secret.not-echoed", over_http=True)
def path_in_status_line() -> Answer:
    """The words behind the status repeat the path."""

    def tell(request: Request, response: Response) -> Response | Raw:
        head, _, rest = _bytes(request, response).partition(b"\r\n")
        return Raw(head + b" " + request.target.partition("?")[0].encode() + b"\r\n" + rest)

    return _on(tell)
