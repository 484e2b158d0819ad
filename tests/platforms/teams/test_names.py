"""What is left of a bot's name for the Teams client."""

import pytest

from bot.names import shown_name
from platforms.registry import plugin_of
from platforms.teams.names import NAME_RULES
from platforms.types import Platform


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Notes", "Notes"),
        ("Anne-Marie O'Neil_2 @home", "Anne-Marie O'Neil_2 @home"),
        ("Notes (bot) [rec] {x} <y>", "Notes bot rec x y"),
        ("Ada 📼 & Bob", "Ada Bob"),
        ("Заметки — 議事録", "Заметки 議事録"),
        ("★[]()", "Guest"),
    ],
)
def test_shown_name(name: str, shown: str) -> None:
    """Letters of every script stay; brackets, symbols and emoji, which block the join, go."""
    assert shown_name(name, NAME_RULES) == shown


def test_the_platform_declares_it() -> None:
    """The bot finds the rules at the platform."""
    assert plugin_of(Platform.TEAMS).name_rules is NAME_RULES
