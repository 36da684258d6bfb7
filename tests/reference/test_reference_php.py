"""PHP's readings: vectors obtained from PHP, and PHP itself where it is installed."""

from __future__ import annotations

import json
import math
import random
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest

from b24_conformance.reference import php

VECTORS = json.loads((Path(__file__).parent / "php-chat-id-vectors.json").read_text("utf-8"))


class TestVectors:
    @pytest.mark.parametrize(("literal", "expected"), VECTORS["json"])
    def test_json(self, literal: str, expected: int) -> None:
        """A JSON literal is cast to the number that PHP gave."""
        decoded = php.json_decode(f'{{"CHAT_ID":{literal}}}'.encode())
        assert isinstance(decoded, dict)
        assert expected == php.intval(decoded["CHAT_ID"])

    @pytest.mark.parametrize(("text", "expected"), VECTORS["form"])
    def test_form(self, text: str, expected: int) -> None:
        """A form's text is cast to the number that PHP gave."""
        assert expected == php.intval(php.parse_form(text).get("CHAT_ID"))


class TestIntval:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (1e19, -8446744073709551616),
            (1e30, 5076964154930102272),
            (-1e30, -5076964154930102272),
            (9223372036854775808.0, -(2**63)),
            (18446744073709551616.0, 0),
            (math.inf, 0),
            (math.nan, 0),
        ],
    )
    def test_float_wraps(self, value: float, expected: int) -> None:
        """A float beyond 64 bits is taken modulo 2**64, one without a number is 0."""
        assert expected == php.intval(value)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("1e30", 2**63 - 1),
            ("-1e30", -(2**63)),
            ("9223372036854775807.5", 2**63 - 1),
            ("9" * 400, 0),
            ("9" * 5000, 0),
            ("0" * 5000 + "42", 42),
            ("-09223372036854775807", -(2**63) + 1),
            ("\x0b42", 42),
            ("\x0042", 0),
            ("+.5", 0),
            ("1.e3", 1000),
            (".5e1", 5),
        ],
    )
    def test_text_saturates(self, text: str, expected: int) -> None:
        """A text beyond 64 bits saturates, an infinite one is 0, zeros in front do not count."""
        assert expected == php.intval(text)


class TestJson:
    @pytest.mark.parametrize(
        "text",
        [
            *["NaN", "Infinity", "-Infinity", "042", "+42", "0x1A", "4.", ".5", "'42'", "", " "],
            *["TRUE", "Null", "[1,]", '{"a":1,}', "\ufeff1", '"\\ud800"', '"\x01"', "1 2", "{a:1}"],
        ],
    )
    def test_refused(self, text: str) -> None:
        """What json_decode refuses is refused."""
        with pytest.raises(php.JsonError):
            php.json_decode(text.encode())

    @pytest.mark.parametrize("data", [b'"\xff"', b'"\xed\xa0\x80"', b"\xff\xfe1\x00"])
    def test_not_utf8(self, data: bytes) -> None:
        """JSON that is not UTF-8 is refused."""
        with pytest.raises(php.JsonError):
            php.json_decode(data)

    def test_last_duplicate_wins(self) -> None:
        """Of equal keys the last counts, however it is written."""
        assert {"CHAT_ID": 6} == php.json_decode(b'{"CHAT_ID":5,"CHAT\\u005fID":6}')

    @pytest.mark.parametrize(
        ("depth", "accepted"), [(1, True), (511, True), (512, False), (100_000, False)]
    )
    @pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
    def test_depth(self, depth: int, accepted: bool, opening: str, closing: str) -> None:
        """Nesting is limited as in PHP, and never ends in a crash."""
        data = (opening * depth + "1" + closing * depth).encode()
        try:
            php.json_decode(data)
        except php.JsonError:
            assert not accepted
        else:
            assert accepted


class TestTruth:
    @pytest.mark.parametrize("value", ["", "0", 0, 0.0, False, None, [], {}])
    def test_false(self, value: php.Value) -> None:
        """What PHP holds to be false is false."""
        assert php.truthy(value) is False

    @pytest.mark.parametrize("value", ["0.0", "false", "N", " ", 1, -1, 0.1, True, [0]])
    def test_true(self, value: php.Value) -> None:
        """What PHP holds to be true is true."""
        assert php.truthy(value) is True


# Each text's reading as JSON, with bytes in hexadecimal and floats by their bits.
PROGRAM = r"""
error_reporting(0);
function shape($v) {
    if (is_array($v)) {
        $r = [];
        foreach ($v as $k => $x) $r[] = [is_int($k) ? $k : 's' . bin2hex($k), shape($x)];
        return ['a', $r];
    }
    if (is_string($v)) return 's' . bin2hex($v);
    if (is_float($v)) return ['d', bin2hex(pack('E', $v))];
    return $v;
}
$in = json_decode(stream_get_contents(STDIN), true);
$out = ['form' => [], 'json' => [], 'text' => []];
foreach ($in['form'] as $s) { parse_str($s, $o); $out['form'][] = shape($o); }
foreach ($in['json'] as $s) {
    $v = json_decode($s, true);
    $out['json'][] = json_last_error() ? null : [shape($v), intval($v)];
}
foreach ($in['text'] as $s) $out['text'][] = intval($s);
echo json_encode($out, 0, 4096);
"""
FORM_PIECES = [
    *["a", "b", "CHAT_ID", "[", "]", "[]", "[0]", "[5]", "[-3]", "[08]", "=", "=", "&", "&", "+"],
    *["%20", "%00", ".", " ", "%5B", "%5D", "%41", "%zz", "%", "\t", "[9223372036854775807]"],
    *["5", "x", "%FF", "é", "[k]", "[ ]", ";"],
]
JSON_PIECES = [
    *["1", "0", "-", "+", ".", "e", "E", "9", "9223372036854775807", "true", "null", "false"],
    *["NaN", "Infinity", '"', '"', "a", "\\u0041", "\\ud83d", "\\ude00", "\\", "[", "]", "{", "}"],
    *[":", ",", " ", "\n", "\x01", "1e400", "\ufeff", "TRUE"],
]
TEXT_PIECES = [
    *["1", "0", "-", "+", ".", "e", "E", "9", "42", "9223372036854775807", "9" * 20, " ", "\t"],
    *["\v", "\f", "\0", "x", "\xa0", "1e18"],
]


def _texts(pieces: list[str], longest: int, seed: int) -> list[str]:
    draw = random.Random(seed)
    return [
        "".join(draw.choice(pieces) for _ in range(draw.randint(1, longest))) for _ in range(4000)
    ]


def _hex(text: str) -> str:
    return "s" + text.encode("utf-8", "surrogateescape").hex()


def _shape(value: php.Value) -> Any:
    if isinstance(value, dict | list):
        pairs = php.entries(value) or []
        return ["a", [[key if isinstance(key, int) else _hex(key), _shape(x)] for key, x in pairs]]
    if isinstance(value, str):
        return _hex(value)
    return ["d", struct.pack(">d", value).hex()] if isinstance(value, float) else value


def _json_reading(text: str) -> Any:
    try:
        value = php.json_decode(text.encode())
    except php.JsonError:
        return None
    return [_shape(value), php.intval(value)]


@pytest.fixture(scope="module")
def real_php() -> dict[str, tuple[list[str], list[Any]]]:
    """Return texts, and what one PHP process makes of them."""
    binary = shutil.which("php")
    if binary is None:
        pytest.skip("NOT COMPARED WITH PHP: there is no `php` on PATH (apt install php-cli)")
    texts = {
        "form": _texts(FORM_PIECES, 14, 1),
        "json": _texts(JSON_PIECES, 8, 2),
        "text": _texts(TEXT_PIECES, 7, 3),
    }
    ran = subprocess.run(
        [binary, "-r", PROGRAM], input=json.dumps(texts).encode(), capture_output=True, check=True
    )
    read = json.loads(ran.stdout)
    return {kind: (texts[kind], read[kind]) for kind in texts}


class TestRealPhp:
    def test_forms(self, real_php: dict[str, tuple[list[str], list[Any]]]) -> None:
        """Thousands of forms are read as parse_str reads them."""
        texts, expected = real_php["form"]
        assert expected == [_shape(php.parse_form(text)) for text in texts]

    def test_json(self, real_php: dict[str, tuple[list[str], list[Any]]]) -> None:
        """Thousands of texts are decoded, refused and cast as json_decode and intval do."""
        texts, expected = real_php["json"]
        assert expected == [_json_reading(text) for text in texts]

    def test_texts(self, real_php: dict[str, tuple[list[str], list[Any]]]) -> None:
        """Thousands of texts are cast as intval casts them."""
        texts, expected = real_php["text"]
        assert expected == [php.intval(text) for text in texts]

    def test_limits(self) -> None:
        """PHP's limits on the number and the nesting of variables hold."""
        assert 1000 == len(php.parse_form("&".join(f"k{i}=1" for i in range(1100))))
        assert {"b": "2"} == php.parse_form("a=1&a" + "[a]" * 65 + "=1&b=2")
