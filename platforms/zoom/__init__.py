"""The Zoom web client."""

from typing import Final

from platforms import other_urls
from platforms.plugin import Plugin
from platforms.types import Traits

PLATFORM: Final = Plugin(
    title="Zoom",
    owns=other_urls.owns_zoom,
    parse=other_urls.parse_zoom,
    load_adapter=None,
    traits=Traits(
        no_one_joined_counts=False,
        waits_for_host=True,
        ends_before_recording_as_premature=True,
    ),
)
