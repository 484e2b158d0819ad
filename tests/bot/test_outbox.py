import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.errors import EventTooLargeError, OutboxClosedError, OutboxError, OutboxFullError
from bot.outbox import MAX_HISTORY_BYTES, NO_LAST_WORD, RESERVE_BYTES, Outbox
from bot.outbox_file import dead_runs

APPEND_FOR_EVER = """
import sys
from pathlib import Path
from bot.outbox import Outbox
with Outbox(Path(sys.argv[1]), "bot", "killed") as outbox:
    for number in range(1, 1_000_000):
        print(outbox.append("bot.chat_message", {"number": number}).seq, flush=True)
"""


def fill(outbox: Outbox, event: str, data: Mapping[str, object]) -> None:
    """Append until it is refused; a bound that holds nothing back ends the loop."""
    for _ in range(100):
        outbox.append(event, data)


def test_numbers_run_without_holes_and_bodies_are_the_contracts(tmp_path: Path) -> None:
    """Numbers are 1, 2, 3 ... and each stored body has the contract's keys and the job's extra."""
    with Outbox(tmp_path, "bot", "run") as outbox:
        written = [
            outbox.append("accepted", {}, {"ticket": 7}),
            outbox.append("bot.status_change", {"status": {"code": "queued"}}, {"ticket": 7}),
        ]
        assert outbox.pending() == written
        assert outbox.pending(after_seq=1) == written[1:]
        assert outbox.pending(limit=1) == written[:1]
        body = written[1].body()
        assert list(body) == ["event", "bot_id", "run_id", "seq", "sent_at", "data", "extra"]
        assert body["seq"] == 2
        assert body["extra"] == {"ticket": 7}
        assert body["sent_at"].endswith("Z")
        assert not written[1].is_terminal


def test_acks_are_cumulative_and_idempotent(tmp_path: Path) -> None:
    """An ack forgets all up to its number; older, repeated and invented numbers change nothing."""
    with Outbox(tmp_path, "bot", "run") as outbox:
        for number in range(5):
            outbox.append("bot.participants", {"number": number})
        assert outbox.ack(3) == 3
        assert outbox.ack(3) == 3
        assert outbox.ack(1) == 3
        assert outbox.ack(99) == 3
        assert [event.seq for event in outbox.pending()] == [4, 5]
        assert (outbox.last_seq, outbox.acked_seq) == (5, 3)


def test_last_word_is_the_last_and_only_one(tmp_path: Path) -> None:
    """After a terminal event nothing is taken, neither a second one nor a status, also reopened."""
    with Outbox(tmp_path, "bot", "run") as outbox:
        assert outbox.append("bot.failed", {}).is_terminal
        assert outbox.terminal == "bot.failed"
    with Outbox(tmp_path, "bot", "run") as outbox:
        for event in ("bot.completed", "bot.failed", "bot.status_change"):
            with pytest.raises(OutboxClosedError):
                outbox.append(event, {})
        assert [event.event for event in outbox.pending()] == ["bot.failed"]


def test_restart_continues_the_numbers(tmp_path: Path) -> None:
    """Reopened, the outbox holds what was not acknowledged and goes on counting."""
    with Outbox(tmp_path, "bot", "run") as outbox:
        outbox.append("accepted", {})
        outbox.append("bot.status_change", {"n": 1})
        outbox.ack(1)
    with Outbox(tmp_path, "bot", "run") as outbox:
        assert [event.data for event in outbox.pending()] == [{"n": 1}]
        assert outbox.append("bot.status_change", {"n": 2}).seq == 3


def test_killed_process_loses_nothing_it_was_told_is_stored(tmp_path: Path) -> None:
    """After kill -9 in the midst of appending, every number that was returned is there."""
    command = [sys.executable, "-c", APPEND_FOR_EVER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = [int(process.stdout.readline()) for _ in range(50)]
        os.kill(process.pid, signal.SIGKILL)
        told += [int(line) for line in process.stdout if line.endswith("\n")]
    assert dead_runs(tmp_path) == [("bot", "killed")]
    with Outbox(tmp_path, "bot", "killed") as outbox:
        stored = outbox.pending(limit=1_000_000)
    assert [event.seq for event in stored] == list(range(1, len(stored) + 1))
    assert [event.data["number"] for event in stored] == list(range(1, len(stored) + 1))
    assert len(stored) >= told[-1] == len(told)


def test_acknowledged_outbox_leaves_no_file(tmp_path: Path) -> None:
    """What is acknowledged takes no room on disk after closing."""
    with Outbox(tmp_path, "bot", "run") as outbox:
        outbox.append("bot.completed", {})
        outbox.ack(1)
    assert list(tmp_path.iterdir()) == []


def test_one_run_is_open_once(tmp_path: Path) -> None:
    """A second opening of a living run is refused, so that no number is given out twice."""
    with Outbox(tmp_path, "bot", "run"), pytest.raises(OutboxError):
        Outbox(tmp_path, "bot", "run").__enter__()


def test_history_outlives_acks_within_a_bound(tmp_path: Path) -> None:
    """What was acknowledged is still told to a later run: every status, others up to the bound."""
    big = {"text": "x" * 1_000_000}
    with Outbox(tmp_path, "bot", "run") as outbox:
        for _ in range(MAX_HISTORY_BYTES // 1_000_000 + 1):
            outbox.ack(outbox.append("bot.participants", big).seq)
        outbox.ack(outbox.append("bot.status_change", {"status": {"code": "failed"}}, {"t": 7}).seq)
    with Outbox(tmp_path, "bot", "run") as outbox:
        history = outbox.history()
        assert outbox.pending() == []
    kept = MAX_HISTORY_BYTES // 1_000_000
    assert [body["seq"] for body in history] == [*range(1, kept + 1), kept + 2]
    assert history[-1]["extra"] == {"t": 7}


def test_run_that_must_not_speak_ends_without_a_word(tmp_path: Path) -> None:
    """Ended unspoken it takes no event any more, and its file goes once all is acknowledged."""
    with Outbox(tmp_path, "bot", "run") as outbox:
        outbox.append("accepted", {})
        outbox.end_unspoken()
        assert outbox.terminal == NO_LAST_WORD
        with pytest.raises(OutboxClosedError):
            outbox.append("bot.failed", {})
        outbox.ack(1)
    assert list(tmp_path.iterdir()) == []


def test_bound_refuses_by_name_and_leaves_no_hole(tmp_path: Path) -> None:
    """Full, chat is refused; statuses fit a while longer; the last word always fits."""
    big = {"text": "x" * 1_000}
    with Outbox(tmp_path, "bot", "run", max_bytes=5_000) as outbox:
        with pytest.raises(OutboxFullError) as caught:
            fill(outbox, "bot.chat_message", big)
        assert caught.value.retryable
        assert caught.value.limit_bytes == 5_000
        held = outbox.last_seq
        assert outbox.append("bot.status_change", big).seq == held + 1
        huge = {"text": "x" * 900_000}
        with pytest.raises(OutboxFullError):
            fill(outbox, "bot.status_change", huge)
        assert outbox.last_seq <= held + 1 + RESERVE_BYTES // 900_000
        last = outbox.append("bot.completed", huge)
        assert [event.seq for event in outbox.pending(limit=100)] == list(range(1, last.seq + 1))
        outbox.ack(last.seq)


def test_event_that_fits_no_frame_is_refused(tmp_path: Path) -> None:
    """More than 1 MiB, or what is no JSON, is refused before it gets a number."""
    with Outbox(tmp_path, "bot", "run") as outbox:
        with pytest.raises(EventTooLargeError):
            outbox.append("bot.chat_message", {"text": "ü" * 2**19})
        for value in (object(), float("nan")):
            with pytest.raises(OutboxError):
                outbox.append("bot.chat_message", {"value": value})
        assert outbox.append("bot.chat_message", {"text": "ü"}).seq == 1


def test_threads_share_one_outbox(tmp_path: Path) -> None:
    """Appends from several threads get distinct numbers without holes."""
    with Outbox(tmp_path, "bot", "run") as outbox:

        def append() -> None:
            for _ in range(20):
                outbox.append("bot.participants", {})

        threads = [threading.Thread(target=append) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [event.seq for event in outbox.pending(limit=100)] == list(range(1, 81))


def test_closed_outbox_says_so(tmp_path: Path) -> None:
    """Outside its lifetime it neither reads nor writes."""
    outbox = Outbox(tmp_path, "bot", "run")
    with pytest.raises(OutboxClosedError):
        outbox.append("accepted", {})
    with pytest.raises(OutboxClosedError):
        outbox.pending()


def test_unwritable_folder_is_named(tmp_path: Path) -> None:
    """A folder that cannot be is an outbox error."""
    (tmp_path / "file").write_text(json.dumps({}))
    with pytest.raises(OutboxError):
        Outbox(tmp_path / "file" / "folder", "bot", "run").__enter__()
