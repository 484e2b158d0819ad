"""The Google Meet web client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from platforms.google_meet import urls
from platforms.plugin import Plugin

if TYPE_CHECKING:
    from platforms.adapter import Adapter


def _load_adapter() -> Adapter:
    from platforms.google_meet.adapter import (  # noqa: PLC0415 - reading an address loads no browser driver
        ADAPTER,
    )

    return ADAPTER


PLATFORM: Final = Plugin(
    title="Google Meet", owns=urls.owns, parse=urls.parse, load_adapter=_load_adapter
)
