"""What PHP makes of a CHAT_ID that is not plainly an integer."""

from b24_conformance import php, ways
from b24_conformance.chat_ids import makers
from b24_conformance.chat_ids.makers import Maker
from b24_conformance.chat_ids.vectors import Vector, load_vectors
from b24_conformance.judge import strictness
from b24_conformance.probe import Probe, Step
from b24_conformance.suite import Wants, World, as_probes, clause, plain


def _filled(
    world: World, vectors: tuple[Vector, ...], *, common: bool = False
) -> tuple[Probe, ...]:
    """Each vector aims at a declared chat, so that a wrong reading gets another answer."""
    probes = []
    for turn, vector in enumerate(vectors):
        chat = _aimed_at(world, vector, turn)
        if chat is not None and not vector.platform and vector.common == common:
            probes.append(vector.probe(chat, _other(world, vector, chat)))
    return tuple(dict.fromkeys(probe for probe in probes if world.may(probe)))


def _aimed_at(world: World, vector: Vector, turn: int) -> int | None:
    """The first chat that fits, if possible one whose answer a mistaken reader would not give.

    Each in its turn begins with another kind: whoever reads well may still let everybody in.
    """
    start = turn % max(1, len(world.telling_chats))
    kinds = (*world.telling_chats[start:], *world.telling_chats[:start])
    fitting = [c for c in (*kinds, *world.targets, *world.every_chat) if vector.fits(c)]
    telling = (c for c in fitting if _tells(world, vector, c))
    return next(telling, next(iter(fitting), None))


def _other(world: World, vector: Vector, chat: int) -> int:
    """A second chat, whose answer is neither that of the first nor what is demanded."""
    known = {_answer(world, chat), _answer(world, vector.expected(chat))}
    return next((c for c in world.targets if _answer(world, c) not in known), world.unlike(chat))


def _tells(world: World, vector: Vector, chat: int) -> bool:
    mistaken = vector.mistaken(chat)
    return mistaken is None or _answer(world, mistaken) != _answer(world, vector.expected(chat))


def _answer(world: World, chat: int) -> str:
    kind = world.declaration.kind("operator", chat) or "absent"
    return "joined" if kind == "joinable" else kind


def _batched(world: World) -> tuple[Step, ...]:
    """All texts and form fields in few requests, so that a fault in reading shows early."""
    if world.live or "batch" in world.declaration.without:
        return ()
    vectors = load_vectors()
    both = [vector for vector in (*vectors.json, *vectors.form) if not vector.platform]
    aimed = [(vector, _aimed_at(world, vector, turn)) for turn, vector in enumerate(both)]
    commands = (vector.command(chat) for vector, chat in aimed if chat is not None)
    lenient = [
        command
        for command in commands
        if command
        and strictness(command, php.parameter(command)) == "lenient"
        and not _breaks_careless_readers(command.literal)
    ]
    items = tuple(dict.fromkeys(lenient))
    return tuple(items[start : start + ways.ROOM] for start in range(0, len(items), ways.ROOM))


def _breaks_careless_readers(text: str) -> bool:
    """Whoever fails on such an item would fail the whole batch."""
    return any(char == "\0" or char > "\uffff" for char in text)


def _now_and_then(probes: tuple[Probe, ...], maker: Maker[Probe]) -> Maker[Probe]:
    """One of the common vectors, or something made."""
    if not probes:
        return maker
    return lambda dice: dice.choice(probes) if dice.randint(0, 1) else maker(dice)


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
    telling = (*_batched(world), *_of_type(world, str))
    return Wants(telling, _now_and_then(_of_type(world, str, common=True), drawn))


@clause("php.booleans")
def booleans(world: World) -> Wants:
    return Wants(tuple(p for p in plain(["false", "null", "true"]) if world.may(p)))


@clause("refusal.never-joined")
def never_joined(world: World) -> Wants:
    """Whatever else is asked leniently is judged as well."""
    telling = plain(["false", "null", "[]", "{}"])
    posted = () if world.live else world.by(ways.POSTED_QUERY)
    return Wants(tuple(p for p in (*telling, *posted) if world.may(p)))


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
    telling = (*_batched(world), *vectors, *_multipart_otherwise(world), *_queries(world))
    return Wants(telling, _now_and_then(common, drawn))


def _queries(world: World) -> tuple[Probe, ...]:
    """Of two in a URL the last counts, under a key that is spelt as other clients spell it."""
    if world.live or len(world.telling_chats) < 2:
        return ()
    first, last = world.telling_chats[:2]
    query = f"CHAT_ID={first}&CHAT%5FID={last}"
    return (Probe(query, asking=ways.QUERY, raw=True),)


def _multipart_otherwise(world: World) -> tuple[Probe, ...]:
    """As .NET's clients write it; parsers of some languages read names in quotes only."""
    if world.live or "multipart" in world.declaration.without:
        return ()
    chats = (*world.chats("joined"), *world.telling_chats)[:1]
    return tuple(Probe(str(chat), asking=ways.MULTIPART_UNQUOTED) for chat in chats)


@clause("php.malformed-json")
def malformed_json(world: World) -> Wants:
    target = (world.targets or (0,))[0]
    shapes = (
        f'{{"CHAT_ID":{target}',
        f"[{target}]",
        f'{{"CHAT_ID":{target},"x":{"[" * 600}{"]" * 600}}}',
        f"CHAT_ID={target}",
        f'{{"CHAT_ID":{target},}}',
        f'{{"CHAT_ID":"{target}\\ud800"}}',
        f"{{'CHAT_ID':{target}}}",
        f'{{"CHAT_ID":0{target}}}',
        f'{{"CHAT_ID":{target},"x":NaN}}',
        f'"{target}"',
        "",
        "[]",
        "null",
    )
    telling = tuple(p for p in (Probe(text, raw=True) for text in shapes) if world.may(p))
    drawn = as_probes(makers.malformed_of(world.targets), raw=True) if world.targets else None
    return Wants(telling, drawn)


@clause("php.duplicates")
def duplicates(world: World) -> Wants:
    """The two name chats with different answers."""
    chats = [str(chat) for chat in (*world.telling_chats[:2], 0)]
    pairs = [*zip(chats, chats[1:] + chats[:1], strict=True)]
    different = [(first, last) for first, last in pairs if first != last]
    escaped = [f'{{"CHAT_ID":{first},"CHAT\\u005fID":{last}}}' for first, last in different[:1]]
    bodies = [f'{{"CHAT_ID":{first},"CHAT_ID":{last}}}' for first, last in different]
    return Wants(tuple(Probe(body, raw=True) for body in bodies + escaped))
