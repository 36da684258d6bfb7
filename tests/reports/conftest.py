"""Runs on disk, as the tests of reports need them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from handmade_runs import SECRET

from b24_conformance.events import Event
from b24_conformance.redaction import Redaction
from b24_conformance.reports.events_file import EventWriter


@pytest.fixture
def write(tmp_path: Path) -> Callable[[list[Event]], Path]:
    """Writes events to a file, the way a run does."""

    def written(events: list[Event]) -> Path:
        path = tmp_path / "events.jsonl"
        with EventWriter(path, Redaction({"$B24_WEBHOOK": SECRET})) as writer:
            for event in events:
                writer.write(event)
        return path

    return written
