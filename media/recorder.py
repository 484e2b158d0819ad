"""From captured packets to encoded bytes: two threads, bounded in between.

The ring thread copies packets out and puts them on the timeline; the encoder thread feeds PyAV.
Sound is never dropped for pictures: when the encoder falls behind, pictures are (`behind`).
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Protocol, Self

import structlog

from media.assembly import Assembly, Laid, Picture, Sound
from media.encoder import Encoder
from media.errors import CaptureFailed
from media.quality import Quality, QualityReport
from media.samples import StereoResampler
from media.timeline import Gap
from media.types import AUDIO_RATE_HZ, AudioPacket, VideoFrame

POLL_S: Final = 0.008
"""The ring holds 260 ms of pictures at 30 per second; a wake-up costs some 30 us."""
MAX_PENDING_PICTURES: Final = 30
MAX_PENDING_SOUND_SAMPLES: Final = 120 * AUDIO_RATE_HZ
THUMBNAIL_EVERY_S: Final = 1.0
FINISH_DEADLINE_S: Final = 30.0
TAB_CALIBRATION_US: Final = 0
"""How much later than its picture a sound arrives in tab capture, by flash and beep."""

log = structlog.get_logger(__name__)


class Capture(Protocol):
    """Where packets come from. Read from the ring thread only."""

    clock_offset_us: int

    def audio(self) -> Iterator[AudioPacket]:
        """Packets of sound since the last call."""

    def video(self) -> Iterator[VideoFrame]:
        """Pictures since the last call."""


@dataclass(frozen=True, slots=True)
class RecorderStats:
    """How the recording stands. Times are seconds of recorded time."""

    recorded_s: float = 0.0
    pictures_in: int = 0
    pictures_encoded: int = 0
    repeats: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    packets_in: int = 0
    fps: float = 0.0
    heard_at_s: float | None = None
    seen_at_s: float | None = None


@dataclass(frozen=True, slots=True)
class RecordingSummary:
    """What was recorded, once both files are closed."""

    start_time: datetime
    duration_s: float
    stats: RecorderStats
    quality: QualityReport
    gaps: tuple[Gap, ...]
    audio_epochs: int


class Recorder:
    """Records from `capture` between `begin` and `finish`.

    Threads start on entering; leaving without `finish` ends them and leaves the files unclosed:
    what was cut into chunks stays. `problem` is the exception that ended a thread, if one did.
    `on_picture` is called in the encoder thread about once a second of recorded time.
    """

    def __init__(
        self,
        capture: Capture,
        make_encoder: Callable[[], Encoder],
        *,
        on_picture: Callable[[VideoFrame, float], None] | None = None,
    ) -> None:
        self._capture = capture
        self._make_encoder = make_encoder
        self._on_picture = on_picture
        self._assembly = Assembly(StereoResampler(), calibration_us=TAB_CALIBRATION_US)
        self._quality = Quality()
        self._work = Work()
        self._begin = threading.Event()
        self._end = threading.Event()
        self._abandon = threading.Event()
        self._threads = [
            threading.Thread(target=self._guard, args=(run,), name=f"recorder-{run.__name__}")
            for run in (self._read, self._encode)
        ]
        self._start_time: datetime | None = None
        self._encoded = self._repeats = 0
        self._picture_times: deque[float] = deque(maxlen=90)
        self.problem: BaseException | None = None

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._abandon.set()
        self._work.close()
        for thread in self._threads:
            thread.join(timeout=FINISH_DEADLINE_S)

    def begin(self) -> datetime:
        """Start recording with the picture on screen; the recording's time 0."""
        self._start_time = datetime.now(UTC)
        self._begin.set()
        return self._start_time

    async def finish(self) -> RecordingSummary:
        """End the recording now and close both files.

        Raises what ended a thread, or `CaptureFailed` when the threads do not end in time.
        """
        self._end.set()
        for thread in self._threads:
            await asyncio.to_thread(thread.join, FINISH_DEADLINE_S)
            if thread.is_alive():
                raise CaptureFailed(f"{thread.name} did not end in {FINISH_DEADLINE_S:.0f} s")
        if self.problem is not None:
            raise self.problem
        return self.summary()

    def summary(self) -> RecordingSummary:
        """Totals so far. Raises `CaptureFailed` before `begin`."""
        if self._start_time is None:
            raise CaptureFailed("the recording has not begun")
        return RecordingSummary(
            start_time=self._start_time,
            duration_s=self._assembly.recorded_s,
            stats=self.stats(),
            quality=self._quality.report(self._assembly.recorded_s),
            gaps=self._assembly.gaps,
            audio_epochs=self._assembly.epochs,
        )

    def stats(self) -> RecorderStats:
        """How the recording stands; cheap, from any thread."""
        times = tuple(self._picture_times)
        recorded_s = self._assembly.recorded_s
        recent = [at_s for at_s in times if at_s > recorded_s - 3.0]
        return RecorderStats(
            recorded_s=recorded_s,
            pictures_in=self._assembly.pictures_in,
            pictures_encoded=self._encoded,
            repeats=self._repeats,
            dropped={"late": self._assembly.pictures_late, "behind": self._work.dropped},
            packets_in=self._assembly.packets_in,
            fps=round(len(recent) / 3.0, 1),
            heard_at_s=self._quality.heard_at_s,
            seen_at_s=times[-1] if times else None,
        )

    def _guard(self, run: Callable[[], None]) -> None:
        try:
            run()
        except BaseException as problem:
            self.problem = self.problem or problem
            log.exception("recorder_thread_failed", thread=threading.current_thread().name)
            self._end.set()
            self._work.close()

    def _now_us(self) -> int:
        return time.monotonic_ns() // 1000 - self._capture.clock_offset_us

    def _read(self) -> None:
        begun = False
        while not self._abandon.is_set():
            ending = self._end.is_set()
            if self._begin.is_set() and not begun:
                self._assembly.begin(self._now_us())
                begun = True
            for packet in self._capture.audio():
                self._work.put_all(self._assembly.sound(packet))
            for frame in self._capture.video():
                self._work.put_all(self._assembly.picture(frame))
            if ending:
                break
            self._work.put_all(self._assembly.tick(self._now_us()))
            self._end.wait(POLL_S)
        if not self._abandon.is_set():
            self._work.put_all(self._assembly.end(self._now_us()))
        self._work.close()

    def _encode(self) -> None:
        encoder: Encoder | None = None
        last_thumbnail_s = -THUMBNAIL_EVERY_S
        for item in self._work:
            encoder = encoder or self._make_encoder()
            if isinstance(item, Sound):
                self._quality.sound(item.samples)
                encoder.sound(item.samples)
                continue
            frame = item.frame
            encoder.picture(
                frame.i420, frame.width, frame.height, item.step.pts, keyframe=item.step.keyframe
            )
            self._count(item)
            if self._on_picture and item.at_s - last_thumbnail_s >= THUMBNAIL_EVERY_S:
                last_thumbnail_s = item.at_s
                self._on_picture(frame, item.at_s)
        if encoder is not None and not self._abandon.is_set():
            encoder.flush()
            encoder.close()

    def _count(self, item: Picture) -> None:
        if item.fresh:
            frame = item.frame
            self._encoded += 1
            self._picture_times.append(item.at_s)
            self._quality.picture(frame.i420, frame.width, frame.height, item.at_s)
        else:
            self._repeats += 1


class Work:
    """The queue between the two threads, bounded by pictures and by samples.

    `dropped` counts pictures thrown away because the encoder was behind. Too much pending sound
    is an error, never a silent loss.
    """

    def __init__(self) -> None:
        """Open and empty."""
        self._items: deque[Laid] = deque()
        self._changed = threading.Condition()
        self._pictures = self._samples = 0
        self._closed = False
        self._owed_keyframe = False
        self.dropped = 0

    def put_all(self, laid: Iterable[Laid]) -> None:
        """Queue what was laid. Raises `CaptureFailed` when minutes of sound are pending."""
        for item in laid:
            with self._changed:
                self._put(item)
                self._changed.notify()

    def _put(self, item: Laid) -> None:
        if isinstance(item, Sound):
            self._samples += item.samples.shape[1]
            if self._samples > MAX_PENDING_SOUND_SAMPLES:
                raise CaptureFailed("the encoder stands still: two minutes of sound are waiting")
        elif self._pictures >= MAX_PENDING_PICTURES:
            self.dropped += 1
            self._owed_keyframe |= item.step.keyframe
            return
        else:
            if self._owed_keyframe:
                step = type(item.step)(item.step.pts, keyframe=True)
                item = Picture(item.frame, step, item.fresh)
                self._owed_keyframe = False
            self._pictures += 1
        self._items.append(item)

    def close(self) -> None:
        """Nothing more will be queued."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def __iter__(self) -> Iterator[Laid]:
        """Items in order, waiting for more until closed and empty."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._items or self._closed)
                if not self._items:
                    return
                item = self._items.popleft()
                if isinstance(item, Sound):
                    self._samples -= item.samples.shape[1]
                else:
                    self._pictures -= 1
            yield item
