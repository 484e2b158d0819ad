"""Reads the meeting's chat, which `panel` keeps open beside the picture."""

from typing import Final

from platforms.probe import Surface, evaluate

READ: Final = r"""() => {
  const AUTHOR = '[data-tid="message-author-name"]';
  const ADDED = /\s*\((unverified|guest|external)\)$/i;
  const text = (element) => element?.textContent.replace(/\s+/g, ' ').trim() ?? '';
  let sender = '';
  const messages = [...document.querySelectorAll('[data-tid="chat-pane-message"][data-mid]')];
  return messages.map((message) => {
    // the name stands over the first message of a turn alone, in the message or beside it
    const item = message.closest('[data-tid="chat-pane-item"]') ?? message;
    sender = text(item.querySelector(AUTHOR)).replace(ADDED, '') || sender;
    const body = message.querySelector('[id^="content-"], [data-message-content]');
    return { id: message.dataset.mid, sender, text: text(body) };
  });
}"""


async def read_chat(surface: Surface) -> object:
    """The lines that are in the page, as `platforms.chat.lines_of` takes them."""
    return await evaluate(surface, READ)
