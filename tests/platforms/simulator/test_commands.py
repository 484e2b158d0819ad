"""Live commands and events are the same words."""

from typing import Any

import pytest

from platforms.simulator.commands import Share, anchor_of, parse_command
from platforms.simulator.errors import ScenarioError


@pytest.mark.parametrize(
    ("do", "fields", "field"),
    [
        ("dance", {}, ""),
        ("speak", {"who": "Ada"}, "speak.for_s"),
        ("admit", {"who": "Ada", "loudly": True}, "admit.loudly"),
        ("admit", {"at_s": 3}, "at_s"),
    ],
)
def test_a_live_command_is_refused_like_an_event(
    do: str, fields: dict[str, Any], field: str
) -> None:
    """Same words, same refusals; and a live command has no time."""
    with pytest.raises(ScenarioError) as caught:
        parse_command(do, fields)
    assert caught.value.field == field


def test_a_screen_is_shared_from_admission_on() -> None:
    """Sharing a screen is no matter of the lobby, and somebody does it."""
    command = parse_command("share_screen", {"who": "Ada"})
    assert isinstance(command, Share)
    assert (command.who, anchor_of(command)) == ("Ada", "admitted")
    with pytest.raises(ScenarioError, match="who"):
        parse_command("stop_sharing", {})
