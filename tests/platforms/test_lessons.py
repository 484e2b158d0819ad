"""What other projects paid for, as rules here: each with the tests that hold it, for all adapters.

The rules are those of the public post-mortems and change logs of meeting bots; the list names for
each the tests that would fail if it were broken. What holds of every adapter's table is tested
below over every adapter that is installed.
"""

import pytest

from bot.outcome import PAGE_ENDINGS, Phase
from bot.tables import driven_platforms
from platforms.evidence import Place, Row, Text
from platforms.registry import adapter_of
from platforms.types import PageState as S

PROBE = "tests/platforms/test_probe.py"
LEAVE = "tests/bot/test_leave.py"
MEET = "tests/platforms/google_meet/test_evidence.py"
TEAMS = "tests/platforms/teams/test_evidence.py"
ZOOM = "tests/platforms/zoom/test_evidence.py"
VISITS = "tests/platforms/google_meet/test_on_simulator.py"
HERE = "tests/platforms/test_lessons.py"

LESSONS = {
    "a check that throws, hangs or times out is unknown, never an ending": (
        f"{PROBE}::test_a_throwing_look_is_no_answer",
        f"{PROBE}::test_a_look_that_never_ends_is_no_answer",
        f"{PROBE}::test_a_crashed_or_closed_page_is_no_answer",
        "tests/platforms/test_evidence.py::test_a_failed_look_is_unknown",
        "tests/bot/test_outcome.py::test_no_evidence_is_no_ending",
        f"{VISITS}::test_a_frozen_page_proves_nothing_and_a_choice_keeps_nobody_from_leaving",
    ),
    "texts count only on rendered elements, innermost, white space and case alike, in shadow too": (
        f"{PROBE}::test_clue",
        f"{MEET}::test_state[blocked-curly]",
        f"{MEET}::test_state[blank]",
        f"{TEAMS}::test_state[blank]",
        f"{ZOOM}::test_state[blank]",
    ),
    "never inside chat, names, titles or captions": (
        f"{MEET}::test_state[in-call-chat]",
        f"{MEET}::test_state[in-call-captions]",
        f"{MEET}::test_state[prejoin-evil-title]",
        f"{TEAMS}::test_state[in-call-chat]",
        f"{TEAMS}::test_state[in-call-forged-name]",
        f"{ZOOM}::test_state[in-call-chat]",
        f"{ZOOM}::test_state[lobby-evil-topic]",
    ),
    "the lobby can already show call controls; a strong call outweighs a stale lobby text": (
        f"{MEET}::test_state[lobby]",
        f"{MEET}::test_state[lobby-tlh]",
        f"{MEET}::test_state[lobby-over-tiles]",
        f"{MEET}::test_state[in-call-stale-lobby]",
        f"{TEAMS}::test_state[lobby]",
        f"{TEAMS}::test_state[in-call-old-lobby]",
        f"{ZOOM}::test_state[joining-stage]",
        f"{ZOOM}::test_state[in-call-stale-lobby]",
    ),
    "a join is confirmed over time": (
        f"{MEET}::test_weaker_admissions_take_longer",
        f"{ZOOM}::test_admission_takes_two_looks",
        "tests/platforms/test_evidence.py::test_settling_takes_time_once",
        f"{HERE}::test_admission_is_confirmed_over_time",
    ),
    "an admission seen shortly before the deadline may prove true": (
        f"{LEAVE}::test_an_admission_seen_before_the_deadline_may_prove_true",
        f"{LEAVE}::test_an_admission_that_does_not_prove_true_times_out",
        f"{LEAVE}::test_a_refuted_admission_times_out_at_once",
    ),
    "an ask is reported only once it was made": (
        "tests/platforms/test_web_client.py::test_ask_is_true_only_once_made",
        "tests/platforms/test_web_client.py::test_no_form_no_ask",
        "tests/platforms/teams/test_adapter.py::test_no_ask_is_reported_that_was_not_made",
        "tests/platforms/zoom/test_adapter.py::test_what_proves_an_ask",
    ),
    "a removal takes a second witness or repetition": (
        f"{MEET}::test_endings_need_the_table_s_looks",
        f"{MEET}::test_state[in-call-bar-hidden]",
        f"{TEAMS}::test_endings_take_repetition",
        f"{ZOOM}::test_state[in-call-footer-hidden]",
        f"{HERE}::test_an_ending_takes_a_second_witness_or_repetition",
    ),
    "after admission a refusal is a removal, never a refusal": (
        "tests/bot/test_outcome.py::test_the_contracts_rows",
        f"{HERE}::test_after_admission_a_refusal_is_a_removal",
    ),
    "a frozen or unreadable page ends a bot only late, and sound proves life": (
        f"{LEAVE}::test_a_page_lost_in_the_call_without_sound",
        f"{LEAVE}::test_sound_proves_life",
        f"{LEAVE}::test_one_known_look_ends_the_doubt",
    ),
    "a superseded attempt never writes the outcome": (
        "tests/bot/test_outcome.py::test_a_superseded_attempt_writes_nothing",
        "tests/bot/test_outcome.py::test_the_first_outcome_passes_and_no_other",
    ),
    "alone counts only after somebody was seen": (
        f"{LEAVE}::test_everyone_left_is_armed_only_by_somebody",
        f"{LEAVE}::test_an_unknown_count_is_not_nobody",
    ),
    "a dialog that does not go is tried three times, specific ones before generic ones": (
        "tests/platforms/test_dialogs.py::test_gives_up_on_a_stubborn_dialog",
        "tests/platforms/google_meet/test_dialogs.py::test_specific_before_generic",
        "tests/platforms/google_meet/test_dialogs.py::test_answers[body2-[Join now]]",
    ),
}

ENDINGS = frozenset({S.LOGIN, S.DENIED, S.NO_ANSWER, S.BLOCKED, S.INVALID, S.REMOVED, S.ENDED})
all_rows = pytest.mark.parametrize(
    ("platform", "row"),
    [(platform, row) for platform in driven_platforms() for row in adapter_of(platform).rows],
    ids=lambda value: value.name if isinstance(value, Row) else str(value),
)


def test_every_lesson_has_its_tests(request: pytest.FixtureRequest) -> None:
    """Each named test is there (of a narrower run: where its file is part of it)."""
    collected = {item.nodeid for item in request.session.items}
    known = collected | {name.partition("[")[0] for name in collected}
    files = {name.partition("::")[0] for name in collected}
    wanted = {name for names in LESSONS.values() for name in names}
    assert {name for name in wanted if name.partition("::")[0] in files} - known == set()


@all_rows
def test_an_ending_takes_a_second_witness_or_repetition(platform: str, row: Row) -> None:
    """No single sign ends a bot that is in, at a single look."""
    if row.state in {S.REMOVED, S.ENDED}:
        assert row.looks > 1 or len(row.needs) > 1


@all_rows
def test_admission_is_confirmed_over_time(platform: str, row: Row) -> None:
    """Being in takes more than one look, and what the form before the ask shows speaks against."""
    if row.state is S.IN_CALL:
        assert row.looks > 1


@all_rows
def test_a_sentence_ends_a_bot_only_where_the_client_speaks(platform: str, row: Row) -> None:
    """What an ending needs is no text that may stand anywhere: it is placed or repeated."""
    if row.state not in ENDINGS:
        return
    for sign in row.needs:
        anywhere = [each for each in sign.clues if isinstance(each, Text) and not each.within]
        placed = any(isinstance(each, Place) for other in row.needs for each in other.clues)
        assert not anywhere or row.refuted_by or len(row.needs) > 1 or placed, sign.name
        assert not anywhere or row.looks > 1 or len(row.needs) > 1, sign.name


def test_after_admission_a_refusal_is_a_removal() -> None:
    """Whatever screen of refusal comes after admission, nobody was refused any more."""
    for phase in (Phase.ADMITTED, Phase.RECORDING):
        reasons = {PAGE_ENDINGS[phase, state] for state in ENDINGS - {S.ENDED}}
        assert {reason.value for reason in reasons if reason} == {"BOT_REMOVED"}
