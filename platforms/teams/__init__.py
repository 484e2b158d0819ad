"""The Microsoft Teams web client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from platforms.plugin import Plugin
from platforms.teams import urls
from platforms.teams.names import NAME_RULES

if TYPE_CHECKING:
    from platforms.adapter import Adapter


def _load_adapter() -> Adapter:
    from platforms.teams.adapter import (  # noqa: PLC0415 - reading an address loads no browser driver
        ADAPTER,
    )

    return ADAPTER


PLATFORM: Final = Plugin(
    title="Microsoft Teams",
    owns=urls.owns,
    parse=urls.parse,
    load_adapter=_load_adapter,
    name_rules=NAME_RULES,
)
