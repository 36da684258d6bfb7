"""No input makes the portal fail."""

from __future__ import annotations

import io
import json
from typing import Any
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from b24_conformance.reference import Portal, Request, Response, State, default_state
from b24_conformance.reference.http1 import BadRequestError, read_head, read_request

SECRET = str(default_state().users[1].webhook_secret)
PORTALS = {
    "new": Portal(),
    "old": Portal(
        State.of(default_state().users.values(), default_state().chats.values(), kernel="old")
    ),
}
JOIN = "imopenlines.session.join"
METHODS = [f"{JOIN}", f"{JOIN}.xml", "batch", "batch.xml", *PORTALS["new"].methods]
TARGETS = st.one_of(
    st.text(),
    st.text(st.characters(exclude_categories=())),
    st.binary().map(lambda data: data.decode("utf-8", "surrogateescape")),
    st.builds(
        "/rest/1/{}/{}?{}".format,
        st.just(SECRET),
        st.sampled_from(METHODS),
        st.text(alphabet="cmdCHATID_[]=%05&+.", max_size=30),
    ),
    st.just("/oauth/token/"),
)
TYPES = st.sampled_from(
    [
        *["application/json", "application/x-www-form-urlencoded", "text/plain", "a+json"],
        *["multipart/form-data; boundary=x", "multipart/form-data; boundary=\ud800"],
    ]
)
JSON_BODIES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["CHAT_ID", "cmd", "halt", "auth", "0", "aplogin", "ap", "x"]), inner
        )
    ),
    max_leaves=9,
).map(lambda value: json.dumps(value).encode())
BODIES = st.one_of(
    st.binary(),
    JSON_BODIES,
    st.text(alphabet="cmdCHATID_[]=%05&+.", max_size=40).map(str.encode),
    st.builds(
        b'--x\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n--x--'.__mod__,
        st.tuples(st.binary(max_size=9), st.binary(max_size=9)),
    ),
)
VERBS = st.sampled_from(["POST", "POST", "GET", "HEAD", "OPTIONS", "PUT", "\ud800"])


def check(response: Response) -> None:
    """Demand a status below 500, a body that can be parsed, and no secret in it."""
    assert response.status < 500
    assert SECRET.encode() not in response.body
    if not response.body:
        return
    if response.header("content-type") == "text/xml; charset=utf-8":
        ElementTree.fromstring(response.body)
    else:
        json.loads(response.body.decode("utf-8"))


class TestAnything:
    @given(
        kernel=st.sampled_from(["new", "old"]),
        verb=VERBS,
        target=TARGETS,
        body=BODIES,
        content_type=TYPES,
        authorization=st.text(max_size=9),
    )
    @settings(max_examples=600, deadline=None, database=None)
    def test_never_5xx(
        self, kernel: str, authorization: str, content_type: str, **request: Any
    ) -> None:
        """Whatever is asked, the answer is no server error, and can be parsed."""
        headers = (("Content-Type", content_type), ("Authorization", authorization))
        check(PORTALS[kernel].answer(Request(headers=headers, **request)))

    # A batch's keys come back by design, and Hypothesis tries constants of the source as keys.
    @given(command=st.text(), key=st.text().filter(lambda key: SECRET not in key), halt=st.text())
    @settings(max_examples=200, deadline=None, database=None)
    def test_batches(self, command: str, key: str, halt: str) -> None:
        """Whatever is in a batch, the answer is no server error."""
        body = json.dumps({"cmd": {key: command, "x": f"{JOIN}?{command}"}, "halt": halt}).encode()
        headers = (("Content-Type", "application/json"),)
        for portal in PORTALS.values():
            for method in ("batch", "batch.xml"):
                check(portal.answer(Request("POST", f"/rest/1/{SECRET}/{method}", headers, body)))

    @given(data=st.binary() | st.binary().map(lambda tail: b"POST / HTTP/1.1\r\n" + tail))
    @settings(max_examples=300, deadline=None, database=None)
    def test_wire(self, data: bytes) -> None:
        """Whatever comes off the wire is a request, nothing, or refused."""
        stream = io.BufferedReader(io.BytesIO(data))
        try:
            head = read_head(stream)
            if head is not None:
                check(PORTALS["new"].answer(read_request(stream, head, secure=False)))
        except BadRequestError:
            pass
