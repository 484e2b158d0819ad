"""A worker's container and everything it speaks to outside: orchestrator, meeting, S3."""

import asyncio
import io
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import av
import psutil
import pytest

from media.locations import S3Location
from media.storage_s3 import S3Storage
from platforms.simulator.server import Simulator
from tests.bot.orchestrator import Orchestrator
from tests.image.container import Container
from tests.servers.radosgw import ACCESS_KEY_ID, SECRET_ACCESS_KEY, RadosGateway

HOME: Final = "/var/lib/meetbot"
WAIT_S: Final = 90.0
LAST: Final = ("bot.completed", "bot.failed")
SECRETS_BY_FILE: Final = {"AWS_SHARED_CREDENTIALS_FILE": f"{HOME}/keys/aws"}
SECRETS_BY_ENVIRONMENT: Final = {
    "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
    "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
}


@dataclass
class Stage:
    """What surrounds the container under test."""

    orchestrator: Orchestrator
    meeting: Simulator
    container: Container
    storage: S3Storage
    location: S3Location
    server: RadosGateway
    volume: str
    bot_id: str

    async def start(self, *options: str, secrets: Mapping[str, str] = SECRETS_BY_FILE) -> float:
        """Start the worker and give it its job; seconds from the start to its `ready`."""
        where = f"s3://{self.location.bucket}/{self.location.prefix}"
        command = ["worker", "--connect", self.orchestrator.endpoint, "--worker-id", "w1"]
        command += ["--storage", where, "--simulator", self.meeting.http_url]
        environment = {
            "MEETBOT_CURVE_SERVER_KEY_FILE": f"{HOME}/keys/server.key",
            "MEETBOT_CURVE_SECRET_KEY_FILE": f"{HOME}/keys/worker.key_secret",
            "MEETBOT_S3_ENDPOINT": self.server.endpoint_url,
            "MEETBOT_LOG_FORMAT": "json",
            **secrets,
        }
        around = ("--network", "host", "--volume", f"{self.volume}:{HOME}", *options)
        start = partial(self.container.start, around, *command, env=environment)
        asked_s = await asyncio.to_thread(start)
        await self.heard(lambda: self.orchestrator.of("ready"))
        ready_after_s = time.monotonic() - asked_s
        job = {"bot_id": self.bot_id, "meeting_url": self.meeting.meeting_url, "bot_name": "Notes"}
        await self.orchestrator.send("job", job)
        return ready_after_s

    async def heard(self, holds: Callable[[], object]) -> None:
        """Wait for something the orchestrator hears; a failure shows the container's log."""
        try:
            await self.orchestrator.until(holds, WAIT_S)
        except TimeoutError:
            pytest.fail(await asyncio.to_thread(self.container.log))

    async def records(self, seconds: float) -> dict[str, Any]:
        """Wait until so much is recorded; the heartbeat that says so."""

        def beats() -> list[dict[str, Any]]:
            found = self.orchestrator.of("heartbeat")
            return [beat for beat in found if beat["recorded_seconds"] >= seconds]

        await self.heard(beats)
        return beats()[0]

    async def ends(self) -> dict[str, Any]:
        """Wait for the terminal event."""
        await self.heard(lambda: [word for word, _ in self.orchestrator.messages if word in LAST])
        return self.orchestrator.durable[-1]

    async def exit_code(self) -> int:
        """Wait until the container has ended."""
        return await asyncio.to_thread(self.container.wait)

    async def stored(self, name: str) -> bytes:
        """One object of the bot."""
        key = f"{self.bot_id}/{name}"
        return await asyncio.to_thread(self.storage.get, key)

    async def stored_chunks(self) -> bytes:
        """What a player of the chunks in storage would play, joined."""

        def joined() -> bytes:
            keys = [found.key for found in self.storage.list(f"{self.bot_id}/chunks/")]
            parts = [key for key in keys if key.endswith(".m4s")]
            start = f"{self.bot_id}/chunks/init.mp4"
            return b"".join(self.storage.get(key) for key in [start, *sorted(parts)])

        return await asyncio.to_thread(joined)


def own_address() -> str:
    """An address of this machine that others could speak to, where it has one."""
    every = [row for rows in psutil.net_if_addrs().values() for row in rows]
    found = [row.address for row in every if row.family.name == "AF_INET"]
    return next((one for one in found if not one.startswith("127.")), "127.0.0.1")


def seconds_of(video: bytes) -> float:
    """How long it plays: the time of the last picture that decodes."""
    with av.open(io.BytesIO(video), "r") as recording:
        return max(float(frame.time or 0) for frame in recording.decode(video=0))
