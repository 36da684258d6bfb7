"""Clients that ask for something else than their caller did."""

from __future__ import annotations

import json
import struct
from typing import Any
from urllib.parse import urlencode

from b24_conformance.clients.protocol import Answer
from b24_conformance.mutants.callers.base import METHOD, Caller, Params, Reply, faulty

OPERATOR_ANSWER = "imopenlines.operator.answer"


class _Changing(Caller):
    """Makes another CHAT_ID of an integer."""

    def join(self, params: Params) -> Answer:
        value = params.get("CHAT_ID")
        if isinstance(value, int) and not isinstance(value, bool):
            params = {"CHAT_ID": self.changed(value)}
        return super().join(params)

    def changed(self, value: int) -> Any:
        """The CHAT_ID that is sent instead."""
        return value


@faulty("client.wire-chat-id")
class AbsoluteValue(_Changing):
    """Drops the sign, and so joins a chat of which nobody spoke."""

    def changed(self, value: int) -> Any:
        return abs(value)


@faulty("client.wire-chat-id")
class ThirtyTwoBits(_Changing):
    """Keeps the id in 32 bits."""

    def changed(self, value: int) -> Any:
        return value & 0xFFFFFFFF if value > 0 else value


@faulty("client.wire-chat-id")
class SinglePrecision(_Changing):
    """Keeps the id in a float of 32 bits."""

    def changed(self, value: int) -> Any:
        if abs(value) > 2**53:
            return value
        return int(struct.unpack("f", struct.pack("f", float(value)))[0])


@faulty("client.wire-chat-id")
class ListOfOne(_Changing):
    """Wraps the id into a list, which PHP takes for chat 1."""

    def changed(self, value: int) -> Any:
        return [value]


@faulty("client.wire-chat-id")
class PrefixedChat(_Changing):
    """Sends the id of the dialogue, `chat2043`, which PHP takes for 0."""

    def changed(self, value: int) -> Any:
        return f"chat{value}" if value > 0 else value


@faulty("client.wire-missing")
class ZeroForMissing(Caller):
    """Sends 0 for a CHAT_ID that was left out."""

    def join(self, params: Params) -> Answer:
        return super().join({"CHAT_ID": 0, **params})


@faulty("client.wire-missing")
class NoneForMissing(Caller):
    """Sends the text None for a CHAT_ID that was left out."""

    def join(self, params: Params) -> Answer:
        return super().join({"CHAT_ID": "None", **params})


@faulty("client.wire-missing")
class LastForMissing(Caller):
    """Sends the CHAT_ID of the call before, where one was left out."""

    last: Any = 2045

    def join(self, params: Params) -> Answer:
        self.last = params.get("CHAT_ID", self.last)
        return super().join({"CHAT_ID": self.last})


@faulty("client.method")
class LowerCaseKey(Caller):
    """Calls the parameter chat_id."""

    def signed(self, params: Params) -> Params:
        return {name.lower(): value for name, value in super().signed(params).items()}


@faulty("client.method")
class DialogKey(Caller):
    """Calls the parameter DIALOG_ID, as other methods do."""

    def signed(self, params: Params) -> Params:
        found = super().signed(params)
        return {name.replace("CHAT_ID", "DIALOG_ID"): value for name, value in found.items()}


@faulty("client.method")
class OtherMethod(Caller):
    """Calls imopenlines.session.start."""

    def post(self, method: str, params: Params) -> Reply:
        return super().post(method.replace(".join", ".start"), params)


@faulty("client.method")
class Remembering(Caller):
    """Answers from memory, and calls nobody."""

    def join(self, params: Params) -> Answer:
        return {"joined": True}


@faulty("client.nothing-else")
class AnswersFirst(Caller):
    """Takes the dialogue over before it joins."""

    def ask(self, params: Params) -> Reply:
        self.post(OPERATOR_ANSWER, self.signed(params))
        return super().ask(params)


@faulty("client.nothing-else")
class GreetsAfterwards(Caller):
    """Says hello to the customer once it has joined."""

    def ask(self, params: Params) -> Reply:
        reply = super().ask(params)
        if reply.error is None:
            hello = {"DIALOG_ID": f"chat{params.get('CHAT_ID')}", "MESSAGE": "Hello"}
            self.post("im.message.add", self.signed(hello))
        return reply


@faulty("client.nothing-else")
class MoreInTheBatch(Caller):
    """Batches the join together with a leave of the same chat."""

    def post(self, method: str, params: Params) -> Reply:
        query = urlencode(params)
        cmd = {"join": f"{METHOD}?{query}", "leave": f"im.chat.leave?{query}"}
        reply = super().post("batch", {"halt": 1, "cmd": cmd})
        maps = reply.value.get("result", {}) if isinstance(reply.value, dict) else {}
        errors = maps.get("result_error") if isinstance(maps, dict) else None
        if isinstance(errors, dict) and "join" in errors:
            return Reply(400, json.dumps(errors["join"]).encode())
        results = maps.get("result") if isinstance(maps, dict) else None
        joined = isinstance(results, dict) and results.get("join")
        return Reply(reply.status, json.dumps({"result": joined}).encode())


@faulty("client.success-once")
class JoinsTwice(Caller):
    """Sends every call twice, to be sure."""

    def ask(self, params: Params) -> Reply:
        super().ask(params)
        return super().ask(params)


@faulty("client.refusal-not-retried")
class RetriesRefusals(Caller):
    """Takes HTTP 400 for a moment of weakness, and tries twice more."""

    def ask(self, params: Params) -> Reply:
        reply = super().ask(params)
        for _ in range(2):
            if reply.status != 400:
                break
            reply = super().ask(params)
        return reply


@faulty("refusal.zero")
class GivesUpZero(_Changing):
    """Takes 0 for "no chat given" and tells of a success without asking."""

    def join(self, params: Params) -> Answer:
        if params.get("CHAT_ID") == 0:
            return {"joined": True}
        return super().join(params)


@faulty("success.joinable")
class RefusesEverything(Caller):
    """Sends nothing, whatever it is asked."""

    def join(self, params: Params) -> Answer:
        return {"not_sent": "this client is careful"}
