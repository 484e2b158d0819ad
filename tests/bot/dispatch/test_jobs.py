"""Which job is with which worker."""

import json

import pytest

from bot.dispatch.jobs import MAX_GIVEN, RESERVED_S, SILENT_S, Jobs, Phase, with_bot_id


def jobs(*bot_ids: str) -> Jobs:
    """Waiting jobs of these bots."""
    found = Jobs()
    for bot_id in bot_ids:
        found.add(bot_id, b"{}")
    return found


def give(found: Jobs, worker_id: str, now_s: float = 0) -> str | None:
    """Give a worker its next job; the bot's id."""
    job = found.next_for(worker_id, now_s)
    if job is None:
        return None
    found.give(job, worker_id, now_s)
    return job.bot_id


def test_each_worker_gets_its_own_and_keeps_it() -> None:
    """In the order they came; who asks again before accepting gets the same, and no other."""
    found = jobs("a", "b")
    assert [give(found, w) for w in ("w1", "w1", "w2", "w3")] == ["a", "a", "b", None]
    job = found.given_to("w1")
    assert job is not None
    assert (job.bot_id, job.times_given) == ("a", 1)


def test_what_nobody_accepts_is_given_to_another_in_time() -> None:
    """A job given into the void is reserved for a minute."""
    found = jobs("a")
    assert give(found, "w1") == "a"
    assert give(found, "w2", RESERVED_S) is None
    assert give(found, "w2", RESERVED_S + 1) == "a"


def test_a_running_bot_is_nobody_elses() -> None:
    """While it is heard of it is not given; silent for long enough it is."""
    found = jobs("a")
    give(found, "w1")
    found.heard("a", "w1", 10)
    assert not found.wants_worker(10 + SILENT_S)
    assert give(found, "w2", 10 + SILENT_S) is None
    assert found.wants_worker(11 + SILENT_S)
    assert give(found, "w2", 11 + SILENT_S) == "a"


def test_a_busy_worker_gives_its_job_back() -> None:
    """A job that its worker could not have is another's at once, and not counted."""
    found = jobs("a")
    give(found, "w1")
    job = found.given_to("w1")
    assert job is not None
    found.put_back(job)
    assert give(found, "w2") == "a"
    assert job.times_given == 1


def test_a_dead_workers_bot_waits_for_what_the_next_one_tells() -> None:
    """Lost: another worker is wanted at once, the job is given only if nothing comes of it."""
    found = jobs("a")
    give(found, "w1")
    found.heard("a", "w1", 10)
    found.worker_died("w1")
    assert found.wants_worker(10)
    assert give(found, "w2", 11) is None
    found.heard("a", "w2", 12)
    assert not found.wants_worker(13)
    found.end("a", 137)
    assert found.are_over
    assert found.exit_code == 137


def test_a_job_that_kills_its_workers_is_given_up() -> None:
    """After three workers died of it, it is over with 3."""
    found = jobs("a")
    for number in range(MAX_GIVEN):
        assert give(found, f"w{number}") == "a"
        found.worker_died(f"w{number}")
    assert found.are_over
    assert found.exit_code == 3


def test_the_worst_end_is_the_exit_code() -> None:
    """All have to be over; bots of another orchestrator count for nothing."""
    found = jobs("a", "b")
    found.heard("stranger", "w9", 0)
    found.end("a", 1)
    assert not found.are_over
    found.end("b", 0)
    found.end("stranger", 4)
    assert found.are_over
    assert found.exit_code == 1
    assert not Jobs().are_over


def test_cancelling_takes_back_what_waits() -> None:
    """What is under way goes on, and is named; the rest is over."""
    found = jobs("a", "b")
    give(found, "w1")
    found.cancel_waiting()
    assert [job.bot_id for job in found.under_way] == ["a"]
    assert [job.phase for job in found] == [Phase.GIVEN, Phase.OVER]


def test_a_job_keeps_its_bots_id_or_gets_one() -> None:
    """What names its bot is sent byte for byte; else the id is put in."""
    named = b'{"bot_id":  "ABC", "x": 1}'
    assert with_bot_id(named, "new") == ("abc", named)
    for body in (b'{"x": 1}', b'{"x": 1, "bot_id": null}'):
        bot_id, sent = with_bot_id(body, "new")
        assert (bot_id, json.loads(sent)) == ("new", {"x": 1, "bot_id": "new"})


@pytest.mark.parametrize("body", [b"", b"[]", b'{"bot_id": 1}', b'{"a": 1, "a": 2}', b"\xff"])
def test_what_is_no_job_is_a_value_error(body: bytes) -> None:
    """It is refused before any worker is asked."""
    with pytest.raises(ValueError, match=r"object|JSON|text|twice|UTF-8"):
        with_bot_id(body, "new")
