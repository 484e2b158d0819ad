"""Rounds into one row per variant, and rows into Markdown. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

from tests.benchmarks.crowd import TARGET_CORES, WATCHERS, Watching
from tests.benchmarks.finishing import Finished
from tests.benchmarks.flash import LongFlash
from tests.benchmarks.joining import Joining
from tests.benchmarks.whole_bot import WholeBot

FLOOR: Final = "page"
OURS: Final = "ring-recorded"
PROCESSES: Final = ("python", "driver", "browser", "renderer", "gpu", "audio", "network")
"""Columns of their own; everything else is in `other`."""
EXPECTED_FPS: Final[Mapping[str, int]] = {"four": 30, "slide": 0}
"""Four tiles are sent 30 pictures a second each, and the capture asks for 30; a slide has none."""
LEFT_OVER: Final = """\
Left to upload, whatever the length: at most the last part of each file (8 MiB), the video's first
part again, the last chunk, and the index.
"""
MEANINGS: Final[Mapping[str, str]] = {
    "page": "page alone, in front, uncaptured",
    "page-looks": "the same, watched by the bot's own loop",
    "ring": "captured into the ring and read, not encoded",
    "ring-numbered": "the same, the page behind and with a running number: what arrives of it",
    "ring-recorded": "**ours**: ring, x264 + AAC, MP3, chunks and parts into a folder",
    "socket": "raw frames over a loopback WebSocket, not encoded",
    "socket-recorded": "the WebSocket in the ring's place, else as ours",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One variant over all its rounds. Memory (PSS) is of the first: later ones keep leftovers.

    `threads` are cores of the measured process itself, by `tests.benchmarks.threads`.
    """

    variant: str
    seconds: float
    cores: Mapping[str, float]
    memory_bytes: Mapping[str, int]
    machine_cores: float
    frames_got: int
    frames_encoded: int
    frames_dropped: int
    frames_drawn: int
    tiles_fps: tuple[float, ...]
    cores_by_round: tuple[float, ...]
    problems: tuple[str, ...]
    threads: Mapping[str, float]

    @property
    def total_cores(self) -> float:
        """Of the whole process tree."""
        return sum(self.cores.values())


@dataclass(slots=True)
class Results:
    """All that was measured; a part that did not run is empty or None."""

    about: dict[str, str] = field(default_factory=dict)
    pages: dict[str, list[Row]] = field(default_factory=dict)
    watching: list[Watching] = field(default_factory=list)
    joining: list[Joining] = field(default_factory=list)
    bot: WholeBot | None = None
    flash: list[LongFlash] = field(default_factory=list)
    finished: list[Finished] = field(default_factory=list)


def rows_of(lines: Sequence[Mapping[str, Any]]) -> list[Row]:
    """One row per variant, in the order of the first round."""
    names = list(dict.fromkeys(line["variant"] for line in lines))
    return [row_of(name, [line for line in lines if line["variant"] == name]) for name in names]


def row_of(name: str, lines: Sequence[Mapping[str, Any]]) -> Row:
    """Means weighted by length; frames are summed."""
    seconds = sum(line["seconds"] for line in lines)

    def mean(values: Iterable[float]) -> float:
        pairs = zip(values, lines, strict=True)
        return float(sum(value * line["seconds"] for value, line in pairs) / seconds)

    def means(what: str) -> dict[str, float]:
        names = dict.fromkeys(name for line in lines for name in line[what])
        return {name: mean(line[what].get(name, 0.0) for line in lines) for name in names}

    rates = [line["tiles_fps"] for line in lines if line["tiles_fps"]]
    return Row(
        variant=name,
        seconds=seconds,
        cores=means("cores"),
        memory_bytes=lines[0]["memory_bytes"],
        machine_cores=mean(line["machine_cores"] for line in lines),
        frames_got=sum(line["frames_got"] for line in lines),
        frames_encoded=sum(line["frames_encoded"] for line in lines),
        frames_dropped=sum(line["frames_dropped"] for line in lines),
        frames_drawn=sum(line["frames_drawn"] for line in lines),
        tiles_fps=tuple(median(tile) for tile in zip(*rates, strict=False)),
        cores_by_round=tuple(round(sum(line["cores"].values()), 3) for line in lines),
        problems=tuple(line["problem"] for line in lines if line["problem"]),
        threads=means("threads"),
    )


def as_markdown(results: Results) -> str:
    """The whole page."""
    parts = ["# Benchmark results\n", table(["about", ""], list(map(list, results.about.items())))]
    for page, rows in results.pages.items():
        parts += [f"\n## {titles(page)}\n", cores_table(rows, EXPECTED_FPS[page])]
        parts += ["\nMemory (PSS), MB:\n", memory_table(rows)]
    if results.watching:
        parts += ["\n## Watching the page of a meeting of twenty\n"]
        parts += [watching_table(results.watching)]
    if results.joining:
        parts += ["\n## From the job to asking, and from being let in to the first picture\n"]
        parts += [joining_table(results.joining)]
    if results.bot is not None:
        parts += ["\n## A whole bot, flash and beep\n", bot_table(results.bot)]
    for flash in results.flash:
        parts += [f"\n## Flash and beep, in real time: {flash.backend}\n", flash_table(flash)]
    if results.finished:
        parts += ["\n## From leaving to a finished file\n", finished_table(results.finished)]
    return "\n".join(parts)


def titles(page: str) -> str:
    """What a page shows."""
    return {
        "four": "Four moving tiles, 1280x720, 30 fps: cores of the process tree",
        "slide": "A slide that never changes: cores of the process tree",
    }[page]


def cores_table(rows: Sequence[Row], expected_fps: int) -> str:
    """Cores by process beside the floor and ours, and what became of the frames."""
    by_name = {row.variant: row.total_cores for row in rows}
    got = "frames got of expected" if expected_fps else "frames got + repeated"
    head = ["variant", "cores", f"/ {FLOOR}", f"/ {OURS}", *PROCESSES, "other", got, "dropped"]
    head += ["by round", "machine"]
    lines = []
    for row in rows:
        split = [row.cores.get(process, 0.0) for process in PROCESSES]
        other = row.total_cores - sum(split)
        lines.append(
            [
                f"{row.variant}: {MEANINGS[row.variant]}",
                f"{row.total_cores:.2f}",
                ratio(row.total_cores, by_name.get(FLOOR)),
                ratio(row.total_cores, by_name.get(OURS)),
                *(f"{value:.3f}" for value in [*split, other]),
                frames_cell(row, expected_fps),
                str(row.frames_dropped),
                " ".join(f"{cores:.2f}" for cores in row.cores_by_round),
                f"{row.machine_cores:.2f}",
            ]
        )
    tiles = ", ".join(f"{rate:.1f}" for rate in rows[0].tiles_fps) or "none"
    notes = [f"Pictures per second each tile showed, uncaptured: {tiles}.\n"]
    notes += [f"{row.variant}: {problem}\n" for row in rows for problem in row.problems]
    return "\n".join([table(head, lines), *notes])


def frames_cell(row: Row, expected_fps: int) -> str:
    """Delivered of expected; on a still page delivered and written."""
    if row.variant.startswith("page"):
        return "-"
    if not expected_fps:
        return f"{row.frames_got} + {max(0, row.frames_encoded - row.frames_got)}"
    if row.frames_drawn:
        share = row.frames_got / row.frames_drawn
        return f"{row.frames_got} of {row.frames_drawn} that the page drew ({share:.1%})"
    expected = round(row.seconds * expected_fps)
    return f"{row.frames_got} of {expected} ({row.frames_got / expected:.1%})"


def ratio(value: float, base: float | None) -> str:
    """How many times the base."""
    return f"{value / base:.2f}" if base else "-"


def memory_table(rows: Sequence[Row]) -> str:
    """Proportional set size by process."""
    head = ["variant", "all", *PROCESSES, "other"]
    lines = []
    for row in rows:
        split = [row.memory_bytes.get(process, 0) for process in PROCESSES]
        total = sum(row.memory_bytes.values())
        cells = [total, *split, total - sum(split)]
        lines.append([row.variant, *(f"{value / 1e6:.0f}" for value in cells)])
    return table(head, lines)


def watching_table(watching: Sequence[Watching]) -> str:
    """Cores that watching adds, by platform and process, beside the target."""
    head = ["client", "page alone", "watching adds", "target", *WATCHERS, "by pair"]
    lines = [
        [
            each.platform,
            f"{each.page:.2f}",
            f"**{each.total:.3f}**",
            f"{TARGET_CORES:.3f}",
            *(f"{each.added[process]:.3f}" for process in WATCHERS),
            " ".join(f"{cores:.3f}" for cores in each.by_pair),
        ]
        for each in watching
    ]
    return table(head, lines)


def joining_table(joining: Sequence[Joining]) -> str:
    """Seconds by platform."""
    head = ["client", "runs", "program to ask", "job to ask", "of it browser and capture"]
    head += ["let in to first picture"]
    lines = [
        [
            each.platform,
            str(each.runs),
            f"{each.started_to_asked_s:.2f} s",
            f"{each.job_to_asked_s:.2f} s",
            f"{each.browser_s:.2f} s",
            f"{each.admitted_to_first_picture_s:.2f} s",
        ]
        for each in joining
    ]
    return table(head, lines)


def flash_table(flash: LongFlash) -> str:
    """Offsets at the start and at the end, and what lies between."""
    return table(
        ["flash and beep", ""],
        [
            ["length", f"{flash.minutes:g} minutes, {flash.pairs} pairs"],
            ["first minute, last minute", f"{flash.start_ms:.1f} ms, {flash.end_ms:.1f} ms"],
            ["drift", f"{flash.drift_ms:+.1f} ms"],
            ["median of each minute", " ".join(f"{each:.0f}" for each in flash.medians_ms)],
            ["5th to 95th percentile", "{:.1f} to {:.1f} ms".format(*flash.spread_ms)],
            ["stretched by the recorder", f"{flash.stretched_ms:+.1f} ms"],
            ["gaps, pictures dropped", f"{flash.gaps}, {flash.dropped}"],
            ["pictures per second", f"{flash.pictures_per_s:.1f}"],
            ["load before, after", "{:.2f}, {:.2f}".format(*flash.load)],
        ],
    )


def bot_table(bot: WholeBot) -> str:
    """The numbers of one whole run."""
    offsets = bot.offsets_ms
    shown = " ".join(f"{offset:.0f}" for offset in offsets[:6])
    lines = [
        ["A/V offset (beep after flash), median", f"{median(offsets):.1f} ms"],
        ["the largest of all", f"{max(offsets, key=abs):.1f} ms of {len(offsets)} flashes"],
        ["the first ones", f"{shown} ms, from {bot.first_flash_s:.2f} s on"],
        ["admission to the recording's time 0", f"{bot.admission_to_recording_s:.2f} s"],
        ["time 0 to the first picture", f"{bot.first_picture_s:.3f} s"],
        ["leaving to the stored, verified file", f"{bot.leave_to_finished_s:.2f} s"],
        ["bytes uploaded after leaving", f"{bot.bytes_after_leaving:,}"],
        ["cores, average from start to end", f"{bot.cores:.2f}"],
        ["memory (PSS) of the tree, peak", f"{bot.memory_peak_bytes / 1e6:.0f} MB"],
        *([f"phase {name}", f"{seconds:.2f} s"] for name, seconds in bot.timings_s.items()),
    ]
    return table(["what", "measured"], lines)


def finished_table(finished: Sequence[Finished]) -> str:
    """Short and long material, and how far apart they are in each storage."""
    head = ["material", "storage", "leave to finished", "encoders closed", "stored", "verified"]
    head += ["chunks deleted after", "bytes after leaving", "of them index", "video", "audio"]
    lines = [
        [
            f"{each.minutes:g} min",
            each.storage,
            f"{each.leave_to_finished_s:.2f} s",
            f"{each.encoders_closed_s:.2f} s",
            f"{each.stored_s:.2f} s",
            f"{each.verified_s:.2f} s",
            f"{each.chunks_deleted_s:.2f} s",
            f"{each.bytes_after_leaving:,}",
            f"{each.index_bytes:,}",
            f"{each.video_bytes / 1e6:.1f} MB",
            f"{each.audio_bytes / 1e6:.1f} MB",
        ]
        for each in finished
    ]
    apart = "; ".join(f"{name}: {seconds:.2f} s" for name, seconds in apart_s(finished).items())
    return "\n".join(
        [
            table(head, lines),
            f"Short and long material apart: {apart}.\n",
            LEFT_OVER,
        ]
    )


def apart_s(finished: Sequence[Finished]) -> dict[str, float]:
    """By storage, between the quickest and the slowest finish."""
    found: dict[str, list[float]] = {}
    for each in finished:
        found.setdefault(each.storage, []).append(each.leave_to_finished_s)
    return {storage: max(times) - min(times) for storage, times in found.items()}


def table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    rule = ["---"] * len(head)
    return "".join(f"| {' | '.join(cells)} |\n" for cells in [head, rule, *lines])
