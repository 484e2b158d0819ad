"""What the simulator shows of itself: frozen models, also the JSON of `GET /api/state`."""

from enum import StrEnum
from typing import Literal

from platforms.simulator.commands import Frozen, Picture


class Kind(StrEnum):
    """Who plays a person: the simulator, or a page as guest or host."""

    PARTICIPANT = "participant"
    GUEST = "guest"
    HOST = "host"


class Status(StrEnum):
    """Where a person is. All but the first three are final for that person."""

    ABSENT = "absent"
    WAITING = "waiting"
    IN_CALL = "in_call"
    LEFT = "left"
    GONE = "gone"
    DENIED = "denied"
    NO_ANSWER = "no_answer"
    BLOCKED = "blocked"
    REMOVED = "removed"
    ENDED = "ended"


Phase = Literal["idle", "asked", "in_call", "ended"]


class PersonState(Frozen):
    """One person. `gone` means that its page closed or crashed without leaving."""

    id: str
    name: str
    kind: Kind
    status: Status
    mic: bool
    camera: bool
    speaking: bool
    consented: bool
    picture: Picture | None
    voice_hz: float | None


class ChatState(Frozen):
    """One chat message; `at_s` counts from the start of the run."""

    id: str
    who: str
    text: str
    at_s: float


class FiredState(Frozen):
    """One command that was carried out; `by` is `scenario`, `api` or a host's name."""

    at_s: float
    do: str
    who: str | None
    by: str


class MeetingState(Frozen):
    """The whole meeting. Clocks are seconds since each anchor of this run, None before it."""

    phase: Phase
    run: int
    clock_s: float
    since_ask_s: float | None
    since_admission_s: float | None
    people: tuple[PersonState, ...]
    chat: tuple[ChatState, ...]
    fired: tuple[FiredState, ...]

    @property
    def waiting(self) -> tuple[PersonState, ...]:
        """Those in the lobby."""
        return tuple(p for p in self.people if p.status is Status.WAITING)

    @property
    def in_call(self) -> tuple[PersonState, ...]:
        """Those in the call, participants included."""
        return tuple(p for p in self.people if p.status is Status.IN_CALL)

    def person(self, name: str) -> PersonState | None:
        """The latest person of that name."""
        found = [p for p in self.people if p.name == name]
        return found[-1] if found else None


class Info(Frozen):
    """What a browser must be told to reach this meeting: the JSON of `GET /api/info`."""

    meeting_url: str
    http_url: str
    tls_port: int
    http_port: int
    spki: str
    browser_args: tuple[str, ...]
