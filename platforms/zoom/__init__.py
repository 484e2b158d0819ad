"""The Zoom web client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from platforms.plugin import Plugin
from platforms.types import Traits
from platforms.zoom import urls

if TYPE_CHECKING:
    from platforms.adapter import Adapter


def _load_adapter() -> Adapter:
    from platforms.zoom.adapter import (  # noqa: PLC0415 - reading an address loads no browser driver
        ADAPTER,
    )

    return ADAPTER


PLATFORM: Final = Plugin(
    title="Zoom",
    owns=urls.owns,
    parse=urls.parse,
    load_adapter=_load_adapter,
    traits=Traits(
        no_one_joined_counts=False,
        waits_for_host=True,
        ends_before_recording_as_premature=True,
        puts_on_hold=True,
        last_speaker_stays=True,
        screenshots=False,
    ),
)
