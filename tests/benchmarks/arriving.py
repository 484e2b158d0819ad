"""Into the test meeting, on whatever page is there."""

import asyncio
from time import monotonic
from typing import Final

from platforms.types import PageState
from platforms.web_client import WebClient

JOIN_DEADLINE_S: Final = 60.0
LOOK_EVERY_S: Final = 0.3


async def join(client: WebClient) -> None:
    """Ask until the meeting is on screen, then put dialogs away. Raises TimeoutError."""
    async with asyncio.timeout(JOIN_DEADLINE_S):
        while True:
            finding = (await client.look(monotonic())).finding
            if finding.state is PageState.IN_CALL:
                break
            if finding.state is PageState.PREJOIN:
                await client.tidy()
                await client.ask_to_join("Benchmark")
            await asyncio.sleep(LOOK_EVERY_S)
        await client.watch()
        await client.tidy()
