"""Google Meet, as far as a bot needs it: look, answer dialogs, ask, say, leave.

Page troubles are UNKNOWN looks and actions that answer False; only `open` raises.
"""

import asyncio
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import structlog
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Response

from platforms.actions import are_there, click, find, move_pointer, press, press_key, until
from platforms.bundle import Console, make_bundle
from platforms.errors import PageLost, PageUnreachable
from platforms.evidence import Judge
from platforms.google_meet import chat
from platforms.google_meet.controls import JUST_LEAVE, LEAVE, LIVE_DEVICE
from platforms.google_meet.dialogs import DIALOGS, Dialog
from platforms.google_meet.evidence import EVIDENCE, NEVER_IN
from platforms.google_meet.joining import press_join, switch_devices_off
from platforms.google_meet.people import people_of
from platforms.google_meet.verdict import RPC, verdict_of
from platforms.packaged import packaged_text
from platforms.probe import evaluate, probe
from platforms.types import FailureBundle, MeetingUrl, Observation, PageState, Person, Platform

log = structlog.get_logger(__name__)

ASK_LIMIT_S: Final = 25.0
ASKED_LIMIT_S: Final = 8.0
ASKED_LOOK_EVERY_S: Final = 0.2
VERDICT_LIMIT_S: Final = 5.0
MAX_DIALOGS_AT_ONCE: Final = 3
MAX_FAILED_ANSWERS: Final = 3
LEFT_LIMIT_S: Final = 1.0
FIRST_CLIENT_FAULT: Final = 400
LOAD_AGAIN_AFTER_S: Final = 0.5
PASSING_TROUBLES: Final = frozenset(
    {
        "net::ERR_NETWORK_CHANGED",  # whenever a network interface comes or goes
        "net::ERR_CONNECTION_RESET",
        "net::ERR_INTERNET_DISCONNECTED",
    }
)
CHAT: Final = "[data-message-id], [role=log], aside"

_PEOPLE: Final = packaged_text("platforms.google_meet", "people.js")
_GONE: Final = "element => !element.isConnected"
_STATES_WITHOUT_FORM: Final = frozenset({"leave", "tile", "asking-text"})


class GoogleMeet:
    """The Google Meet client in one page, for one meeting; reusable after the next `open`.

    Actions take turns: no dialog is answered while another action is under way.
    """

    platform: Final = Platform.GOOGLE_MEET

    def __init__(self, page: Page, url: MeetingUrl) -> None:
        self._page = page
        self._url = url
        self._judge = Judge(Platform.GOOGLE_MEET, EVIDENCE)
        self._console = Console(page)
        self._turn = asyncio.Lock()
        self._attempt = 0
        self._verdict: str | None = None
        self._following = False
        self._asked = False
        self._failed_answers: dict[str, int] = {}
        self._matches: Mapping[str, bool] | None = None
        page.on("response", self._on_response)

    @property
    def verdict(self) -> str | None:
        """What the platform itself thinks of the bot ("suspected_bot:2"), where it said so."""
        return self._verdict

    async def open(self, timeout_s: float) -> None:
        """Load the meeting page; returns when its document has begun to arrive.

        Raises `PageUnreachable` when it does not come within `timeout_s` or the server refuses,
        `PageLost` when the page died meanwhile.
        """
        self._attempt += 1
        self._judge.reset()
        self._verdict = self._matches = None
        self._asked = self._following = False
        self._failed_answers.clear()
        host = urlsplit(self._url.url).hostname or ""
        try:
            async with asyncio.timeout(timeout_s):
                response = await self._load(host)
        except TimeoutError:
            raise PageUnreachable(host, f"no answer within {timeout_s:g} s") from None
        if response is not None and response.status >= FIRST_CLIENT_FAULT:
            raise PageUnreachable(host, f"HTTP {response.status}", response.status)

    async def _load(self, host: str) -> Response | None:
        while True:
            try:
                return await self._page.goto(self._url.url, wait_until="commit", timeout=0)
            except PlaywrightError as error:
                if self._page.is_closed() or "crash" in error.message.lower():
                    raise PageLost("loading") from None
                reason = _network_reason(error)
                if reason not in PASSING_TROUBLES:
                    raise PageUnreachable(host, reason) from None
            await asyncio.sleep(LOAD_AGAIN_AFTER_S)

    async def look(self, now_s: float) -> Observation:
        """What the page shows now and, in a call, who is there. Takes seconds at most."""
        self._matches = await probe(self._page, self._judge.signs, never_in=NEVER_IN)
        finding = self._judge.judge(now_s, self._matches)
        in_call = finding.state is PageState.IN_CALL
        return Observation(finding, await self.people() if in_call else None)

    async def people(self) -> tuple[Person, ...] | None:
        """Who is in the call, the bot included; None when the page does not tell."""
        return people_of(await evaluate(self._page, _PEOPLE, {"follow": self._following}))

    async def watch(self) -> None:
        """From now on every look also says who speaks."""
        self._following = True
        await self.people()

    async def tidy(self) -> None:
        """Answer the dialogs that are there, and switch off devices that came on by themselves."""
        async with self._turn:
            acted = await self._answer_dialogs()
            if self._asked and (await are_there(self._page, [LIVE_DEVICE]))[0]:
                acted = await switch_devices_off(self._page)
            if acted:
                await move_pointer(self._page)

    async def ask_to_join(self, name: str) -> bool:
        """Fill in the green room and ask; True once the ask was made, by this call or an earlier.

        False when the form is not there, is covered, or still stands after the click: try again.
        """
        async with self._turn:
            try:
                async with asyncio.timeout(ASK_LIMIT_S):
                    return await self._ask(name)
            except TimeoutError:
                return False

    async def say(self, text: str) -> bool:
        """Write into the meeting's chat, at most 500 characters; True once it was sent."""
        async with self._turn:
            return await chat.say(self._page, text)

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
        return await make_bundle(self._page, self._console, self._matches, chat=CHAT)

    async def _ask(self, name: str) -> bool:
        matches = await self._look_aside()
        if matches is None:
            return False
        if any(matches[sign] for sign in _STATES_WITHOUT_FORM):
            self._asked = True
        if self._asked and not matches["join"]:
            return True
        if not (matches["join"] or matches["name-box"]):
            return False
        await self._answer_dialogs()
        if not await press_join(self._page, name):
            return False
        self._asked = await self._form_is_gone()
        return self._asked

    async def _form_is_gone(self) -> bool:
        """Whether the click was taken: the form's controls are gone from a page that answers."""
        deadline_s = asyncio.get_running_loop().time() + ASKED_LIMIT_S
        while asyncio.get_running_loop().time() < deadline_s:
            matches = await self._look_aside()
            if matches is not None and not (matches["join"] or matches["name-box"]):
                return True
            await asyncio.sleep(ASKED_LOOK_EVERY_S)
        return False

    async def _look_aside(self) -> Mapping[str, bool] | None:
        """A look that the judge does not count."""
        return await probe(self._page, self._judge.signs, never_in=NEVER_IN)

    async def _answer_dialogs(self) -> bool:
        """Whether any dialog was answered and went."""
        for answered in range(MAX_DIALOGS_AT_ONCE):
            if not await self._answer_first_dialog():
                return answered > 0
        return True

    async def _answer_first_dialog(self) -> bool:
        there = await are_there(self._page, [dialog.target for dialog in DIALOGS])
        for dialog, is_there in zip(DIALOGS, there, strict=True):
            if not is_there:
                self._failed_answers.pop(dialog.name, None)
        for dialog, is_there in zip(DIALOGS, there, strict=True):
            if is_there and self._failed_answers.get(dialog.name, 0) < MAX_FAILED_ANSWERS:
                return await self._answer(dialog)
        return False

    async def _answer(self, dialog: Dialog) -> bool:
        pressed = (
            await press_key(self._page, dialog.key)
            if dialog.key
            else await press(self._page, dialog.target)
        )
        gone = pressed and not (await are_there(self._page, [dialog.target]))[0]
        if not gone:
            self._failed_answers[dialog.name] = self._failed_answers.get(dialog.name, 0) + 1
        log.info("dialog_answered", dialog=dialog.name, pressed=pressed, gone=gone)
        return gone

    async def _press_leave(self, limit_s: float) -> None:
        await move_pointer(self._page)
        control = await find(self._page, LEAVE)
        if control is None or not await click(control, LEAVE.name, limit_s=limit_s):
            return
        if await until(self._page, _GONE, control, limit_s=LEFT_LIMIT_S):
            return
        if await press(self._page, JUST_LEAVE, limit_s=limit_s):
            await until(self._page, _GONE, control, limit_s=LEFT_LIMIT_S)

    async def _on_response(self, response: Response) -> None:
        if RPC not in response.url:
            return
        attempt = self._attempt
        try:
            async with asyncio.timeout(VERDICT_LIMIT_S):
                verdict = verdict_of(await response.body())
        except (PlaywrightError, TimeoutError):
            return
        if verdict is not None and attempt == self._attempt:
            self._verdict = verdict
            log.warning("platform_verdict", verdict=verdict)


def _network_reason(error: PlaywrightError) -> str:
    """The browser's word for what failed ("net::ERR_NAME_NOT_RESOLVED"), without the address."""
    words = [word for word in error.message.split() if word.startswith(("net::", "NS_"))]
    return words[0] if words else type(error).__name__
