"""The side panel: kept open beside the picture, with the chat in it.

It shows the chat or the people, one at a time, and nothing of either is in the page while it is
closed. Moved aside it takes no room of the stage; no notice of the client is in it. Who organises
the meeting stands in the list of people alone (other public code, 2026): it is opened for a moment
when somebody is there who was not when it was last read.
"""

from collections.abc import Mapping
from typing import Final

from platforms.actions import Target, find, press_by_key, until_there
from platforms.aside import adopt
from platforms.probe import Surface, evaluate
from platforms.teams import sources as by
from platforms.teams.controls import CHAT_BOX, CHAT_BUTTON, NOT_A_CONTROL
from platforms.teams.evidence import CALL_SCREEN, TIMER

SHOWN_LIMIT_S: Final = 3.0
MAX_VAIN_TRIES: Final = 3
AGAIN_AFTER_MS: Final = 10_000
ASIDE: Final = """
[data-tid="calling-right-side-panel"] { position: fixed !important; left: 100vw !important; }"""
PEOPLE_BUTTON: Final = Target(
    "people-button",
    selectors=("#roster-button", '[data-tid="calling-toolbar-people-button"]'),
    outside=NOT_A_CONTROL,
    hidden=True,
    sources=(by.Z, by.W),
)
_ROWS: Final = (
    '[data-cid="roster-participant"], [data-tid^="participantsInCall-"], '
    '[data-tid^="attendeesInMeeting-"]'
)
_READ_PEOPLE: Final = f"""() => {{
  const MARK = '[data-tid="ts-roster-organizer-status"]';
  const roster = window[Symbol.for('roster')] = new Map();
  for (const row of document.querySelectorAll({_ROWS!r})) {{
    const named = row.querySelector('[id^="roster-avatar-img-"], span[title]');
    const label = row.getAttribute('aria-label') ?? '';
    const name = (named?.title || named?.textContent || label.split(',')[0]).trim();
    if (name) roster.set(name, row.querySelector(MARK) !== null);
  }}
}}"""
_WANTED: Final = """([maxTries, againAfterMs]) => {
  const TRIES = Symbol.for('roster-tries');
  const tries = window[TRIES] ??= { count: 0, atMs: -Infinity, size: 0 };
  const tiles = document.querySelectorAll('[data-stream-type="Video"][data-tid]');
  const roster = window[Symbol.for('roster')] ?? new Map();
  const names = [...tiles].map((tile) => tile.dataset.tid).filter((name) => !roster.has(name));
  if (names.length === 0) return false;
  if (tries.count >= maxTries || performance.now() - tries.atMs < againAfterMs) return false;
  tries.count = roster.size === 0 ? tries.count + 1 : 0;
  tries.atMs = performance.now();
  return true;
}"""


async def tend_panel(surface: Surface, seen: Mapping[str, bool]) -> None:
    """In the call: read who organises it where that may have changed, then have the chat there."""
    if not (seen[CALL_SCREEN.name] or seen[TIMER.name]):
        return
    if await evaluate(surface, _WANTED, [MAX_VAIN_TRIES, AGAIN_AFTER_MS]) is True:
        await adopt(surface, "panel", ASIDE)
        if await press_by_key(surface, PEOPLE_BUTTON):
            await until_there(surface, _ROWS, limit_s=SHOWN_LIMIT_S)
            await evaluate(surface, _READ_PEOPLE)
        await _open_chat(surface)


async def _open_chat(surface: Surface) -> None:
    if await find(surface, CHAT_BOX) is None and await press_by_key(surface, CHAT_BUTTON):
        await until_there(surface, ", ".join(CHAT_BOX.selectors), limit_s=SHOWN_LIMIT_S)
