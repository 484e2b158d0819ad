"""When the page is asked how late it plays sound, and what is kept of its answers."""

from bot.lip_sync import EVERY_S, FIRST_AT_S, LipSync


def test_it_is_asked_by_recorded_time() -> None:
    """After five seconds, again and again until the page tells, or half a minute is over."""
    sync = LipSync()
    assert not sync.due(FIRST_AT_S - 0.1)
    assert sync.due(FIRST_AT_S)
    sync.note(6.0, None)
    assert not sync.due(6.0 + FIRST_AT_S - 0.1)
    assert sync.due(6.0 + FIRST_AT_S)
    sync.note(11.0, 0.0)
    assert not sync.due(11.0 + EVERY_S - 0.1)
    assert sync.due(11.0 + EVERY_S)
    silent = LipSync()
    silent.note(EVERY_S, None)
    assert not silent.due(EVERY_S + FIRST_AT_S)


def test_the_usual_and_the_worst_are_kept() -> None:
    """The median, and what is farthest from nothing with its sign; none of nothing."""
    sync = LipSync()
    sync.note(5.0, None)
    assert (sync.usual_ms, sync.worst_ms) == (None, None)
    for number, late_ms in enumerate((20.0, -70.04, 30.0)):
        sync.note(number * EVERY_S, late_ms)
    assert (sync.usual_ms, sync.worst_ms) == (20.0, -70.0)
