"""fast_bitrix24: its `call` wraps the method into a `batch`; with `raw` it does not."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.metadata import version

from fast_bitrix24 import Bitrix, server_response, srh  # type: ignore[import-not-found, import-untyped, unused-ignore]
from icontract import ViolationError  # type: ignore[import-not-found, import-untyped, unused-ignore]

from b24_conformance.clients import protocol
from b24_conformance.clients.protocol import METHOD, Answer, Call

# Only its pace is lifted: fifty requests at once, then two a second. Not by the switch that it
# has for that, respect_velocity_policy: without it version 1.8.14 dies of a KeyError.
UNPACED = {"request_pool_size": 10**6, "requests_per_second": 1e6, "operating_time_limit": 10**6}
# Its ten pauses between eleven tries stay as long as the first; else they add up to 17 s.
srh.INITIAL_TIMEOUT, srh.BACKOFF_FACTOR = 0.15, 1.0


def make_caller(setup: protocol.Setup) -> Callable[[Call], Answer]:
    """A caller by batch, or the plain one if the command line says `raw`."""
    client = Bitrix(setup.portal["webhook"], verbose=False, **UNPACED)

    def call_by_batch(call: Call) -> Answer:
        try:
            return protocol.result(client.call(METHOD, call.params))
        except ViolationError as error:
            raise protocol.NotSentError(str(error).splitlines()[-1]) from error
        except server_response.ErrorInServerResponseException as error:
            (refusal,) = error.args[0].values()
            return protocol.refused(refusal["error"], "body")

    def call_raw(call: Call) -> Answer:
        return protocol.result(client.call(METHOD, call.params, raw=True).get("result"))

    return call_raw if "raw" in sys.argv else call_by_batch


if __name__ == "__main__":
    protocol.serve("fast-bitrix24", version("fast-bitrix24"), make_caller)
