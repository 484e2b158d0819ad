"""How often a bot may join again, and what is kept of each time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rejoin import MAX_REJOINS, SETTLES_S, WINDOW_S, Rejoin, Rejoins


def test_a_loss_and_the_way_back() -> None:
    """Times count from the loss; the first ask counts; once back there is no current loss."""
    rejoins = Rejoins()
    assert rejoins.current is None
    rejoins.lost("gone", 100.0, 42.0)
    assert rejoins.current is not None
    for now_s in (103.0, 105.0):
        rejoins.asked(now_s)
    rejoins.back(109.0)
    assert rejoins.current is None
    assert rejoins.all == [Rejoin("gone", 100.0, 42.0, asked_after_s=3.0, back_after_s=9.0)]


def test_nothing_without_a_loss() -> None:
    """The first ask and the first admission of a meeting are no way back."""
    rejoins = Rejoins()
    rejoins.asked(1.0)
    rejoins.back(2.0)
    assert rejoins.all == []


def test_a_page_settles_after_the_return() -> None:
    """For some seconds from the return on, not before and not on the way back."""
    rejoins = Rejoins()
    assert not rejoins.settling(0.0)
    rejoins.lost("gone", 100.0, 42.0)
    assert not rejoins.settling(109.0)
    rejoins.back(109.0)
    assert rejoins.settling(109.0 + SETTLES_S - 0.1)
    assert not rejoins.settling(109.0 + SETTLES_S)


def test_a_loss_on_the_way_back_is_another() -> None:
    """The page that was to replace one died too: the first was never followed by a return."""
    rejoins = Rejoins()
    rejoins.lost("page-crashed", 0.0, 10.0)
    rejoins.lost("gone", 5.0, 15.0)
    rejoins.back(8.0)
    assert [(one.cause, one.back_after_s) for one in rejoins.all] == [
        ("page-crashed", None),
        ("gone", 3.0),
    ]


@pytest.mark.parametrize(("now_s", "allowed"), [(599.9, False), (600.0, True)])
def test_three_in_ten_minutes(now_s: float, allowed: bool) -> None:
    """A fourth has to wait until the first is ten minutes old."""
    rejoins = Rejoins()
    for lost_s in (0.0, 200.0, 400.0):
        assert rejoins.allowed(lost_s)
        rejoins.lost("gone", lost_s, lost_s)
    assert rejoins.allowed(now_s) is allowed


@given(st.lists(st.floats(0, 300), max_size=40))
def test_no_stretch_holds_more(pauses_s: list[float]) -> None:
    """Whenever pages die, no ten minutes hold more rejoins than the limit."""
    rejoins, now_s = Rejoins(), 0.0
    for pause_s in pauses_s:
        now_s += pause_s
        if rejoins.allowed(now_s):
            rejoins.lost("gone", now_s, now_s)
    for one in rejoins.all:
        within = [0 <= other.lost_at_s - one.lost_at_s < WINDOW_S for other in rejoins.all]
        assert sum(within) <= MAX_REJOINS
