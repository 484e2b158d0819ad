"""A meeting's web client in one page, driven by its adapter: look, answer dialogs, ask, say, leave.

Page troubles are UNKNOWN looks and actions that answer False; only `open` raises.
"""

import asyncio
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import structlog
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Response

from platforms.actions import Target, are_there, click_called_back, find, move_pointer, until
from platforms.adapter import Adapter
from platforms.bundle import Console, make_bundle
from platforms.chat import lines_of
from platforms.confines import confine, is_within
from platforms.dialogs import Dialogs
from platforms.evidence import Judge
from platforms.loading import load
from platforms.probe import Glance, Looker, Surface, evaluate, surfaces_of
from platforms.types import (
    ChatLine,
    FailureBundle,
    MeetingUrl,
    Observation,
    PageState,
    Person,
    View,
)

log = structlog.get_logger(__name__)

ASK_LIMIT_S: Final = 25.0
ASKED_LIMIT_S: Final = 8.0
ASKED_LOOK_EVERY_S: Final = 0.2
VERDICT_LIMIT_S: Final = 5.0
LEFT_LIMIT_S: Final = 1.0

_GONE: Final = "element => !element.isConnected"


class WebClient:
    """The client an adapter describes, for one meeting; reusable after the next `open`.

    Actions take turns: no dialog is answered while another action is under way.
    """

    def __init__(self, page: Page, url: MeetingUrl, adapter: Adapter) -> None:
        self._page = page
        self._url = url
        self._adapter = adapter
        self._judge = Judge(adapter.platform, adapter.rows_for(url))
        self._looker = Looker(
            adapter.signs, never_in=adapter.never_in, people_script=adapter.people_script
        )
        self._dialogs = Dialogs(adapter.dialogs)
        self._console = Console(page)
        self._turn = asyncio.Lock()
        self._attempt = 0
        self._verdict: str | None = None
        self._following = False
        self._told_until: float | None = None
        self._asked = self._in_call = False
        self._name: str | None = None
        self._matches: Mapping[str, bool] | None = None
        page.on("response", self._on_response)

    def move_to(self, page: Page) -> None:
        """Be the client of this page from now on: the old one has died. It is to be opened."""
        self._page, self._console = page, Console(page)
        page.on("response", self._on_response)

    @property
    def platform(self) -> str:
        """Which product."""
        return self._adapter.platform

    @property
    def verdict(self) -> str | None:
        """What the platform itself thinks of the bot ("suspected_bot:2"), where it said so."""
        return self._verdict

    @property
    def matches(self) -> Mapping[str, bool] | None:
        """What the last look saw, by sign; None when the page did not answer, or before a look."""
        return self._matches

    async def open(self, timeout_s: float) -> None:
        """Load the meeting page; returns when its document has begun to arrive.

        Raises what `platforms.loading.load` does.
        """
        self._attempt += 1
        self._judge.reset()
        self._verdict = self._matches = None
        self._asked = self._following = self._in_call = False
        self._told_until = None
        self._dialogs.reset()
        domains = (urlsplit(self._url.url).hostname or "", *self._adapter.domains)
        await confine(self._page, lambda host: is_within(host, domains))
        await load(self._page, self._url.url, timeout_s)

    async def look(self, now_s: float) -> Observation:
        """What the page shows now and, in a call, who is there. Takes seconds at most."""
        asked_people = self._in_call
        glance = await self._glance(people=asked_people)
        self._matches = glance.matches
        finding = self._judge.judge(now_s, self._matches)
        self._in_call = finding.state is PageState.IN_CALL
        if not self._in_call:
            return Observation(finding)
        told = self._read(glance.people) if asked_people else await self.people()
        return Observation(finding, told)

    async def people(self) -> tuple[Person, ...] | None:
        """Who is in the call, the bot included; None when the page does not tell."""
        script = self._adapter.people_script
        answer = await evaluate(self._surface(), script, self._about_people())
        return self._read(answer)

    async def watch(self) -> None:
        """From now on every look also says who speaks."""
        self._following = True
        if self._adapter.on_watch is not None:
            async with self._turn:
                await self._adapter.on_watch(self._surface())
        await self.people()

    async def tidy(self) -> None:
        """Answer the dialogs that are there, and switch off devices that came on by themselves.

        Not while another action is under way: the next time will do.
        """
        if self._turn.locked():
            return
        async with self._turn:
            acted = await self._answer_dialogs()
            acted = await self._mute_what_came_on() or acted
            if self._adapter.tend is not None and self._matches is not None:
                await self._adapter.tend(self._surface(), self._matches)
            if acted:
                await move_pointer(self._page)

    async def ask_to_join(self, name: str) -> bool:
        """Fill in the form and ask; True once the ask was made, by this call or an earlier.

        False when the form is not there, is covered, or still stands after the click: try again.
        """
        self._name = name
        async with self._turn:
            try:
                async with asyncio.timeout(ASK_LIMIT_S):
                    return await self._ask(name)
            except TimeoutError:
                return False

    async def say(self, text: str) -> bool:
        """Write into the meeting's chat, cut at the client's own limit; True once it was sent."""
        async with self._turn:
            return await self._adapter.say(self._surface(), text)

    async def chat(self) -> tuple[ChatLine, ...]:
        """What the chat shows now, oldest first; nothing where it could not be read."""
        if self._adapter.read_chat is None:
            return ()
        async with self._turn:
            answer = await self._adapter.read_chat(self._surface())
        return lines_of(answer, self._name)

    async def show(self, view: View) -> bool:
        """Have the client lay out the call so; False where it offers no such control."""
        if self._adapter.choose_view is None:
            return False
        async with self._turn:
            chosen = await self._adapter.choose_view(self._surface(), view)
            await move_pointer(self._page)
        log.info("view_chosen", view=view.value, chosen=chosen)
        return chosen

    async def leave(self, timeout_s: float) -> None:
        """Leave by the client's own button, then unload the page. Never raises."""
        try:
            async with asyncio.timeout(timeout_s):
                async with self._turn:
                    await self._press_leave(timeout_s / 3)
                await self._page.goto("about:blank", wait_until="commit", timeout=0)
        except (TimeoutError, PlaywrightError) as error:
            log.info("left_without_goodbye", problem=type(error).__name__)

    async def bundle(self) -> FailureBundle:
        """What the page shows, for a failure's evidence."""
        return await make_bundle(
            self._page,
            self._console,
            self._matches,
            chat=self._adapter.chat,
            keep=self._adapter.attributes,
            parts=self._surfaces(),
        )

    def _surface(self) -> Surface:
        """Where actions go."""
        return self._surfaces()[0]

    def _surfaces(self) -> tuple[Surface, ...]:
        """Where looks go: the client's frame, if it has one and it is there, and the page."""
        return surfaces_of(self._page, self._adapter.owns_frame)

    def _about_people(self) -> Mapping[str, object]:
        return {"follow": self._following, "name": self._name, "since": self._told_until}

    def _read(self, answer: object) -> tuple[Person, ...] | None:
        self._told_until = answer.get("at") if isinstance(answer, dict) else self._told_until
        return self._adapter.read_people(answer)

    async def _look(self) -> Mapping[str, bool] | None:
        """What page and frame show together; None when either did not answer."""
        return (await self._glance(people=False)).matches

    async def _glance(self, *, people: bool) -> Glance:
        return await self._looker.look(self._surfaces(), self._about_people() if people else None)

    async def _ask(self, name: str) -> bool:
        matches = await self._look()
        if matches is None:
            return False
        if self._proves_ask(matches):
            self._asked = True
        if self._asked and not matches[self._adapter.join.name]:
            return True
        if not self._shows_form(matches):
            return False
        await self._answer_dialogs()
        if not await self._adapter.fill_in(self._surface(), name, self._url):
            return False
        self._asked = await self._ask_was_taken()
        return self._asked

    def _shows_form(self, matches: Mapping[str, bool]) -> bool:
        return matches[self._adapter.join.name] or matches[self._adapter.name_box.name]

    async def _ask_was_taken(self) -> bool:
        """Whether the click was taken: the form is gone from a page that answers.

        Where walls come after the press that proves no ask; what does is left to the next looks.
        """
        deadline_s = asyncio.get_running_loop().time() + ASKED_LIMIT_S
        while asyncio.get_running_loop().time() < deadline_s:
            matches = await self._look()
            if matches is not None and not self._shows_form(matches):
                return not self._adapter.ask_is_proved or self._proves_ask(matches)
            await asyncio.sleep(ASKED_LOOK_EVERY_S)
        return False

    def _proves_ask(self, matches: Mapping[str, bool]) -> bool:
        return any(matches[sign.name] for sign in self._adapter.asked)

    async def _answer_dialogs(self) -> bool:
        answered = [await self._dialogs.answer(surface) for surface in self._surfaces()]
        return any(answered)

    async def _mute_what_came_on(self) -> bool:
        adapter, surface = self._adapter, self._surface()
        if not self._asked or adapter.live_device is None or adapter.switch_devices_off is None:
            return False
        if not (await are_there(surface, [adapter.live_device]))[0]:
            return False
        return await adapter.switch_devices_off(surface)

    async def _press_leave(self, limit_s: float) -> None:
        await move_pointer(self._page)
        for target in self._adapter.leave:
            if await self._press_until_gone(target, limit_s):
                return

    async def _press_until_gone(self, target: Target, limit_s: float) -> bool:
        """Whether there is nothing (more) to press: it was pressed and went."""
        surface = self._surface()
        control = await find(surface, target)
        if control is None:
            return False
        clicked = await click_called_back(surface, control, target.name, limit_s=limit_s)
        return clicked and await until(surface, _GONE, control, limit_s=LEFT_LIMIT_S)

    async def _on_response(self, response: Response) -> None:
        overheard = self._adapter.overheard
        if overheard is None or overheard.url_part not in response.url:
            return
        attempt = self._attempt
        try:
            async with asyncio.timeout(VERDICT_LIMIT_S):
                verdict = overheard.read(await response.body())
        except (PlaywrightError, TimeoutError):
            return
        if verdict is not None and attempt == self._attempt:
            self._verdict = verdict
            log.warning("platform_verdict", verdict=verdict)
