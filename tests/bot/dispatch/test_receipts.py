"""Which events have arrived."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dispatch.receipts import Receipts, Verdict
from bot.dispatch.said import Event


def event(seq: int, run_id: str = "r") -> Event:
    """An event of the bot."""
    return Event("w", "bot.status_change", {}, "b", run_id, seq)


def taken(receipts: Receipts, *seqs: int) -> list[Verdict]:
    """Judge one after the other, and note what is new."""
    verdicts = []
    for seq in seqs:
        verdicts.append(receipts.judge(event(seq)))
        if verdicts[-1] is Verdict.NEW:
            receipts.note(event(seq))
    return verdicts


def test_each_number_is_new_once() -> None:
    """In order it is new, again it is repeated, and each run counts for itself."""
    receipts = Receipts()
    assert taken(receipts, 1, 2, 2, 1, 3) == [
        Verdict.NEW,
        Verdict.NEW,
        Verdict.REPEATED,
        Verdict.REPEATED,
        Verdict.NEW,
    ]
    assert receipts.last_seq(event(9)) == 3
    assert receipts.judge(event(1, "another")) is Verdict.NEW
    assert receipts.last_seq(event(1, "another")) == 0


def test_a_run_begins_where_another_orchestrator_left_it() -> None:
    """The first event heard of a run is new whatever its number."""
    assert taken(Receipts(), 5, 6, 5) == [Verdict.NEW, Verdict.NEW, Verdict.REPEATED]


def test_what_comes_before_its_time_waits_for_those_before_it() -> None:
    """After a hole nothing is taken; sent again from the first, all is, in order."""
    receipts = Receipts()
    assert taken(receipts, 1, 3, 4) == [Verdict.NEW, Verdict.EARLY, Verdict.EARLY]
    assert receipts.last_seq(event(1)) == 1
    assert taken(receipts, 2, 3, 4) == [Verdict.NEW] * 3


def test_a_hole_that_stays_is_another_orchestrators() -> None:
    """The same event again with nothing before it: the ones before were acknowledged elsewhere."""
    assert taken(Receipts(), 1, 4, 5, 4, 5) == [
        Verdict.NEW,
        Verdict.EARLY,
        Verdict.EARLY,
        Verdict.NEW,
        Verdict.NEW,
    ]


@given(st.lists(st.integers(0, 12), max_size=60))
@settings(max_examples=200, deadline=None)
def test_a_worker_that_sends_from_the_first_unacknowledged_loses_nothing(cuts: list[int]) -> None:
    """However often the connection is cut, and wherever, each event is new once and in order."""
    receipts, kept, acked = Receipts(), [], 0
    for cut in [*cuts, 12]:
        for seq in range(acked + 1, cut + 1):
            if receipts.judge(event(seq)) is Verdict.NEW:
                receipts.note(event(seq))
                kept.append(seq)
        if cut % 2:  # else the acknowledgement is lost with the connection
            acked = receipts.last_seq(event(1))
    assert kept == list(range(1, 13))
