"""The leave rules as a table, and the facts they are judged by. Pure.

Each says: while this holds, a clock runs, and at so many seconds the bot leaves for that reason.
A condition that a look could not tell is None. `bot.leave` keeps the clocks.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from bot.contract import EndReason, Status
from bot.job import TimeoutConfig
from bot.machine import IN_CALL, RECORDING, WAITING
from platforms.types import PageState, Traits


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The waits that no job sets, in seconds."""

    load_s: float = 60.0
    """The meeting page shows no known state: it will not."""
    join_s: float = 180.0
    """The page is known, yet the bot could not ask: it will not."""
    confirm_s: float = 30.0
    """An admission seen by the waiting room's deadline has so long to prove true."""
    unknown_s: float = 60.0
    """In the call, the page shows no known state and nothing is heard that proves it goes on."""
    unknown_with_sound_s: float = 600.0
    """The same while something is heard: the recording is good, but nobody is watching."""
    reconnecting_s: float = 300.0
    """The client says it has lost its connection and is trying."""
    readmission_s: float = 120.0
    """The client reopened its page in mid-call and the bot is not back in."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look showed, judged by others.

    `others` counts the people beside the bot and the ignored, None when the page did not tell.
    `speaking`: somebody speaks now, None when no probe told. `audio_alive`: packets of sound
    arrive, be they silent; False means our audio is dead, which is not silence. `heard`: there was
    something to hear just now, whoever made it: the one proof of life on a page that cannot be
    read, since silent packets arrive from a page that has ended too. `rejoining`: our own page died
    in mid-call, and the bot is asking to join again.
    """

    status: Status
    page: PageState
    others: int | None = None
    speaking: bool | None = None
    audio_alive: bool | None = None
    heard: bool | None = None
    rejoining: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """A look, and what the looks before it add to it."""

    look: Look
    traits: Traits
    others_seen: bool
    admission_pending: bool
    """An admission was seen, and there is still time for it to prove true."""

    @property
    def others(self) -> int | None:
        """The count of other people, None unless the page shows the call."""
        return self.look.others if self.look.page is PageState.IN_CALL else None


class InGrace(Enum):
    """What a rule may do while the grace period after admission lasts."""

    COUNTS_AND_FIRES = auto()
    """A failure is one at any time."""
    COUNTS = auto()
    """Its clock belongs to the recording."""
    HAS_NO_CLOCK = auto()
    """Its clock starts when the grace period is over."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`holds` is asked in `statuses` only; elsewhere the rule does not hold."""

    row: str
    reason: EndReason
    statuses: Collection[Status]
    holds: Callable[[Facts], bool | None]
    limit_s: Callable[[TimeoutConfig, Deadlines], float]
    in_grace: InGrace = InGrace.COUNTS_AND_FIRES


def _still_outside(facts: Facts) -> bool | None:
    return None if facts.admission_pending else True


def _host_still_away(facts: Facts) -> bool | None:
    return _still_outside(facts) if facts.traits.waits_for_host else False


def _nobody_came(facts: Facts) -> bool | None:
    if facts.others_seen or not facts.traits.no_one_joined_counts:
        return False
    return None if facts.others is None else facts.others == 0


def _everyone_left(facts: Facts) -> bool | None:
    if not facts.others_seen:
        return False
    return None if facts.others is None else facts.others == 0


def _silent(facts: Facts) -> bool | None:
    """Silence of people in a call that is seen to go on.

    An empty call is the attendance rules' business; a lost or reopened page is silent by itself.
    """
    look = facts.look
    if look.speaking:
        return False
    heard = look.speaking is False and look.audio_alive is True
    return True if heard and look.page is PageState.IN_CALL and facts.others != 0 else None


def _lost(facts: Facts) -> bool:
    return facts.look.page is PageState.UNKNOWN and not facts.look.rejoining


def _lost_and_unheard(facts: Facts) -> bool:
    return _lost(facts) and facts.look.heard is not True


def _on_hold(facts: Facts) -> bool:
    return facts.traits.puts_on_hold and facts.look.page in _WAITS and not facts.look.rejoining


def _outside(facts: Facts) -> bool:
    away = facts.look.page in _WAITS | {PageState.PREJOIN} and not _on_hold(facts)
    return away and not facts.look.rejoining


_WAITS: Final = {PageState.LOBBY, PageState.WAITING_FOR_HOST}
_JOINING: Final = {Status.JOINING_CALL}
_RECORDED: Final = RECORDING | {Status.RECORDING_PAUSED}

RULES: Final = (
    Rule(
        "leave/page-never-loaded",
        EndReason.CANNOT_JOIN_MEETING,
        _JOINING,
        _lost,
        lambda _, deadlines: deadlines.load_s,
    ),
    Rule(
        "leave/never-able-to-ask",
        EndReason.CANNOT_JOIN_MEETING,
        _JOINING,
        lambda _: True,
        lambda _, deadlines: max(deadlines.join_s, deadlines.load_s),
    ),
    Rule(
        "leave/host-never-came",
        EndReason.WAITING_FOR_HOST_TIMEOUT,
        {Status.IN_WAITING_FOR_HOST},
        _host_still_away,
        lambda timeouts, _: timeouts.waiting_room_timeout,
    ),
    Rule(
        "leave/waiting-room-timeout",
        EndReason.TIMEOUT_WAITING_TO_START,
        WAITING,
        _still_outside,
        lambda timeouts, _: timeouts.waiting_room_timeout,
    ),
    Rule(
        "leave/page-lost-in-call",
        EndReason.INTERNAL_ERROR,
        IN_CALL,
        _lost_and_unheard,
        lambda _, deadlines: deadlines.unknown_s,
    ),
    Rule(
        "leave/page-lost-with-sound",
        EndReason.INTERNAL_ERROR,
        IN_CALL,
        _lost,
        lambda _, deadlines: deadlines.unknown_with_sound_s,
    ),
    Rule(
        "leave/reconnecting-too-long",
        EndReason.INTERNAL_ERROR,
        IN_CALL,
        lambda facts: facts.look.page is PageState.RECONNECTING and not facts.look.rejoining,
        lambda _, deadlines: deadlines.reconnecting_s,
    ),
    Rule(
        "leave/not-readmitted",
        EndReason.INTERNAL_ERROR,
        IN_CALL,
        _outside,
        lambda _, deadlines: deadlines.readmission_s,
    ),
    Rule(
        "leave/not-readmitted-after-crash",
        EndReason.INTERNAL_ERROR,
        IN_CALL,
        lambda facts: facts.look.rejoining,
        lambda timeouts, _: timeouts.waiting_room_timeout,
    ),
    Rule(
        # somebody sent the bot out and did not fetch it again
        "leave/on-hold-too-long",
        EndReason.BOT_REMOVED,
        IN_CALL,
        _on_hold,
        lambda timeouts, _: timeouts.waiting_room_timeout,
    ),
    Rule(
        "leave/max-recording-duration",
        EndReason.RECORDING_TIMEOUT,
        _RECORDED,
        lambda _: True,
        lambda timeouts, _: timeouts.max_recording_duration,
        in_grace=InGrace.COUNTS,
    ),
    Rule(
        "leave/no-one-joined",
        EndReason.NO_ATTENDEES,
        IN_CALL,
        _nobody_came,
        lambda timeouts, _: timeouts.no_one_joined_timeout,
        in_grace=InGrace.HAS_NO_CLOCK,
    ),
    Rule(
        "leave/everyone-left",
        EndReason.NO_ATTENDEES,
        IN_CALL,
        _everyone_left,
        lambda timeouts, _: timeouts.everyone_left_timeout,
        in_grace=InGrace.HAS_NO_CLOCK,
    ),
    Rule(
        "leave/silence",
        EndReason.NO_SPEAKER,
        IN_CALL,
        _silent,
        lambda timeouts, _: timeouts.silence_timeout,
        in_grace=InGrace.HAS_NO_CLOCK,
    ),
)
"""The first rule that fires wins; failures stand before the leave rules they would excuse."""
