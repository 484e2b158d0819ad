"""A meeting of twenty on each platform, and what watching its page costs. Pure.

Nineteen others: four send pictures of 320x180, fifteen show an avatar; somebody always speaks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from platforms.types import Platform

PLATFORMS: Final = (Platform.GOOGLE_MEET, Platform.TEAMS, Platform.ZOOM)
WATCHED: Final = ("page", "page-looks")
"""The pair of variants whose difference is the cost of watching."""
WATCHERS: Final = ("python", "driver", "renderer")
"""The processes that watching is made of; the target counts these."""
TARGET_CORES: Final = 0.03
SENDERS: Final = 4
OTHERS: Final = 19
TURN_S: Final = 4.0
TURNS: Final = 400


def crowd(platform: Platform) -> dict[str, object]:
    """The scenario: the senders take turns in speaking, so long as anybody measures."""
    names = [f"Guest {number:02d}" for number in range(1, OTHERS + 1)]
    return {
        "platform": platform.value,
        "meeting_name": "Twenty",
        "open": True,
        "participants": [
            {"name": name, "picture": "small" if index < SENDERS else "still"}
            for index, name in enumerate(names)
        ],
        "events": [
            {
                "at_s": turn * (TURN_S + 1),
                "do": "speak",
                "who": names[turn % SENDERS],
                "for_s": TURN_S,
            }
            for turn in range(TURNS)
        ],
    }


@dataclass(frozen=True, slots=True)
class Watching:
    """What watching one client's page costs: medians over pairs of rounds, in cores.

    `added` is by process, each the median of its own differences; `total` the median of the sums
    over `WATCHERS`, and `by_pair` those sums. `page` is the median of the unwatched page alone.
    """

    platform: str
    seconds: float
    page: float
    added: Mapping[str, float]
    total: float
    by_pair: tuple[float, ...]


def watching_of(platform: str, lines: Sequence[Mapping[str, Any]]) -> Watching:
    """Rounds of `WATCHED` in pairs, as `measure_page` brings them."""
    off, on = ([line for line in lines if line["variant"] == name] for name in WATCHED)
    differences = [
        {
            process: watched["cores"].get(process, 0.0) - alone["cores"].get(process, 0.0)
            for process in WATCHERS
        }
        for alone, watched in zip(off, on, strict=True)
    ]
    by_pair = tuple(round(sum(each.values()), 4) for each in differences)
    return Watching(
        platform=platform,
        seconds=on[0]["seconds"],
        page=median(sum(line["cores"].values()) for line in off),
        added={process: median(each[process] for each in differences) for process in WATCHERS},
        total=median(by_pair),
        by_pair=by_pair,
    )
