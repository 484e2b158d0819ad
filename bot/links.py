"""Stored keys become URLs when a terminal event is told. Blocking: signing may ask for keys."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog

from bot.fields import rfc3339
from bot.outbox import Envelope
from media.errors import MediaError
from media.types import Storage

log = structlog.get_logger(__name__)

URL_FIELDS: Final = (
    "video",
    "audio",
    "diarization",
    "raw_transcription",
    "transcription",
    "chat_messages",
    "report",
)
MAX_SCREENSHOT_BYTES: Final = 512 * 1024
"""Room for screenshots in a frame of 1 MiB; all of them are listed in the report."""


def presented(storage: Storage, data: Mapping[str, Any], lifetime_s: int) -> dict[str, Any]:
    """A terminal event's data with URLs in place of keys, null where none can be made."""
    shown = dict(data)
    for name in URL_FIELDS:
        if shown.get(name):
            shown[name] = _link(storage, shown[name], lifetime_s)
    if shown.get("screenshots"):
        shown["screenshots"] = _links(storage, shown["screenshots"], lifetime_s)
    shown["urls_expire_at"] = rfc3339(datetime.now(UTC) + timedelta(seconds=lifetime_s))
    return shown


def present(storage: Storage, envelope: Envelope, lifetime_s: int) -> Envelope:
    """A terminal envelope as it is sent: with fresh URLs."""
    return Envelope(
        envelope.event,
        envelope.bot_id,
        envelope.run_id,
        envelope.seq,
        envelope.sent_at,
        presented(storage, envelope.data, lifetime_s),
        envelope.extra,
    )


def _link(storage: Storage, key: str, lifetime_s: int) -> str | None:
    try:
        return storage.url(key, lifetime_s)
    except (MediaError, ValueError) as error:
        log.warning("link_not_made", key=key, problem=str(error))
        return None


def _links(storage: Storage, keys: Sequence[str], lifetime_s: int) -> list[str]:
    links: list[str] = []
    left_bytes = MAX_SCREENSHOT_BYTES
    for key in keys:
        link = _link(storage, key, lifetime_s)
        left_bytes -= len(link or "")
        if link is None or left_bytes < 0:
            break
        links.append(link)
    return links
