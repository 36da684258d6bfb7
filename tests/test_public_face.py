"""The package's public face."""

from __future__ import annotations

import subprocess
import sys

import b24_conformance


class TestFace:
    def test_every_name(self) -> None:
        """Every public name can be had from the package."""
        assert b24_conformance.__all__ == sorted(b24_conformance.__all__)
        assert all(getattr(b24_conformance, name) for name in b24_conformance.__all__)

    def test_cheap(self) -> None:
        """A pytest run that does not use the plugin loads neither Hypothesis nor HTTP of ours."""
        program = (
            "import sys, b24_conformance.plugin\n"
            "heavy = ('hypothesis', 'schemathesis', 'msgspec', 'requests', 'yaml')\n"
            "print([name for name in heavy if name in sys.modules])"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        )
        assert "[]" == done.stdout.strip()
