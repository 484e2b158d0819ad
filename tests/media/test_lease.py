"""The decisions about a lease, without a storage."""

import pytest

from media.lease import (
    GOOD_FOR_S,
    RENEW_EVERY_S,
    TAKEN_OVER_AFTER_S,
    LeaseRecord,
    Standing,
    ended,
    renewed,
    standing,
    taken_over,
)

OURS = LeaseRecord("us", 1)


def test_a_holder_has_stopped_writing_long_before_another_may_begin() -> None:
    """Four renewals may fail; between the last write and a takeover lie more than 15 minutes."""
    assert RENEW_EVERY_S * 4 <= GOOD_FOR_S
    assert TAKEN_OVER_AFTER_S - GOOD_FOR_S > 900


@pytest.mark.parametrize(
    ("record", "age_s", "stands"),
    [
        (OURS, 0.0, Standing.OURS),
        (OURS, 1e6, Standing.OURS),
        (LeaseRecord("them", 3), 0.0, Standing.HELD),
        (LeaseRecord("them", 3), TAKEN_OVER_AFTER_S - 1, Standing.HELD),
        (LeaseRecord("them", 3), TAKEN_OVER_AFTER_S, Standing.LAPSED),
        (ended(OURS), 0.0, Standing.ENDED),
        (ended(LeaseRecord("them", 3)), 1e6, Standing.ENDED),
    ],
)
def test_standing(record: LeaseRecord, age_s: float, stands: Standing) -> None:
    """One's own stays one's own; another's lapses by age; an ended one belongs to nobody."""
    assert standing(record, age_s, "us") is stands


def test_a_takeover_raises_the_number_and_a_renewal_does_not() -> None:
    """No two writings are alike, and only a takeover changes who may write."""
    assert renewed(OURS) == LeaseRecord("us", 1, renewals=1)
    assert ended(renewed(OURS)) == LeaseRecord("us", 1, renewals=2, ended=True)
    assert taken_over(renewed(OURS), "them") == LeaseRecord("them", 2)
    steps = [OURS, renewed(OURS), ended(OURS), taken_over(OURS, "us")]
    assert len({step.encode() for step in steps}) == len(steps)


def test_what_is_written_is_read() -> None:
    """JSON there and back."""
    for record in (OURS, ended(renewed(LeaseRecord("them", 7)))):
        assert LeaseRecord.decode(record.encode()) == record


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b"null",
        b"[" * 100_000,
        b'{"holder": 1, "fence": 2, "renewals": 0, "ended": false}',
        b'{"holder": "us", "fence": "2", "renewals": 0, "ended": false}',
        b'{"holder": "us", "fence": true, "renewals": 0, "ended": false}',
    ],
)
def test_what_cannot_be_read_is_somebody_s(data: bytes) -> None:
    """Rubbish is no right to write: it is held until it is old enough."""
    assert LeaseRecord.decode(data) == LeaseRecord("", 1)
    assert standing(LeaseRecord.decode(data), 0.0, "us") is Standing.HELD
