"""The README's table of platforms and what their clients show: each cell a test, or why none.

`python -m tests.platform_table` prints it; `tests.readme_tables` writes it into the README. A cell
is one of: the name of a page in the platform's own `test_evidence.py::test_state`; a test of the
platform's folder or, beginning with `tests/`, of another; a `No`, the sentence that says why not.
"""

import sys
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from platforms.types import Platform

FOLDERS: Final[Mapping[str, str]] = {
    Platform.GOOGLE_MEET: "tests/platforms/google_meet",
    Platform.TEAMS: "tests/platforms/teams",
    Platform.ZOOM: "tests/platforms/zoom",
}


class No(NamedTuple):
    """Why a cell has no test."""

    sentence: str


Cell = str | No
COMMON: Final = "tests/platforms/test_web_client.py"
ASIDE: Final = "tests/platforms/test_aside.py::test_no_notice_is_moved"
LOADING: Final = "tests/platforms/test_loading.py"
E2E: Final = "tests/e2e/test_end_reasons.py"
MUTATED: Final = "tests/platforms/test_mutations.py::test_each_state_is_judged_as_itself"
UNSTEADY: Final = "tests/platforms/test_unsteady_pages.py::test_nothing_ends_that_has_not_ended"
NO_BREAKOUT: Final = No("no source says what a page that is moved to a breakout room shows")


def _on_every_client(test: str, file: str = COMMON) -> tuple[Cell, Cell, Cell]:
    """The cells of a test of the common client that is run with each adapter."""
    return (
        f"{file}::{test}[google_meet]",
        f"{file}::{test}[microsoft_teams]",
        f"{file}::{test}[zoom]",
    )


TABLE: Final[Mapping[str, tuple[Cell, Cell, Cell]]] = {
    "form before the ask": ("prejoin", "prejoin", "prejoin"),
    "the same in Japanese": ("prejoin-ja", "prejoin-ja", "prejoin-ja"),
    "the same, signed in": (
        "prejoin-signed-in",
        "test_joining.py::test_a_signed_in_form_has_no_name",
        "prejoin-signed-in",
    ),
    "page in between (launcher)": (No("there is none on a desktop"), "launcher", "launcher"),
    "microphone and camera off": (
        "test_joining.py::test_switches_devices_off[True]",
        "test_joining.py::test_switches_devices_off",
        "test_joining.py::test_sound_is_joined_and_the_microphone_muted",
    ),
    "cookies, consent, hints answered": (
        "test_dialogs.py::test_answers[body6-[Got it]]",
        "test_dialogs.py::test_answers[body4-[Accept]]",
        "test_dialogs.py::test_answers[0]",
    ),
    "recording notice accepted": (
        "test_dialogs.py::test_answers[body2-[Join now]]",
        "test_dialogs.py::test_answers[body5-[Accept]]",
        "test_dialogs.py::test_answers[5]",
    ),
    "passcode wanted": (
        No("Meet has no passcodes"),
        "tests/platforms/teams/test_joining.py::test_asks[True]",
        "prejoin-passcode",
    ),
    "passcode wrong": (No("Meet has no passcodes"), "not-found", "passcode-wrong"),
    "waiting room": ("lobby", "lobby", "lobby"),
    "waiting for the host": (
        "host-absent",
        No("the lobby looks the same, whoever is missing"),
        "host-absent",
    ),
    "refused by a person": ("denied", "denied", "removed-before"),
    "nobody answered": (
        "no-answer",
        "nobody-answered",
        No("the waiting room has no end of its own: the bot's timeout ends it"),
    ),
    "sign-in wall": ("sign-in", "sign-in", "sign-in"),
    "CAPTCHA": ("captcha", "captcha", "captcha"),
    "wall: you can't join": ("blocked", "encryption", "bot-wall"),
    "meeting full": (
        No("no source saw its words; unknown, until the load timeout"),
        "full",
        "full",
    ),
    "meeting locked": (No("a closed meeting asks, and answers as refused"), "locked", "locked"),
    "no such meeting": ("invalid", "not-found", "no-such-meeting"),
    "expired": (No("told by the same screen as no such meeting"), "expired", "link-code"),
    "admitted": ("in-call", "in-call", "in-call"),
    "admitted, toolbar hidden": (
        "in-call-bar-hidden",
        "in-call-collapsed",
        "in-call-footer-hidden",
    ),
    "chat full of endings": ("in-call-chat", "in-call-chat", "in-call-chat"),
    "a whole meeting: joined, spoken, chatted, left": (
        "test_on_simulator.py::test_a_whole_meeting",
        "test_on_simulator.py::test_a_whole_meeting",
        "test_on_simulator.py::test_a_whole_meeting",
    ),
    "speaker and gallery view chosen": (
        "test_views.py::test_choose[marked]",
        "test_views.py::test_choose[old]",
        "test_views.py::test_choose[gallery-video-container-speaker-!-True]",
    ),
    "who is there, and which one the bot is": (
        "test_people.py::test_tiles",
        "test_people.py::test_tiles",
        "test_people.py::test_the_list_names_everybody",
    ),
    "who is the host": (
        No("no source says how the client marks a host to others"),
        "test_on_simulator.py::test_a_whole_meeting",
        "test_people.py::test_the_list_names_everybody",
    ),
    "who speaks now": (
        "test_people.py::test_who_speaks",
        "test_people.py::test_an_outline_s_border[rgb(98,100,167)-True]",
        "test_people.py::test_who_speaks[main]",
    ),
    "toolbar out of the picture, by itself": (
        "test_on_simulator.py::test_a_whole_meeting",
        No(
            "its bar is always there and no source knows a way of the client's own; taken out by a "
            "style it would take along what it tells, and no notice is ever hidden"
        ),
        "test_on_simulator.py::test_a_whole_meeting",
    ),
    "notices stay in the picture": (
        f"{ASIDE}[google_meet]",
        f"{ASIDE}[microsoft_teams]",
        f"{ASIDE}[zoom]",
    ),
    "somebody shows their screen: who, and it is the largest": (
        "test_on_simulator.py::test_a_whole_meeting",
        "test_on_simulator.py::test_a_whole_meeting",
        "test_on_simulator.py::test_a_whole_meeting",
    ),
    "removed": ("removed", "removed", "removed"),
    "ended for everyone": ("ended", "ended", "ended"),
    "host left, the call goes on": (
        No("no source says how the client marks a host to others: they left like anybody"),
        "test_on_simulator.py::test_a_whole_meeting",
        "test_on_simulator.py::test_a_whole_meeting",
    ),
    "connection lost": ("reconnecting", "reconnecting", "reconnecting"),
    "another host": ("elsewhere", "elsewhere", "other-host"),
    "back at the start page": ("landing-later", "after-the-meeting", "home-later"),
    "breakout room": (NO_BREAKOUT, NO_BREAKOUT, NO_BREAKOUT),
    "page crashed": _on_every_client("test_a_crashed_page_proves_nothing"),
    "page crashed while recording: a new one asks again, into the same recording": (
        f"{E2E}::test_page_crash[tab]",
        No("what the bot makes of it is the same for every client; tested with Meet"),
        No("what the bot makes of it is the same for every client; tested with Meet"),
    ),
    "page crashed before admission: a new one asks again": (
        f"{E2E}::test_page_crash_in_the_lobby",
        No("what the bot makes of it is the same for every client; tested with Meet"),
        No("what the bot makes of it is the same for every client; tested with Meet"),
    ),
    "page frozen for good while recording: given up, then as one that crashed": (
        f"{E2E}::test_page_frozen",
        No("what the bot makes of it is the same for every client; tested with Meet"),
        No("what the bot makes of it is the same for every client; tested with Meet"),
    ),
    "page never loads": _on_every_client("test_page_that_never_loads", LOADING),
    "5xx in its place": _on_every_client("test_server_s_fault", LOADING),
    "redirect to another host": _on_every_client("test_redirect_to_another_host", LOADING),
    "certificate nobody vouches for": _on_every_client("test_certificate", LOADING),
    "endless spinner": _on_every_client("test_endless_spinner", LOADING),
    "frozen page": _on_every_client("test_a_frozen_page_proves_nothing"),
    "slow, half rendered and flapping pages": (
        f"{UNSTEADY}[google_meet]",
        f"{UNSTEADY}[microsoft_teams]",
        f"{UNSTEADY}[zoom]",
    ),
    "second layout generation": (
        f"{MUTATED}[google_meet]",
        f"{MUTATED}[microsoft_teams]",
        f"{MUTATED}[zoom]",
    ),
    "second layout generation, a whole bot in the test meeting": (
        "tests/e2e/test_second_look.py::test_a_whole_bot[google_meet]",
        "tests/e2e/test_second_look.py::test_a_whole_bot[microsoft_teams]",
        "tests/e2e/test_second_look.py::test_a_whole_bot[zoom]",
    ),
    "recorded end to end": (
        "tests/e2e/test_demo.py::test_everything_is_there",
        "tests/e2e/test_teams.py::test_recorded_to_the_end",
        "tests/e2e/test_zoom.py::test_recorded_from_the_waiting_room_to_the_host_s_end",
    ),
}


def full_name(platform: str, cell: str) -> str:
    """The whole name of a cell's test."""
    if cell.startswith("tests/"):
        return cell
    if "::" in cell:
        return f"{FOLDERS[platform]}/{cell}"
    return f"{FOLDERS[platform]}/test_evidence.py::test_state[{cell}]"


def named_tests() -> Iterator[str]:
    """The whole name of every test the table names."""
    for cells in TABLE.values():
        for platform, cell in zip(FOLDERS, cells, strict=True):
            if not isinstance(cell, No):
                yield full_name(platform, cell)


def platform_table() -> str:
    """The table, in Markdown."""
    rows = ["| what the client shows | Google Meet | Microsoft Teams | Zoom |"]
    rows.append("| --- | --- | --- | --- |")
    for name, cells in TABLE.items():
        told = [cell.sentence if isinstance(cell, No) else f"`{_short(cell)}`" for cell in cells]
        rows.append(f"| {name} | {' | '.join(told)} |")
    return "\n".join(rows) + "\n"


def _short(cell: str) -> str:
    return cell.rpartition("/")[2].removeprefix("test_").replace(".py::test_", ": ")


if __name__ == "__main__":
    sys.stdout.write(platform_table())
