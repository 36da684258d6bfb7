"""What PHP makes of a CHAT_ID that is not plainly an integer."""

from b24_conformance import php, ways
from b24_conformance.chat_ids import makers
from b24_conformance.chat_ids.makers import Maker
from b24_conformance.chat_ids.vectors import Vector, load_vectors
from b24_conformance.judge import strictness
from b24_conformance.probe import Probe
from b24_conformance.suite import Wants, World, as_probes, clause, plain


def _filled(
    world: World, vectors: tuple[Vector, ...], *, common: bool = False
) -> tuple[Probe, ...]:
    """Each vector aims at a declared chat, so that a wrong reading gets another answer."""
    probes = []
    for vector in vectors:
        chat = next((c for c in world.targets if vector.fits(c)), None)
        chat = chat or next((c for c in _every_chat(world) if vector.fits(c)), None)
        if chat is not None and not vector.platform and vector.common == common:
            probes.append(vector.probe(chat, world.unlike(chat)))
    return tuple(dict.fromkeys(probe for probe in probes if world.may(probe)))


def _now_and_then(probes: tuple[Probe, ...], maker: Maker[Probe]) -> Maker[Probe]:
    """One of the common vectors, or something made."""
    if not probes:
        return maker
    return lambda dice: dice.choice(probes) if dice.randint(0, 1) else maker(dice)


def _every_chat(world: World) -> tuple[int, ...]:
    return world.chats("not_open_line", "access_denied", "joined", "joinable")


def _of_type(world: World, *kinds: type, common: bool = False) -> tuple[Probe, ...]:
    probes = _filled(world, load_vectors().json, common=common)
    values = {probe: php.parameter(probe) for probe in probes}
    return tuple(
        probe
        for probe, value in values.items()
        if type(value) in kinds and strictness(probe, value) == "lenient"
    )


@clause("php.numbers")
def numbers(world: World) -> Wants:
    drawn = as_probes(makers.number_of(world.targets)) if world.targets else None
    return Wants(_of_type(world, int, float), drawn)


@clause("php.strings")
def strings(world: World) -> Wants:
    if not world.targets:
        return Wants(_of_type(world, str))
    drawn = as_probes(makers.string_of(world.targets))
    return Wants(_of_type(world, str), _now_and_then(_of_type(world, str, common=True), drawn))


@clause("php.booleans")
def booleans(world: World) -> Wants:
    return Wants(tuple(p for p in plain(["false", "null", "true"]) if world.may(p)))


@clause("php.containers")
def containers(world: World) -> Wants:
    drawn = as_probes(makers.container_of(world.targets)) if world.targets else None
    telling = _of_type(world, list, dict)
    return Wants(telling or plain(["[]", "{}"]), drawn)


@clause("php.form")
def form(world: World) -> Wants:
    vectors = _filled(world, load_vectors().form)
    if not world.targets:
        return Wants(vectors)
    drawn = as_probes(makers.bare_string_of(world.targets), ways.FORM)
    common = _filled(world, load_vectors().form, common=True)
    return Wants(vectors, _now_and_then(common, drawn))


@clause("php.malformed-json")
def malformed_json(world: World) -> Wants:
    target = (world.targets or (0,))[0]
    shapes = (
        "",
        "[]",
        "null",
        f"[{target}]",
        f'"{target}"',
        f'{{"CHAT_ID":{target}',
        f"CHAT_ID={target}",
        f"{{'CHAT_ID':{target}}}",
        f'{{"CHAT_ID":{target},}}',
        f'{{"CHAT_ID":0{target}}}',
        f'{{"CHAT_ID":{target},"x":NaN}}',
        f'{{"CHAT_ID":{target},"x":{"[" * 600}{"]" * 600}}}',
        f'{{"CHAT_ID":"{target}\\ud800"}}',
    )
    telling = tuple(p for p in (Probe(text, raw=True) for text in shapes) if world.may(p))
    drawn = as_probes(makers.malformed_of(world.targets), raw=True) if world.targets else None
    return Wants(telling, drawn)


@clause("php.duplicates")
def duplicates(world: World) -> Wants:
    """The two name chats with different answers."""
    chats = [str(chat) for chat in (*world.telling_chats[:2], 0)]
    pairs = zip(chats, chats[1:] + chats[:1], strict=True)
    bodies = [f'{{"CHAT_ID":{first},"CHAT_ID":{last}}}' for first, last in pairs if first != last]
    escaped = [f'{{"CHAT_ID":{chats[-1]},"CHAT\\u005fID":{chats[0]}}}']
    return Wants(tuple(Probe(body, raw=True) for body in bodies + escaped))
