"""The benchmark itself: that it measures what it says, never how fast."""

import struct
from itertools import pairwise

import numpy as np
import pytest

from media.storage_folder import FolderStorage
from platforms.simulator.scenario import parse_scenario
from platforms.types import Platform
from tests.benchmarks.__main__ import Part, measure_page
from tests.benchmarks.crowd import PLATFORMS, crowd, watching_of
from tests.benchmarks.finishing import Finished, finish
from tests.benchmarks.flash import LongFlash, medians_ms
from tests.benchmarks.joining import joining_of, scenario
from tests.benchmarks.measuring import tile_rates
from tests.benchmarks.results import EXPECTED_FPS, Results, as_markdown, rows_of
from tests.benchmarks.sent import SentCapture
from tests.benchmarks.variants import VARIANTS
from tests.media.flash import Decoded


def line(number: int, variant: str, cores: float, *, seconds: float = 10.0) -> dict[str, object]:
    """A measured round as the measured process writes it."""
    return {
        "round": number,
        "variant": variant,
        "seconds": seconds,
        "cores": {"python": cores, "renderer": 0.1, "zygote": 0.01},
        "threads": {"encoding": cores},
        "machine_cores": 1.5,
        "memory_bytes": {"python": number * 1_000_000, "renderer": 2_000_000},
        "frames_got": round(30 * seconds),
        "frames_encoded": round(30 * seconds),
        "frames_dropped": 0,
        "frames_drawn": 0,
        "tiles_fps": [30.0, 29.0 + number],
        "problem": "" if number == 1 else "told",
    }


def test_rounds_become_one_row_per_variant() -> None:
    """Cores are weighted by length, frames are summed, memory is of the first round."""
    page, ours = rows_of(
        [
            line(1, "page", 0.2),
            line(1, "ring-recorded", 0.4),
            line(2, "page", 0.2),
            line(2, "ring-recorded", 1.0, seconds=20.0),
        ]
    )
    assert (page.variant, ours.variant) == ("page", "ring-recorded")
    assert ours.cores["python"] == pytest.approx(0.8)
    assert ours.total_cores == pytest.approx(0.91)
    assert ours.frames_got == 900
    assert ours.memory_bytes["python"] == 1_000_000
    assert page.tiles_fps == (30.0, 30.5)
    assert ours.problems == ("told",)


def test_the_page_names_every_variant_with_its_ratios() -> None:
    """Beside the floor and beside ours; what a recording said at its end is not left out."""
    lines = [line(1, name, 0.89 if name == "ring-recorded" else 0.39) for name in VARIANTS]
    results = Results(about={"date": "today"}, pages={"four": rows_of(lines)})
    text = as_markdown(results)
    (ours,) = [row for row in text.splitlines() if row.startswith("| ring-recorded: ")]
    cells = [cell.strip() for cell in ours.split("|")[2:-1]]
    assert cells[:3] == ["1.00", "2.00", "1.00"]
    assert "300 of 300 (100.0%)" in cells
    assert all(f"| {name}: " in text for name in VARIANTS)
    assert "told" in as_markdown(Results(pages={"four": rows_of([line(2, "ring", 0.1)])}))


def test_every_measured_page_says_what_it_expects() -> None:
    """The moving page 30 pictures a second, the still one none."""
    assert dict(EXPECTED_FPS) == {"four": 30, "slide": 0}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_crowd_is_twenty_with_the_bot(platform: Platform) -> None:
    """Four others send small pictures, the rest none; one of the senders speaks at a time."""
    scenario = parse_scenario(crowd(platform))
    pictures = [each.picture for each in scenario.participants]
    assert scenario.platform is platform
    assert (pictures.count("small"), pictures.count("still")) == (4, 15)
    spoken = scenario.timeline()
    assert all(end <= start for (_, _, end), (_, start, _) in pairwise(spoken))
    assert {who for who, _, _ in spoken} == {each.name for each in scenario.participants[:4]}


def test_watching_is_a_median_of_differences() -> None:
    """Each watched round is compared to the one beside it; only processes that watch count."""
    alone = [0.30, 0.50, 0.30]
    watched = [0.34, 0.52, 0.39]
    lines = [
        line(number, name, cores)
        for number, pair in enumerate(zip(alone, watched, strict=True), 1)
        for name, cores in zip(("page", "page-looks"), pair, strict=True)
    ]
    found = watching_of("zoom", lines)
    assert found.by_pair == pytest.approx((0.04, 0.02, 0.09))
    assert found.total == pytest.approx(0.04)
    assert found.added["renderer"] == 0.0
    assert found.page == pytest.approx(0.41)
    text = as_markdown(Results(watching=[found]))
    assert "| zoom | 0.41 | **0.040** | 0.030 | 0.040 | 0.000 | 0.000 | 0.040 0.020 0.090 |" in text


@pytest.mark.parametrize("platform", PLATFORMS)
def test_whoever_joins_waits_first(platform: Platform) -> None:
    """There is a lobby on every platform, so that ask and admission are two moments."""
    meeting = parse_scenario(scenario(platform))
    assert not meeting.open
    assert [event.at_s for event in meeting.schedule("ask")] == [2.0]


def test_joining_is_a_median_of_runs() -> None:
    """By each measure for itself, in the table by platform."""
    runs = [
        {
            "started_to_asked_s": 5.0 + late,
            "job_to_asked_s": 4.0 + late,
            "browser_s": 2.0 - late,
            "admitted_to_first_picture_s": 1.0,
        }
        for late in (0.0, 1.0, 0.25)
    ]
    found = joining_of("zoom", runs)
    text = as_markdown(Results(joining=[found]))
    assert "| zoom | 3 | 5.25 s | 4.25 s | 1.75 s | 1.00 s |" in text


def test_a_long_flash_tells_its_start_its_end_and_every_minute() -> None:
    """Offsets are medians of whole minutes: a beep 10 ms late in the second shows there alone."""
    rate_hz, minutes = 1000, 2
    picture_s = np.arange(0, minutes * 60, 0.1)
    luma = np.where((picture_s + 1e-6) % 1 < 0.35, 250.0, 0.0)
    at_s = np.arange(0, minutes * 60, 1 / rate_hz)
    late_s = np.where(at_s < 60, 0.0, 0.010)
    sound = np.where((at_s - late_s + 1e-6) % 1 < 0.3, 0.5, 0.0).astype(np.float32)
    found = Decoded(picture_s, luma, sound, 0.0, rate_hz, (), 0.0, 0.0, (0, 0))
    assert medians_ms(found, minutes) == pytest.approx((0.0, 10.0), abs=0.5)
    assert medians_ms(found, 0.5) == pytest.approx((0.0,), abs=0.5)
    flash = LongFlash(
        "display", 2, 119, 0.0, 10.0, (0.0, 10.0), (-1.0, 11.0), 0.5, 0, 30.0, 0, (0.1, 0.2)
    )
    text = as_markdown(Results(flash=[flash]))
    assert "in real time: display" in text
    assert "| drift | +10.0 ms |" in text
    assert "2 minutes, 119 pairs" in text


def test_tile_rates_need_the_same_tiles() -> None:
    """Pictures per second by tile; none when a tile came or went meanwhile."""
    assert tile_rates([10, 20], [70, 50], 2.0) == [30.0, 15.0]
    assert tile_rates([10], [70, 50], 2.0) == []


async def test_a_socket_message_becomes_a_picture_or_a_packet() -> None:
    """The alternative delivers what the ring does; what nobody reads in time is counted."""
    capture = SentCapture()
    picture = struct.pack("<IIIIq", 1, 4, 2, 1, 77) + bytes(range(12))
    for _ in range(9):
        capture.take(picture)
    capture.take(struct.pack("<IIIIq", 2, 48_000, 2, 3, 88) + np.arange(6, dtype="<f4").tobytes())
    frames, (packet,) = list(capture.video()), list(capture.audio())
    assert (len(frames), capture.pictures_got, capture.pictures_dropped) == (8, 9, 1)
    assert (frames[0].width, frames[0].height, frames[0].timestamp_us) == (4, 2, 77)
    assert frames[0].i420.tolist() == list(range(12))
    assert (packet.rate_hz, packet.samples.shape, packet.timestamp_us) == (48_000, (2, 3), 88)


def test_material_is_made_finished_and_verified(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A few seconds into two folders: both stand, and the times add up to the whole."""
    places = [FolderStorage(tmp_path_factory.mktemp(name)) for name in ("one", "two")]
    made: list[float] = []
    finished = finish(0.1, places, made.append)
    assert [each.storage for each in finished] == ["file", "file"]
    assert made == [0]
    for each, place in zip(finished, places, strict=True):
        assert isinstance(each, Finished)
        assert each.leave_to_finished_s == pytest.approx(
            each.encoders_closed_s + each.stored_s + each.verified_s
        )
        stored = {item.key: item.size_bytes for item in place.list("bench/")}
        assert stored == {
            "bench/video.mp4": each.video_bytes,
            "bench/audio.mp3": each.audio_bytes,
        }
        assert 0 < each.index_bytes < each.bytes_after_leaving


@pytest.mark.browser
@pytest.mark.timeout(300)
async def test_a_round_on_a_real_page_tells_all_it_promises() -> None:
    """Each variant of the round has its line, split by process, in the order asked for."""
    names = ("page-looks", "ring", "socket")
    told: list[str] = []
    lines = await measure_page(Part.SLIDE, 1.0, 1, names, told.append)
    assert tuple(each["variant"] for each in lines) == names
    assert len(told) == 1 + len(names)
    for each in lines:
        assert each["seconds"] >= 1.0
        assert {"python", "browser", "renderer"} <= set(each["cores"])
        assert set(each["memory_bytes"]) <= set(each["cores"])
        assert each["machine_cores"] > 0
        assert each["problem"] == ""
    assert [row.variant for row in rows_of(lines)] == list(names)
