"""Ctrl-C and SIGTERM: the first one asks politely, a second one ends at once."""

import asyncio
import os
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final, NoReturn, Protocol

import psutil
import structlog

from bot.end_reasons import EXIT_COMPLETED, EXIT_SECOND_INTERRUPT, EXIT_SIGTERM
from bot.outcome import Outcome
from platforms.chromium import remove_browser_folders

log = structlog.get_logger(__name__)

LEFT_BY_COMMAND: Final = "command/leave"
"""The evidence row of an outcome that somebody asked for."""


class Stoppable(Protocol):
    """What can be told to stop. Both are idempotent."""

    def leave(self) -> None:
        """End as the leave command does."""

    def terminate(self) -> None:
        """End within the grace period."""


class Signals:
    """What this process was told by signals, handed on to whoever is attached.

    Ctrl-C leaves, a second one exits 130 at once. SIGTERM terminates and exits 143: at once when
    it comes again, and at the latest when the grace period is over. What comes before anybody is
    attached is handed on on attaching. `came` is set by the first of any.
    """

    def __init__(self, grace_s: float) -> None:
        self._grace_s = grace_s
        self._stoppable: Stoppable | None = None
        self.interrupted = False
        self.terminated = False
        self._sigterms = 0
        self._last_moment: threading.Timer | None = None
        self.came = asyncio.Event()

    def attach(self, stoppable: Stoppable) -> None:
        """From now on hand signals to this."""
        self._stoppable = stoppable
        self._hand_on()

    def on_interrupt(self) -> None:
        """Ctrl-C was pressed."""
        if self.interrupted:
            hard_exit(EXIT_SECOND_INTERRUPT)
        self.interrupted = True
        log.info("leaving_on_interrupt", hint="a second Ctrl-C stops at once")
        self._hand_on()

    def on_terminate(self) -> None:
        """SIGTERM has come."""
        self._sigterms += 1
        if self._sigterms > 1:
            hard_exit(EXIT_SIGTERM)
        self.terminate()

    def terminate(self) -> None:
        """End as SIGTERM does, within the grace period. Idempotent."""
        if self.terminated:
            return
        self.terminated = True
        log.info("terminating", grace_s=self._grace_s)
        # a thread: it must also end a process whose event loop is stuck or already over
        self._last_moment = threading.Timer(self._grace_s, hard_exit, (EXIT_SIGTERM,))
        self._last_moment.daemon = True
        self._last_moment.start()
        self._hand_on()

    def disarm(self) -> None:
        """The process goes on after all: nothing ends it at the end of the grace period."""
        if self._last_moment is not None:
            self._last_moment.cancel()

    def exit_code(self, outcome: Outcome) -> int:
        """The process's exit code: whoever pressed Ctrl-C got what was asked for, and that is 0."""
        if self.interrupted and outcome.row == LEFT_BY_COMMAND:
            return EXIT_COMPLETED
        return outcome.exit_code

    @property
    def exit_code_without_bot(self) -> int:
        """The exit code of a process that was stopped before there was a bot."""
        return EXIT_SIGTERM if self.terminated else EXIT_COMPLETED

    def _hand_on(self) -> None:
        if self.interrupted or self.terminated:
            self.came.set()
        if self._stoppable is None:
            return
        if self.interrupted:
            self._stoppable.leave()
        if self.terminated:
            self._stoppable.terminate()


@asynccontextmanager
async def signals(grace_s: float) -> AsyncIterator[Signals]:
    """Receives this process's signals while the block runs."""
    loop = asyncio.get_running_loop()
    received = Signals(grace_s)
    loop.add_signal_handler(signal.SIGINT, received.on_interrupt)
    loop.add_signal_handler(signal.SIGTERM, received.on_terminate)
    try:
        yield received
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        loop.remove_signal_handler(signal.SIGTERM)


def hard_exit(code: int) -> NoReturn:
    """End this process, everything it started and the browsers' folders, now.

    What lies in the spool and the outbox stays for the next run.
    """
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            child.kill()
    remove_browser_folders()
    os._exit(code)
