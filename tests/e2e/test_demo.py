"""What a stranger sees first: `meetbot demo`, whole, as its own process."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from platforms.simulator.scenario import load_scenario
from tests.e2e.listening import heard_shift_s, moving_share, sound_of
from tests.kept import CACHE_HOME

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

DEADLINE_S = 150


@pytest.fixture(scope="module")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one finished demo recording."""
    root = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [sys.executable, "-m", "bot", "demo", "--storage", str(root / "recordings")],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(root),
            "MEETBOT_SPOOL_DIR": str(root / "spool"),
            "XDG_CACHE_HOME": str(CACHE_HOME),
        },
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "BOT_REMOVED" in done.stdout
    assert "in_call_recording" in done.stdout
    (folder,) = (root / "recordings").iterdir()
    return folder


def test_everything_is_there(demo_folder: Path) -> None:
    """Each promised file is stored, and the write-ahead chunks are gone."""
    names = {path.name for path in demo_folder.iterdir() if path.is_file()}
    assert names >= {
        "video.mp4",
        "audio.mp3",
        "diarization.jsonl",
        "chat_messages.json",
        "events.jsonl",
        "report.json",
        "logs.jsonl",
        "preview.jpg",
        "report.png",
        "terminal.json",
    }
    assert not list(demo_folder.glob("chunks/*"))


def test_logs_are_whole(demo_folder: Path) -> None:
    """The artifact holds what happened, to the last word, though stderr showed warnings alone."""
    lines = [json.loads(line) for line in (demo_folder / "logs.jsonl").read_text().splitlines()]
    events = [line["event"] for line in lines]
    assert {"browser_started", "recording_uploaded", "session_ended"} <= set(events)
    assert [line["status"] for line in lines if line["event"] == "status_changed"][
        -1
    ] == "completed"
    assert {line["bot_id"] for line in lines} == {demo_folder.name}


def test_video_decodes_to_its_reported_length(demo_folder: Path) -> None:
    """The MP4 decodes from end to end: H.264 1280x720 and AAC, within a second of the report."""
    report = json.loads((demo_folder / "report.json").read_bytes())
    with av.open(demo_folder / "video.mp4") as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.codec.canonical_name, video.width, video.height) == ("h264", 1280, 720)
        assert audio.codec.canonical_name == "aac"
        times = [float(frame.time or 0) for frame in container.decode(video=0)]
    assert all(later > earlier for earlier, later in pairwise(times))
    assert times[-1] == pytest.approx(report["duration_seconds"], abs=1.0)
    assert len(sound_of(demo_folder / "video.mp4")) / 48_000 == pytest.approx(
        report["duration_seconds"], abs=1.0
    )


def test_every_voice_at_its_time(demo_folder: Path) -> None:
    """One shift between scenario and recording lets every participant be heard in turn."""
    scenario = load_scenario("demo")
    index = {person.name: number for number, person in enumerate(scenario.participants)}
    turns = [(index[who], start_s, end_s) for who, start_s, end_s in scenario.timeline()]
    assert {voice for voice, _, _ in turns} == set(index.values())
    for name in ("video.mp4", "audio.mp3"):
        sound = sound_of(demo_folder / name)
        shift_s = heard_shift_s(sound, turns, np.arange(-1.0, 8.0, 0.1))
        assert shift_s is not None, name


def test_every_tile_moves(demo_folder: Path) -> None:
    """All four quarters of the picture, one tile each, keep changing."""
    moving = moving_share(demo_folder / "video.mp4", 4.0, 14.0)
    quarters = moving.reshape(2, 2, 2, 2).max(axis=(1, 3))
    assert (quarters > 0.5).all(), moving


def test_diarization_names_the_speakers(demo_folder: Path) -> None:
    """Who spoke, by the client's own signals: the scenario's speakers in their order."""
    lines = (demo_folder / "diarization.jsonl").read_text().splitlines()
    turns = sorted((json.loads(line) for line in lines), key=lambda turn: turn["start_time"])
    speakers = list(dict.fromkeys(turn["speaker"] for turn in turns))
    scenario = load_scenario("demo")
    assert speakers == list(dict.fromkeys(who for who, _, _ in scenario.timeline()))
    assert all(turn["end_time"] > turn["start_time"] for turn in turns)


def test_preview_is_a_contact_sheet(demo_folder: Path) -> None:
    """The preview holds at least a dozen different pictures."""
    with Image.open(demo_folder / "preview.jpg") as sheet:
        assert sheet.width == 4 * 320
        assert sheet.height >= 3 * 204


def test_events_have_no_holes_and_one_end(demo_folder: Path) -> None:
    """Stored events run 1..n, hold keys rather than URLs, and end in one terminal event."""
    lines = (demo_folder / "events.jsonl").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    kinds = [event["event"] for event in events]
    assert kinds[-1] == "bot.completed"
    assert kinds.count("bot.completed") + kinds.count("bot.failed") == 1
    assert events[-1]["data"]["video"] == f"{events[-1]['bot_id']}/video.mp4"
