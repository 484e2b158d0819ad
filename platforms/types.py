"""The words `platforms` shares with its callers. A leaf: imports nothing of ours."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Platform(StrEnum):
    """The meeting products this program knows by itself.

    Further platforms are found as entry points (`platforms.plugin`) and are plain names: wherever
    a platform is passed along it is a `str`, of which these three are the contract's.
    """

    GOOGLE_MEET = "google_meet"
    TEAMS = "microsoft_teams"
    ZOOM = "zoom"


@dataclass(frozen=True, slots=True)
class MeetingUrl:
    """A meeting address our parser accepted.

    `url` opens the web client directly; `meeting_id` is the platform's own id (Meet: the code).
    """

    platform: str
    meeting_id: str
    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Traits:
    """What a meeting product's own rules change in how long a bot waits and how it ends.

    `no_one_joined_counts`: being the only one there from the start may end the bot.
    `waits_for_host`: a host who never came is an end reason of its own, not a full waiting room.
    `ends_before_recording_as_premature`: so is a meeting that ended before recording began.
    `puts_on_hold`: a host may send people back to the waiting room in mid-call, for a while.
    `last_speaker_stays`: the client goes on naming whoever spoke last; only sound tells it is over.
    `screenshots`: pictures of the recording are kept.
    """

    no_one_joined_counts: bool = True
    waits_for_host: bool = False
    ends_before_recording_as_premature: bool = False
    puts_on_hold: bool = False
    last_speaker_stays: bool = False
    screenshots: bool = True


@dataclass(frozen=True, slots=True)
class NameRules:
    """What a client's name box takes, as `bot.names` reduces a name to it.

    At most `max_utf16_units` (the DOM counts those) and none of the `refused` characters; without
    `astral` none beyond the basic plane either (emoji). `accepted`, where not empty, is a regular
    expression that every character matches, the space included.
    """

    max_utf16_units: int = 60
    refused: str = ""
    astral: bool = True
    accepted: str = ""


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


class View(StrEnum):
    """How a client lays out the people in a call: one of them large, or all alike."""

    SPEAKER = "speaker"
    GALLERY = "gallery"


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
    """Somebody in the call, as the client shows them. `id` is the client's, stable in a call.

    `presenting`: the client shows a screen of theirs. `spoke` is when they did since the last look,
    as (from, to) in seconds before this one, where the client tells; it does not: None.
    """

    id: str
    name: str
    is_self: bool = False
    is_host: bool | None = None
    speaking: bool = False
    presenting: bool = False
    spoke: tuple[tuple[float, float], ...] | None = None


@dataclass(frozen=True, slots=True)
class ChatLine:
    """Something written in the chat. `id` is the client's, stable as long as the page lives."""

    id: str
    sender: str
    text: str = field(repr=False)
    is_self: bool = False


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


class MeetingClient(Protocol):
    """The seam to a meeting's page: all the bot needs of a client.

    Page troubles are UNKNOWN looks, never exceptions.
    """

    @property
    def platform(self) -> str:
        """Which product."""

    @property
    def verdict(self) -> str | None:
        """The platform's own word about the bot, where it could be read passively."""

    async def open(self, timeout_s: float) -> None:
        """Load the meeting page. Raises `platforms.errors.PlatformError`."""

    async def look(self, now_s: float) -> Observation:
        """What the page shows now."""

    async def tidy(self) -> None:
        """Answer the client's dialogs."""

    async def ask_to_join(self, name: str) -> bool:
        """Type the name, switch devices off, ask; True once the ask was really made."""

    async def watch(self) -> None:
        """Begin to follow who speaks."""

    async def show(self, view: View) -> bool:
        """Choose a view by the client's own control; True once it was chosen."""

    async def say(self, text: str) -> bool:
        """Write into the meeting's chat."""

    async def chat(self) -> tuple[ChatLine, ...]:
        """What the chat shows now, oldest first; lines read before may be among them."""

    async def leave(self, timeout_s: float) -> None:
        """Leave by the client's own button."""

    async def bundle(self) -> FailureBundle:
        """What there is to see, for a failure's evidence."""
