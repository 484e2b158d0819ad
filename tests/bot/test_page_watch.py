"""A page that has frozen for good, told from one that is busy.

The same in real Chromium is in tests/e2e/test_end_reasons.py.
"""

import asyncio
from collections.abc import Sequence

import pytest

from bot.page_watch import LONGEST_STEP_S, Stillness, watch_over

pytestmark = pytest.mark.timeout(60)


def held_s(looks: Sequence[tuple[float, bool]]) -> float:
    """For how long a page has been still after looks at these times that saw it alive, or not."""
    stillness = Stillness()
    for at_s, alive in looks:
        stillness.note(at_s, alive=alive)
    return stillness.held_s


def test_stillness_is_counted_between_two_looks_that_both_saw_it() -> None:
    """One sign of life, and it begins anew."""
    assert held_s([(1.0, True), (2.0, False)]) == 0.0
    assert held_s([(2.0, False), (3.0, False), (4.5, False)]) == 2.5
    assert held_s([(2.0, False), (3.0, False), (4.0, True), (5.0, False), (6.0, False)]) == 1.0


def test_time_in_which_nobody_looked_counts_little() -> None:
    """A bot that was stopped for a minute has not seen a page that was still for a minute."""
    assert held_s([(2.0, False), (62.0, False)]) == LONGEST_STEP_S


@pytest.mark.parametrize(("answers", "given_up"), [([False, True], 1), ([False, False], 0)])
async def test_a_still_page_is_given_up_once_its_browser_answers(
    monkeypatch: pytest.MonkeyPatch, answers: list[bool], given_up: int
) -> None:
    """Where the browser does not answer either the page is waited for; a new one is watched too."""
    monkeypatch.setattr("bot.page_watch.FROZEN_S", 0.02)
    monkeypatch.setattr("bot.page_watch.WATCH_EVERY_S", 0.01)
    asked = asyncio.Event()
    alive, found = False, 0

    async def browser() -> bool:
        if len(answers) == 1:
            asked.set()
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def give_up() -> None:
        nonlocal alive, found
        found += 1
        alive = True  # another page stands in its place

    task = asyncio.create_task(watch_over(lambda: alive, browser, give_up))
    await asyncio.wait_for(asked.wait(), 30)
    await asyncio.sleep(0)  # what was asked is answered
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert found == given_up
