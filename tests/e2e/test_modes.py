"""What a recording can be asked to be: sound alone, paused, of another format."""

import json
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from bot.contract import EndReason, Status
from tests.e2e.harness import bot_at
from tests.e2e.lending import Lender
from tests.e2e.listening import sound_of, voice_most_heard
from tests.media.flash import BACKENDS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="session"),
]
TALK: dict[str, object] = {
    "open": True,
    "cta_delay_s": 0.0,
    "admission_gap_s": 0.0,
    "participants": [{"name": "Grace", "picture": "still"}, {"name": "Ada", "picture": "still"}],
    "events": [{"do": "speak", "who": "Ada", "at_s": 0.5, "for_s": 600}],
}
ADA = 1
"""Her voice's number: the order of the scenario."""


@pytest.mark.parametrize("backend", BACKENDS)
async def test_sound_alone(tmp_path: Path, lent: Lender, backend: str) -> None:
    """`audio_only` stores the sound in the asked format and nothing that shows a picture.

    Once admitted the page is no larger than it must be; the files and the last word agree.
    """
    wanted: dict[str, Any] = {"recording_mode": "audio_only", "audio_format": "flac"}
    lender = lent if backend == "tab" else None
    async with bot_at(tmp_path, TALK, {"capture": backend}, lender, **wanted) as (_, bot):
        await bot.reaches(Status.IN_CALL_RECORDING)
        await bot.until(lambda: bot.session.snapshot().recorder.recorded_s > 4)
        await bot.until((bot.folder / "chunks" / "000001.m4s").is_file)
        assert bot.session.browser is not None
        size = await bot.session.browser.page.evaluate("[innerWidth, innerHeight]")
        bot.session.leave()
        ended = await bot.ends()
    assert ended.outcome.reason is EndReason.API_REQUEST
    assert size == [320, 180]
    assert ended.last["video"] is None
    assert f"{bot.job.bot_id}/audio.flac" in ended.last["audio"]
    assert not [path.name for path in ended.folder.iterdir() if path.suffix in {".mp4", ".jpg"}]
    with av.open(ended.folder / "audio.flac") as container:
        assert [stream.codec_context.name for stream in container.streams] == ["flac"]
    sound = sound_of(ended.folder / "audio.flac")
    assert len(sound) / 48_000 == pytest.approx(ended.report["duration_seconds"], abs=0.05)
    assert voice_most_heard(sound, 2) == ADA
    rows = {row["name"]: row["state"] for row in ended.report["artifacts"]}
    assert rows["audio.flac"] == "stored"
    assert not {"video.mp4", "screenshots/"} & set(rows)
    assert ended.last["screenshots"] is None
    assert ended.report["capture"]["backend"] == backend
    assert ended.report["capture"]["width"] is None
    assert ended.report["quality"]["frames_got"] == 0


async def test_paused_by_command(tmp_path: Path, lent: Lender) -> None:
    """What lies between `pause` and `resume` is in no artifact; statuses and report tell of it.

    A screenshot asked for meanwhile is of what was recorded last.
    """
    async with bot_at(tmp_path, TALK, lent=lent) as (_, bot):
        await bot.reaches(Status.IN_CALL_RECORDING)
        await bot.until(lambda: bot.session.snapshot().recorder.recorded_s > 2)
        assert await bot.session.command("pause", {"id": 1}) == {}
        await bot.reaches(Status.RECORDING_PAUSED)
        packets = bot.session.snapshot().recorder.packets_in
        await bot.until(lambda: bot.session.snapshot().recorder.packets_in > packets + 50)
        paused = bot.session.snapshot().recorder
        asked_for = await bot.session.command("screenshot", {"id": 3})
        assert await bot.session.command("resume", {"id": 2}) == {}
        before_s = paused.recorded_s
        await bot.until(lambda: bot.session.snapshot().recorder.recorded_s > before_s + 2)
        bot.session.leave()
        ended = await bot.ends()
    assert ended.statuses[-5:] == [
        "in_call_recording",
        "recording_paused",
        "recording_resumed",
        "call_ended",
        "completed",
    ]
    first, *later = ended.last["screenshots"]
    assert "/screenshots/000001_0.jpg" in first
    assert any(asked_for["key"] in url for url in later)
    for path in (ended.folder / "screenshots").iterdir():
        with Image.open(path) as shown:
            assert shown.size == (1280, 720)
    (pause,) = ended.report["pauses"]
    assert pause["duration_seconds"] > 1.9
    assert pause["start_seconds"] == pytest.approx(before_s, abs=0.3)
    duration_s = ended.report["duration_seconds"]
    for name in ("video.mp4", "audio.mp3"):
        assert len(sound_of(ended.folder / name)) / 48_000 == pytest.approx(duration_s, abs=0.2)
    assert ended.last["billing"]["recording_seconds"] == round(duration_s)
    lines = (ended.folder / "diarization.jsonl").read_text().splitlines()
    turns = [json.loads(line) for line in lines]
    assert {turn["speaker"] for turn in turns} == {"Ada"}
    assert max(turn["end_time"] for turn in turns) <= duration_s + 0.01
