"""The command `b24-conformance`."""

from b24_conformance.command.main import main

__all__ = ["main"]
