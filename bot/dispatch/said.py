"""What workers say, as their other end reads it. Pure: any bytes give a value, none raises."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.end_reasons import EXIT_COMPLETED, exit_code_of_error
from bot.events import DURABLE_EVENTS, Completed, Failed
from bot.wire import HEARTBEAT, READY, REJECTED, REPLY, Malformed, parse_object

DURABLE: Final = frozenset(event.kind for event in DURABLE_EVENTS)
TERMINAL: Final = frozenset({Completed.kind, Failed.kind})
KINDS: Final = DURABLE | {READY, REJECTED, HEARTBEAT, REPLY}


@dataclass(frozen=True, slots=True)
class Said:
    """One message that is not stored: its worker says it again, or it is no longer true."""

    worker_id: str
    kind: str
    body: dict[str, Any]

    def text(self, key: str) -> str | None:
        """A text of the body, None where it is absent or of another type."""
        value = self.body.get(key)
        return value if isinstance(value, str) else None


@dataclass(frozen=True, slots=True)
class Event(Said):
    """One durable event. The same (bot_id, run_id, seq) is the same event."""

    bot_id: str
    run_id: str
    seq: int

    @property
    def is_terminal(self) -> bool:
        """Whether this is the bot's last word."""
        return self.kind in TERMINAL


def parse_said(frames: Sequence[bytes]) -> Said | Event | Malformed:
    """Read `[routing id, kind, body]`. Further keys, as of a later version, are kept."""
    if len(frames) != 3:  # noqa: PLR2004 - routing id, kind and body
        return Malformed("frame_count")
    worker_id, kind = _text(frames[0]), _text(frames[1])
    if worker_id is None:
        return Malformed("routing_id")
    if kind not in KINDS:
        return Malformed("kind")
    body = parse_object(frames[2])
    if isinstance(body, Malformed):
        return body
    return event_of(worker_id, body) if kind in DURABLE else Said(worker_id, kind, body)


def event_of(worker_id: str, body: dict[str, Any]) -> Event | Malformed:
    """The durable event of a body, as it came or as it was stored."""
    kind, seq = body.get("event"), body.get("seq")
    bot_id, run_id = body.get("bot_id"), body.get("run_id")
    if not (isinstance(kind, str) and isinstance(bot_id, str) and isinstance(run_id, str)):
        return Malformed("event")
    if kind not in DURABLE or type(seq) is not int or seq < 1:
        return Malformed("event")
    return Event(worker_id, kind, body, bot_id.lower(), run_id.lower(), seq)


def exit_code_of(event: Event) -> int:
    """The exit code of the bot whose last word this is."""
    if event.kind == Completed.kind:
        return EXIT_COMPLETED
    data = event.body.get("data")
    return exit_code_of_error(data.get("error_code") if isinstance(data, dict) else None)


def _text(frame: bytes) -> str | None:
    """Names are printable; ZeroMQ's own routing ids, of peers that gave none, are not."""
    try:
        text = frame.decode()
    except UnicodeDecodeError:
        return None
    return text if text and text.isprintable() else None
