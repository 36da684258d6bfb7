"""Ways of asking: each gets the answers of the plain one."""

from itertools import chain, cycle

import msgspec

from b24_conformance import ways
from b24_conformance.probe import Asking, Probe
from b24_conformance.suite import Wants, World, clause


def _by(world: World, *askings: Asking, thorough: bool = False, enough: int = 1) -> Wants:
    telling = [probe for asking in askings for probe in world.by(asking, thorough=thorough)]
    return Wants(tuple(telling), world.drawn_by(askings[0]), share=0.1, enough=enough)


def _shared_by(world: World, *askings: Asking) -> Wants:
    """The chats of each kind dealt out to ways that differ little."""
    wants = _by(world, *askings)
    count = len(askings)
    dealt = (world.by(asking)[place::count] for place, asking in enumerate(askings))
    return msgspec.structs.replace(wants, telling=tuple(chain.from_iterable(dealt)))


@clause("asking.no-suffix")
def without_a_suffix(world: World) -> Wants:
    return _by(world, ways.NO_SUFFIX, enough=2)


@clause("asking.json-spelling")
def by_json_spelt_otherwise(world: World) -> Wants:
    return Wants(world.by(ways.JSON_SPELT))


@clause("asking.form")
def by_form(world: World) -> Wants:
    wants = _by(world, ways.FORM, thorough=True, enough=2)
    spelt = world.by(ways.FORM_SPELT)[:1]
    return msgspec.structs.replace(wants, telling=(*wants.telling, *spelt))


@clause("asking.query")
def by_query(world: World) -> Wants:
    return _by(world, ways.QUERY, thorough=True, enough=2)


@clause("asking.multipart")
def by_multipart(world: World) -> Wants:
    return _by(world, ways.MULTIPART, thorough=True, enough=2)


@clause("asking.posted-query")
def by_the_query_of_a_post(world: World) -> Wants:
    return _by(world, ways.POSTED_QUERY)


@clause("asking.text-form")
def by_form_as_plain_text(world: World) -> Wants:
    return _by(world, ways.TEXT_FORM)


@clause("asking.method-case")
def by_a_name_in_another_case(world: World) -> Wants:
    return _by(world, ways.ANY_CASE)


@clause("asking.suffix-case")
def by_a_suffix_in_another_case(world: World) -> Wants:
    upper_xml = () if "xml" in world.declaration.without else (ways.UPPER_XML,)
    return _shared_by(world, ways.UPPER_SUFFIX, *upper_xml)


@clause("asking.slashes")
def by_a_path_with_more_slashes(world: World) -> Wants:
    return _shared_by(world, ways.DOUBLE_SLASH, ways.TRAILING_SLASH)


@clause("asking.digit-string")
def by_digits_in_a_string(world: World) -> Wants:
    return Wants(tuple(Probe(f'"{chat}"') for chat in world.telling_chats))


@clause("asking.body-over-query")
def by_body_and_query_at_once(world: World) -> Wants:
    """The two name chats with different answers."""
    chats = [str(chat) for chat in (*world.telling_chats[:2], 0)]
    pairs = zip(chats, chats[1:] + chats[:1], strict=True)
    different = [(body, query) for body, query in pairs if body != query]
    probes = [Probe(body, beside=query) for body, query in different]
    probes += [Probe(body, beside=query, asking=ways.FORM) for body, query in different[:1]]
    return Wants(tuple(probes))


@clause("asking.unknown-parameters")
def with_unknown_parameters(world: World) -> Wants:
    unknown = (("bx24_request_id", '"0"'), ("LANG", '"ru"'))
    probes = [Probe(str(chat), extra=unknown) for chat in (*world.telling_chats[:2], 0)]
    for chat in world.telling_chats[1:2]:
        # Names that other methods of the same module know, aimed at another chat.
        siblings = (("DIALOG_ID", f'"chat{chat}"'), ("ID", str(chat)))
        probes += [Probe(literal, extra=siblings) for literal in (None, "0")]
    probes = [probe for probe in probes if world.may(probe)]
    if not world.live:
        asked = (("LANG", "ru?en"),)
        chats = world.telling_chats[:1]
        probes += [Probe(str(chat), asking=ways.QUERY, extra=asked) for chat in chats]
    return Wants(tuple(probes), packs=True)


@clause("asking.lower-case-key")
def by_a_key_in_lower_case(world: World) -> Wants:
    asked = zip(world.telling_chats, ("chat_id", "chatId"), strict=False)
    return Wants(tuple(Probe(str(chat), key=key) for chat, key in asked), packs=True)


@clause("oauth.body")
def by_a_token_in_the_body(world: World) -> Wants:
    if not world.has(place="oauth_body"):
        return Wants()
    return _with_tokens(world, ways.OAUTH_BODY, ways.OAUTH_FORM)


@clause("oauth.query")
def by_a_token_in_the_query(world: World) -> Wants:
    if not world.has(place="oauth_query"):
        return Wants()
    return _with_tokens(world, ways.OAUTH_QUERY, ways.OAUTH_GET)


def _with_tokens(world: World, asking: Asking, other: Asking) -> Wants:
    wants = _by(world, asking, enough=2)
    return msgspec.structs.replace(wants, telling=(*wants.telling, *world.by(other)[:1]))


@clause("oauth.bearer")
def by_a_token_in_a_header(world: World) -> Wants:
    if not world.has(place="bearer"):
        return Wants()
    wants = _by(world, ways.BEARER)
    # Those who read the header read it behind any spelling, and the parameter by both names.
    spelt = (ways.BEARER, ways.BEARER_LOWER, ways.ACCESS_TOKEN, ways.BEARER)
    asked = zip(wants.telling, cycle(spelt), strict=False)
    telling = tuple(msgspec.structs.replace(probe, asking=asking) for probe, asking in asked)
    return msgspec.structs.replace(wants, telling=telling)


@clause("xml.success")
def success_in_xml(world: World) -> Wants:
    chats = world.chats("joined", "joinable")
    return Wants(tuple(Probe(str(chat), asking=ways.XML) for chat in chats[:2]))


@clause("xml.refusal")
def refusals_in_xml(world: World) -> Wants:
    chats = (0, *world.chats("not_open_line")[:1], *world.chats("access_denied")[:1])
    return Wants(tuple(Probe(str(chat), asking=ways.XML) for chat in chats), enough=2)


@clause("xml.content-type")
def the_type_of_xml(world: World) -> Wants:
    return Wants((Probe("0", asking=ways.XML), *world.by(ways.XML)))


@clause("xml.contents")
def the_contents_of_xml(world: World) -> Wants:
    chats = (0, *world.chats("joined", "joinable")[:1])
    return Wants(tuple(Probe(str(chat), asking=ways.XML) for chat in chats))
