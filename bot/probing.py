"""`meetbot probe`: looks at a meeting's page, or a saved one, as a bot would, and joins nothing."""

import asyncio
import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from playwright.async_api import Page, Route
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.errors import SettingError
from bot.evidence_words import Fit, clue_words, evidence_rows, fit_words, target_rows
from bot.launch import browser_of
from bot.preflight import simulator_args
from bot.settings import Settings
from bot.tables import driven_platforms, refuse_bad_selectors, table_of
from platforms.adapter import Adapter
from platforms.errors import PageLost
from platforms.evidence import Place, Sign
from platforms.probe import probe_all, surfaces_of
from platforms.registry import parse_meeting_url
from platforms.standing import relaxed
from platforms.types import MeetingUrl, PageState
from platforms.web_client import WebClient

NAME: Final = "Probe"
LOOK_EVERY_S: Final = 0.5
SETTLED_LOOKS: Final = 3
NOWHERE: Final = "https://saved.invalid/"
"""Where a saved page is shown whose address nobody tells: evidence of places is left out then."""
POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""A saved page runs nothing and fetches nothing."""


async def probe_meeting(settings: Settings, address: str, wait_s: float) -> list[Fit]:
    """How a meeting's page fits its platform's table, once it shows a known state or time is up.

    Raises `PlatformError`: no meeting's address, no browser, a page that does not load or answer.
    """
    url = parse_meeting_url(address)
    adapter = await asyncio.to_thread(table_of, url.platform, settings.evidence_file)
    args = await simulator_args(settings)
    async with browser_of(settings, name_card=NAME, extra_args=args) as browser:
        await refuse_bad_selectors(browser.page, adapter)
        await _watch(browser.page, url, adapter, wait_s)
        return [await _fit(browser.page, adapter, placed=True)]


async def _watch(page: Page, url: MeetingUrl, adapter: Adapter, wait_s: float) -> None:
    """Until the page has shown the same for a moment, or time is up."""
    client = WebClient(page, url, adapter)
    await client.open(wait_s)
    clock = asyncio.get_running_loop().time
    until_s = clock() + wait_s
    looks = 0
    while looks < SETTLED_LOOKS and clock() < until_s:
        state = (await client.look(clock())).finding.state
        looks = looks + 1 if state is not PageState.UNKNOWN else 0
        await asyncio.sleep(LOOK_EVERY_S)


async def probe_file(
    settings: Settings, path: Path, platform: str | None, at: str | None
) -> list[Fit]:
    """How a saved page fits the tables of one platform, or of all; the best fit first.

    `at` is the address it was saved at, if known: evidence of places is judged by it. Raises
    `SettingError` for a file that cannot be read, `PlatformError` as `probe_meeting` does.
    """
    html = await asyncio.to_thread(_read, path)
    names = [platform] if platform else driven_platforms()
    adapters = [await asyncio.to_thread(table_of, each, settings.evidence_file) for each in names]
    async with browser_of(settings, name_card=NAME) as browser:
        await _show(browser.page, html, at or NOWHERE)
        fits = [await _fit(browser.page, each, placed=at is not None) for each in adapters]
    return sorted(fits, key=lambda fit: fit.row is None)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise SettingError("page", f"{path}: {error.strerror}") from error


async def _show(page: Page, html: str, at: str) -> None:
    async def answer(route: Route) -> None:
        if route.request.is_navigation_request():
            headers = {"Content-Security-Policy": POLICY}
            await route.fulfill(content_type="text/html; charset=utf-8", body=html, headers=headers)
        else:
            await route.abort()

    await page.route("**/*", answer)
    await page.goto(at)


async def _fit(page: Page, adapter: Adapter, *, placed: bool) -> Fit:
    await refuse_bad_selectors(page, adapter)
    signs = adapter.signs if placed else [_placeless(each) for each in adapter.signs]
    surfaces = surfaces_of(page, adapter.owns_frame)
    matches = await probe_all(surfaces, signs, never_in=adapter.never_in)
    loosely = await probe_all(surfaces, [relaxed(each) for each in signs], never_in="")
    if matches is None or loosely is None:
        raise PageLost("being looked at")
    return Fit(adapter, matches, loosely)


def _placeless(sign: Sign) -> Sign:
    clues = tuple(clue for clue in sign.clues if not isinstance(clue, Place))
    return dataclasses.replace(sign, clues=clues)


def print_fits(fits: Sequence[Fit], console: Console, *, as_json: bool, all_rows: bool) -> bool:
    """Say how the page fits; whether some row holds."""
    if as_json:
        console.file.write(json.dumps([fit.document() for fit in fits], indent=2) + "\n")
    else:
        for fit in fits:
            _print_fit(fit, console, all_rows=all_rows)
    return any(fit.row is not None for fit in fits)


def _print_fit(fit: Fit, console: Console, *, all_rows: bool) -> None:
    found = fit.row
    told = f"{found.row.state.value} by {found.row.name}" if found else "unknown: no row holds"
    table = Table("row", "state", "on this page", title=f"{fit.adapter.platform}: {told}")
    for each in fit.standings:
        if all_rows or each.holds or each.is_near:
            style = "green" if each.holds else "yellow" if each.is_near else "dim"
            table.add_row(each.row.name, each.row.state.value, Text(fit_words(each), style=style))
    console.print(table)
    seen = [name for name, is_seen in fit.matches.items() if is_seen]
    console.print(Text(f"seen: {', '.join(seen) or 'nothing'}"))
    for sign in fit.signs_in_the_way():
        console.print(Text(f"{sign.name} looks for:"))
        for kind, what in map(clue_words, sign.clues):
            console.print(Text(f"  {kind}: {what}"))


def print_evidence(adapters: Sequence[Adapter], console: Console) -> None:
    """Everything the adapters lean on, one clue a line, tab-separated, with sources and dates.

    The second column says what it is for: to `look` at, or to `act` on.
    """
    for adapter in adapters:
        for use, lines in (("look", evidence_rows(adapter)), ("act", target_rows(adapter))):
            for line in lines:
                console.file.write("\t".join((adapter.platform, use, *line)) + "\n")
