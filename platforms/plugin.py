"""What a platform is: one object, named by an entry point of the group `meetbot.platforms`. Pure.

    [project.entry-points."meetbot.platforms"]
    google_meet = "platforms.google_meet:PLATFORM"

The entry point's name is the platform's. Importing the object must load no browser driver: it is
needed to read an address; the pages are for `load_adapter`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from platforms.types import NameRules, Traits

if TYPE_CHECKING:
    from collections.abc import Callable

    from platforms.adapter import Adapter
    from platforms.types import MeetingUrl
    from platforms.urls import Address

ENTRY_POINT_GROUP: Final = "meetbot.platforms"
_NO_TRAITS: Final = Traits()
_ANY_NAME: Final = NameRules()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """One platform, from its addresses to its pages.

    `title` is its name for people. `owns` tells its hosts (lower case, without "www."); `parse`
    reads an address of such a host and raises `InvalidMeetingUrl` where it names no meeting.
    `load_adapter` imports what is known of its pages; a platform without it is recognised, and
    refused as not supported.
    """

    title: str
    owns: Callable[[str], bool]
    parse: Callable[[Address], MeetingUrl]
    load_adapter: Callable[[], Adapter] | None
    traits: Traits = _NO_TRAITS
    name_rules: NameRules = _ANY_NAME
