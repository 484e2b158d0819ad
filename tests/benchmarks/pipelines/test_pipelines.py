"""The comparison: that it judges what it measures rightly; the pipelines run in `make bench`."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from platforms.simulator.scenario import parse_scenario
from tests.benchmarks.pipelines.command_line import command, counts_of
from tests.benchmarks.pipelines.compare import PIPELINES
from tests.benchmarks.pipelines.desktop import Desktop
from tests.benchmarks.pipelines.fleet import Fleet, held, rate
from tests.benchmarks.pipelines.known import PICTURES, Seen, picture_of
from tests.benchmarks.pipelines.numbers import BITS, BLOCK_PX, distinct, number_of
from tests.benchmarks.pipelines.plot import COLOURS, plot
from tests.benchmarks.pipelines.quality import Quality
from tests.benchmarks.pipelines.report import MEANINGS, Comparison, as_markdown
from tests.benchmarks.pipelines.run import PIPELINES as STARTED
from tests.benchmarks.pipelines.scenes import Order, Scene, meeting
from tests.benchmarks.pipelines.ssim import likeness, luma, ssim
from tests.benchmarks.pipelines.started import tried
from tests.benchmarks.pipelines.targets import verdicts
from tests.benchmarks.results import Row, rows_of


def row(variant: str, cores: float, memory_bytes: int = 1_000_000) -> Row:
    """A row of one round."""
    line = {
        "variant": variant,
        "seconds": 10.0,
        "cores": {"python": cores * 0.75, "renderer": cores / 4},
        "threads": {"reading": cores / 4, "encoding": cores / 2, "storing": 0.0},
        "machine_cores": 1.5,
        "memory_bytes": {"python": memory_bytes},
        "frames_got": 300,
        "frames_encoded": 300,
        "frames_dropped": 0,
        "frames_drawn": 0,
        "tiles_fps": [30.0],
        "problem": "",
    }
    return rows_of([line])[0]


def test_a_target_is_met_at_its_bound_and_not_beyond() -> None:
    """Ratios are to the command line, audio_only's is a difference to the page alone."""
    scenes = {
        Scene.FOUR: [row("tab", 1.2, 1_100_000), row("ffmpeg", 1.0)],
        Scene.STILL: [row("tab", 0.5), row("ffmpeg", 1.0)],
        Scene.SOUND: [row("page", 0.2), row("tab", 0.31)],
    }
    found = {each.what: each for each in verdicts(scenes)}
    four = found["tab, four moving tiles: cores / ffmpeg"]
    assert four.measured == pytest.approx(1.2)
    assert four.word == "met"
    still = found["tab, a still slide: cores / ffmpeg"]
    assert still.measured == pytest.approx(0.5)
    assert still.word == "**not met**"
    assert still.made_of == (
        "browser 0.12, 0.12 x by themselves; our own process 0.375: encoding 0.250, reading 0.125"
    )
    sound = found["tab, audio_only: cores above the page alone"]
    assert sound.word == "**not met**"
    assert sound.made_of.startswith("browser +0.03; our own process 0.232: encoding 0.155")
    assert found["tab, four moving tiles: memory / ffmpeg"].word == "met"
    assert found["display, four moving tiles: cores / ffmpeg"].word == "not measured"


def test_the_page_says_what_was_compared_and_what_was_not() -> None:
    """Each pipeline with its ratio, each target with a verdict, each run that failed."""
    scenes = {Scene.FOUR: [row(name, 0.5) for name in PIPELINES]}
    text = as_markdown(Comparison(scenes=scenes, notes=["not measured: x hangs"]), {"date": "now"})
    for name in PIPELINES:
        assert f"| {name}: {MEANINGS[name]} | 0.50 | 1.00 | 1 MB | 1.00 | 30.0/s |" in text
    assert "at most 1.20 x | 1.00 x | met | browser 0.12" in text
    assert "- not measured: x hangs" in text
    assert "    ffmpeg -nostdin" in text


def test_every_pipeline_can_be_started_explained_and_drawn() -> None:
    """The names agree wherever one is looked up."""
    assert set(PIPELINES) == set(STARTED)
    assert set(PIPELINES) <= set(MEANINGS)
    assert set(MEANINGS) == set(COLOURS)


def test_bars_are_as_long_as_their_figures() -> None:
    """Half the cores is half the bar, in the pipeline's own colour."""
    image = np.asarray(plot({Scene.FOUR: [row("ffmpeg", 1.0), row("tab", 0.5)]}))
    lengths = [
        np.flatnonzero((image[:, :480] == np.array(colour)).all(axis=2).any(axis=0)).size
        for colour in ((0xC2, 0x54, 0x1B), (0x16, 0x68, 0xB0))
    ]
    assert lengths[0] == pytest.approx(2 * lengths[1], abs=4)


@pytest.mark.parametrize("scene", Scene)
def test_each_scene_is_a_meeting_of_the_simulator(scene: Scene) -> None:
    """Only the scene that says so has one moving tile among still ones."""
    pictures = [each.picture for each in parse_scenario(meeting(scene)).participants]
    moving = len(pictures) - pictures.count("still")
    expected = {Scene.FOUR: 4, Scene.TILE: 1, Scene.STILL: 0, Scene.SOUND: 4}
    assert moving == expected[scene]
    assert scene.heading


def test_the_likeness_of_a_picture_to_itself_is_one_and_falls_with_noise() -> None:
    """SSIM of two flat pictures is known: only their means differ."""
    noise = np.random.default_rng(1)
    picture = noise.integers(0, 255, (64, 96), np.uint8)
    worse = (picture.astype(int) + noise.integers(-40, 40, picture.shape)).clip(0, 255)
    assert ssim(picture, picture) == pytest.approx(1.0)
    assert ssim(picture, worse.astype(np.uint8)) < 0.99
    flat = [np.full((32, 32), level, np.uint8) for level in (100, 150)]
    assert ssim(*flat) == pytest.approx((2 * 100 * 150 + 6.5025) / (100**2 + 150**2 + 6.5025))


def test_a_source_is_compared_by_the_matrix_that_the_recorder_used() -> None:
    """Luma by either matrix is the same picture; black and white are 16 and 235 in both."""
    source = np.random.default_rng(2).integers(0, 255, (32, 32, 3), np.uint8)
    for matrix in ((65.481, 128.553, 24.966), (46.559, 156.629, 15.812)):
        assert likeness(luma(source, matrix), source) == pytest.approx(1.0)
        edges = np.array([[[0, 0, 0], [255, 255, 255]]], np.uint8)
        assert luma(edges, matrix).tolist() == [[16, 235]]


def test_a_number_is_read_off_its_blocks() -> None:
    """Lowest bit first, whatever blurs the edges of the blocks."""
    number = 0b1010_0000_0000_0110
    bits = [(number >> bit) & 1 for bit in range(BITS)]
    levels = np.where(bits, 235, 16).astype(np.uint8).repeat(BLOCK_PX)
    picture = np.tile(levels, (64, 1))
    picture[:, ::BLOCK_PX] = 126
    assert number_of(picture) == number


def test_pictures_of_the_page_are_counted_once_each() -> None:
    """A number that stays is the same picture, one that wraps a new one, a misread one none."""
    assert distinct([5, 5, 6, 8, 8, 9]) == 4
    assert distinct([65535, 0, 1]) == 3
    assert distinct([5, 6, 4, 7]) == 3
    assert distinct([]) == 0


def test_a_doubled_picture_of_the_command_line_is_a_lost_one() -> None:
    """Its constant rate hides what it did not grab in time."""
    counts = counts_of({"frame": 300, "dup_frames": 20, "drop_frames": 1})
    assert (counts.got, counts.encoded, counts.dropped) == (280, 300, 21)


def test_the_command_line_records_the_desktop_it_is_given() -> None:
    """Screen and sound source are the private ones; audio_only grabs no screen."""
    place = Desktop(":77", "unix:/x/native")
    with_pictures = command(place, Path("/x/video.mp4"), pictures=True)
    assert {":77", "meeting.monitor", "libx264", "veryfast", "x11grab"} <= set(with_pictures)
    assert "x11grab" not in command(place, Path("/x/audio.mp3"), pictures=False)
    assert place.environment["PULSE_SERVER"] == "unix:/x/native"


def fleet(bots: int, *rates: float) -> Fleet:
    """So many of our bots, with the pictures each recorded."""
    return Fleet("tab", Scene.TILE, bots, rates, cores=0.5 * bots, machine_cores=0.6 * bots)


def test_a_fleet_holds_while_the_worst_of_it_records_what_one_alone_does() -> None:
    """99 % of it; the number that no longer holds is shown, and marked by what does."""
    found = [fleet(1, 28.0), fleet(2, 28.0, 27.8), fleet(3, 28.0, 28.0, 27.0)]
    assert held(found) == 2
    assert held([]) == 0
    lines = as_markdown(Comparison(fleets=found), {}).splitlines()
    (marked,) = [line for line in lines if "hold |" in line]
    assert "| tab | 2 | 28.0 27.8 | 1.00 | 1.20 | **2** hold |" in marked


def test_only_the_measured_end_of_a_recording_counts() -> None:
    """What was recorded while the other bots started is left out."""
    starting = [Seen(number / 10, number) for number in range(50)]
    measured = [Seen(5 + number / 30, 100 + number) for number in range(61)]
    assert rate([*starting, *measured], 2.0) == pytest.approx(30.0)
    assert rate([], 2.0) == 0.0


def test_the_known_page_goes_there_and_back_again() -> None:
    """Neighbouring numbers show neighbouring pictures, at both ends too."""
    shown = [picture_of(number) for number in range(4 * PICTURES)]
    assert shown[: PICTURES + 1] == [*range(PICTURES), PICTURES - 1]
    assert {abs(a - b) for a, b in pairwise(shown)} == {0, 1}


def test_quality_is_comparable_within_a_hundredth() -> None:
    """The sign says who is better where it is not."""
    found = [
        Quality(name, ssim, ssim - 0.001, 30.0, 1e6)
        for name, ssim in (("tab", 0.995), ("ffmpeg", 0.990), ("in-page", 0.97), ("socket", 1.0))
    ]
    text = as_markdown(Comparison(qualities=found), {})
    assert "| tab | 0.9950 | 0.9940 | +0.0050 | yes | 1.00 Mbit/s | 30.0/s |" in text
    assert "| in-page | 0.9700 | 0.9690 | -0.0200 | worse |" in text


async def test_a_run_that_fails_is_said_and_leaves_the_others_their_turn() -> None:
    """A process that ends early has no figures, and is named."""
    said: list[str] = []
    order = Order("nothing", "about:blank", "/nowhere", 1.0)
    assert await tried(order, said.append) is None
    assert said == ["not measured: nothing ended early"]
