"""What is typed at the terminal."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.contract import Command
from bot.dispatch.orders import HELP_TEXT, BadOrder, Order, parse_order


@pytest.mark.parametrize(
    ("line", "order"),
    [
        ("leave", Order("leave", "", {})),
        ("  leave  @w1 ", Order("leave", "w1", {})),
        ('leave {"id": "x"}', Order("leave", "", {"id": "x"})),
        ("send_chat_message hello all ", Order("send_chat_message", "", {"text": "hello all"})),
        ("send_chat_message @w hi", Order("send_chat_message", "w", {"text": "hi"})),
        ('send_chat_message {"text": "a"}', Order("send_chat_message", "", {"text": "a"})),
        (
            'update_config @w {"timeout_config": {}}',
            Order("update_config", "w", {"timeout_config": {}}),
        ),
        ("job my job.json", Order("job", "", {"file": "my job.json"})),
        ("workers", Order("workers", "", {})),
        ("", None),
        ("   ", None),
    ],
)
def test_lines_are_orders(line: str, order: Order | None) -> None:
    """A word, perhaps whom it is for, perhaps text or a JSON object."""
    assert parse_order(line) == order


@pytest.mark.parametrize("line", ["dance", "job", "leave now", "leave [1]", "update_config {"])
def test_what_is_no_order_says_why(line: str) -> None:
    """The problem begins with the word it is about."""
    found = parse_order(line)
    assert isinstance(found, BadOrder)
    assert found.problem.startswith(line.split(maxsplit=1)[0])


def test_help_names_every_command() -> None:
    """No command of the contract is missing from the text."""
    assert [word for word in Command if word.value not in HELP_TEXT] == []


@given(st.text(max_size=60) | st.sampled_from(["leave ", "job "]).flatmap(
    lambda word: st.text(max_size=40).map(lambda rest: word + rest)))  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_any_line_gives_a_value(line: str) -> None:
    """Reading is total."""
    assert isinstance(parse_order(line), Order | BadOrder | None)
