"""What the ring is measured against: raw pictures and sound over a loopback WebSocket."""

import asyncio
import struct
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

import numpy as np
from aiohttp import WSMsgType, web

from media.tab.capture import ORIGIN, CaptureSettings, recorder_files
from media.types import AudioPacket, VideoFrame
from platforms.browser import MeetingBrowser

PICTURE: Final = 1
HEADER: Final = struct.Struct("<IIIIq")
QUEUED_PICTURES: Final = 8
"""As many as the ring has slots."""
FIRST_MESSAGE_DEADLINE_S: Final = 15.0
FOLDER: Final = Path(__file__).parent


class SentCapture:
    """A `media.recorder.Capture` filled by the socket's messages."""

    def __init__(self) -> None:
        self._pictures: deque[VideoFrame] = deque()
        self._packets: deque[AudioPacket] = deque(maxlen=512)
        self.pictures_dropped = 0
        self.packets_dropped = 0
        self.pictures_got = 0
        self.first = asyncio.Event()

    def take(self, message: bytes) -> None:
        """One message of the page's worker."""
        kind, first, second, third, timestamp_us = HEADER.unpack_from(message)
        self.first.set()
        arrival_us = time.monotonic_ns() // 1000
        if kind == PICTURE:
            i420 = np.frombuffer(message, np.uint8, offset=HEADER.size)
            self._take_picture(VideoFrame(timestamp_us, arrival_us, first, second, i420))
        else:
            samples = np.frombuffer(message, "<f4", offset=HEADER.size).reshape(second, third)
            self._packets.append(AudioPacket(timestamp_us, arrival_us, first, samples))

    def _take_picture(self, frame: VideoFrame) -> None:
        self.pictures_got += 1
        if len(self._pictures) >= QUEUED_PICTURES:
            self.pictures_dropped += 1
        else:
            self._pictures.append(frame)

    def audio(self) -> Iterator[AudioPacket]:
        """Packets since the last call."""
        while self._packets:
            yield self._packets.popleft()

    def video(self) -> Iterator[VideoFrame]:
        """Pictures since the last call."""
        while self._pictures:
            yield self._pictures.popleft()


def files(settings: CaptureSettings) -> dict[str, tuple[str, bytes]]:
    """The recorder page's files and this transport's worker beside them."""
    worker = (FOLDER / "sent_worker.js").read_bytes()
    return {**recorder_files(settings), "/sent_worker.js": ("text/javascript", worker)}


@asynccontextmanager
async def sent_capture(
    browser: MeetingBrowser, settings: CaptureSettings
) -> AsyncIterator[SentCapture]:
    """Capture the meeting tab over a WebSocket while the block runs."""
    capture = SentCapture()

    async def receive(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=0, compress=False)
        await socket.prepare(request)
        async for message in socket:
            if message.type is WSMsgType.BINARY:
                capture.take(message.data)
        return socket

    async with AsyncExitStack() as stack:
        app = web.Application()
        app.router.add_get("/", receive)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        stack.push_async_callback(browser.recorder.evaluate, "() => stopCapture(recorder.id)")
        wanted = {
            "url": f"ws://127.0.0.1:{runner.addresses[0][1]}/",
            "width": settings.width,
            "height": settings.height,
            "frameRate": settings.frame_rate,
            "wantVideo": settings.video,
        }
        # a page of a public origin asks before it may reach this machine
        await browser.context.grant_permissions(["local-network-access"], origin=ORIGIN)
        async with browser.titled():
            await browser.recorder.evaluate((FOLDER / "sent_page.js").read_text(), wanted)
        async with asyncio.timeout(FIRST_MESSAGE_DEADLINE_S):
            await capture.first.wait()
        yield capture
