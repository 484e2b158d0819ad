"""Reads the meeting's chat.

Its messages are in the page once the panel was open; closed again it stays there, without size. The
button's label says that there is something new, in whatever language: then, and the first time, the
panel is opened for a moment, out of the picture.
"""

from typing import Final

from platforms.actions import press_by_key, until
from platforms.aside import adopt, drop
from platforms.google_meet.controls import CHAT_BUTTON
from platforms.probe import Surface, evaluate

SHOWN_LIMIT_S: Final = 2.0
ASIDE: Final = "aside { position: fixed !important; left: 100vw !important; }"
READ: Final = r"""() => {
  const AUTHOR = '.poVWob, [data-sender-name]';
  const text = (element) => element?.textContent.replace(/\s+/g, ' ').trim() ?? '';
  let sender = '';
  return [...document.querySelectorAll('[data-message-id]')].map((message) => {
    // the name stands over the first message of a turn alone
    sender = text(message.querySelector(AUTHOR)) || sender;
    const body = message.querySelector('[jsname="dTKtvb"]');
    const whole = text(body ?? message);
    const named = !body && sender && whole.startsWith(sender);
    const said = named ? whole.slice(sender.length).trim() : whole;
    return { id: message.dataset.messageId, sender, text: said };
  });
}"""
_HAS_NEWS: Final = f"""() => {{
  const LABEL = Symbol.for('chat-label');
  const button = document.querySelector({", ".join(CHAT_BUTTON.selectors)!r});
  const label = button?.getAttribute('aria-label') ?? '';
  const news = button !== null && window[LABEL] !== label;
  window[LABEL] = label;
  return news;
}}"""
_FORGET_NEWS: Final = "() => { delete window[Symbol.for('chat-label')]; }"
_COUNT: Final = "() => document.querySelectorAll('[data-message-id]').length"


async def read_chat(surface: Surface) -> object:
    """The lines that are in the page, as `platforms.chat.lines_of` takes them."""
    if await evaluate(surface, _HAS_NEWS) is True:
        return await _read_in_panel(surface)
    return await evaluate(surface, READ)


async def _read_in_panel(surface: Surface) -> object:
    before = await evaluate(surface, _COUNT)
    await adopt(surface, "chat", ASIDE)
    try:
        if await press_by_key(surface, CHAT_BUTTON):
            more = f"() => ({_COUNT})() > {before if isinstance(before, int) else 0}"
            await until(surface, more, None, limit_s=SHOWN_LIMIT_S)
            answer = await evaluate(surface, READ)
            await press_by_key(surface, CHAT_BUTTON)
            await evaluate(surface, _HAS_NEWS)
            return answer
        await evaluate(surface, _FORGET_NEWS)  # a busy page did not take the key: the next time
    finally:
        await drop(surface, "chat")
    return await evaluate(surface, READ)
