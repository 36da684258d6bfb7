"""Runs the adapter that is named first under the Python of a client's own environment.

There this package is not installed, and must not be: its requirements would get mixed with the
client's. So of it only the folder is lent, under its name.
"""

import runpy
import sys
import types
from pathlib import Path

if __name__ == "__main__":
    package = types.ModuleType("b24_conformance")
    package.__path__ = [str(Path(__file__).parents[1])]
    sys.modules["b24_conformance"] = package
    sys.argv = sys.argv[1:]
    runpy.run_module(f"b24_conformance.clients.{sys.argv[0]}", run_name="__main__")
