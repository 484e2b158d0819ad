"""A chat's lines out of a page's answer."""

from typing import Any

import pytest

from platforms.chat import MAX_CHARACTERS, MAX_LINES, lines_of
from platforms.types import ChatLine


def row(number: int, sender: str = "Ada", text: str = "Hello") -> dict[str, str]:
    """One line of the answer."""
    return {"id": str(number), "sender": sender, "text": text}


@pytest.mark.parametrize(
    ("sender", "own"), [("Notes", True), ("You", True), ("あなた", True), ("Ada", False)]
)
def test_own_lines_are_known(sender: str, *, own: bool) -> None:
    """The bot's own lines bear its name, or the client's word for oneself."""
    assert lines_of([row(1, sender)], "Notes") == (ChatLine("1", sender, "Hello", is_self=own),)


@pytest.mark.parametrize("answer", [None, {}, [{"id": "1"}], [row(1) | {"more": 1}], "no"])
def test_a_bad_answer_is_no_line(answer: Any) -> None:  # noqa: ANN401 - whatever a page answers
    """A page that answers nothing, or something else, has nothing written in it."""
    assert lines_of(answer, "Notes") == ()


def test_bounds() -> None:
    """Of very many the newest count, very long ones are cut, empty ones left out."""
    many = [row(number, text="x" * (MAX_CHARACTERS + 1)) for number in range(MAX_LINES + 5)]
    lines = lines_of([*many, row(-1, text="")], None)
    assert len(lines) == MAX_LINES - 1
    assert lines[-1].id == str(MAX_LINES + 4)
    assert {len(line.text) for line in lines} == {MAX_CHARACTERS}
