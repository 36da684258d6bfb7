"""A portal to test against: Bitrix24's order of checks, written from what is known of it.

It shares nothing with the rest of the suite, so that the two can disagree.
"""

from .core import Portal
from .defaults import DECLARATIONS, default_state
from .messages import Raw, Request, Response
from .server import Server
from .state import State, StateError, webhooks

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
