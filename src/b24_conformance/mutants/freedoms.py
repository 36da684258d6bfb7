"""What a conformant portal is free to do, as one value; Hypothesis draws combinations of it.

Every field's first value is what the reference portal does by itself. Sources of the freedoms:
the two kernels, what the documentation leaves open, and where documentation, vendor's code and
recorded exchanges disagree. A freedom which a SHOULD prefers otherwise is named in `PREFERRED`
with exactly the SHOULD clauses that it may turn red; no freedom turns a MUST red.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, TypeVar, get_args

from hypothesis import strategies as st

from b24_conformance.chat_ids.portable import draw

T = TypeVar("T")

Kernel = Literal["new", "old"]
Text = Literal[
    "english", "russian", "documented", "german", "empty", "markup", "emoji", "multiline", "long"
]
Escapes = Literal["kernel", "ascii", "raw", "slashes", "letters"]
Layout = Literal["compact", "spaced", "pretty", "tabs", "padded"]
Order = Literal["usual", "reversed", "sorted"]
Extra = Literal["none", "flat", "nested", "null", "first", "refused-time"]
Numbers = Literal["kernel", "integers", "floats"]
Dates = Literal["utc", "moscow", "india", "newfoundland", "z", "fraction", "basic-offset"]
Operating = Literal["both", "operating", "fraction", "none"]
HeaderCase = Literal["usual", "lower", "upper"]
Charset = Literal["usual", "spaceless", "quoted", "absent", "capitals", "more"]
MoreHeaders = Literal["none", "cookies", "edge", "bare"]
MemberIds = Literal["integers", "strings", "newest-first"]
SeenBy = Literal["invited", "participants", "refusing"]
Xml = Literal["compact", "declared", "pretty", "references"]
Limits = Literal["json", "xml"]
HeaderLines = Literal["usual", "wide", "split"]
BatchShape = Literal["php", "objects"]
Carriage = Literal[
    "process",
    "http",
    "http10",
    "http10-length",
    "chunked",
    "close",
    "until-close",
    "reason",
    "continue",
]
Feature = Literal["members", "oauth", "xml", "multipart", "batch", "cors", "time"]
Departure = Literal[
    "absent-denied",
    "foreign-denied",
    "secret-unnamed",
    "token-unnamed",
    "forbidden-credentials",
    "forbidden-scope",
    "strict-reading",
    "digits-are-text",
    "query-wins",
    "case-matters",
    "suffix-case-matters",
    "suffix-case-page",
    "slashes-matter",
    "slashes-redirect",
    "doubled-slash-unknown",
    "json-type-exact",
    "no-text-form",
    "no-posted-query",
    "any-case-key",
    "first-duplicate",
    "json-error",
    "json-error-page",
    "no-bearer",
    "other-types",
    "xml-word",
    "unknown-page",
    "long-batch-refused",
]

# A departure that no source forbids, and the SHOULD clauses that prefer otherwise.
PREFERRED: Final[dict[Departure, frozenset[str]]] = {
    "absent-denied": frozenset({"refusal.absent-chat-id"}),
    "foreign-denied": frozenset({"precedence.type-over-access"}),
    "secret-unnamed": frozenset(),
    "token-unnamed": frozenset(),
    "forbidden-credentials": frozenset(),
    "forbidden-scope": frozenset(),
    "strict-reading": frozenset(
        {"php.numbers", "php.strings", "php.booleans", "php.containers", "php.form"}
    ),
    "digits-are-text": frozenset({"asking.digit-string", "php.strings"}),
    "query-wins": frozenset({"asking.body-over-query"}),
    "case-matters": frozenset({"asking.method-case"}),
    "suffix-case-matters": frozenset({"asking.suffix-case"}),
    "suffix-case-page": frozenset({"asking.suffix-case"}),
    "slashes-matter": frozenset({"asking.slashes"}),
    "slashes-redirect": frozenset(),
    "doubled-slash-unknown": frozenset(),
    "json-type-exact": frozenset(),
    "no-text-form": frozenset({"asking.text-form"}),
    "no-posted-query": frozenset({"asking.posted-query"}),
    "any-case-key": frozenset({"asking.lower-case-key", "php.form"}),
    "first-duplicate": frozenset({"php.duplicates"}),
    "json-error": frozenset({"php.malformed-json"}),
    "json-error-page": frozenset({"php.malformed-json"}),
    "no-bearer": frozenset({"oauth.bearer"}),
    "other-types": frozenset({"envelope.content-type"}),
    "xml-word": frozenset({"xml.contents"}),
    "unknown-page": frozenset(),
    "long-batch-refused": frozenset(),
}


@dataclass(frozen=True, slots=True)
class Freedoms:
    """One combination of freedoms.

    `without` are the features that the portal lacks and says so; `unannounced` those that it
    lacks without a word, which a run finds out by ERROR_METHOD_NOT_FOUND. Every `throttle`th
    request is refused by the limiter, `in_a_row` times before it is let through.
    """

    kernel: Kernel = "new"
    text: Text = "english"
    escapes: Escapes = "kernel"
    layout: Layout = "compact"
    order: Order = "usual"
    extra: Extra = "none"
    numbers: Numbers = "kernel"
    dates: Dates = "utc"
    operating: Operating = "both"
    header_case: HeaderCase = "usual"
    header_lines: HeaderLines = "usual"
    headers_reversed: bool = False
    charset: Charset = "usual"
    more_headers: MoreHeaders = "none"
    member_ids: MemberIds = "integers"
    seen_by: SeenBy = "invited"
    batch_shape: BatchShape = "php"
    xml: Xml = "compact"
    limits: Limits = "json"
    throttle: int = 0
    in_a_row: int = 1
    joined_before: bool = False
    carriage: Carriage = "process"
    without: frozenset[Feature] = field(default_factory=frozenset)
    unannounced: frozenset[Feature] = field(default_factory=frozenset)
    departures: frozenset[Departure] = field(default_factory=frozenset)

    @property
    def lacks(self) -> frozenset[Feature]:
        """The features that the portal has not, said or unsaid."""
        return self.without | self.unannounced

    @property
    def preferred_otherwise(self) -> frozenset[str]:
        """The SHOULD clauses that may be red for this portal; any other red is a false one."""
        return frozenset().union(*(PREFERRED[name] for name in self.departures))

    def told(self) -> str:
        """The freedoms taken, in one line, those of the reference portal left out."""
        usual = Freedoms()
        taken = []
        for name in self.__slots__:
            value = getattr(self, name)
            if value != getattr(usual, name):
                shown = "+".join(sorted(value)) if isinstance(value, frozenset) else str(value)
                taken.append(f"{name}={shown}")
        return " ".join(taken) or "none"


def _one_of(kind: object) -> st.SearchStrategy[str]:
    return st.sampled_from(get_args(kind))


def _some_of(kind: object, most: int) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(_one_of(kind), max_size=most)


def freedoms() -> st.SearchStrategy[Freedoms]:
    """Any combination of freedoms; most portals are called in process, which is quick."""
    carriages = st.one_of(*[st.just("process")] * 7, _one_of(Carriage))
    return st.builds(
        Freedoms,
        kernel=_one_of(Kernel),
        text=_one_of(Text),
        escapes=_one_of(Escapes),
        layout=_one_of(Layout),
        order=_one_of(Order),
        extra=_one_of(Extra),
        numbers=_one_of(Numbers),
        dates=_one_of(Dates),
        operating=_one_of(Operating),
        header_case=_one_of(HeaderCase),
        header_lines=_one_of(HeaderLines),
        headers_reversed=st.booleans(),
        charset=_one_of(Charset),
        more_headers=_one_of(MoreHeaders),
        member_ids=_one_of(MemberIds),
        seen_by=_one_of(SeenBy),
        batch_shape=_one_of(BatchShape),
        xml=_one_of(Xml),
        limits=_one_of(Limits),
        throttle=st.sampled_from([0, 0, 2, 7, 50]),
        in_a_row=st.integers(1, 5),
        joined_before=st.booleans(),
        carriage=carriages,
        without=_some_of(Feature, 2),
        unannounced=st.frozensets(st.sampled_from(["members", "batch", "xml"]), max_size=1),
        departures=_some_of(Departure, 3),
    )


def drawn(kinds: st.SearchStrategy[T], *words: object) -> T:
    """The value that Hypothesis draws for these words; the same on any machine."""
    return draw(kinds, 1, *words)[0]
