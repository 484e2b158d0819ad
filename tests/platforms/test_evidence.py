"""Judging looks: order, refutation, repetition, time. No page, no clock."""

from collections.abc import Mapping

import pytest

from platforms.evidence import Css, Judge, Row, see, sign, signs_of
from platforms.types import Finding, PageState

A = sign("a", Css("#a"))
B = sign("b", Css("#b"))
C = sign("c", Css("#c"))
S = PageState


def look(*seen: str) -> Mapping[str, bool]:
    """A look that saw exactly these of the signs a, b, c."""
    return {name: name in seen for name in "abc"}


def judge(*rows: Row) -> Judge:
    """A judge of a platform called x."""
    return Judge("x", rows)


def test_first_row_that_holds_wins() -> None:
    """Of two rows that hold, the one higher in the table decides, and is named."""
    judged = judge(Row(S.DENIED, "first", see(A)), Row(S.LOBBY, "second", see(B)))
    assert judged.judge(0, look("a", "b")) == Finding(S.DENIED, "x/first", "a")
    assert judged.judge(1, look("b")) == Finding(S.LOBBY, "x/second", "b")


def test_none_holding_is_unknown() -> None:
    """A page no row knows is UNKNOWN, with what was seen on it as the detail."""
    judged = judge(Row(S.IN_CALL, "both", see(A, B)))
    assert judged.judge(0, look("a", "c")) == Finding(S.UNKNOWN, "x/none", "a, c")


def test_all_needs_and_no_refutation() -> None:
    """A row needs all of its signs, and one refuting sign is enough against it."""
    judged = judge(Row(S.IN_CALL, "row", see(A, B), see(C)))
    states = [judged.judge(0, look(*seen)).state for seen in ("a", "ab", "abc")]
    assert states == [S.UNKNOWN, S.IN_CALL, S.UNKNOWN]


def test_looks_in_a_row() -> None:
    """A row with two looks is UNKNOWN at the first, and says how far it has come."""
    judged = judge(Row(S.ENDED, "over", see(A), looks=2))
    first, second = judged.judge(0, look("a")), judged.judge(0.5, look("a"))
    assert first == Finding(S.UNKNOWN, "x/none", "over: look 1, held 0.0 s")
    assert second.state is S.ENDED


@pytest.mark.parametrize("between", [None, look(), look("b")])
def test_a_run_of_looks_is_broken(between: Mapping[str, bool] | None) -> None:
    """A failed look, an unknown page or another state in between starts the run anew."""
    judged = judge(Row(S.ENDED, "over", see(A), looks=2), Row(S.LOBBY, "wait", see(B)))
    judged.judge(0, look("a"))
    judged.judge(1, between)
    assert judged.judge(2, look("a")).state is S.UNKNOWN
    assert judged.judge(3, look("a")).state is S.ENDED


def test_two_rows_of_one_state_are_one_run() -> None:
    """Looks are counted by state: different proofs of the same ending confirm each other."""
    judged = judge(Row(S.ENDED, "a", see(A), looks=2), Row(S.ENDED, "b", see(B), looks=2))
    judged.judge(0, look("a"))
    assert judged.judge(1, look("b")) == Finding(S.ENDED, "x/b", "b")


def test_a_failed_look_is_unknown() -> None:
    """A page that did not answer proves nothing, however often."""
    judged = judge(Row(S.ENDED, "over", see(), looks=1))
    findings = {judged.judge(now_s, None) for now_s in range(100)}
    assert findings == {Finding(S.UNKNOWN, "x/none", "the page did not answer")}


def test_settling_takes_time_once() -> None:
    """A row that must settle is believed after its time, and at once when its state is known."""
    judged = judge(Row(S.IN_CALL, "row", see(A), settle_s=8.0))
    states = [judged.judge(now_s, look("a")).state for now_s in (0, 7.9, 8.0)]
    assert states == [S.UNKNOWN, S.UNKNOWN, S.IN_CALL]
    judged.judge(9, look())
    assert judged.judge(10, look("a")).state is S.IN_CALL


def test_rows_that_come_after_others() -> None:
    """A row with `after` holds only once one of those states was confirmed."""
    rows = (
        Row(S.ENDED, "landing", see(A), after=frozenset({S.IN_CALL, S.LOBBY})),
        Row(S.INVALID, "landing-at-once", see(A)),
        Row(S.LOBBY, "lobby", see(B)),
    )
    judged = judge(*rows)
    assert judged.judge(0, look("a")).state is S.INVALID
    judged.judge(1, look("b"))
    assert judged.judge(2, look("a")).state is S.ENDED


def test_reset_forgets() -> None:
    """After a reset nothing was seen: runs, times and states start over."""
    judged = judge(Row(S.IN_CALL, "row", see(A), looks=2))
    judged.judge(0, look("a"))
    judged.judge(1, look("a"))
    assert judged.seen == {S.IN_CALL}
    judged.reset()
    assert judged.seen == frozenset()
    assert judged.judge(2, look("a")).state is S.UNKNOWN


def test_signs_of_a_table() -> None:
    """Every sign is looked for once, the refuting ones too; one name for two signs is an error."""
    rows = (Row(S.LOBBY, "r", see(A, B), see(C)), Row(S.LOBBY, "s", see(A)))
    assert signs_of(rows) == (A, B, C)
    with pytest.raises(ValueError, match="a"):
        signs_of([*rows, Row(S.LOBBY, "t", see(sign("a", Css("#other"))))])


def test_a_sign_not_looked_for_is_an_error() -> None:
    """A look that does not answer for a sign of the table is a bug, not an absence."""
    with pytest.raises(KeyError):
        judge(Row(S.LOBBY, "r", see(A))).judge(0, {"b": True})


def test_detail_is_bounded() -> None:
    """What is told of an unknown page has an end."""
    judged = judge(Row(S.LOBBY, "r", see(A)))
    detail = judged.judge(0, {"a": False, **{f"sign-{n}": True for n in range(99)}}).detail
    assert len(detail) == 200
