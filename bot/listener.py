"""Writes the events of a run without an orchestrator as JSON lines."""

import json
import os
from typing import TextIO

import structlog

from bot.links import present
from bot.outbox import Envelope, Outbox
from media.types import Storage

log = structlog.get_logger(__name__)


class Listener:
    """Whoever reads `stream`, None for nobody. Blocks."""

    def __init__(self, storage: Storage, url_lifetime_s: int, stream: TextIO | None) -> None:
        self._storage = storage
        self._url_lifetime_s = url_lifetime_s
        self._stream = stream

    def hear(self, envelope: Envelope) -> None:
        """Write one event as a JSON line. After the first failure nothing is written any more."""
        if self._stream is None:
            return
        stream, shown = self._stream, envelope
        if envelope.is_terminal:
            shown = present(self._storage, envelope, self._url_lifetime_s)
        try:
            stream.write(json.dumps(shown.body(), ensure_ascii=False) + "\n")
            stream.flush()
        except (OSError, ValueError) as error:
            log.warning("event_stream_closed", problem=type(error).__name__)
            self._stream = None
            close_for_good(stream)

    def hear_all(self, outbox: Outbox) -> list[Envelope]:
        """Write what waits in an outbox, and acknowledge it; what that was."""
        heard: list[Envelope] = []
        while envelopes := outbox.pending():
            for envelope in envelopes:
                self.hear(envelope)
                outbox.ack(envelope.seq)
            heard += envelopes
        return heard


def close_for_good(stream: TextIO) -> None:
    """Let a broken stream's unwritten rest go nowhere: Python flushes it once more on exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, stream.fileno())
    except (OSError, ValueError):  # not a file of the system: nothing is flushed
        log.debug("stream_has_no_file")
    finally:
        os.close(nowhere)
