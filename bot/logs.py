"""Logging: structlog events on stderr, and on request in a file that becomes an artifact.

Whatever is logged, by us or by a library, goes through the same chain: masked, made printable,
bounded. On a terminal it is a coloured line, elsewhere one JSON object a line.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.masking import clean, clean_exception, forget_secrets, mask, register_secrets

__all__ = [
    "bind_bot",
    "configure_logs",
    "forget_secrets",
    "mask",
    "open_log_file",
    "register_secrets",
]

LOG_FILE_MAX_BYTES = 64 * 1024**2
TRACEBACK_KEYS = frozenset({"exception", "stack"})
INTERNAL_KEYS = frozenset({"_record", "_from_structlog"})
QUIET_LIBRARIES = ("aioice", "aiortc", "asyncio", "boto3", "botocore", "httpcore", "httpx", "libav")
"""Libraries whose own debug and info lines are not ours to publish: warnings and above are."""


def configure_logs(
    log_format: Literal["auto", "json", "console"] = "auto",
    log_level: Literal["debug", "info", "warning", "error"] = "info",
    stream: TextIO | None = None,
) -> None:
    """Set up structlog and the standard library's logging, once per process.

    `stream` is stderr by default; `auto` is `console` where the stream is a terminal, else `json`.
    `log_level` is the stream's; a log file holds info and above whatever the stream shows.
    Calling it again replaces what was set up.
    """
    stream = stream or sys.stderr
    console = log_format == "console" or (log_format == "auto" and stream.isatty())
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_formatter(_console(colors=stream.isatty()) if console else _json()))
    handler.setLevel(log_level.upper())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(min(handler.level, logging.INFO))
    for name in QUIET_LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)


def bind_bot(bot_id: str, run_id: str) -> None:
    """Put the bot's ids on every event logged from here on, in this task and what it starts."""
    structlog.contextvars.bind_contextvars(bot_id=bot_id, run_id=run_id)


@contextmanager
def open_log_file(path: Path, max_bytes: int = LOG_FILE_MAX_BYTES) -> Iterator[None]:
    """Also write what is logged to `path`, one JSON object a line, while the context is open.

    Info and above, and debug where the stream has it. A file that has reached `max_bytes` says so
    in its last line and takes no more.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = _BoundedFileHandler(path, max_bytes)
    handler.setFormatter(_formatter(_json()))
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()


class _BoundedFileHandler(logging.FileHandler):
    def __init__(self, path: Path, max_bytes: int) -> None:
        super().__init__(path, encoding="utf-8")
        self._left_bytes = max_bytes - path.stat().st_size

    def emit(self, record: logging.LogRecord) -> None:
        if self._left_bytes <= 0:
            return
        self._left_bytes -= len(self.format(record).encode()) + 1
        super().emit(record)
        if self._left_bytes <= 0 and self.stream is not None:
            self.stream.write('{"event": "log_file_full", "level": "warning"}\n')
            self.flush()


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        _mask_event,
    ]


def _formatter(renderer: Processor) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*_shared()],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )


def _json() -> Processor:
    return structlog.processors.JSONRenderer()


def _console(*, colors: bool) -> Processor:
    return structlog.dev.ConsoleRenderer(
        colors=colors, exception_formatter=structlog.dev.plain_traceback
    )


def _mask_event(logger: WrappedLogger, method: str, event_dict: EventDict) -> EventDict:
    """The last word on what is rendered: every value masked, printable and bounded."""
    del logger, method
    kept = {key: value for key, value in event_dict.items() if key in INTERNAL_KEYS}
    traces = {
        key: clean_exception(str(value))
        for key, value in event_dict.items()
        if key in TRACEBACK_KEYS
    }
    rest = {k: v for k, v in event_dict.items() if k not in INTERNAL_KEYS | TRACEBACK_KEYS}
    cleaned = clean(rest)
    return {**kept, **(cleaned if isinstance(cleaned, dict) else {}), **traces}
