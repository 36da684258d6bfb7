"""Makes a checkout's `pytest suites` work, whatever is installed; nothing else."""

import sys
from pathlib import Path

_SOURCE = str(Path(__file__).parent / "src")
if _SOURCE not in sys.path:
    sys.path.insert(0, _SOURCE)
