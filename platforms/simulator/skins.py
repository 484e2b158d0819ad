"""Which client's replica is served at which host: a new one is a row here."""

from typing import Final

from platforms.simulator.meet_skin import MEET
from platforms.simulator.pageview import Skin
from platforms.simulator.teams_skin import TEAMS
from platforms.simulator.zoom_skin import ZOOM
from platforms.types import Platform

SKINS: Final = (MEET, TEAMS, ZOOM)
HOSTS: Final = frozenset(host for skin in SKINS for host in skin.hosts)
"""Every name the simulator answers to."""


def skin_of(platform: Platform) -> Skin:
    """The replica of a platform's client. Raises `KeyError` for one that has none."""
    return {skin.platform: skin for skin in SKINS}[platform]


def skin_at(host: str) -> Skin:
    """The replica served at a host. Raises `KeyError` for a host of none."""
    return {host: skin for skin in SKINS for host in skin.hosts}[host]
