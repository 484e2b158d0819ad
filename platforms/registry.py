"""The platforms there are, found by their entry points, and the client of a meeting on one.

Reading addresses is pure, but for the entry points, which are read once.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import TYPE_CHECKING

from platforms.errors import InvalidMeetingUrl, PlatformBroken, UnsupportedPlatform
from platforms.plugin import ENTRY_POINT_GROUP, Plugin
from platforms.urls import read_address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playwright.async_api import Page

    from platforms.adapter import Adapter
    from platforms.types import MeetingClient, MeetingUrl


@cache
def plugins() -> Mapping[str, Plugin]:
    """Every installed platform by its name, sorted.

    Raises `PlatformBroken` for an entry point that cannot be loaded or is no `Plugin`: a platform
    that silently is not there would make its meetings look like bad addresses.
    """
    found = {}
    for each in sorted(entry_points(group=ENTRY_POINT_GROUP)):
        try:
            plugin = each.load()
        except (ImportError, AttributeError) as error:
            raise PlatformBroken(each.name, f"{type(error).__name__}: {error}") from error
        if not isinstance(plugin, Plugin):
            raise PlatformBroken(each.name, f"{each.value} is no Plugin")
        found[each.name] = plugin
    return MappingProxyType(found)


def parse_meeting_url(text: str) -> MeetingUrl:
    """The meeting `text` links to, of any platform that is installed.

    Raises `InvalidMeetingUrl`: no honest https address, a host of no platform we know (look-alikes
    included), or an address there that names no meeting.
    """
    address = read_address(text)
    for plugin in plugins().values():
        if plugin.owns(address.host):
            return plugin.parse(address)
    *titles, last = (plugin.title for plugin in plugins().values())
    raise InvalidMeetingUrl(f"is not of {', '.join(titles)} or {last}")


def plugin_of(platform: str) -> Plugin:
    """The platform of that name. Raises `UnsupportedPlatform` when none such is installed."""
    plugin = plugins().get(platform)
    if plugin is None:
        raise UnsupportedPlatform(platform)
    return plugin


def adapter_of(platform: str) -> Adapter:
    """What is known of a platform's pages.

    Raises `UnsupportedPlatform` for a platform that is not installed, or is recognised only.
    """
    load_adapter = plugin_of(platform).load_adapter
    if load_adapter is None:
        raise UnsupportedPlatform(platform)
    return load_adapter()


def make_client(url: MeetingUrl, page: Page) -> MeetingClient:
    """The client that drives `page` in the meeting at `url`. Raises `UnsupportedPlatform`."""
    adapter = adapter_of(url.platform)

    from platforms.web_client import WebClient  # noqa: PLC0415 - addresses need no browser driver

    return WebClient(page, url, adapter)
