"""The spellings in which a secret may come back, and how much of one gives it away."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator
from functools import cache
from urllib.parse import quote, quote_plus

import msgspec

from b24_conformance import declaration, events, exchange, judgement, outcome, probe, transcript
from b24_conformance.resources import contract_file

REDACTED = "[redacted]"
PIECE = 8
TOLD = 4
_OWN_WORDS = """
operator colleague reference implementation implementations requests chat_id CHAT_ID contract
conformant nonconformant incomplete conformance webhook access_token refresh_token expires_in
client_id client_secret member_id scope auth domain error error_description error_information
result time start finish duration processing date_start date_finish operating operating_reset_at
ACCESS_DENIED CHAT_TYPE USER_ID NO_AUTH_FOUND INVALID_CREDENTIALS expired_token insufficient_scope
QUERY_LIMIT_EXCEEDED OPERATION_TIME_LIMIT OVERLOAD_LIMIT ERROR_METHOD_NOT_FOUND
INTERNAL_SERVER_ERROR imopenlines.session.join.json im.chat.user.list.json batch result_error
https:// http:// localhost 127.0.0.1 bitrix24 Content-Type Content-Length application/json
application/x-www-form-urlencoded multipart/form-data; boundary= Content-Disposition: form-data;
text/plain text/html charset=utf-8 Connection keep-alive Accept-Encoding Authorization Bearer
User-Agent Access-Control-Allow-Origin Access-Control-Allow-Headers Transfer-Encoding
X-Bitrix-Rest-Time Cache-Control no-store, no-cache, must-revalidate Set-Cookie PHPSESSID
not_checked not_implemented inconclusive passed failed password secret test token
"""


@cache
def vocabulary() -> str:
    """The words of the contract and of our own reports, in lower case."""
    rooms = (declaration, events, exchange, judgement, outcome, probe, transcript)
    structs = (value for room in rooms for value in vars(room).values())
    names = [
        name
        for value in structs
        if isinstance(value, type) and issubclass(value, msgspec.Struct)
        for name in (value.__name__, *value.__struct_fields__)
    ]
    clauses = contract_file("clauses.yaml")
    text = clauses.read_text(encoding="utf-8") if clauses.is_file() else ""
    return "\n".join([_OWN_WORDS, text, REDACTED, *names]).lower()


def _percent(data: bytes) -> str:
    return "".join(f"%{byte:02X}" for byte in data)


def _escapes(secret: str) -> str:
    data = secret.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{data[i : i + 2].hex()}" for i in range(0, len(data), 2))


def _base64(data: bytes) -> Iterator[str]:
    """What base64 makes of `data` at each offset, without the characters it shares."""
    yield base64.b64encode(data).decode()
    yield base64.b64encode(data).decode().rstrip("=")
    for offset, skipped in enumerate((0, 2, 3)):
        whole = base64.b64encode(bytes(offset) + data + bytes(2)).decode()
        yield whole[skipped : (offset + len(data)) * 8 // 6]


def forms_of(secret: str) -> frozenset[str]:
    """Every spelling in which `secret` may come back."""
    data = secret.encode("utf-8", "surrogatepass")
    spelt = [secret, html.escape(secret), json.dumps(secret)[1:-1]]
    spelt += [json.dumps(secret, ensure_ascii=False)[1:-1], _escapes(secret)]
    spelt += [text.replace("/", "\\/") for text in spelt]
    encoded = [text for plain in _base64(data) for text in (plain, quote(plain, safe=""))]
    encoded += [text.replace("+", "-").replace("/", "_") for text in encoded]
    quoted = [quote(data, safe=""), quote(data), quote_plus(data), _percent(data), *encoded]
    quoted += [re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), text) for text in quoted]
    escapes = re.sub("[0-9a-f]{4}", lambda found: found[0].upper(), _escapes(secret))
    return frozenset({*spelt, *quoted, data.hex(), data.hex().upper(), escapes} - {""})


def piece_size(form: str, secret: str) -> int:
    """How long a piece of `form` is, so that it tells four characters of `secret`."""
    return max(PIECE, TOLD * -(-len(form) // len(secret)))


def is_word(secret: str) -> bool:
    """Whether `secret` may stand in a sentence of ours, so that it needs delimiters."""
    return len(secret) < PIECE or secret.lower() in vocabulary()


def is_free(text: str) -> bool:
    """Whether `text` can be replaced anywhere without damage to our own words."""
    return len(text) >= PIECE and text.lower() not in vocabulary()


def folded(text: str) -> bytes:
    """`text` as bytes, in which cases do not differ."""
    # bytes.lower() folds ASCII only: unlike str.lower() it never looks at the neighbours.
    return text.encode("utf-8", "surrogatepass").lower()
