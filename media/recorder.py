"""From captured packets to encoded bytes: two threads, bounded in between.

The ring thread copies packets out and puts them on the timeline; the encoder thread feeds PyAV.
Sound is never dropped for pictures: when the encoder falls behind, pictures are given up in the
order of `media.pressure`, and dropped (`behind`) where that is not enough.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextvars import copy_context
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Protocol, Self

import numpy as np
import structlog

from media.assembly import Assembly
from media.clock import now_us
from media.encoder import Encoder
from media.encoding import Encoding
from media.errors import CaptureFailed
from media.pressure import ECONOMIES, Pressure
from media.quality import SILENT_PEAK
from media.samples import StereoResampler
from media.summary import RecorderStats, RecordingSummary, frame_rate
from media.types import AudioPacket, VideoFrame
from media.work import Work
from media.zeros import ZeroRuns

POLL_S: Final = 0.02
"""The ring holds 260 ms of pictures at 30 per second."""
STANDSTILL_S: Final = 30.0
TAB_CALIBRATION_US: Final = 25_000
"""How much later than its picture a sound arrives in tab capture. By flash and beep, Chromium 156:
medians of 22, 26, 26, 26 and 27 ms in five captures, on an idle and on an overloaded machine."""

log = structlog.get_logger(__name__)


class Capture(Protocol):
    """Where packets come from; arrival times are `time.monotonic` in microseconds.

    Read from the ring thread. A capture that has ended yields nothing.
    """

    @property
    def pictures_dropped(self) -> int:
        """Pictures lost because the reader was behind."""

    @property
    def packets_dropped(self) -> int:
        """Packets of sound lost because the reader was behind."""

    def audio(self) -> Iterator[AudioPacket]:
        """Packets of sound since the last call."""

    def video(self) -> Iterator[VideoFrame]:
        """Pictures since the last call."""


class Recorder:
    """Records from `capture` between `begin` and `finish`.

    Threads start on entering; leaving without `finish` ends them and leaves the files unclosed:
    what was cut into chunks stays. `problem` is the exception that ended a thread, if one did;
    the recording has then ended. `on_picture(frame, at_s)` is called in the encoder thread about
    once a second of recorded time and must not block. `calibration_us` is as in `Assembly`.
    """

    def __init__(
        self,
        capture: Capture,
        make_encoder: Callable[[], Encoder],
        *,
        on_picture: Callable[[VideoFrame, float], None] | None = None,
        pictures: bool = True,
        calibration_us: int = TAB_CALIBRATION_US,
    ) -> None:
        self._captures = [capture]
        self._pictures = pictures
        self._assembly = Assembly(StereoResampler(), calibration_us=calibration_us)
        self._assembling = threading.Lock()
        self._zeros = ZeroRuns()
        self._work = Work()
        self._pressure = Pressure()
        self._encoding = Encoding(self._work, make_encoder, on_picture)
        self._end = threading.Event()
        self._abandon = threading.Event()
        # daemons: a thread stuck in a system call must not keep the process from ending
        self._threads = [  # in this context, whose logs say whose they are
            threading.Thread(
                target=copy_context().run, args=(self._guard, run), name=name, daemon=True
            )
            for run, name in (
                (self._read, "recorder-ring"),
                (self._encoding.run, "recorder-encoder"),
            )
        ]
        self._start_time: datetime | None = None
        self._sound_came_us: int | None = None
        self._heard_us: int | None = None
        self._picture_came_us: int | None = None
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
        if any(thread.is_alive() for thread in self._threads):
            self._abandon.set()
            self._end.set()
            self._encoding.abandon()
        for thread in self._threads:
            thread.join(timeout=STANDSTILL_S)

    def begin(self) -> datetime:
        """Start recording with the picture on screen; the recording's time 0."""
        with self._assembling:
            self._start_time = datetime.now(UTC)
            self._assembly.begin(now_us())
        return self._start_time

    def pause(self) -> None:
        """Record nothing from now on. Raises ValueError where nothing is being recorded."""
        with self._assembling:
            self._assembly.pause(now_us())

    def resume(self) -> None:
        """Go on recording after a pause. Raises ValueError outside of one."""
        with self._assembling:
            self._assembly.resume(now_us())

    def use(self, capture: Capture) -> None:
        """Go on with another capture in the same recording; the old one may be closed already.

        What is missing in between becomes silence and the last picture, declared as a gap of kind
        `RECAPTURE`. The age of the last sound begins anew.
        """
        with self._assembling:
            self._captures.append(capture)
            self._sound_came_us = now_us()
            self._zeros.end(self._assembly.position)
            self._assembly.new_capture()

    def declare_dead(self) -> None:
        """The zeros that come are dead sound: a gap of kind `DEAD` up to the next sound."""
        with self._assembling:
            self._zeros.declare_dead()

    async def finish(self) -> RecordingSummary:
        """End the recording now and close both files.

        Raises what ended a thread, or `CaptureFailed` where one stands still; an encoder that is
        behind is waited for as long as it gets on.
        """
        self._end.set()
        for thread in self._threads:
            before = None
            while thread.is_alive():
                if (now := self._encoding.progress) == before:
                    reason = f"{thread.name} stood still for {STANDSTILL_S:.0f} s"
                    raise CaptureFailed(reason, retryable=False)
                before = now
                await asyncio.to_thread(thread.join, STANDSTILL_S)
        if self.problem is not None:
            raise self.problem
        return self.summary()

    def summary(self) -> RecordingSummary:
        """Totals so far. Raises `CaptureFailed` before `begin`."""
        if self._start_time is None:
            raise CaptureFailed("the recording has not begun")
        with self._assembling:
            dead = self._zeros.gaps(self._assembly.position)
            gaps = tuple(sorted((*self._assembly.gaps, *dead), key=lambda gap: gap.start))
            epochs = self._assembly.audio_epochs
            drift_ms = self._assembly.drift_ms
            pauses = self._assembly.pauses(now_us())
            recorded_s = self._assembly.recorded_s
        return RecordingSummary(
            start_time=self._start_time,
            duration_s=recorded_s,
            stats=self.stats(),
            quality=self._encoding.measures.report(recorded_s),
            gaps=gaps,
            pauses=pauses,
            audio_epochs=epochs,
            drift_ms=round(drift_ms, 1),
            curves=self._encoding.measures.curves(),
            degradations=self._pressure.degradations,
        )

    def stats(self) -> RecorderStats:
        """How the recording stands; cheap, from any thread."""
        with self._assembling:
            recorded_s = self._assembly.recorded_s
            late = self._assembly.pictures_late
            pictures_in, packets_in = self._assembly.pictures_in, self._assembly.packets_in
            captures = tuple(self._captures)
            zeros_s = self._zeros.zeros_s
        times = tuple(self._encoding.picture_times_s)
        return RecorderStats(
            recorded_s=recorded_s,
            pictures_in=pictures_in,
            pictures_encoded=self._encoding.encoded,
            repeats=self._encoding.repeats,
            dropped={
                "late": late,
                "behind": self._work.dropped,
                "ring": lost_in_page(captures),
                "ring_sound": sum(capture.packets_dropped for capture in captures),
            },
            packets_in=packets_in,
            fps=frame_rate(times, recorded_s),
            heard_at_s=self._encoding.measures.heard_at_s,
            seen_at_s=times[-1] if times else None,
            sound_age_s=age_s(self._sound_came_us),
            heard_age_s=age_s(self._heard_us),
            picture_age_s=age_s(self._picture_came_us),
            captures=len(captures),
            pictures=self._pictures,
            zeros_s=zeros_s,
            thinned=self._work.thinned,
            level=self._pressure.level,
        )

    def _guard(self, run: Callable[[], None]) -> None:
        try:
            run()
        except BaseException as problem:
            self.problem = self.problem or problem
            log.exception("recorder_thread_failed", thread=threading.current_thread().name)
            self._end.set()
            self._work.close()

    def _read(self) -> None:
        ending = False
        while not ending:
            ending = self._end.wait(POLL_S)
            if self._abandon.is_set():
                return
            with self._assembling:
                self._read_once()
        with self._assembling:
            self._work.put_all(self._assembly.end(now_us()))
        self._work.close()

    def _read_once(self) -> None:
        capture = self._captures[-1]
        for packet in capture.audio():
            self._sound_came_us = now_us()
            self._zeros.packet(packet.samples, self._assembly.position, self._sound_came_us)
            if self._start_time and np.abs(packet.samples).max(initial=0.0) >= SILENT_PEAK:
                self._heard_us = self._sound_came_us
            self._work.put_all(self._assembly.sound(packet))
        for frame in capture.video():
            self._picture_came_us = now_us()
            self._work.put_all(self._assembly.picture(frame))
        self._work.put_all(self._assembly.tick(now_us()))
        if self._start_time and self._pictures:
            self._give_way()

    def _give_way(self) -> None:
        at_s, behind_s = self._assembly.recorded_s, self._work.pending_s
        lost = lost_in_page(self._captures)
        before = self._pressure.level
        if self._pressure.note(now_us() / 1e6, at_s, behind_s=behind_s, lost=lost):
            level = self._pressure.level
            self._encoding.economise(ECONOMIES[level])
            log.warning(
                "recording_level_changed",
                before=before.value,
                now=level.value,  # a log line's own `level` is how grave it is
                behind_s=round(behind_s, 2),
                lost=lost,
            )


def lost_in_page(captures: Sequence[Capture]) -> int:
    """Pictures that all captures together have lost."""
    return sum(capture.pictures_dropped for capture in captures)


def age_s(came_us: int | None) -> float | None:
    """Seconds since then."""
    return None if came_us is None else (now_us() - came_us) / 1e6
