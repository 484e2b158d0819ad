"""A client in front of a running test meeting: real Chromium, the replica's own clocks."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, Page

from platforms.registry import make_client, parse_meeting_url
from platforms.simulator.errors import NoMediaAddressError
from platforms.simulator.scenario import parse_scenario
from platforms.simulator.server import Simulator
from platforms.simulator.state import MeetingState
from platforms.types import MeetingClient, Observation, PageState
from tests.browsers import Door, context_at

LOOK_EVERY_S = 0.25
ENDLESS_S = 3600.0
AT_ONCE_S = 0.02
LIMIT_S = 60.0
NAME = "Note Taker 7"


@dataclass
class Visit:
    """One client, one meeting."""

    sim: Simulator
    client: MeetingClient
    page: Page

    async def until(
        self, wanted: Callable[[Observation], bool], *, tidy: bool = False
    ) -> Observation:
        """The first look that is as wanted."""
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + LIMIT_S
        while not wanted(last := await self.client.look(loop.time())):
            assert loop.time() < deadline_s, f"last look: {last}"
            if tidy:
                await self.client.tidy()
            await asyncio.sleep(LOOK_EVERY_S)
        return last

    async def sees(self, *states: PageState, tidy: bool = False) -> Observation:
        """The first look that shows one of the states."""
        return await self.until(lambda look: look.finding.state in states, tidy=tidy)

    async def asks(self, name: str = NAME) -> None:
        """Up to the ask, as a bot does it: looks, dialogs, tries."""
        await self.sees(PageState.PREJOIN)
        async with asyncio.timeout(LIMIT_S):
            while not await self.client.ask_to_join(name):
                await self.client.tidy()

    async def hears(self, who: str) -> None:
        """Somebody speaks until the client was seen to say so of them alone, and then no more."""
        await self.hears_begin(who)
        await self.sim.command("speak", {"who": who, "for_s": AT_ONCE_S})
        await self.until(
            lambda look: look.people is not None and not any(p.speaking for p in look.people)
        )

    async def hears_begin(self, who: str) -> None:
        """Somebody speaks, and the client was seen to say so of them alone."""
        await self.sim.command("speak", {"who": who, "for_s": ENDLESS_S})
        await self.until(lambda look: [p.name for p in look.people or () if p.speaking] == [who])

    async def watches_a_screen(self, who: str, screen: str) -> float:
        """Somebody shares their screen until the client was seen to say so of them alone.

        Returns how much of the window the largest element took that `screen` selects.
        """
        await self.sim.command("share_screen", {"who": who})
        await self.until(lambda look: [p.name for p in look.people or () if p.presenting] == [who])
        await self.page.wait_for_function(_PLAYS, arg=screen, timeout=LIMIT_S * 1000)
        share = max(await shares_of(self.page, screen))
        await self.sim.command("stop_sharing", {"who": who})
        await self.until(
            lambda look: look.people is not None and not any(p.presenting for p in look.people)
        )
        return share

    async def has_the_picture_free(self, toolbar: str) -> None:
        """The client's own toolbar has left the picture: nothing of ours keeps it there."""
        await self.page.wait_for_function(_OUT_OF_SIGHT, arg=toolbar, timeout=LIMIT_S * 1000)

    async def loses_the_connection(self) -> None:
        """The client reconnects until it was seen to, and is in the call again."""
        await self.sim.command("reconnect", {"for_s": ENDLESS_S})
        await self.sees(PageState.RECONNECTING)
        await self.sim.command("reconnect", {"for_s": AT_ONCE_S})
        await self.sees(PageState.IN_CALL)

    async def reads(self, *texts: str) -> list[str]:
        """Who wrote, once the chat shows these texts, in their order."""
        deadline_s = asyncio.get_running_loop().time() + LIMIT_S
        while True:
            lines = {line.id: line for line in await self.client.chat()}
            if [line.text for line in lines.values()] == list(texts):
                return [line.sender for line in lines.values()]
            assert asyncio.get_running_loop().time() < deadline_s, f"last read: {lines}"
            await asyncio.sleep(LOOK_EVERY_S)

    async def state(self, wanted: Callable[[MeetingState], bool]) -> MeetingState:
        """The meeting, once it is as wanted."""
        if wanted(now := self.sim.state()):
            return now
        return await self.sim.wait_for(wanted, LIMIT_S)


_PLAYS = """screen => [...document.querySelectorAll(screen)].some((element) =>
  element.querySelector('video')?.videoWidth === 1280)"""
_OUT_OF_SIGHT = """toolbar => !document.querySelector(toolbar).checkVisibility(
  { visibilityProperty: true, opacityProperty: true })"""
_SHARES = """tiles => {
  const areas = [...document.querySelectorAll(tiles)].map((tile) => tile.getBoundingClientRect());
  const inner = window.innerWidth * window.innerHeight;
  return areas.map((box) => (box.width * box.height) / inner);
}"""


async def shares_of(page: Page, tiles: str) -> list[float]:
    """How much of the window each of the tiles takes, from 0 to 1."""
    shares: list[float] = await page.evaluate(_SHARES, tiles)
    return shares


@asynccontextmanager
async def visiting(
    chromium: Browser,
    door: Door,
    url: str | None = None,
    *,
    devices: bool = True,
    **scenario: object,
) -> AsyncIterator[Visit]:
    """A meeting of these scenario fields, and a client that has opened it (or `url`) in Chromium.

    Without `devices` the browser has neither microphone nor camera.
    Skips the test on a machine whose only network address is loopback.
    """
    async with AsyncExitStack() as stack:
        try:
            sim = await stack.enter_async_context(Simulator(parse_scenario(scenario)))
        except NoMediaAddressError as error:
            pytest.skip(str(error))
        permissions = ("microphone", "camera")
        context = await stack.enter_async_context(
            context_at(sim, chromium, door, devices=devices, permissions=permissions)
        )
        page = await context.new_page()
        client = make_client(parse_meeting_url(url or sim.meeting_url), page)
        await client.open(LIMIT_S)
        yield Visit(sim, client, page)
