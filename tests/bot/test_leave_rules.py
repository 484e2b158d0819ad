"""The table of leave rules; what each does second by second is in test_leave."""

import pytest

from bot.contract import Status
from bot.job import TimeoutConfig
from bot.leave_rules import RULES, Deadlines, Facts, InGrace, Look
from bot.machine import IN_CALL
from platforms.types import PageState, Traits


def facts(page: PageState, *, others: int | None) -> Facts:
    """What one look while recording adds up to."""
    return Facts(
        Look(Status.IN_CALL_RECORDING, page, others),
        Traits(),
        others_seen=True,
        admission_pending=False,
    )


@pytest.mark.parametrize("page", sorted(set(PageState) - {PageState.IN_CALL}))
def test_people_are_counted_on_a_page_that_shows_the_call_only(page: PageState) -> None:
    """A count read off any other page is no count."""
    assert facts(page, others=0).others is None
    assert facts(PageState.IN_CALL, others=0).others == 0


def test_the_contracts_defaults() -> None:
    """Each timer of the job has its rule, with the contract's default as limit."""
    limits = {rule.row: rule.limit_s(TimeoutConfig(), Deadlines()) for rule in RULES}
    assert limits["leave/waiting-room-timeout"] == 600
    assert limits["leave/no-one-joined"] == 600
    assert limits["leave/silence"] == 600
    assert limits["leave/everyone-left"] == 30
    assert limits["leave/max-recording-duration"] == 14_400


def test_only_leave_rules_respect_the_grace_period() -> None:
    """Attendance and silence have no clock in it, failures ignore it."""
    silent = {rule.row for rule in RULES if rule.in_grace is InGrace.HAS_NO_CLOCK}
    assert silent == {"leave/no-one-joined", "leave/everyone-left", "leave/silence"}
    waiting = [rule for rule in RULES if rule.in_grace is InGrace.COUNTS]
    assert [rule.row for rule in waiting] == ["leave/max-recording-duration"]
    assert all(set(rule.statuses) <= IN_CALL for rule in waiting)
