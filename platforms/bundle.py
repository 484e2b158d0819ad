"""What a failed page leaves behind, without secrets, scripts and what people wrote."""

import asyncio
import re
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from playwright.async_api import ConsoleMessage, Locator, Page
from playwright.async_api import Error as PlaywrightError

from platforms.packaged import packaged_text
from platforms.probe import Surface, evaluate
from platforms.types import FailureBundle

MAX_LINES: Final = 200
MAX_LINE_CHARACTERS: Final = 300
MAX_HTML_CHARACTERS: Final = 512 * 1024
SCREENSHOT_LIMIT_S: Final = 5.0
_REDACT: Final = packaged_text("platforms", "redact.js")
_QUERY: Final = re.compile(r"(?<=[\w/])[?#][^\s\"'<>)]+")
_DATA: Final = re.compile(r"\bdata:[^\s\"'<>)]+")
_MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_TOKEN: Final = re.compile(r"\b[A-Za-z0-9_=+/-]{40,}\b")


def without_secrets(text: str) -> str:
    """The text without queries, embedded data, mail addresses and long tokens. Pure."""
    text = _DATA.sub("data:", _QUERY.sub("", text))
    return _TOKEN.sub("[token]", _MAIL.sub("[mail]", text))


def console_line(kind: str, text: str) -> str:
    """One line for a console message: bounded, printable, free of secrets. Pure."""
    line = without_secrets(text[: 4 * MAX_LINE_CHARACTERS])
    escaped = line.encode("unicode_escape").decode("ascii") if not line.isprintable() else line
    return f"{kind}: {escaped}"[:MAX_LINE_CHARACTERS]


class Console:
    """The last lines of a page's console, errors that reached nobody included."""

    def __init__(self, page: Page) -> None:
        self._lines: deque[str] = deque(maxlen=MAX_LINES)
        page.on("console", self._note)
        page.on("pageerror", lambda error: self._lines.append(console_line("error", str(error))))

    def _note(self, message: ConsoleMessage) -> None:
        self._lines.append(console_line(message.type, message.text))

    def lines(self) -> tuple[str, ...]:
        """What was said, oldest first; the oldest of more than `MAX_LINES` are gone."""
        return tuple(self._lines)


async def make_bundle(
    page: Page,
    console: Console,
    matches: Mapping[str, bool] | None,
    *,
    chat: str,
    keep: Collection[str] = (),
    parts: Sequence[Surface] = (),
) -> FailureBundle:
    """A bundle of the page as it is now; what the page does not give in time is None.

    `chat` is a selector of what people write: cut out of the HTML, painted over in the picture.
    `keep` are the data attributes that stay in the HTML: those that evidence is read off.
    `parts` are the page and the client's frame in it, where it has one; else the page is all.
    """
    parts = parts or (page,)
    argument = {"chat": chat, "keep": sorted(keep), "limit": MAX_HTML_CHARACTERS // len(parts)}
    texts = [await evaluate(part, _REDACT, argument) for part in parts]
    html = "\n".join(text for text in texts if isinstance(text, str))
    return FailureBundle(
        screenshot_jpeg=await _screenshot(page, [part.locator(chat) for part in parts]),
        html=without_secrets(html) if html else None,
        console=console.lines(),
        matches=dict(matches or {}),
    )


async def _screenshot(page: Page, masked: list[Locator]) -> bytes | None:
    try:
        async with asyncio.timeout(SCREENSHOT_LIMIT_S):
            return await page.screenshot(type="jpeg", quality=60, animations="allow", mask=masked)
    except (PlaywrightError, TimeoutError):
        return None
