"""Reads the meeting's chat.

Its list exists only while its panel is open. Where the client has room for one panel at a time the
list of participants has it, and the chat is opened now and then for a moment; both lie out of the
picture.
"""

from typing import Final

from platforms.actions import find, press_by_key, until_there
from platforms.probe import Surface, evaluate
from platforms.zoom.controls import CHAT_BUTTON, PEOPLE_BUTTON, PEOPLE_LIST
from platforms.zoom.panel import move_aside

PEEK_EVERY_MS: Final = 10_000
SHOWN_LIMIT_S: Final = 3.0
READ: Final = r"""() => {
  // "Ana to Everyone, 10:00 AM, hi": the label alone names the sender, in English
  const LABEL = /^(.+?) to .+?, \d{1,2}:\d{2}/s;
  const text = (element) => element?.textContent.replace(/\s+/g, ' ').trim() ?? '';
  let sender = '';
  const messages = [...document.querySelectorAll('[id^="chat-message-content"]')];
  return messages.map((message) => {
    const label = message.getAttribute('aria-label') ?? '';
    sender = LABEL.exec(label)?.[1].trim() || sender;
    return { id: message.id, sender, text: text(message) };
  });
}"""
_LIST: Final = '#chat-list-content, [aria-label="Chat Message List"], .chat-virtuoso-wrapper'
_IS_OPEN: Final = f"() => document.querySelector({_LIST!r}) !== null"
_IS_DUE: Final = """everyMs => {
  const PEEKED = Symbol.for('chat-peeked');
  const due = performance.now() - (window[PEEKED] ?? -Infinity) >= everyMs;
  if (due) window[PEEKED] = performance.now();
  return due;
}"""


async def read_chat(surface: Surface) -> object:
    """The lines of the open list, as `platforms.chat.lines_of` takes them; else those of a peek."""
    if await evaluate(surface, _IS_OPEN) is True:
        return await evaluate(surface, READ)
    if await evaluate(surface, _IS_DUE, PEEK_EVERY_MS) is not True:
        return []
    listed = await find(surface, PEOPLE_LIST) is not None
    await move_aside(surface)
    if not await press_by_key(surface, CHAT_BUTTON):
        return []
    await until_there(surface, _LIST, limit_s=SHOWN_LIMIT_S)
    lines = await evaluate(surface, READ)
    if listed and await find(surface, PEOPLE_LIST) is None:
        await press_by_key(surface, PEOPLE_BUTTON)
    return lines
