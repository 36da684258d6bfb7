"""The gate: on a live portal nothing leaves that some reader might take for another chat."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from typing import Any
from urllib.parse import unquote_plus

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from b24_conformance import ways
from b24_conformance.chat_ids import makers
from b24_conformance.contract import load_contract
from b24_conformance.declaration import RUNGS, Chats, Declaration, Person, Rung
from b24_conformance.exchange import Request
from b24_conformance.gate import Gate, GateClosedError, readings
from b24_conformance.gather import plan
from b24_conformance.implementations.keyring import Keyring, Keys, Webhook
from b24_conformance.implementations.rendering import render, render_batch
from b24_conformance.probe import LEAVE, MEMBERS, UNKNOWN, Asking, Probe
from b24_conformance.suite import World, load_suites

FORM = ways.FORM
QUERY = ways.QUERY
WEBHOOK = Webhook.parse("https://example.bitrix24.com/rest/7/abcdefghijklmnop/")
KEYRING = Keyring("/rest/", {"operator": Keys(WEBHOOK)})
LIVE = Chats(
    joinable=(70, 700),
    joined=(7, 2147483653),
    access_denied=(5, 55, 50, 500),
    not_open_line=(1, 12, 120, 1200),
    absent=(999999999,),
)
SPARSE = Chats(joinable=(2043,), joined=(2045,), access_denied=(2050,), not_open_line=(12,))
SCRIPTS = makers.FOREIGN_DIGITS + makers.OTHER_SCRIPTS
METHODS = ("imopenlines.operator.answer", "batch", "", "im.chat.leave")
ODD = ["0", "00", "0x", "0o", "-", "+", ".", "e", "e0", " ", ",", "_", "\t", "%"]
FURTHER = ['"0"', '"5"', "7"]
UNDECLARED = (2, 6, 13, 26, 42, 2044, 4294967308, 18446744073709551628)


def live(rung: Rung, chats: Chats = LIVE) -> Declaration:
    """A live portal with one operator."""
    return Declaration("live", rung=rung, people={"operator": Person(7, chats)})


def passes(probe: Probe, rung: Rung = "new", chats: Chats = LIVE) -> bool:
    """Whether the gate of a live portal lets `probe` out."""
    return Gate(live(rung, chats)).objection(probe) is None


# The readings once more, written from the list in the design and from the wire alone.


class Number(str):
    """A JSON number, as it is spelled."""


class Nested(str):
    """A form field that PHP makes an array of."""


def wire_numbers(request: Request) -> set[int]:
    """Every number that a reader on the closed list takes CHAT_ID in `request` for."""
    found: set[int] = set()
    for value in wire_values(request):
        for number in numbers_of(value):
            found |= spread(number)
    return found


def wire_values(request: Request) -> Iterator[object]:
    """Every CHAT_ID in URL and body, of any case, first and last and in between."""
    _, _, query = request.target.partition("?")
    yield from in_pairs(query)
    kind = dict(request.headers).get("Content-Type", "")
    if kind == "application/json":
        yield from in_json(request.body)
    elif kind.startswith("multipart/"):
        for name, value in re.findall(r'name="(.*?)"\r\n\r\n(.*?)\r\n--', request.body, re.S):
            yield from in_pair(name, value)
    else:
        yield from in_pairs(request.body)


def in_pairs(text: str) -> Iterator[object]:
    """CHAT_IDs of a query string."""
    for pair in text.split("&"):
        key, _, value = pair.partition("=")
        yield from in_pair(unquote_plus(key), unquote_plus(value))


def in_pair(key: str, value: str) -> Iterator[object]:
    """The value of a form field, if PHP or a careless reader calls it CHAT_ID."""
    key = key.lstrip().split("\0")[0].lower()
    head, bracket, rest = key.partition("[")
    nested = bracket and "]" in rest
    if re.sub(r"[. ]", "_", head if nested else key.replace("[", "_")) == "chat_id":
        yield Nested(value) if nested else value


def in_json(body: str) -> Iterator[object]:
    """CHAT_IDs of a JSON body, and of the commands of a batch."""
    try:
        pairs = json.loads(body, object_pairs_hook=tuple, parse_int=Number, parse_float=Number)
    except (ValueError, RecursionError):
        return
    for member in pairs if isinstance(pairs, tuple) else ():
        key, value = member
        if key.lower() == "chat_id":
            yield value
        if key == "cmd":
            for _, command in value:
                yield from in_pairs(command.partition("?")[2])


def numbers_of(value: object) -> Iterator[int]:
    """What a single value may be read as, before wrapping."""
    if isinstance(value, Nested):
        yield 1
    if isinstance(value, str):
        yield from numbers_in_text(value)
    elif isinstance(value, bool):
        yield int(value)
    elif value:
        yield 1


def numbers_in_text(text: str) -> Iterator[int]:
    """Truncated, rounded, leading digits, all digits joined, octal, hex."""
    plain = "".join(f"{digit(char)}" if digit(char) is not None else char for char in text)
    for spelled in (text, plain):
        if match := re.match(r"\s*[+-]?\d+", spelled, re.A):
            yield int(match[0])
        if match := re.match(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", spelled, re.A):
            value = Decimal(match[0].strip())
            yield int(value.to_integral_value(ROUND_DOWN))
            yield int(value.to_integral_value(ROUND_HALF_EVEN))
        if match := re.match(r"\s*[+-]?0[oO]?([0-7]+)", spelled, re.A):
            yield int(match[1], 8)
        if match := re.match(r"\s*[+-]?0[xX]([0-9a-fA-F]+)", spelled, re.A):
            yield int(match[1], 16)
    joined = "".join(re.findall(r"\d", plain, re.A))
    if joined:
        yield int(joined)


def digit(char: str) -> int | None:
    """The number that a character of any script means, if it is whole."""
    number = unicodedata.numeric(char, None)
    return None if number is None or number != int(number) else int(number)


def spread(number: int) -> set[int]:
    """A number, its absolute value, and what 32 and 64 bits leave of it."""
    found = {number, abs(number), max(-(2**63), min(2**63 - 1, number))}
    for one in (number, abs(number)):
        for bits in (32, 64):
            unsigned = one % 2**bits
            found |= {unsigned, unsigned - 2**bits if unsigned >= 2 ** (bits - 1) else unsigned}
    return found


def on_the_wire(probe: Probe) -> Request:
    """The request that would carry `probe`."""
    if probe.asking.batch:
        return render_batch((probe,), KEYRING)
    return render(probe, KEYRING)


# Probes, many of them hostile.

ASKINGS = (
    ways.PLAIN,
    ways.FORM,
    ways.QUERY,
    ways.POSTED_QUERY,
    ways.TEXT_FORM,
    ways.MULTIPART,
    ways.BATCH,
    ways.XML,
)
KEYS = ("CHAT_ID", "chat_id", "Chat_Id", "CHAT.ID", "CHAT ID", "CHAT_ID[]", "CHAT[ID", "OTHER")


def chats() -> tuple[int, ...]:
    """Declared and undeclared ids."""
    return tuple(chat for _, chat in LIVE) + UNDECLARED


def scraps() -> st.SearchStrategy[str]:
    """Texts put together of ids and of whatever readers stumble over."""
    piece = st.one_of(
        st.sampled_from([str(chat) for chat in chats()]),
        st.sampled_from(
            ["0", "00", "0x", "0o", "-", "+", ".", "e", "e0", " ", ",", "_", "\t", "%"]
        ),
        st.text(st.sampled_from("0123456789"), max_size=3),
        st.text(st.sampled_from(SCRIPTS), max_size=2),
    )
    return st.lists(piece, max_size=4).map("".join)


def json_literals() -> st.SearchStrategy[str]:
    """JSON literals around declared and undeclared ids."""
    return st.one_of(
        scraps().map(json.dumps),
        scraps().map(lambda text: json.dumps(text, ensure_ascii=False)),
        st.text(max_size=6).map(json.dumps),
        makers.strategy(makers.number_of(chats())),
        makers.strategy(makers.string_of(chats())),
        makers.strategy(makers.container_of(chats())),
        makers.strategy(makers.negative),
        makers.strategy(makers.anything),
        st.sampled_from([str(chat) for chat in chats()]),
        st.sampled_from(["true", "false", "null", "0.0", "-0", "[]", "[0]", "{}"]),
    )


def raw_bodies() -> st.SearchStrategy[Probe]:
    """Whole bodies, with the parameter once, twice, or not as an object at all."""
    key = st.sampled_from(['"CHAT_ID"', '"chat_id"', '"CHAT\\u005fID"', '"x"'])
    member = st.builds("{}:{}".format, key, json_literals())
    objects = st.lists(member, max_size=3).map(lambda members: "{" + ",".join(members) + "}")
    name = st.sampled_from(["CHAT_ID", "chat_id", "CHAT.ID", "%43HAT_ID", "CHAT+ID", "x"])
    pair = st.builds("{}={}".format, name, scraps())
    forms = st.lists(pair, max_size=3).map("&".join)
    malformed = makers.strategy(makers.malformed_of(chats()))
    as_json = st.one_of(objects, malformed).map(lambda text: Probe(text, raw=True))
    as_form = st.builds(
        lambda text, asking: Probe(text, raw=True, asking=asking),
        forms,
        st.sampled_from([ways.FORM, ways.QUERY, ways.TEXT_FORM]),
    )
    return st.one_of(as_json, as_form)


def probes() -> st.SearchStrategy[Probe]:
    """Probes of every kind."""
    beside = st.one_of(st.none(), scraps())
    extra = st.lists(
        st.tuples(st.sampled_from(["CHAT_ID", "chat_id", "USER_ID"]), st.sampled_from(FURTHER)),
        max_size=2,
    ).map(tuple)
    as_json = st.builds(
        lambda literal, key, beside, extra: Probe(literal, key=key, beside=beside, extra=extra),
        json_literals(),
        st.sampled_from(KEYS),
        beside,
        extra,
    )
    otherwise = st.builds(
        lambda text, asking, key, beside: Probe(text, asking=asking, key=key, beside=beside),
        st.one_of(scraps(), st.text(max_size=5)),
        st.sampled_from(ASKINGS[1:]),
        st.sampled_from(KEYS),
        beside,
    )
    plain = json_literals().map(Probe)
    return st.one_of(plain, plain, as_json, otherwise, raw_bodies())


class TestReadings:
    """A literal for each reading on the closed list."""

    @pytest.mark.parametrize(
        ("reading", "probe", "number"),
        [
            ("PHP, JSON", Probe("42"), 42),
            ("PHP, JSON string", Probe('" 42abc"'), 42),
            ("PHP, JSON boolean", Probe("true"), 1),
            ("PHP, JSON list", Probe("[0]"), 1),
            ("PHP, JSON object", Probe('{"a":null}'), 1),
            ("PHP, JSON exponent", Probe("4.2e1"), 42),
            ("PHP, JSON string saturates", Probe('"99999999999999999999"'), 2**63 - 1),
            ("PHP, escaped digits", Probe('"\\u0034\\u0032"'), 42),
            ("PHP, raw JSON", Probe('{"CHAT\\u005fID":42}', raw=True), 42),
            ("PHP, form", Probe("42abc", asking=FORM), 42),
            ("PHP, form array", Probe("0", asking=FORM, key="CHAT_ID[]"), 1),
            ("PHP, raw form", Probe("CHAT.ID=%34%32", asking=FORM, raw=True), 42),
            ("PHP, query", Probe("CHAT_ID=+42", asking=QUERY, raw=True), 42),
            ("PHP, multipart", Probe("42", asking=ways.MULTIPART), 42),
            ("PHP, plain text", Probe("42", asking=ways.TEXT_FORM), 42),
            ("PHP, batch", Probe("42x", asking=ways.BATCH), 42),
            ("truncated", Probe("42.9"), 42),
            ("truncated string", Probe('"42.9"'), 42),
            ("truncated small", Probe("42e-1"), 4),
            ("rounded up", Probe("42.6"), 43),
            ("rounded to 1", Probe("0.9"), 1),
            ("rounded negative", Probe("-42.6"), 43),
            ("leading digits", Probe('"42 and more"'), 42),
            ("leading digits after spaces", Probe('"\\u00a042"'), 42),
            ("digits joined", Probe('"4-2"'), 42),
            ("digits joined, grouped", Probe('"1,000"'), 1000),
            ("digits joined, after text", Probe('"chat42"'), 42),
            ("digits joined, Arabic", Probe('"٤٢"'), 42),
            ("digits joined, full width, escaped", Probe('"\\uff14\\uff12"'), 42),
            ("digits joined, two scripts", Probe('"4٢"'), 42),
            ("digits joined, superscript", Probe('"²"'), 2),
            ("digits joined, Roman", Probe('"Ⅳ"'), 4),
            ("digits joined, circled", Probe('"㊷"'), 42),
            ("digits joined, beyond the basic plane", Probe('"𝟒𝟐"'), 42),
            ("digits joined, Chinese", Probe('"四"'), 4),
            ("octal", Probe('"052"'), 42),
            ("octal, 0o", Probe('"0o52"'), 42),
            ("octal, until a digit that is none", Probe('"0528"'), 42),
            ("octal, negative", Probe('"-052"'), 42),
            ("hex", Probe('"0x2A"'), 42),
            ("hex, upper case", Probe("0X2a", asking=FORM), 42),
            ("hex, full width", Probe('"０x２A"'), 42),
            ("binary", Probe('"0b101010"'), 42),
            ("absolute", Probe("-42"), 42),
            ("absolute, string", Probe('"-42"'), 42),
            ("32 bits", Probe(str(2**32 + 42)), 42),
            ("32 bits, string", Probe(f'"{2**32 + 42}"'), 42),
            ("32 bits, negative", Probe(str(42 - 2**32)), 42),
            ("32 bits, many times", Probe(str(7 * 2**32 + 42)), 42),
            ("64 bits", Probe(str(2**64 + 42)), 42),
            ("64 bits, negative", Probe(str(42 - 2**64)), 42),
            ("64 bits, as a float", Probe("18446744073709551616e0"), 2**63 - 1),
            ("first of two", Probe('{"CHAT_ID":42,"CHAT_ID":0}', raw=True), 42),
            ("last of two", Probe('{"CHAT_ID":0,"CHAT_ID":42}', raw=True), 42),
            ("first of two in a form", Probe("CHAT_ID=42&CHAT_ID=0", asking=FORM, raw=True), 42),
            ("last of two in a form", Probe("CHAT_ID=0&CHAT_ID=42", asking=FORM, raw=True), 42),
            ("URL", Probe("0", beside="42"), 42),
            ("body", Probe("42", beside="0"), 42),
            ("URL, encoded", Probe("0", beside="%34%32"), 42),
            ("key in lower case", Probe("42", key="chat_id"), 42),
            ("key in any case", Probe('{"cHaT_iD":42}', raw=True), 42),
            ("key in a form", Probe("chat_Id=42", asking=FORM, raw=True), 42),
            ("another parameter", Probe("0", extra=(("chat_id", "42"),)), 42),
        ],
        ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
    )
    def test_covered(self, reading: str, probe: Probe, number: int) -> None:
        """The reading is among those that the gate weighs, and closes it."""
        assert number in set(readings(probe)), reading
        assert not passes(probe, chats=Chats(not_open_line=(12,)))

    @pytest.mark.parametrize("literal", ["12.5", '"12.5"', "-12.5", "125e-1"])
    def test_halves_rounded_up(self, literal: str) -> None:
        """PHP's round() and JavaScript's make 13 of 12.5."""
        assert 13 in set(readings(Probe(literal)))

    def test_ascii_digits_joined(self) -> None:
        """A reader that knows ASCII digits only joins those."""
        assert 12 in set(readings(Probe('"1²2"')))

    def test_first_duplicate_an_empty_array(self) -> None:
        """Who takes the first of two takes an array, which PHP casts to chat 1."""
        probe = Probe("CHAT_ID[]=&CHAT_ID=0", asking=FORM, raw=True)
        assert 1 in set(readings(probe))

    def test_array_among_further_parameters(self) -> None:
        """A further parameter CHAT_ID[] makes an array of CHAT_ID, which PHP casts to chat 1."""
        probe = Probe("0", asking=FORM, extra=(("CHAT_ID[]", ""),))
        assert 1 in set(readings(probe))

    def test_huge_number_behind_zeros(self) -> None:
        """Four hundred leading zeros hide nothing."""
        probe = Probe('"' + "0" * 400 + "9" * 310 + '"')
        assert any(number > 0 for number in readings(probe))

    @pytest.mark.parametrize(
        "probe",
        [
            Probe("0"),
            Probe("-0"),
            Probe(None),
            Probe('""'),
            Probe('"abc"'),
            Probe('"Москва"'),
            Probe("[]"),
            Probe("{}"),
            Probe("null"),
            Probe("false"),
            Probe("0.0"),
            Probe('"½"'),
            Probe("", raw=True),
            Probe("abc", asking=FORM),
            Probe("CHAT_ID=0&CHAT_ID=", asking=FORM, raw=True),
        ],
        ids=lambda probe: probe.literal,
    )
    def test_no_chat_at_all(self, probe: Probe) -> None:
        """What nobody can take for a chat passes on the lowest rung."""
        assert passes(probe, "none")


class TestObjection:
    """What the gate says of a probe, by rung, operator and method."""

    @pytest.mark.parametrize(
        ("chat", "rung"),
        [
            (5, "refused"),
            (12, "refused"),
            (999999999, "refused"),
            (7, "repeat"),
            (70, "new"),
        ],
    )
    def test_rungs(self, chat: int, rung: Rung) -> None:
        """Each declared chat passes from the rung of its list upwards, and not below."""
        allowed = [passes(Probe(str(chat)), one) for one in RUNGS]
        place = RUNGS.index(rung)
        assert [False] * place + [True] * (len(RUNGS) - place) == allowed

    def test_undeclared(self) -> None:
        """A chat that is not declared passes on no rung, and the objection names it."""
        assert "chat 43" in str(Gate(live("new")).objection(Probe("43")))

    def test_each_operator_has_chats_of_his_own(self) -> None:
        """A chat that is declared for one operator is closed to the other."""
        people = {"operator": Person(1, Chats(joined=(7,))), "colleague": Person(2, Chats())}
        gate = Gate(Declaration("live", rung="new", people=people))
        assert gate.objection(Probe("7")) is None
        assert gate.objection(Probe("7", operator="colleague")) is not None
        assert gate.objection(Probe("7", operator="stranger")) is not None

    def test_preflight(self) -> None:
        """A preflight passes as long as it names no chat: a portal may take it for a call."""
        assert passes(Probe(asking=ways.PREFLIGHT))
        assert not passes(Probe("0", asking=ways.PREFLIGHT))
        assert not passes(Probe(asking=ways.PREFLIGHT, extra=(("CHAT_ID", "0"),)))

    @pytest.mark.parametrize(
        "method", ["imopenlines.operator.answer", UNKNOWN, "batch", "", "im.chat.leave"]
    )
    def test_other_methods(self, method: str) -> None:
        """No method but the two on the list passes, whatever CHAT_ID is."""
        assert not passes(Probe("0", method=method))

    @pytest.mark.parametrize(
        "asking",
        [
            Asking(spelling="imopenlines.operator.answer"),
            Asking(spelling="imopenlines.session.join?CHAT_ID=43&"),
            Asking(suffix="?CHAT_ID=43"),
        ],
    )
    def test_other_methods_by_spelling(self, asking: Asking) -> None:
        """The path that goes out names the join method and nothing else."""
        assert not passes(Probe("0", asking=asking))

    def test_members(self) -> None:
        """Participants are asked of declared chats only, on any rung."""
        assert passes(Probe("70", method=MEMBERS), "none")
        assert not passes(Probe("43", method=MEMBERS), "new")

    @pytest.mark.parametrize("method", [MEMBERS, LEAVE])
    @pytest.mark.parametrize(
        "change",
        [
            {"extra": (("CHAT_ID", "43"),)},
            {"beside": "43"},
            {"chat_id": "70 "},
            {"chat_id": '{"CHAT_ID":70}', "raw": True},
            {"asking": Asking(suffix="?CHAT_ID=43")},
            {"asking": Asking(identity="random")},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_other_methods_plainly(self, method: str, change: dict[str, Any]) -> None:
        """Participants are asked, and chats left, by a plain number and nothing beside it."""
        gate = Gate(live("new"))
        gate.note_join("operator", 70)
        plain = Probe("70", method=method)
        assert gate.objection(plain) is None
        assert gate.objection(msgspec.structs.replace(plain, **change)) is not None

    def test_left_once(self) -> None:
        """A chat that was left is neither left nor joined again."""
        gate = Gate(live("new"))
        gate.note_join("operator", 70)
        gate.note_leave("operator", 70)
        assert gate.objection(Probe("70", method=LEAVE)) is not None
        assert gate.objection(Probe("70")) is not None
        assert gate.objection(Probe("70", method=MEMBERS)) is None

    @pytest.mark.parametrize("value", ['1,"CHAT_ID":43', "$result[c0]", "1\r\n43", "1&CHAT_ID=43"])
    def test_harmless_names_with_more_in_them(self, value: str) -> None:
        """A parameter that nobody reads as CHAT_ID is looked at where it is no plain value."""
        extra = (("USER_ID", value),)
        asking = ways.BATCH if "$" in value else ways.PLAIN
        assert not passes(Probe("0", extra=extra, asking=asking))
        assert passes(Probe("0", extra=(("USER_ID", '"43"'),)))

    def test_batches_of_one_person(self) -> None:
        """All items go out with the first one's credentials, so that they must be its own."""
        people = {"operator": Person(1, Chats(joined=(7,))), "colleague": Person(2, Chats())}
        gate = Gate(Declaration("live", rung="new", people=people))
        own, zero = Probe("7", asking=ways.BATCH), Probe("0", asking=ways.BATCH)
        wrong = msgspec.structs.replace(ways.BATCH, identity="random")
        theirs = msgspec.structs.replace(zero, operator="colleague")
        assert gate.objection_to((zero, zero)) is None
        assert gate.objection_to((theirs, own)) is not None
        assert gate.objection_to((msgspec.structs.replace(zero, asking=wrong), own)) is not None
        assert gate.objection_to((zero, own)) == "refusals and joins in one batch"

    def test_batches_too_long(self) -> None:
        """A batch holds fifty commands and no more."""
        gate, item = Gate(live("new")), Probe("0", asking=ways.BATCH_LONG)
        assert gate.objection_to((item,) * 50) is None
        assert gate.objection_to((item,) * 51) == "a batch holds 50 commands"

    def test_closed_gate_raises(self) -> None:
        """What may not be sent raises, and the error says which chat it is about."""
        with pytest.raises(GateClosedError, match="chat 43"):
            Gate(live("new")).pass_probe(Probe("43"))

    def test_stand_in(self) -> None:
        """On a stand-in everything passes."""
        declaration = Declaration("stand-in", stand_in=True, people={"operator": Person(1)})
        Gate(declaration).pass_probe(Probe("43"))


class TestLivePortal:
    """Thousands of hostile probes, and every probe of the suites, on every rung."""

    @pytest.mark.parametrize("declared", [LIVE, SPARSE], ids=["dense", "sparse"])
    @pytest.mark.parametrize("rung", RUNGS)
    def test_whatever_passes_means_an_allowed_chat(self, rung: Rung, declared: Chats) -> None:
        """No reading, written once more from the wire, finds a chat that is not allowed."""
        declaration = live(rung, declared)
        allowed = set(declaration.reachable("operator", *(kind for kind, _ in declared)))
        gate = Gate(declaration)
        asked: set[Probe] = set()
        out: set[Probe] = set()

        @settings(
            max_examples=300,
            database=None,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(probes())
        def hold(probe: Probe) -> None:
            asked.add(probe)
            if gate.objection(probe) is None:
                out.add(probe)
                strangers = {n for n in wire_numbers(on_the_wire(probe)) if n > 0} - allowed
                assert set() == strangers, probe

        hold()
        assert 200 <= len(asked)
        assert 10 <= len(out)

    @pytest.mark.parametrize("declared", [LIVE, SPARSE, Chats()], ids=["dense", "sparse", "none"])
    @pytest.mark.parametrize("rung", RUNGS)
    def test_plans_pass(self, rung: Rung, declared: Chats) -> None:
        """Whatever the suites plan for a live portal passes the gate, and means allowed chats."""
        people = {
            "operator": Person(7, declared, ("webhook", "oauth_body", "oauth_query", "bearer")),
            "colleague": Person(8, SPARSE),
        }
        declaration = Declaration(
            "live", rung=rung, people=people, identities=("without_scope", "expired")
        )
        gate = Gate(declaration)
        planned = plan(load_contract().clauses, load_suites(), World(declaration), seed=1, drawn=6)
        sent = [probe for step in planned.steps for probe in step]
        assert 10 <= len(sent)
        assert [] == [probe for probe in sent if gate.objection(probe)]
