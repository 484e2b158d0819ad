"""Carries out commands, live ones and the scenario's, at their times."""

import asyncio
import collections
import functools
from collections.abc import Callable

import structlog

from platforms.simulator.commands import (
    Anchor,
    Event,
    Join,
    Leave,
    Lobby,
    Remove,
    Say,
    Share,
    Speak,
    Trouble,
)
from platforms.simulator.errors import CommandRefusedError
from platforms.simulator.members import Member
from platforms.simulator.room import Room
from platforms.simulator.state import Status

_REFUSALS = {
    "deny": Status.DENIED,
    "no_answer": Status.NO_ANSWER,
    "block": Status.BLOCKED,
}

log = structlog.get_logger(__name__)


class Director:
    """Runs a room's scenario on the event loop's timers. Close it to cancel what is still due."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._timers: dict[Anchor, asyncio.TimerHandle] = {}
        self._quiet: dict[Member, asyncio.TimerHandle] = {}
        self._runs = 0
        room.on_anchor = self._anchored

    def close(self) -> None:
        """Cancel everything that is still due."""
        for timer in [*self._timers.values(), *self._quiet.values()]:
            timer.cancel()
        self._timers.clear()
        self._quiet.clear()

    def carry_out(self, command: Event, by: str) -> None:
        """Do it now.

        Raises:
            CommandRefusedError: it does not fit the meeting as it is.
        """
        match command:
            case Lobby(do="admit"):
                self._room.admit(command.who)
            case Lobby():
                self._room.refuse(command.who, _REFUSALS[command.do])
            case Remove():
                self._room.remove(command.who)
            case Join():
                self._room.join(command.who, command.picture)
            case Leave():
                self._room.part(command.who)
            case Speak():
                self._speak(command)
            case Say():
                self._room.write(command.who, command.text)
            case Share():
                self._room.share(command.who, shares=command.do == "share_screen")
            case Trouble():
                self._room.trouble(command.do, command.for_s)
            case _:
                self._plain(command.do)
        self._room.log_fired(command.do, getattr(command, "who", None), by)

    def _plain(self, do: str) -> None:
        if do == "end":
            self._room.end()
        else:
            self._room.trouble(do)

    def _speak(self, command: Speak) -> None:
        member = self._room.start_speaking(command.who)
        earlier = self._quiet.pop(member, None)
        if earlier:
            earlier.cancel()
        self._quiet[member] = self._later(command.for_s, lambda: self._hush(member))

    def _hush(self, member: Member) -> None:
        self._quiet.pop(member, None)
        self._room.stop_speaking(member)

    def _anchored(self, anchor: Anchor) -> None:
        if anchor == "start":
            self.close()
            self._runs += 1
        events = collections.deque(self._room.scenario.schedule(anchor))
        self._arm(anchor, asyncio.get_running_loop().time(), events)

    def _arm(self, anchor: Anchor, start_s: float, events: collections.deque[Event]) -> None:
        """One timer per clock: the loop does not keep the order of timers of one instant."""
        if events:
            due_s = start_s + events[0].at_s
            call = functools.partial(self._due, anchor, start_s, events)
            self._timers[anchor] = asyncio.get_running_loop().call_at(due_s, call)

    def _due(self, anchor: Anchor, start_s: float, events: collections.deque[Event]) -> None:
        run = self._runs
        due_s = events[0].at_s
        while events and events[0].at_s <= due_s:
            self._fire(events.popleft())
        if run == self._runs:
            self._arm(anchor, start_s, events)

    def _fire(self, event: Event) -> None:
        try:
            self.carry_out(event, "scenario")
        except CommandRefusedError as error:
            log.warning("scenario_event_refused", do=error.do, reason=error.reason)

    @staticmethod
    def _later(delay_s: float, call: Callable[[], None]) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(delay_s, call)
