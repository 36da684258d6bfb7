"""Sound portals: each must stay green, whatever freedom it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, get_args

from b24_conformance.mutants.carriage import Answer, carried, in_pieces, slowly
from b24_conformance.mutants.free_portal import FreePortal
from b24_conformance.mutants.freedoms import (
    PREFERRED,
    Carriage,
    Departure,
    Feature,
    Freedoms,
    drawn,
    freedoms,
)
from b24_conformance.mutants.worlds import World, worlds

_SLOW_SECONDS: Final = 0.003
_TRICKLES: Final = 25


@dataclass(frozen=True, slots=True)
class Sound:
    """A portal that keeps the contract.

    `make` gives a fresh one. `over_http`: its freedom is in how it speaks HTTP, so that it must
    be served. `without` are the features that it declares it lacks. `shoulds` are the SHOULD
    clauses that prefer otherwise; any other red clause is a false one. `world` says which chats
    there are, where they are not those of the reference portal.
    """

    name: str
    make: Callable[[], Answer]
    over_http: bool = False
    without: tuple[str, ...] = ()
    note: str = ""
    shoulds: frozenset[str] = frozenset()
    world: World | None = None


def portal_of(name: str, taken: Freedoms, world: World | None = None) -> Sound:
    """The sound portal that takes these freedoms."""

    def make() -> Answer:
        portal = FreePortal(taken, world.state if world else None)
        return carried(portal.answer, taken.carriage)

    return Sound(
        name,
        make,
        taken.carriage != "process",
        tuple(sorted(taken.without)),
        taken.told() if world is None else f"{taken.told()} in {world}",
        taken.preferred_otherwise,
        world,
    )


def generated(seed: int) -> Sound:
    """The sound portal that Hypothesis draws for this seed; the same on any machine."""
    taken = drawn(freedoms(), "sound portal", seed)
    return portal_of(f"sound-{seed}", taken, drawn(worlds(), "sound world", seed))


def sound_portals() -> tuple[Sound, ...]:
    """Every named sound portal."""
    return (
        *(portal_of(name, taken) for name, taken in _named().items()),
        *(portal_of(f"departs-{name}", _departing(name)) for name in PREFERRED),
        *(portal_of(f"over-{c}", Freedoms(carriage=c)) for c in get_args(Carriage)[1:]),
        *(portal_of(f"without-{f}", Freedoms(without=frozenset([f]))) for f in get_args(Feature)),
        *_timed(),
    )


def _departing(*names: Departure) -> Freedoms:
    return replace(Freedoms(), departures=frozenset(names))


def _named() -> dict[str, Freedoms]:
    return {**_kernels(), **_texts(), **_envelopes(), **_chats(), **_throttling(), **_extremes()}


def _kernels() -> dict[str, Freedoms]:
    return {
        "new-kernel": Freedoms(),
        "old-kernel": Freedoms(kernel="old"),
        "box": Freedoms(kernel="old", operating="none", more_headers="bare"),
        "old-box": Freedoms(
            kernel="old",
            operating="none",
            more_headers="bare",
            departures=frozenset({"absent-denied", "foreign-denied"}),
        ),
        "documented-statuses": _departing("forbidden-credentials", "forbidden-scope"),
        "documented-codes": _departing("secret-unnamed", "token-unnamed"),
    }


def _texts() -> dict[str, Freedoms]:
    return {
        "russian": Freedoms(text="russian"),
        "russian-escaped": Freedoms(kernel="old", text="russian"),
        "russian-raw": Freedoms(text="russian", escapes="raw"),
        "documented-texts": Freedoms(text="documented"),
        "german": Freedoms(text="german"),
        "empty-texts": Freedoms(text="empty"),
        "markup-in-texts": Freedoms(text="markup"),
        "markup-unescaped": Freedoms(text="markup", escapes="raw"),
        "emoji-raw": Freedoms(text="emoji", escapes="raw"),
        "emoji-escaped": Freedoms(text="emoji", escapes="ascii"),
        "multiline-texts": Freedoms(text="multiline"),
        "long-texts": Freedoms(text="long"),
        "letters-escaped": Freedoms(escapes="letters"),
        "slashes-escaped": Freedoms(escapes="slashes"),
    }


def _envelopes() -> dict[str, Freedoms]:
    return {
        "pretty": Freedoms(layout="pretty"),
        "padded": Freedoms(layout="padded"),
        "spaced": Freedoms(layout="spaced"),
        "tabs": Freedoms(layout="tabs"),
        "reversed-fields": Freedoms(order="reversed"),
        "sorted-fields": Freedoms(order="sorted"),
        "more-fields": Freedoms(extra="flat"),
        "nested-fields": Freedoms(extra="nested"),
        "null-fields": Freedoms(extra="null"),
        "fields-before": Freedoms(extra="first"),
        "time-in-refusals": Freedoms(extra="refused-time"),
        "integer-times": Freedoms(numbers="integers"),
        "float-times": Freedoms(numbers="floats"),
        "no-operating": Freedoms(operating="none"),
        "operating-alone": Freedoms(operating="operating", dates="moscow"),
        "operating-spent": Freedoms(operating="fraction", dates="india"),
        "dates-in-zulu": Freedoms(dates="z"),
        "dates-with-fractions": Freedoms(dates="fraction"),
        "dates-basic-offset": Freedoms(dates="basic-offset"),
        "dates-behind-greenwich": Freedoms(dates="newfoundland"),
        "lower-case-headers": Freedoms(header_case="lower", headers_reversed=True),
        "upper-case-headers": Freedoms(header_case="upper"),
        "wide-headers": Freedoms(header_lines="wide"),
        "split-headers": Freedoms(header_lines="split", header_case="lower"),
        "cookies": Freedoms(more_headers="cookies"),
        "behind-an-edge": Freedoms(more_headers="edge"),
        "no-charset": Freedoms(charset="absent"),
        "quoted-charset": Freedoms(charset="quoted"),
        "type-in-capitals": Freedoms(charset="capitals"),
        "type-with-more": Freedoms(charset="more"),
    }


def _chats() -> dict[str, Freedoms]:
    return {
        "joined-before": Freedoms(joined_before=True),
        "ids-as-strings": Freedoms(member_ids="strings"),
        "newest-member-first": Freedoms(member_ids="newest-first"),
        "participants-private": Freedoms(seen_by="participants"),
        "participants-refused": Freedoms(seen_by="refusing"),
        "participants-refused-again": Freedoms(seen_by="refusing", joined_before=True),
        "xml-declared": Freedoms(xml="declared"),
        "xml-pretty": Freedoms(xml="pretty"),
        "xml-references": Freedoms(xml="references", text="markup"),
        "batch-of-objects": Freedoms(batch_shape="objects"),
        "no-members-unsaid": Freedoms(unannounced=frozenset({"members"})),
        "no-xml-unsaid": Freedoms(unannounced=frozenset({"xml"})),
        "no-batch-unsaid": Freedoms(unannounced=frozenset({"batch"})),
        "no-batch-unsaid-pretty": Freedoms(
            unannounced=frozenset({"batch"}), layout="pretty", text="long", order="reversed"
        ),
        "no-batch-unsaid-escaped": Freedoms(unannounced=frozenset({"batch"}), escapes="letters"),
    }


def _throttling() -> dict[str, Freedoms]:
    return {
        "throttles-every-second": Freedoms(throttle=1),
        "throttles-now-and-then": Freedoms(throttle=20, in_a_row=3),
        "throttles-long": Freedoms(throttle=50, in_a_row=5),
        "throttles-in-xml": Freedoms(throttle=3, limits="xml"),
        "throttles-at-an-edge": Freedoms(throttle=5, more_headers="edge", layout="pretty"),
    }


def _extremes() -> dict[str, Freedoms]:
    everything: frozenset[Feature] = frozenset(get_args(Feature))
    return {
        "minimal": Freedoms(
            text="empty",
            operating="none",
            more_headers="bare",
            charset="absent",
            without=everything,
        ),
        "minimal-escaped": Freedoms(
            kernel="old", text="empty", escapes="letters", without=everything, more_headers="bare"
        ),
        "maximal": Freedoms(
            text="emoji",
            escapes="raw",
            layout="pretty",
            order="reversed",
            extra="nested",
            numbers="floats",
            dates="fraction",
            operating="fraction",
            header_case="upper",
            headers_reversed=True,
            charset="more",
            more_headers="edge",
            member_ids="strings",
            batch_shape="objects",
            throttle=9,
            in_a_row=2,
            joined_before=True,
        ),
        "departs-everywhere": _departing(*PREFERRED),
    }


def _timed() -> tuple[Sound, ...]:
    def slow() -> Answer:
        return slowly(FreePortal(Freedoms()).answer, _SLOW_SECONDS)

    def trickling() -> Answer:
        return in_pieces(FreePortal(Freedoms()).answer, _TRICKLES)

    return (
        Sound("slow", slow, True, note=f"every answer takes {_SLOW_SECONDS:g} s longer"),
        Sound(
            "trickling", trickling, True, note=f"every {_TRICKLES}th answer is sent byte by byte"
        ),
        Sound("second-run", _used_portal, note="another operator's run came before"),
    )


def _used_portal() -> Answer:
    return FreePortal(Freedoms(joined_before=True)).answer
