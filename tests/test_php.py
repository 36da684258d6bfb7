"""The oracle's reading of CHAT_ID, against the vectors as shipped and against PHP itself."""

from __future__ import annotations

import base64
import json
import random
import shutil
import subprocess
from operator import mul

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from b24_conformance import php
from b24_conformance.chat_ids import makers
from b24_conformance.chat_ids.vectors import Vector, load_vectors
from b24_conformance.probe import Asking, Probe
from b24_conformance.ways import FORM

CHATS = (1, 5, 42, 2043, 5000, 7000, 4294967301)
VECTORS = [*load_vectors().json, *load_vectors().form]
FIRM = [vector for vector in VECTORS if not vector.platform]
PHP = shutil.which("php")

# One process reads every question: a kind and a text in base64 a line.
READER = r"""<?php
error_reporting(0);
while (($line = fgets(STDIN)) !== false) {
    [$kind, $text] = explode(' ', rtrim($line, "\n"), 2);
    $text = base64_decode($text);
    if ($kind === 'json') {
        $decoded = json_decode($text, true);
        $value = is_array($decoded) ? ($decoded['CHAT_ID'] ?? null) : null;
    } else {
        parse_str($text, $decoded);
        $value = $decoded['CHAT_ID'] ?? null;
    }
    echo intval($value), "\n";
}
"""


def read_by_php(questions: list[tuple[str, str]]) -> list[int]:
    """What the real PHP makes of (kind, text) questions, all in one process."""
    lines = [f"{kind} {base64.b64encode(text.encode()).decode()}\n" for kind, text in questions]
    done = subprocess.run(
        [str(PHP), "-d", "max_input_vars=100000", "-r", READER.removeprefix("<?php")],
        input="".join(lines),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return [int(line) for line in done.stdout.split()]


def differences(questions: list[tuple[str, str]]) -> list[str]:
    """Where the oracle reads otherwise than PHP, but for what depends on the platform."""
    wrong = []
    for (kind, text), real in zip(questions, read_by_php(questions), strict=True):
        asking = Asking() if kind == "json" else FORM
        ours = php.chat_id(Probe(text, asking=asking, raw=True))
        if ours is not None and ours != real:
            wrong.append(f"{kind} {text!r}: PHP {real}, oracle {ours}")
    return wrong


def rolled(maker: makers.Maker[str]) -> st.SearchStrategy[str]:
    """What a maker makes of a seed that Hypothesis draws."""
    return st.integers(0, 2**32).map(lambda start: maker(random.Random(start)))


def drawn(strategy: st.SearchStrategy[str], count: int) -> list[str]:
    """Up to `count` different texts, the same ones every time."""
    found: dict[str, None] = {}

    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(text: str) -> None:
        found[text] = None

    collect()
    return list(found)


def numbers() -> st.SearchStrategy[str]:
    """JSON numbers of every magnitude and spelling, and what only looks like one."""
    digits = st.text(st.sampled_from("0123456789"), min_size=1, max_size=20)
    fraction = st.one_of(st.just(""), digits.map(lambda text: f".{text}"))
    exponent = st.builds(
        "{}{}{}".format,
        st.sampled_from("eE"),
        st.sampled_from(["", "+", "-"]),
        st.integers(0, 25),
    )
    sign = st.sampled_from(["", "-", "", "+"])
    return st.builds("{}{}{}{}".format, sign, digits, fraction, st.one_of(st.just(""), exponent))


def texts() -> st.SearchStrategy[str]:
    """Texts around digits: spaces, signs, zeros, tails, other scripts, control characters."""
    piece = st.one_of(
        numbers(),
        st.sampled_from([" ", "\t", "\v", "\f", "\0", "\n", "+", "-", ".", "e", "x", "0x", "chat"]),
        st.text(st.sampled_from(makers.NO_DIGITS + makers.FOREIGN_DIGITS), max_size=3),
        st.integers(0, 24).map(lambda count: "0" * count),
        st.builds(mul, st.sampled_from("0129"), st.integers(300, 320)),
    )
    return st.lists(piece, max_size=4).map("".join)


def literals() -> st.SearchStrategy[str]:
    """JSON literals of every type, sound and unsound."""
    chats = CHATS[:5]
    return st.one_of(
        numbers(),
        texts().map(json.dumps),
        texts().map(lambda text: json.dumps(text, ensure_ascii=False)),
        rolled(makers.string_of(chats)),
        rolled(makers.container_of(chats)),
        rolled(makers.number_of(chats)),
        rolled(makers.anything),
        st.sampled_from(["true", "false", "null", "NaN", "-Infinity", "'5'", "TRUE", "Null", ""]),
    )


def bodies() -> st.SearchStrategy[str]:
    """JSON bodies: one CHAT_ID, two of them, an escaped key, and no object at all."""
    key = st.sampled_from(['"CHAT_ID"', '"CHAT\\u005fID"', '"chat_id"', '"CHAT.ID"', '" CHAT_ID"'])
    member = st.builds("{}: {}".format, key, literals())
    return st.one_of(
        literals().map('{{"CHAT_ID": {}}}'.format),
        st.lists(member, max_size=3).map(lambda members: "{" + ", ".join(members) + "}"),
        literals(),
        rolled(makers.malformed_of(CHATS[:5])),
    )


KEYS = [
    *("CHAT_ID", "CHAT.ID", "CHAT+ID", "CHAT%20ID", "+CHAT_ID", "CHAT_ID[]", "CHAT_ID[a]"),
    *("CHAT_ID[", "CHAT[ID", "CHAT%5BID", "CHAT_ID%5B%5D", "chat_id", "CHAT_ID%00x", "CHAT_ID]"),
    *("[CHAT_ID]", "CHAT_ID[][]", "CHAT_ID[a", "CHAT.ID[]", "CHAT[ID]", "CHAT[ID[]", "%43HAT_ID"),
    *("CHAT_ID+", "CHAT%2EID", "CHAT_ID[0]x"),
]


def forms() -> st.SearchStrategy[str]:
    """Form bodies: keys that PHP normalises, arrays, duplicates, and percent signs that lie."""
    key = st.one_of(
        st.sampled_from(
            [
                "CHAT_ID",
                "CHAT.ID",
                "CHAT+ID",
                "CHAT%20ID",
                "+CHAT_ID",
                "CHAT_ID[]",
                "CHAT_ID[a]",
                "CHAT_ID[",
                "CHAT[ID",
                "CHAT%5BID",
                "CHAT_ID%5B%5D",
                "chat_id",
                "CHAT_ID%00x",
                "CHAT_ID]",
                "[CHAT_ID]",
                "CHAT_ID[][]",
                "CHAT_ID[a",
                "CHAT.ID[]",
                "CHAT[ID]",
                "CHAT[ID[]",
                "%43HAT_ID",
                "CHAT_ID+",
                "CHAT%2EID",
                "CHAT_ID[0]x",
            ]
        ),
        st.text(st.sampled_from("CHAT_ID.[]+% 5"), max_size=9),
    )
    value = st.one_of(
        texts(),
        st.sampled_from(
            ["%20%2042", "+42", "%2B42", "42%00", "%zz5", "5%", "%C2%A05", "=5", "5;x=1", "%"]
        ),
    )
    pair = st.one_of(st.builds("{}={}".format, key, value), key)
    # parse_str, unlike PHP's reader of bodies, ends at a NUL that is not encoded.
    joined = st.lists(pair, min_size=1, max_size=4).map("&".join)
    return joined.map(lambda text: text.replace("\0", "%00"))


class TestVectors:
    """The vectors of `chat-ids.json`, which were obtained by running PHP."""

    @pytest.mark.parametrize("vector", FIRM, ids=lambda vector: vector.template)
    def test_oracle_reads_as_php_did(self, vector: Vector) -> None:
        """The oracle reads each vector as PHP did, whichever chat is filled in."""
        fitting = [chat for chat in CHATS if vector.fits(chat)]
        assert fitting
        for chat in fitting:
            assert vector.expected(chat) == php.chat_id(vector.probe(chat, other=7))

    @pytest.mark.parametrize(
        "vector", [vector for vector in VECTORS if vector.platform], ids=lambda v: v.template
    )
    def test_platform_marked_ones_are_left_open(self, vector: Vector) -> None:
        """For a float out of range the oracle demands nothing, or what every PHP reads."""
        assert php.chat_id(vector.probe(42)) in (None, vector.expected(42))

    def test_vectors_are_told_apart(self) -> None:
        """No template stands twice in one list."""
        vectors = load_vectors()
        assert len(vectors.json) == len({vector.template for vector in vectors.json})
        assert len(vectors.form) == len({vector.template for vector in vectors.form})

    def test_missing_parameter_is_zero(self) -> None:
        """Without CHAT_ID PHP reads null, which is 0."""
        assert 0 == php.chat_id(Probe(None))

    def test_body_counts_before_the_query(self) -> None:
        """CHAT_ID in the URL counts only where the body has none."""
        assert 42 == php.chat_id(Probe("42", beside="5"))
        assert 5 == php.chat_id(Probe(None, beside="5"))
        assert 5 == php.chat_id(Probe("[5", raw=True, beside="5"))


@pytest.mark.skipif(PHP is None, reason="NOT COMPARED WITH PHP: no `php` on the path")
class TestRealPhp:
    """The oracle beside PHP itself, in one PHP process for all questions."""

    def test_drawn_bodies(self) -> None:
        """Thousands of drawn JSON and form bodies are read as PHP reads them."""
        questions = [("json", text) for text in drawn(bodies(), 3000)]
        questions += [("form", text) for text in drawn(forms(), 2600)]
        assert 5000 <= len(questions)
        assert [] == differences(questions)

    def test_vectors(self) -> None:
        """PHP here reads the vectors as the PHP that gave them."""
        asked = [(vector, chat) for vector in FIRM for chat in CHATS[2:5] if vector.fits(chat)]
        questions = [
            ("json", f'{{"CHAT_ID": {vector.filled(chat)}}}')
            if vector.body is None
            else ("form", vector.filled(chat))
            for vector, chat in asked
        ]
        assert [vector.expected(chat) for vector, chat in asked] == read_by_php(questions)

    def test_many_leading_zeros(self) -> None:
        """Any number of leading zeros changes nothing."""
        assert [] == differences([("form", f"CHAT_ID={'0' * 41}5"), ("form", "CHAT_ID=-0005")])

    @pytest.mark.parametrize("sign", ["", "-", "+", " "])
    def test_many_digits(self, sign: str) -> None:
        """Text of too many digits even for a float is none of the ids at the end of the range."""
        counts = [19, 20, 307, 308, 309, 310, 400, 5000]
        digits = [digit * count for digit in "129" for count in counts]
        texts = [f"{sign}{text}{tail}" for text in digits for tail in ("", "x", ".5")]
        assert [] == differences([("json", f'{{"CHAT_ID": "{text}"}}') for text in texts])
        assert [] == differences([("form", f"CHAT_ID={text}") for text in texts])

    def test_deep_nesting(self) -> None:
        """PHP gives up beyond 512 levels, so that CHAT_ID is missing."""
        deep = [510, 511, 512, 600, 900]
        bodies = [f'{{"CHAT_ID": {"[" * depth}{"]" * depth}}}' for depth in deep]
        assert [] == differences([("json", body) for body in bodies])

    def test_lone_surrogates(self) -> None:
        """Half of a surrogate pair is no JSON for PHP, so that the whole body counts as none."""
        halves = ['"5\\ud800"', '"5\\udc00"', '"5\\ud800\\u0041"', '"5\\ud83d\\ude00"']
        assert [] == differences([("json", f'{{"CHAT_ID": {half}}}') for half in halves])

    def test_large_exponents(self) -> None:
        """Numbers beyond every range are read alike."""
        texts = ["1e308", "1e309", "-1e400", "1e1000", "9e18", "9.3e18", "1e-400", "0e999"]
        assert [] == differences([("form", f"CHAT_ID={text}") for text in texts])
        assert [] == differences([("json", f'{{"CHAT_ID": "{text}"}}') for text in texts])
