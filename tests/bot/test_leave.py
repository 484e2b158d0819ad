"""Leaving of one's own accord, second by second on a clock of our own."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.contract import END_REASONS, EndReason, Status
from bot.job import TimeoutConfig
from bot.leave import Deadlines, Elapsed, Look, Verdict, Watch, attendees, count_others
from bot.leave_rules import RULES
from platforms.types import PageState, Person, Traits

ALONE = Look(Status.IN_CALL_RECORDING, PageState.IN_CALL, 0, speaking=False, audio_alive=True)
WITH_ADA = replace(ALONE, others=1, speaking=True)
ADA_SILENT = replace(ALONE, others=1)
BLIND = replace(ALONE, page=PageState.UNKNOWN, others=None, speaking=None)
BLIND_BUT_HEARING = replace(BLIND, heard=True)
LOBBY = Look(Status.IN_WAITING_ROOM, PageState.LOBBY)
HOST_AWAY = Look(Status.IN_WAITING_FOR_HOST, PageState.WAITING_FOR_HOST)
JOINING = Look(Status.JOINING_CALL, PageState.UNKNOWN)

SHORT = TimeoutConfig(
    waiting_room_timeout=20,
    no_one_joined_timeout=20,
    everyone_left_timeout=5,
    silence_timeout=15,
    max_recording_duration=100,
)


def replace_timeouts(**seconds: int) -> TimeoutConfig:
    """The product's own timeouts but for these."""
    return TimeoutConfig.model_validate(seconds)


class Bot:
    """Feeds a `Watch` one look per second."""

    def __init__(
        self,
        timeouts: TimeoutConfig = SHORT,
        traits: Traits | None = None,
        deadlines: Deadlines | None = None,
    ) -> None:
        self.watch = Watch(timeouts, traits=traits, deadlines=deadlines)
        self.now_s = 0
        self._looked = False

    def see(self, look: Look, seconds: int) -> tuple[int, Verdict] | None:
        """Look for so many seconds; when and why to leave, if so."""
        for _ in range(seconds):
            self.now_s += self._looked
            self._looked = True
            if (verdict := self.watch.feed(1000.0 + self.now_s, look)) is not None:
                return self.now_s, verdict
        return None


def reason_of(found: tuple[int, Verdict] | None) -> tuple[int, EndReason] | None:
    """When, and for which reason."""
    return None if found is None else (found[0], found[1].reason)


def test_waiting_room_timeout() -> None:
    """Not admitted for waiting_room_timeout: TIMEOUT_WAITING_TO_START, at that second."""
    found = Bot().see(LOBBY, 60)
    assert found is not None
    assert found[0] == 20
    assert found[1] == Verdict(
        EndReason.TIMEOUT_WAITING_TO_START, "leave/waiting-room-timeout", 20.0, 20
    )


def test_the_waiting_room_times_out_on_a_page_that_tells_nothing_too() -> None:
    """Waiting is a status, not a page: UNKNOWN looks in it count."""
    found = Bot().see(replace(LOBBY, page=PageState.UNKNOWN), 60)
    assert reason_of(found) == (20, EndReason.TIMEOUT_WAITING_TO_START)


def test_an_admission_seen_before_the_deadline_may_prove_true() -> None:
    """Admitted in the last second: 30 s to be confirmed, then in the call."""
    bot = Bot()
    assert bot.see(LOBBY, 20) is None
    assert bot.see(replace(LOBBY, page=PageState.IN_CALL), 25) is None
    assert bot.see(WITH_ADA, 10) is None


def test_an_admission_that_does_not_prove_true_times_out() -> None:
    """Seen in the call for 30 s without being confirmed, the deadline holds again."""
    bot = Bot()
    assert bot.see(LOBBY, 20) is None
    found = bot.see(replace(LOBBY, page=PageState.IN_CALL), 90)
    assert found is not None
    assert found[1].reason is EndReason.TIMEOUT_WAITING_TO_START
    assert 20 + 30 <= found[0] <= 20 + 32


def test_a_refuted_admission_times_out_at_once() -> None:
    """Back in the lobby, the waiting room's clock goes on where it was."""
    bot = Bot()
    assert bot.see(LOBBY, 20) is None
    assert bot.see(replace(LOBBY, page=PageState.IN_CALL), 5) is None
    found = bot.see(LOBBY, 60)
    assert found is not None
    assert found[0] <= 20 + 7


def test_waiting_for_the_host_is_one_wait_with_the_lobby() -> None:
    """On Meet, waiting for a host and for admission share one deadline and one reason."""
    bot = Bot()
    assert bot.see(HOST_AWAY, 10) is None
    assert reason_of(bot.see(LOBBY, 60)) == (20, EndReason.TIMEOUT_WAITING_TO_START)


def test_on_zoom_a_host_who_never_comes_has_a_reason_of_its_own() -> None:
    """Zoom: WAITING_FOR_HOST_TIMEOUT."""
    found = Bot(traits=Traits(waits_for_host=True)).see(HOST_AWAY, 60)
    assert reason_of(found) == (20, EndReason.WAITING_FOR_HOST_TIMEOUT)


def test_a_page_that_never_loads() -> None:
    """No known state by the load deadline: CANNOT_JOIN_MEETING."""
    found = Bot(deadlines=Deadlines(load_s=30)).see(JOINING, 90)
    assert found is not None
    assert (found[0], found[1].row) == (30, "leave/page-never-loaded")
    assert found[1].reason is EndReason.CANNOT_JOIN_MEETING


def test_a_page_that_loads_but_never_lets_us_ask() -> None:
    """A prejoin page that cannot be got through ends at the joining deadline."""
    found = Bot(deadlines=Deadlines(join_s=90)).see(replace(JOINING, page=PageState.PREJOIN), 200)
    assert found is not None
    assert (found[0], found[1].row) == (90, "leave/never-able-to-ask")


def test_a_long_load_deadline_is_not_cut_short() -> None:
    """A load deadline set beyond the joining deadline is waited for."""
    found = Bot(deadlines=Deadlines(load_s=200, join_s=90)).see(JOINING, 300)
    assert reason_of(found) == (200, EndReason.CANNOT_JOIN_MEETING)


def test_no_one_joined() -> None:
    """Nobody else ever came: NO_ATTENDEES after no_one_joined_timeout."""
    found = Bot().see(ALONE, 60)
    assert found is not None
    assert (found[0], found[1].row) == (20, "leave/no-one-joined")
    assert found[1].reason is EndReason.NO_ATTENDEES


def test_no_one_joined_is_not_zooms() -> None:
    """The timeout is ignored for Zoom."""
    assert Bot(traits=Traits(no_one_joined_counts=False)).see(ALONE, 90) is None


def test_everyone_left() -> None:
    """All others gone for everyone_left_timeout: NO_ATTENDEES."""
    bot = Bot()
    assert bot.see(WITH_ADA, 10) is None
    found = bot.see(ALONE, 60)
    assert found is not None
    assert found[1].row == "leave/everyone-left"
    assert found[0] == 10 + 5


def test_everyone_left_is_armed_only_by_somebody() -> None:
    """Nobody was ever seen: the short timeout does not fire, the long one does."""
    found = Bot().see(ALONE, 60)
    assert found is not None
    assert found[0] == 20


def test_somebody_back_in_time_starts_the_clock_anew() -> None:
    """A person who returns resets everyone_left."""
    bot = Bot()
    bot.see(WITH_ADA, 2)
    assert bot.see(ALONE, 4) is None
    assert bot.see(WITH_ADA, 1) is None
    assert bot.see(ALONE, 4) is None


@pytest.mark.parametrize("seen_before", [False, True])
def test_an_unknown_count_is_not_nobody(*, seen_before: bool) -> None:
    """An unreadable people count holds the clock: it neither fires nor starts over."""
    uncounted = replace(ALONE, others=None, speaking=None)
    bot = Bot()
    if seen_before:
        bot.see(WITH_ADA, 1)
    assert bot.see(ALONE, 4) is None
    assert bot.see(uncounted, 50) is None
    found = bot.see(ALONE, 40)
    assert found is not None
    held_s = 5 if seen_before else 20
    assert found[1].held_s == held_s
    assert found[0] < bot.now_s + 1
    assert found[0] <= 1 + 4 + 50 + held_s


def test_reconnecting_holds_the_attendance_rules() -> None:
    """While the client has lost its connection, an empty list proves nothing."""
    bot = Bot()
    bot.see(WITH_ADA, 1)
    assert bot.see(replace(ALONE, page=PageState.RECONNECTING), 60) is None
    assert bot.see(WITH_ADA, 5) is None


def test_reconnecting_for_too_long() -> None:
    """A connection that does not come back is our failure."""
    bot = Bot(deadlines=Deadlines(reconnecting_s=40))
    bot.see(WITH_ADA, 1)
    found = bot.see(replace(ALONE, page=PageState.RECONNECTING), 90)
    assert found is not None
    assert (found[1].reason, found[1].row) == (
        EndReason.INTERNAL_ERROR,
        "leave/reconnecting-too-long",
    )


def test_silence() -> None:
    """People are there and nobody speaks: NO_SPEAKER after silence_timeout."""
    bot = Bot()
    bot.see(WITH_ADA, 3)
    found = bot.see(ADA_SILENT, 60)
    assert found is not None
    assert found[1].reason is EndReason.NO_SPEAKER
    assert found[1].held_s == 15


def test_a_word_breaks_the_silence() -> None:
    """Speech starts the clock anew, also speech that our audio did not hear."""
    bot = Bot()
    assert bot.see(ADA_SILENT, 14) is None
    assert bot.see(replace(ADA_SILENT, speaking=True, audio_alive=False), 1) is None
    assert bot.see(ADA_SILENT, 14) is None


@pytest.mark.parametrize("alive", [False, None])
def test_dead_audio_is_not_silence(*, alive: bool | None) -> None:
    """No sound at all, or no probe that tells, proves no silence."""
    assert Bot().see(replace(ADA_SILENT, audio_alive=alive), 90) is None


def test_unknown_speech_is_not_silence() -> None:
    """A probe that did not tell who speaks proves no silence."""
    assert Bot().see(replace(ADA_SILENT, speaking=None), 90) is None


def test_silence_is_heard_during_a_pause() -> None:
    """Paused recordings keep listening."""
    bot = Bot()
    found = bot.see(replace(ADA_SILENT, status=Status.RECORDING_PAUSED), 60)
    assert reason_of(found) == (15, EndReason.NO_SPEAKER)


def test_max_recording_duration_counts_pauses() -> None:
    """Wall time from the start of recording: RECORDING_TIMEOUT."""
    bot = Bot()
    assert bot.see(replace(WITH_ADA, status=Status.IN_CALL_NOT_RECORDING), 30) is None
    assert bot.see(WITH_ADA, 40) is None
    assert bot.see(replace(WITH_ADA, status=Status.RECORDING_PAUSED), 40) is None
    found = bot.see(replace(WITH_ADA, status=Status.RECORDING_RESUMED), 90)
    assert reason_of(found) == (30 + 100, EndReason.RECORDING_TIMEOUT)


def test_max_recording_duration_needs_no_readable_page() -> None:
    """The longest duration holds on a page that tells nothing but sounds."""
    found = Bot().see(BLIND_BUT_HEARING, 200)
    assert reason_of(found) == (100, EndReason.RECORDING_TIMEOUT)


def test_no_leave_rule_fires_in_the_grace_period() -> None:
    """Clocks start when the grace period is over."""
    bot = Bot(SHORT.model_copy(update={"grace_period": 50}))
    assert bot.see(ALONE, 50) is None
    assert reason_of(bot.see(ALONE, 60)) == (50 + 20, EndReason.NO_ATTENDEES)


def test_somebody_seen_in_the_grace_period_arms_everyone_left() -> None:
    """Who came and went during the grace period was there."""
    bot = Bot(SHORT.model_copy(update={"grace_period": 50}))
    bot.see(WITH_ADA, 10)
    assert bot.see(ALONE, 40) is None
    assert reason_of(bot.see(ALONE, 60)) == (50 + 5, EndReason.NO_ATTENDEES)


def test_the_recordings_clock_runs_in_the_grace_period_but_waits_for_its_end() -> None:
    """max_recording_duration counts from the start of recording and fires after the grace."""
    timeouts = SHORT.model_copy(update={"grace_period": 50, "max_recording_duration": 10})
    assert reason_of(Bot(timeouts).see(WITH_ADA, 90)) == (50, EndReason.RECORDING_TIMEOUT)


def test_a_failure_is_one_in_the_grace_period_too() -> None:
    """A page lost in the grace period is not excused by it."""
    bot = Bot(SHORT.model_copy(update={"grace_period": 600}))
    found = bot.see(BLIND, 200)
    assert reason_of(found) == (60, EndReason.INTERNAL_ERROR)


def test_a_page_lost_in_the_call_without_sound() -> None:
    """UNKNOWN past its deadline after admission: INTERNAL_ERROR with its row.

    Packets of silence go on arriving from a page that has ended: they prove nothing.
    """
    bot = Bot(deadlines=Deadlines(unknown_s=30))
    bot.see(WITH_ADA, 5)
    found = bot.see(BLIND, 90)
    assert found is not None
    assert found[1].row == "leave/page-lost-in-call"
    assert found[0] == 5 + 30


def test_sound_proves_life() -> None:
    """A page that tells nothing while something is heard is given far longer."""
    bot = Bot(SHORT.model_copy(update={"max_recording_duration": 5000}))
    found = bot.see(BLIND_BUT_HEARING, 900)
    assert found is not None
    assert (found[0], found[1].row) == (600, "leave/page-lost-with-sound")


def test_one_known_look_ends_the_doubt() -> None:
    """Looks that fail now and then never add up to a lost page."""
    bot = Bot(deadlines=Deadlines(unknown_s=30))
    for _ in range(10):
        assert bot.see(BLIND, 20) is None
        assert bot.see(WITH_ADA, 1) is None
        bot.watch.update(SHORT.model_copy(update={"max_recording_duration": 9999}))


@pytest.mark.parametrize(
    "page", [PageState.UNKNOWN, PageState.PREJOIN, PageState.LOBBY, PageState.RECONNECTING]
)
@pytest.mark.parametrize("traits", [Traits(), Traits(puts_on_hold=True)])
def test_not_readmitted_after_a_crash(page: PageState, traits: Traits) -> None:
    """Our own page died: whatever the new one shows, waiting_room_timeout is the only deadline."""
    bot = Bot(replace_timeouts(waiting_room_timeout=700), traits=traits)
    assert bot.see(WITH_ADA, 10) is None
    found = bot.see(replace(ALONE, page=page, others=None, audio_alive=False, rejoining=True), 900)
    assert found is not None
    assert found[0] == 10 + 700
    assert (found[1].row, found[1].reason) == (
        "leave/not-readmitted-after-crash",
        EndReason.INTERNAL_ERROR,
    )


def test_rejoining_is_nobodys_leaving() -> None:
    """Nobody is seen and nothing heard on the way back; the recording's length counts on."""
    short = replace_timeouts(
        waiting_room_timeout=500,
        everyone_left_timeout=5,
        silence_timeout=15,
        max_recording_duration=100,
    )
    bot = Bot(short)
    assert bot.see(WITH_ADA, 10) is None
    away = replace(ALONE, page=PageState.LOBBY, others=None, rejoining=True)
    assert bot.see(away, 60) is None
    assert bot.see(WITH_ADA, 5) is None
    found = bot.see(away, 60)
    assert reason_of(found) == (100, EndReason.RECORDING_TIMEOUT)


def test_not_readmitted_after_the_page_was_reopened() -> None:
    """In the lobby again in mid-call, and left there: INTERNAL_ERROR."""
    bot = Bot(SHORT.model_copy(update={"max_recording_duration": 9999}))
    bot.see(WITH_ADA, 5)
    found = bot.see(replace(ALONE, page=PageState.LOBBY, others=None), 300)
    assert found is not None
    assert (found[1].row, found[1].reason) == ("leave/not-readmitted", EndReason.INTERNAL_ERROR)


def test_on_hold_is_no_ending_until_it_lasts_as_long_as_a_waiting_room() -> None:
    """Where hosts put people on hold, being fetched again in time is nothing; else a removal."""
    timeouts = SHORT.model_copy(
        update={"max_recording_duration": 9999, "waiting_room_timeout": 200}
    )
    held = replace(ALONE, page=PageState.LOBBY, others=None)
    bot = Bot(timeouts, traits=Traits(puts_on_hold=True))
    assert bot.see(WITH_ADA, 5) is None
    assert bot.see(held, 190) is None
    assert bot.see(WITH_ADA, 5) is None
    found = bot.see(held, 300)
    assert found is not None
    assert (found[1].row, found[1].reason) == ("leave/on-hold-too-long", EndReason.BOT_REMOVED)


def test_new_timeouts_hold_at_once_and_keep_what_was_counted() -> None:
    """update_config in mid-call: the seconds so far count towards the new limit."""
    bot = Bot(SHORT.model_copy(update={"no_one_joined_timeout": 1000}))
    assert bot.see(ALONE, 40) is None
    bot.watch.update(SHORT)
    assert reason_of(bot.see(ALONE, 5)) == (40, EndReason.NO_ATTENDEES)


@pytest.mark.parametrize(
    "status", [Status.QUEUED, Status.CALL_ENDED, Status.TRANSCRIBING, Status.COMPLETED]
)
def test_no_rule_outside_the_call(status: Status) -> None:
    """Before joining and after the call there is nothing to leave."""
    assert Bot().see(replace(BLIND, status=status), 300) is None


def test_a_clock_that_steps_back_counts_nothing() -> None:
    """A step back adds no time and takes none away."""
    elapsed = Elapsed()
    assert elapsed.note("a", 10.0, holds=True) == 0.0
    assert elapsed.note("a", 15.0, holds=True) == 5.0
    assert elapsed.note("a", 12.0, holds=True) == 5.0
    assert elapsed.note("a", 14.0, holds=True) == 7.0


def test_every_rule_ends_a_bot_for_a_reason_of_ours() -> None:
    """Row names are unique, and each reason is one this program raises."""
    assert len({rule.row for rule in RULES}) == len(RULES)
    assert all(END_REASONS[rule.reason].raised_here for rule in RULES)


LOOKS = st.builds(
    Look,
    st.sampled_from(Status),
    st.sampled_from(PageState),
    st.none() | st.integers(0, 3),
    st.none() | st.booleans(),
    st.none() | st.booleans(),
    st.none() | st.booleans(),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 60), LOOKS), max_size=30))
def test_nothing_fires_before_its_time(steps: Iterable[tuple[float, Look]]) -> None:
    """A verdict names a rule that held for its limit, and nobody in the call is left as absent."""
    watch, now_s = Watch(SHORT), 0.0
    for step_s, look in steps:
        now_s += step_s
        verdict = watch.feed(now_s, look)
        if verdict is None:
            continue
        assert verdict.row in {rule.row for rule in RULES}
        assert verdict.limit_s <= verdict.held_s <= now_s
        if verdict.reason is EndReason.NO_ATTENDEES:
            assert look.page is PageState.IN_CALL
            assert look.others == 0


PEOPLE = (
    Person("1", "Bot", is_self=True),
    Person("2", "Ada Lovelace"),
    Person("3", "  Fireflies.ai   NOTETAKER "),
)


def test_the_bot_and_the_ignored_are_no_attendees() -> None:
    """Ignored names match without regard to case and spaces; the bot never counts."""
    assert attendees(PEOPLE, ["fireflies.ai notetaker"]) == (PEOPLE[1],)
    assert count_others(PEOPLE, ["fireflies.ai notetaker"]) == 1
    assert count_others(PEOPLE) == 2
    assert count_others(PEOPLE[:1]) == 0


def test_people_unknown_stay_unknown() -> None:
    """No reading is not an empty room."""
    assert count_others(None) is None
    assert attendees(None, ["x"]) is None
