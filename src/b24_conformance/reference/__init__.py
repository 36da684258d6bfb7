"""A portal to test against: Bitrix24's order of checks, written from what is known of it.

It shares nothing with the rest of the suite, so that the two can disagree.
"""

from b24_conformance.reference.core import Portal
from b24_conformance.reference.defaults import DECLARATIONS, default_state
from b24_conformance.reference.messages import Raw, Request, Response
from b24_conformance.reference.server import Server
from b24_conformance.reference.state import State, StateError, webhooks

__all__ = [
    "DECLARATIONS",
    "Portal",
    "Raw",
    "Request",
    "Response",
    "Server",
    "State",
    "StateError",
    "default_state",
    "webhooks",
]
