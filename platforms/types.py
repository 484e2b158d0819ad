"""The words `platforms` shares with its callers. A leaf: imports nothing of ours."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Platform(StrEnum):
    """The meeting products a URL can belong to."""

    GOOGLE_MEET = "google_meet"
    TEAMS = "microsoft_teams"
    ZOOM = "zoom"


@dataclass(frozen=True, slots=True)
class MeetingUrl:
    """A meeting address our parser accepted.

    `url` opens the web client directly; `meeting_id` is the platform's own id (Meet: the code).
    """

    platform: Platform
    meeting_id: str
    url: str = field(repr=False)


class PageState(StrEnum):
    """What the meeting page shows. UNKNOWN is a value, never an ending."""

    UNKNOWN = "unknown"
    PREJOIN = "prejoin"
    LOBBY = "lobby"
    WAITING_FOR_HOST = "waiting_for_host"
    IN_CALL = "in_call"
    RECONNECTING = "reconnecting"
    LOGIN = "login"
    DENIED = "denied"
    NO_ANSWER = "no_answer"
    BLOCKED = "blocked"
    INVALID = "invalid"
    REMOVED = "removed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Finding:
    """One judged look at the page: the state and the evidence row that proved it.

    `row` is "platform/row-name", or "platform/none" for UNKNOWN; `detail` is what was seen,
    bounded and free of secrets.
    """

    state: PageState
    row: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the call, as the client shows them. `id` is the client's, stable in a call."""

    id: str
    name: str
    is_self: bool = False
    is_host: bool | None = None
    speaking: bool = False


@dataclass(frozen=True, slots=True)
class Observation:
    """One look: the finding and, in a call, who is there.

    `people` is None when the page could not be read or shows no call (not: nobody is there);
    it includes the bot itself, marked `is_self`.
    """

    finding: Finding
    people: tuple[Person, ...] | None = None


@dataclass(frozen=True, slots=True)
class FailureBundle:
    """What a failed look leaves behind. Nothing in it holds secrets or chat text."""

    screenshot_jpeg: bytes | None
    html: str | None
    console: tuple[str, ...] = ()
    matches: Mapping[str, bool] = field(default_factory=dict)
