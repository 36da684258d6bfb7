"""The file of events: every line is JSON, no secret is in it, and a cut end is forgiven."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from handmade_runs import GREEN, PORTAL, RED, SECRET, TWO, an_exchange, judged

from b24_conformance.errors import TranscriptError
from b24_conformance.events import Event, Observed
from b24_conformance.outcome import broken
from b24_conformance.probe import Probe
from b24_conformance.redaction import Redaction
from b24_conformance.reports.events_file import EventWriter, as_written, read_events, rewrite
from b24_conformance.transcript import Observation

Write = Callable[[list[Event]], Path]


def leaking(secret: str) -> Observed:
    exchange = msgspec.structs.replace(an_exchange(1), detail=f"\n{secret} reset")
    probe = Probe(f'"{secret}"', extra=(("auth", secret),))
    return Observed(PORTAL, Observation(0, probe, broken(f"echo {secret}"), (exchange,)))


class TestWriting:
    @pytest.mark.parametrize("events", [GREEN, RED, TWO])
    def test_round_trip(self, write: Write, events: list[Event]) -> None:
        """What was written is read back, event by event."""
        assert events == list(read_events(write(events)))

    def test_each_line_is_there_at_once(self, tmp_path: Path) -> None:
        """A line is on disk before the next event, as the run may be killed."""
        path = tmp_path / "deep" / "events.jsonl"
        with EventWriter(path, Redaction({})) as writer:
            for count, event in enumerate(RED, 1):
                writer.write(event)
                assert count == path.read_bytes().count(b"\n")

    @pytest.mark.parametrize("secret", [SECRET, "nQ7v2m9x4w1z", 'q"7\\v/2\n9xé4', "s3cr", "portal"])
    def test_no_secret_and_valid_json(self, tmp_path: Path, secret: str) -> None:
        """Secrets become labels, also where a JSON escape stands right before them."""
        path = tmp_path / "events.jsonl"
        with EventWriter(path, Redaction({"$B24_TOKEN": secret})) as writer:
            for event in (*RED[:2], leaking(secret)):
                writer.write(event)
        event = list(read_events(path))[-1]
        assert isinstance(event, Observed)
        assert '"$B24_TOKEN"' == event.observation.probe.chat_id
        assert (("auth", "$B24_TOKEN"),) == event.observation.probe.extra
        if len(secret) >= 8:
            assert secret not in path.read_text() and json.dumps(secret) not in path.read_text()
            assert "echo $B24_TOKEN" == event.observation.outcome.detail

    def test_half_a_surrogate_pair(self, tmp_path: Path) -> None:
        """A text that has no UTF-8 is written as an escape in words, and the run goes on."""
        path = tmp_path / "events.jsonl"
        with EventWriter(path, Redaction({})) as writer:
            writer.write(judged(PORTAL, "success.true", "failed", reason="got \ud800"))
        assert "got \\ud800" == json.loads(path.read_text())["reason"]


class TestAsWritten:
    def test_what_a_reader_gets(self, write: Write) -> None:
        """An event can be had as it will be read back, without its secrets."""
        redaction = Redaction({"$B24_WEBHOOK": SECRET})
        events = [*RED, leaking(SECRET)]
        assert list(read_events(write(events))) == [as_written(one, redaction) for one in events]
        assert events[-1] != as_written(events[-1], redaction)


class TestRewriting:
    def test_replaces_all(self, write: Write) -> None:
        """The file holds the new events and nothing else, and nothing is left beside it."""
        path = write(RED)
        rewrite(path, RED[:2])
        assert RED[:2] == list(read_events(path))
        assert [path] == list(path.parent.iterdir())

    def test_cut_off(self, write: Write) -> None:
        """Whatever goes wrong before the end leaves the earlier file as it was."""

        def cut_off() -> Iterator[Event]:
            yield RED[0]
            raise KeyboardInterrupt

        path = write(RED)
        with pytest.raises(KeyboardInterrupt):
            rewrite(path, cut_off())
        assert RED == list(read_events(path))
        rewrite(path, GREEN)
        assert GREEN == list(read_events(path))
        assert [path] == list(path.parent.iterdir())


class TestReading:
    def test_cut_last_line(self, write: Write) -> None:
        """A last line that was cut off anywhere is left out."""
        path = write(RED)
        whole = path.read_bytes()
        start = whole[:-1].rindex(b"\n") + 1
        for end in range(start, len(whole) - 1, 5):
            path.write_bytes(whole[:end])
            assert RED[:-1] == list(read_events(path))

    def test_last_line_without_its_end(self, write: Write) -> None:
        """A whole last line counts, though its newline is missing."""
        path = write(RED)
        path.write_bytes(path.read_bytes()[:-1])
        assert RED == list(read_events(path))

    @pytest.mark.parametrize(
        ("line", "what"),
        [
            ("no JSON\n", "line 3"),
            ('{"type":"unheard_of"}\n', "line 3"),
            ('{"type":"unheard_of"}', "line 3"),
            ('{"cut\n', "line 3"),
            ("[]\n", "line 3"),
        ],
    )
    def test_other_lines(self, write: Write, line: str, what: str) -> None:
        """Anything else that is no event is an error with its line."""
        path = write(RED[:2])
        with path.open("a") as file:
            file.write(line)
        with pytest.raises(TranscriptError, match=what):
            list(read_events(path))

    @pytest.mark.parametrize("indent", [None, 2])
    def test_har_by_mistake(self, tmp_path: Path, indent: int | None) -> None:
        """A HAR is told apart from a run that was killed, on one line or on many."""
        path = tmp_path / "events.jsonl"
        path.write_text(json.dumps({"log": {"version": "1.2", "entries": []}}, indent=indent))
        with pytest.raises(TranscriptError, match=r"line 1(.|\n)*HAR"):
            list(read_events(path))

    def test_empty_and_missing(self, tmp_path: Path) -> None:
        """An empty file is no run, and neither is none."""
        (tmp_path / "empty").touch()
        for name in ("empty", "missing"):
            with pytest.raises(TranscriptError):
                list(read_events(tmp_path / name))
