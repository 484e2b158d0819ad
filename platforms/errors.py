# ruff: noqa: N818 - a name that says what happened reads better than one ending in Error
"""What can go wrong between a meeting and us. A leaf: imports nothing of ours.

    PlatformError
    ├── InvalidMeetingUrl    caller       the address is none our parser accepts
    ├── UnsupportedPlatform  caller       a known platform this version has no client for
    ├── EvidenceInvalid      caller       a file that changes adapters' tables is not well formed
    ├── PlatformBroken       us           an installed platform cannot be loaded
    ├── PageUnreachable      meeting      the meeting page did not load
    ├── PageLost             us           the page or its browser died under us
    └── BrowserUnavailable   destination  no browser here that can do the work

Each class knows whose fault it is and whether the same thing tried again may succeed, keeps its
facts as attributes and builds its own text from them. Texts carry no meeting address: its query
may hold a passcode.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

FIRST_SERVER_FAULT: Final = 500


class Fault(StrEnum):
    """Who can mend it."""

    MEETING = "meeting"
    """The people in the meeting, its settings, or the platform."""
    DESTINATION = "destination"
    """Something the bot depends on: here, the browser."""
    CALLER = "caller"
    """Whoever wrote the job."""
    US = "us"
    """This program."""


class PlatformError(Exception):
    """Root of all errors `platforms` raises on purpose."""

    fault: Fault = Fault.US
    retryable: bool = False


class InvalidMeetingUrl(PlatformError):
    """The text is no address of a meeting we know. `reason` reads after the field's name."""

    fault = Fault.CALLER

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"meeting URL {reason}")


class UnsupportedPlatform(PlatformError):
    """The meeting is of a known platform that this version has no client for."""

    fault = Fault.CALLER

    def __init__(self, platform: str) -> None:
        self.platform = platform
        super().__init__(f"{platform}: not supported by this version")


class EvidenceInvalid(PlatformError):
    """The evidence file cannot be used: `field` is the place in it, `reason` what is wrong."""

    fault = Fault.CALLER

    def __init__(self, field: str, reason: str) -> None:
        self.field = field
        self.reason = reason
        super().__init__(f"evidence file: {field or 'the whole'}: {reason}")


class PlatformBroken(PlatformError):
    """An installed platform's entry point cannot be loaded; `reason` says why."""

    def __init__(self, platform: str, reason: str) -> None:
        self.platform = platform
        self.reason = reason
        super().__init__(f"{platform}: cannot be loaded ({reason})")


class PageUnreachable(PlatformError):
    """The meeting page did not load.

    `reason` is the browser's or our own word for it; `http_status` is the document's, where an
    answer came at all. Worth another try unless the server refused (HTTP 400-499).
    """

    fault = Fault.MEETING

    def __init__(self, host: str, reason: str, http_status: int | None = None) -> None:
        self.host = host
        self.reason = reason
        self.http_status = http_status
        self.retryable = http_status is None or http_status >= FIRST_SERVER_FAULT
        super().__init__(f"{host} did not load: {reason}")


class PageLost(PlatformError):
    """The page or its browser died under us; `doing` is what was being done."""

    retryable = True

    def __init__(self, doing: str) -> None:
        self.doing = doing
        super().__init__(f"the meeting page died while {doing}")


class BrowserUnavailable(PlatformError):
    """No browser on this machine can do the work; `problems` says why, by executable."""

    fault = Fault.DESTINATION

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        told = "; ".join(f"{path}: {problem}" for path, problem in self.problems.items())
        found = told or "none was found"
        super().__init__(f"no usable browser ({found}); cure: apt-get install chromium")
