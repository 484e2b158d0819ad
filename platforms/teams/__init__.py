"""The Microsoft Teams web client."""

from typing import Final

from platforms import other_urls
from platforms.plugin import Plugin

PLATFORM: Final = Plugin(
    title="Microsoft Teams",
    owns=other_urls.owns_teams,
    parse=other_urls.parse_teams,
    load_adapter=None,
)
