"""Faults of `batch`: its items, their answers, its five maps."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from urllib.parse import unquote_plus

from b24_conformance.mutants.gallery import of_kind
from b24_conformance.reference import Portal, Request, Response
from b24_conformance.reference.batch import Results
from b24_conformance.reference.helpers import Call
from b24_conformance.reference.php import Array, Key, Value
from b24_conformance.reference.refusals import RefusedError

faulty = of_kind("batch")


@faulty("batch.agrees")
class ItemsUnchecked(Portal):
    """A command is a success whatever its chat is."""

    def run_command(self, command: str, call: Call) -> Value:
        return True


@faulty("batch.agrees")
class ItemsAsNumbers(Portal):
    """A command's success is the number 1."""

    def run_command(self, command: str, call: Call) -> Value:
        return int(bool(super().run_command(command, call)))


@faulty("batch.agrees")
class ItemsOneCode(Portal):
    """All refused commands get the code ERROR_CORE."""

    def run_command(self, command: str, call: Call) -> Value:
        try:
            return super().run_command(command, call)
        except RefusedError as refused:
            raise RefusedError("ERROR_CORE", 400, refused.text) from None


@faulty("batch.agrees")
class ItemsLikeTheFirst(Portal):
    """The parameters of the first command hold for all."""

    first = ""

    def run_command(self, command: str, call: Call) -> Value:
        self.first = self.first or command
        return super().run_command(self.first, call)


@faulty("batch.agrees")
class RightsKeptInBatch(Portal):
    """Rights are remembered through a batch: after one success every open line is joined."""

    joined = False

    def batch(self, call: Call) -> Value:
        try:
            return super().batch(call)
        finally:
            self.joined = False

    def run_command(self, command: str, call: Call) -> Value:
        answer = True if self.joined else super().run_command(command, call)
        self.joined = answer is True
        return answer


@faulty("batch.agrees")
class AlwaysHalts(Portal):
    """The first refused command ends the batch, though halt is 0."""

    def batch_halts(self, call: Call) -> bool:
        return True


@faulty("batch.agrees")
class TwentyCommands(Portal):
    """Commands beyond the twentieth are left out."""

    def run_item(self, results: Results, call: Call, position: int, key: Key, command: str) -> None:
        if position < 20:
            super().run_item(results, call, position, key, command)


@faulty("batch.agrees")
class ParametersUnread(Portal):
    """The query of a command is not read."""

    def split_command(self, command: str) -> tuple[str, Array]:
        return super().split_command(command)[0], {}


@faulty("batch.agrees")
class KeysLost(Portal):
    """The answers are numbered, and their keys are lost."""

    def batch_envelope(self, results: Results) -> Value:
        numbered = Results(
            dict(enumerate(results.values.values())), dict(enumerate(results.errors.values()))
        )
        return super().batch_envelope(numbered)


@faulty("batch.agrees")
class ErrorsAsText(Portal):
    """The error of a command is a text, and not an object with code and text."""

    def batch_envelope(self, results: Results) -> Value:
        for key, error in results.errors.items():
            assert isinstance(error, dict)
            results.errors[key] = error["error"]
        return super().batch_envelope(results)


@faulty("batch.agrees")
class ErrorsAmongResults(Portal):
    """The error of a command stands among the results."""

    def batch_envelope(self, results: Results) -> Value:
        both = Results({**results.values, **results.errors}, {}, results.times)
        return super().batch_envelope(both)


@faulty("batch.agrees")
class FalseBesideErrors(Portal):
    """A refused command has a result as well: false."""

    def batch_envelope(self, results: Results) -> Value:
        values = {**results.values, **dict.fromkeys(results.errors, False)}
        return super().batch_envelope(Results(values, results.errors, results.times))


@faulty("batch.shape")
class FirstErrorForAll(Portal):
    """A refused command makes the whole batch a refusal with HTTP 400."""

    def batch_envelope(self, results: Results) -> Value:
        for error in results.errors.values():
            assert isinstance(error, dict)
            raise RefusedError(str(error["error"]), 400, "")
        return super().batch_envelope(results)


@faulty("batch.shape")
class MapsLeftOut(Portal):
    """Maps that are empty are left out."""

    def batch_envelope(self, results: Results) -> Value:
        whole = super().batch_envelope(results)
        assert isinstance(whole, dict)
        return {name: group for name, group in whole.items() if group}


@faulty("batch.shape")
class MapsAsNull(Portal):
    """Maps that are empty are null."""

    def batch_envelope(self, results: Results) -> Value:
        whole = super().batch_envelope(results)
        assert isinstance(whole, dict)
        return {name: group or None for name, group in whole.items()}


@faulty("batch.shape")
class ResultsWithoutMaps(Portal):
    """A batch answers its results alone, as a map of its own."""

    def batch_envelope(self, results: Results) -> Value:
        return {**results.values, **results.errors}


@faulty("batch.shape")
class TimesAsNumbers(Portal):
    """The map of times holds how long each command took."""

    def batch_envelope(self, results: Results) -> Value:
        times: dict[Key, Value] = dict.fromkeys(results.times, 0.01)
        return super().batch_envelope(Results(results.values, results.errors, times))


@faulty("time.fields")
class TimesWithoutFields(Portal):
    """The object `time` of a command is empty."""

    def batch_envelope(self, results: Results) -> Value:
        times: dict[Key, Value] = {key: {} for key in results.times}
        return super().batch_envelope(Results(results.values, results.errors, times))


@faulty("batch.agrees")
class BatchAsFormUnread(Portal):
    """Commands in a form, as PHP's clients send them, are not read."""

    def read_form(self, body: bytes) -> Array:
        return {key: value for key, value in super().read_form(body).items() if key != "cmd"}


@faulty("batch.agrees")
class BatchInQueryUnread(Portal):
    """Commands in the URL are not read."""

    def read_query(self, request: Request) -> Array:
        return {key: value for key, value in super().read_query(request).items() if key != "cmd"}


@faulty("batch.agrees")
class LastQuestionMarkInBatch(Portal):
    """The parameters of a command are what follows its last question mark."""

    def split_command(self, command: str) -> tuple[str, Array]:
        head, mark, query = command.rpartition("?")
        return super().split_command(f"{head.partition('?')[0]}{mark}{query}")


@faulty("batch.agrees")
class BatchByGetUnknown(Portal):
    """A batch by GET is no method."""

    def answer(self, request: Request) -> Response:
        by_get = request.verb == "GET" and "/batch" in request.target
        target = request.target.replace("/batch", "/no.method", int(by_get))
        return super().answer(dataclasses.replace(request, target=target))


@faulty("batch.agrees")
class BatchUnescapedTwice(Portal):
    """Commands in the URL are unescaped once too often, so that a value may name a CHAT_ID."""

    def read_query(self, request: Request) -> Array:
        query = super().read_query(request)
        if not isinstance(commands := query.get("cmd"), dict):
            return query
        return {**query, "cmd": {key: unquote_plus(str(one)) for key, one in commands.items()}}


@faulty("batch.halts")
class NeverHalts(Portal):
    """What stands behind a refused command is run, though halt is 1."""

    def batch_halts(self, call: Call) -> bool:
        return False


@faulty("batch.agrees")
class HaltsAfterTheFirst(Portal):
    """Where halt is 1 only the first command is run, though it is a success."""

    def run_item(self, results: Results, call: Call, position: int, key: Key, command: str) -> None:
        if position == 0 or not self.batch_halts(call):
            super().run_item(results, call, position, key, command)


@faulty("batch.agrees")
class CommandsInListUnread(Portal):
    """Commands without keys of their own are not read."""

    def run_item(self, results: Results, call: Call, position: int, key: Key, command: str) -> None:
        if isinstance(key, str):
            super().run_item(results, call, position, key, command)


@faulty("batch.agrees")
class ListsClosedUp(Portal):
    """The answers to commands in a list are lists, without a place for those in the other list."""

    def batch_shape(self, items: Mapping[Key, Value]) -> Value:
        closed = all(isinstance(key, int) for key in items)
        return list(items.values()) if closed else super().batch_shape(items)


@faulty("batch.agrees")
class ParametersLeak(Portal):
    """What stands beside the commands goes into those that do not say otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.beside: Array = {}

    def batch(self, call: Call) -> Value:
        self.beside = call.parameters
        return super().batch(call)

    def split_command(self, command: str) -> tuple[str, Array]:
        name, parameters = super().split_command(command)
        return name, {**self.beside, **parameters}


@faulty("batch.agrees")
class LastParametersKept(Portal):
    """A command without parameters gets those of the command before it."""

    def __init__(self) -> None:
        super().__init__()
        self.last: Array = {}

    def split_command(self, command: str) -> tuple[str, Array]:
        name, parameters = super().split_command(command)
        self.last = parameters or self.last
        return name, self.last
