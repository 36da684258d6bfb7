"""`python -m benchmarks`: every comparison, each in one run on the same server."""

from __future__ import annotations

from benchmarks.soak import main

if __name__ == "__main__":
    main()
