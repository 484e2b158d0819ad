"""The media of one page: a peer connection that carries every participant's picture and voice.

The page offers `AUDIO_CHANNELS` audio and a fixed number of video receivers; nothing is negotiated
again. A participant has a video slot for life; voices share the audio channels.
"""

import asyncio
from types import TracebackType
from typing import Self

from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)

from platforms.simulator.clips import Clip, ClipStore, VideoCodec
from platforms.simulator.commands import Join, Picture
from platforms.simulator.members import Member
from platforms.simulator.room import Room
from platforms.simulator.state import Status
from platforms.simulator.tracks import AudioTrack, Feed, PageClock, VideoTrack


class Studio:
    """Clips of this meeting's participants, encoded in threads, and what each channel plays."""

    def __init__(self, room: Room, store: ClipStore) -> None:
        self._room = room
        self._store = store
        self._sounds: dict[int, Clip] = {}
        self.silence = Clip((), 1)

    async def prepare(self) -> None:
        """Encode what the scenario needs (H.264), so that nobody waits for it later."""
        self.silence = await asyncio.to_thread(self._store.silence)
        scenario = self._room.scenario
        pictures = [p.picture for p in scenario.participants]
        declared = {p.name for p in scenario.participants}
        pictures += [
            e.picture for e in scenario.events if isinstance(e, Join) and e.who not in declared
        ]
        async with asyncio.TaskGroup() as group:
            for slot, picture in enumerate(pictures):
                group.create_task(self.encode(slot, picture))

    async def prepare_next(self, picture: Picture) -> None:
        """Encode what the next participant to come in needs."""
        await self.encode(sum(m.slot is not None for m in self._room.members), picture)

    async def encode(self, slot: int, picture: Picture) -> None:
        """Encode sound and picture (H.264) of one slot."""
        if picture == "flash":
            self._sounds[slot] = await asyncio.to_thread(self._store.beep)
        else:
            self._sounds[slot] = await asyncio.to_thread(self._store.voice, slot)
        if picture != "still":
            await self.picture(slot, picture, "H264")

    async def picture(self, slot: int, picture: Picture | None, codec: VideoCodec) -> Clip:
        """The moving picture of a slot: a person's, or the shared screen."""
        if slot == self._room.scenario.screen_slot:
            return await asyncio.to_thread(self._store.screen, codec)
        if picture == "flash":
            return await asyncio.to_thread(self._store.flash, codec)
        draw = self._store.small if picture == "small" else self._store.moving
        return await asyncio.to_thread(draw, slot, codec)

    def feed(self, channel: int) -> Feed | None:
        """What an audio channel plays now."""
        member = self._room.on_channel(channel)
        if member is None or member.slot is None or member.slot not in self._sounds:
            return None
        clip = self._sounds[member.slot]
        return Feed((member.id, member.spurts), clip, aligned=member.picture == "flash")


class PageMedia:
    """One page's connection, from its offer until the page is gone."""

    def __init__(self, room: Room, studio: Studio, member: Member) -> None:
        self._room = room
        self._studio = studio
        self._member = member
        self._clock = PageClock()
        self._connection = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        self._codec: VideoCodec = "H264"
        self._video: list[RTCRtpSender] = []
        self._shown: dict[int, str] = {}
        self._wake = asyncio.Event()
        self._follower: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._room.listeners.append(self._wake.set)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._room.listeners.remove(self._wake.set)
        if self._follower:
            self._follower.cancel()
            await asyncio.wait([self._follower])
        await self._connection.close()

    async def answer(self, sdp: str) -> str:
        """Answer the page's offer; the participants' pictures follow once it is in the call."""
        self._codec = "H264" if "H264/90000" in sdp else "VP8"
        await self._connection.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        channel = 0
        for transceiver in self._connection.getTransceivers():
            transceiver.direction = "sendonly"
            if transceiver.kind == "audio":
                transceiver.sender.replaceTrack(self._audio(channel))
                channel += 1
            else:
                self._video.append(transceiver.sender)
        await self._connection.setLocalDescription(await self._connection.createAnswer())
        self._follower = asyncio.create_task(self._follow())
        self._wake.set()
        return str(self._connection.localDescription.sdp)

    def _audio(self, channel: int) -> AudioTrack:
        def feed() -> Feed | None:
            in_call = self._member.status is Status.IN_CALL
            return self._studio.feed(channel) if in_call else None

        return AudioTrack(feed, self._studio.silence, self._clock)

    async def _follow(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            for slot, member in self._wanted().items():
                await self._show(slot, member)

    def _wanted(self) -> dict[int, Member | None]:
        wanted: dict[int, Member | None] = dict.fromkeys(range(len(self._video)))
        if self._member.status is Status.IN_CALL:
            for member in self._room.present():
                if member.slot is not None and member.camera and member.slot in wanted:
                    wanted[member.slot] = member
            wanted[self._room.scenario.screen_slot] = self._room.presenter()
        return wanted

    async def _show(self, slot: int, member: Member | None) -> None:
        if member is None:
            if self._shown.pop(slot, None):
                self._video[slot].replaceTrack(None)
        elif self._shown.get(slot) != member.id:
            clip = await self._studio.picture(slot, member.picture, self._codec)
            self._shown[slot] = member.id
            self._video[slot].replaceTrack(VideoTrack(clip, self._clock))
