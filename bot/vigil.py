"""Watches over a running capture: one that has died, or records nothing, is replaced once.

A dead page is not its business: that is the meeting's (`bot.launch.death_of`).
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final, Protocol

import structlog

from bot.hearing import LISTEN_AFTER_S, Hearing
from bot.lip_sync import LipSync
from media.errors import CaptureError, CaptureFailed
from media.summary import RecorderStats

log = structlog.get_logger(__name__)

WATCH_EVERY_S: Final = 1.0
LOOK_AT_S: Final = 10.0
"""At so many recorded seconds what is stored so far is opened and looked at."""
DEAD_SOUND_S: Final = 5.0
"""Packets of sound come a hundred times a second, silence included: none for so long is death."""
OVERSLEPT_S: Final = 2.0
"""A look that comes so much too late comes after a stop of this process."""
GOOD_STATES: Final = frozenset({"capturing", "unanswered"})


class Recording(Protocol):
    """What is needed of a recording."""

    @property
    def begun(self) -> bool:
        """Whether time 0 has been."""

    def recorder_stats(self) -> RecorderStats:
        """How the recording stands."""

    async def capture_state(self) -> str:
        """The recorder page's own word."""

    async def look(self) -> str | None:
        """What is wrong with what is stored so far, None when it plays."""

    async def recapture(self) -> None:
        """Go on with a new capture. Raises `media.errors.CaptureError`."""

    def note_dead_sound(self, *, dead: bool) -> None:
        """Whether the zeros that come are dead sound."""

    def fail(self, problem: CaptureError) -> None:
        """Nothing is recorded any more."""


class MeetingPage(Protocol):
    """What is needed of the meeting page: `platforms.receivers.Receivers` fits."""

    async def energies(self) -> Mapping[str, float] | None:
        """The sound it receives, by receiver; None when it does not tell."""

    async def late_ms(self) -> float | None:
        """How much later than its picture it plays a sound; None when it does not tell."""


class _Taciturn:
    """A page that says nothing about what it receives."""

    async def energies(self) -> None:
        """Nothing."""

    async def late_ms(self) -> None:
        """Nothing."""


TACITURN: Final = _Taciturn()


def trouble(stats: RecorderStats, state: str) -> str | None:
    """What is wrong with a capture, None when it lives. Pure.

    `unanswered` is no trouble: a busy page answers late, and its packets tell more.
    """
    if state not in GOOD_STATES:
        return state
    if stats.sound_age_s is None:
        return "no sound came" if stats.recorded_s >= DEAD_SOUND_S else None
    if stats.sound_age_s >= DEAD_SOUND_S:
        return f"no sound for {stats.sound_age_s:.0f} s"
    if stats.pictures and stats.recorded_s >= LOOK_AT_S and stats.pictures_in == 0:
        return "no picture came"
    return None


class Vigil:
    """Runs beside a meeting. `page_crashed` tells of the recorder page, `wake` the meeting.

    `page` says what the meeting page receives, and `lip_sync` keeps what it says of its own.
    `at_rest`: there is no meeting page to be captured, and that is for others to mend.
    """

    def __init__(
        self,
        recording: Recording,
        page_crashed: asyncio.Event,
        wake: asyncio.Event,
        page: MeetingPage = TACITURN,
        at_rest: Callable[[], bool] = lambda: False,
    ) -> None:
        self._recording = recording
        self._page_crashed = page_crashed
        self._wake = wake
        self._page = page
        self._at_rest = at_rest
        self._hearing = Hearing()
        self.lip_sync = LipSync()
        self._looked = self._renewed = self._given_up = False

    async def keep(self) -> None:
        """Watch until cancelled, or until nothing more can be done."""
        while not self._given_up:
            if await self._overslept():
                await asyncio.sleep(WATCH_EVERY_S)
            if self._at_rest():
                await asyncio.sleep(WATCH_EVERY_S)
                continue
            found = await self._found()
            if self._at_rest():
                continue
            if found is not None:
                await self._mend(found)
            elif self._recording.begun:
                await self._listen()
                await self._compare()

    async def _overslept(self) -> bool:
        """Wait for the next look; whether this process was stopped meanwhile.

        Then all ages are great, and what came in that time is about to be read.
        """
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        with suppress(TimeoutError):
            async with asyncio.timeout(WATCH_EVERY_S):
                await self._page_crashed.wait()
        return loop.time() - began_s > WATCH_EVERY_S + OVERSLEPT_S

    async def _found(self) -> str | None:
        if self._page_crashed.is_set():
            return "the recorder page crashed"
        if not self._recording.begun:
            return None
        state = await self._recording.capture_state()
        return trouble(self._recording.recorder_stats(), state) or await self._look_once()

    async def _look_once(self) -> str | None:
        if self._looked or self._recording.recorder_stats().recorded_s < LOOK_AT_S:
            return None
        self._looked = True
        found = await self._recording.look()
        log.info("recording_looked_at", found=found or "it plays")
        return found

    async def _listen(self) -> None:
        """Ask the page what it receives while only zeros come; dead sound is captured anew."""
        loop, energies = asyncio.get_running_loop(), None
        if self._recording.recorder_stats().zeros_s >= LISTEN_AFTER_S:
            energies = await self._page.energies()
        zeros_s = self._recording.recorder_stats().zeros_s
        self._hearing.note(loop.time(), zeros_s, energies)
        self._recording.note_dead_sound(dead=self._hearing.dead)
        if self._hearing.mend_due(loop.time()):
            log.warning("sound_dead", zeros_s=round(zeros_s, 1))
            self._hearing.mended(loop.time())
            await self._recapture()

    async def _compare(self) -> None:
        """Ask the page now and then how far apart it plays sound and picture."""
        stats = self._recording.recorder_stats()
        if stats.pictures and self.lip_sync.due(stats.recorded_s):
            self.lip_sync.note(stats.recorded_s, await self._page.late_ms())

    async def _mend(self, found: str) -> None:
        log.warning("capture_in_trouble", found=found, renewed_before=self._renewed)
        if self._renewed:
            self._give_up(CaptureFailed(found))
            return
        self._renewed = True
        await self._recapture()

    async def _recapture(self) -> None:
        try:
            await self._recording.recapture()
        except CaptureError as error:
            if not self._at_rest():  # where the tab died too, both are renewed
                self._give_up(error)

    def _give_up(self, problem: CaptureError) -> None:
        self._given_up = True
        self._recording.fail(problem)
        self._wake.set()
