"""What is left of a run, against what was shown and said. Pure, but for decoding."""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import av
import numpy as np

from media.timeline import STARVED_US
from media.types import AUDIO_RATE_HZ
from tests.media.numbered import CODE_S, CODES, FPS, HEIGHT, code_hz, number_of

TERMINAL: Final = frozenset({"bot.completed", "bot.failed"})
WINDOW_S: Final = 0.05
QUIET: Final = 0.02
"""Root mean square below it: nothing is said."""
PATIENCE_S: Final = STARVED_US / 1e6
SLACK_S: Final = 0.25
"""A gap's edges, one picture, and one piece of sound that a window lies across."""
TOUCH_S: Final = 0.005

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Heard:
    """What an orchestrator has heard of one bot."""

    last_words: int
    holes: int
    reason: str | None
    has_recording: bool


def heard(records: Iterable[Mapping[str, Any]]) -> Heard:
    """Judge its journal: one last word, and numbers without holes for each run."""
    events = [record for record in records if "seq" in record]
    seqs: dict[str, list[int]] = {}
    for event in events:
        seqs.setdefault(event["run_id"], []).append(event["seq"])
    holes = sum(found != list(range(1, len(found) + 1)) for found in seqs.values())
    words = [event for event in events if event["event"] in TERMINAL]
    data = words[-1]["data"] if words else {}
    reason = data.get("end_reason") or data.get("error_code")
    return Heard(len(words), holes, reason, data.get("video") is not None)


@dataclass(frozen=True, slots=True)
class Played:
    """What a file plays, in its own seconds: pictures with their numbers, and pieces of sound.

    A piece is None where nothing is heard, -1 where what is heard is no single code.
    """

    pictures: Sequence[tuple[float, int]]
    sounds: Sequence[tuple[float, int | None]]

    @property
    def length_s(self) -> float:
        """To the end of the last picture."""
        return self.pictures[-1][0] + 1 / FPS if self.pictures else 0.0


def play(data: bytes) -> Played:
    """Decode a file of numbered pictures and coded sound."""
    pictures = []
    with av.open(io.BytesIO(data), "r") as container:
        for frame in container.decode(video=0):
            luma = np.asarray(frame.to_ndarray()[:HEIGHT], np.uint8)
            pictures.append((float(frame.time or 0.0), number_of(luma)))
    with av.open(io.BytesIO(data), "r") as container:
        blocks = [np.asarray(frame.to_ndarray())[0] for frame in container.decode(audio=0)]
    wave = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
    size = round(WINDOW_S * AUDIO_RATE_HZ)
    starts = range(0, len(wave) - size + 1, size)
    return Played(pictures, [(at / AUDIO_RATE_HZ, _code(wave[at : at + size])) for at in starts])


def _code(piece: np.ndarray[Any, np.dtype[np.float32]]) -> int | None:
    if float(np.sqrt(np.mean(piece**2))) < QUIET:
        return None
    spectrum = np.abs(np.fft.rfft(piece * np.hanning(len(piece)), 4 * len(piece)))
    hz = float(np.argmax(spectrum)) * AUDIO_RATE_HZ / (4 * len(piece))
    code = (hz - code_hz(0)) / 200.0
    return round(code) if abs(code - round(code)) < 0.2 else -1


@dataclass(frozen=True, slots=True)
class Loss:
    """Seconds and counts of what was shown while the bot lived, and is not in the file.

    `undeclared` are pictures and windows of sound missing before the end of what stands, in no
    declared gap; up to `dropped` pictures are declared by their count.
    """

    tail_s: float
    gaps_s: float
    undeclared_pictures: int
    undeclared_sounds: int


def longest(gaps: Iterable[Span]) -> float:
    """Seconds of the longest stretch of gaps that touch.

    What died makes one such stretch. On a machine with too much to do a browser's sound has holes
    of some 10 ms besides, hundreds in half a minute: each is declared, and none is of that death.
    """
    found: list[Span] = []
    for start, end in sorted(gaps):
        if found and start - found[-1][1] < TOUCH_S:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return max((end - start for start, end in found), default=0.0)


def late_spans(lines: Iterable[str], began_us: int) -> list[Span]:
    """When the source was late, in its own seconds, and the timeline's patience besides."""
    found: list[Span] = []
    for due_us, late_us in ([int(word) for word in line.split()] for line in lines):
        start_s = (due_us - began_us) / 1e6 - PATIENCE_S
        end_s = (due_us + late_us - began_us) / 1e6 + PATIENCE_S
        if found and start_s <= found[-1][1]:
            found[-1] = (found[-1][0], max(end_s, found[-1][1]))
        else:
            found.append((start_s, end_s))
    return found


def loss(
    played: Played,
    *,
    lived_s: float,
    gaps: Sequence[Span],
    dropped_pictures: int,
    late: Sequence[Span] = (),
) -> Loss:
    """Compare with a source that began at 0 and was shown until `lived_s`, on its own clock.

    `gaps` are in the file's seconds, `late` in the source's: what it did not show in time is no
    loss of a bot's.
    """
    if not played.pictures or not played.sounds:
        return Loss(lived_s, 0.0, 0, 0)
    numbers = [number for _, number in played.pictures]
    first_at_s, first = played.pictures[0]
    offset_s = first / FPS - first_at_s
    excused = [(start - offset_s, end - offset_s) for start, end in late]
    known = (*gaps, *excused)
    absent = sorted(set(range(first, numbers[-1])) - set(numbers))
    in_no_gap = [n for n in absent if not _within(n / FPS - offset_s, known)]
    backwards = sum(later < earlier for earlier, later in pairwise(numbers))
    unheard = [at_s for at_s in _unheard(played.sounds, offset_s) if not _within(at_s, known)]
    ends_s = min((numbers[-1] + 1) / FPS, played.sounds[-1][0] + WINDOW_S + offset_s)
    return Loss(
        tail_s=max(0.0, lived_s - ends_s),
        gaps_s=sum(end - start for start, end in gaps if not _within(start, excused)),
        undeclared_pictures=max(0, len(in_no_gap) - dropped_pictures) + backwards,
        undeclared_sounds=len(unheard),
    )


def _unheard(sounds: Sequence[tuple[float, int | None]], offset_s: float) -> Iterator[float]:
    """When nothing was heard, and when a piece should have been that was not heard at all."""
    times: dict[int, list[float]] = {}
    for at_s, code in sounds:
        if code is None and at_s > SLACK_S:  # an encoder begins with silence of its own
            yield at_s
        elif code is not None:
            times.setdefault(code, []).append(at_s + WINDOW_S / 2 + offset_s)
    first = int((sounds[0][0] + offset_s) / CODE_S) + 2
    last = int((sounds[-1][0] + offset_s) / CODE_S) - 1
    for piece in range(first, last):
        middle_s = (piece + 0.5) * CODE_S
        near = (abs(when - middle_s) < CODE_S + SLACK_S for when in times.get(piece % CODES, ()))
        if not any(near):
            yield middle_s - offset_s


def _within(at_s: float, gaps: Sequence[Span]) -> bool:
    return any(start - SLACK_S <= at_s <= end + SLACK_S for start, end in gaps)
