"""The name shown in the meeting."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.names import ANY_NAME, FALLBACK_NAME, shown_name
from platforms.registry import plugin_of
from platforms.types import NameRules, Platform


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("Ada", "Ada"),
        ("  Ada \t\n Lovelace  ", "Ada Lovelace"),
        ("Ada\u00a0\u2003Lovelace", "Ada Lovelace"),
        ("Ada\x00\x1b[0m", "Ada[0m"),
        ("\u202eadA\u202c", "adA"),
        ("A\u200bd\ufeffa", "Ada"),
        ("e\u0301", "\u00e9"),
        ("نمی‌خواهم", "نمی‌خواهم"),
        ("\u200dAda\u200c", "Ada"),
        ("Notes 📝", "Notes 📝"),
        ("👩\u200d💻 Ada", "👩\u200d💻 Ada"),
        ("\ue000\u0378", FALLBACK_NAME),
        (" \n\u200b", FALLBACK_NAME),
        ("", FALLBACK_NAME),
    ],
)
def test_reduction(given_name: str, shown: str) -> None:
    """Controls, direction marks and odd spaces go; letters, emoji and their joiners stay."""
    assert shown_name(given_name) == shown


def test_length_is_counted_as_the_name_box_counts() -> None:
    """60 UTF-16 units: 60 letters, or 30 emoji."""
    assert shown_name("a" * 255) == "a" * 60
    assert shown_name("📝" * 255) == "📝" * 30
    assert shown_name("a" * 59 + " bcd") == "a" * 59


def test_a_character_is_cut_whole() -> None:
    """What hangs on a letter or an emoji is not cut from it."""
    accented = "x\u0323\u0301"
    assert shown_name("a" * 57 + accented) == "a" * 57 + accented
    assert shown_name("a" * 58 + accented) == "a" * 58
    assert shown_name("a" * 57 + "👋🏽") == "a" * 57
    assert shown_name("a" * 56 + "👋🏽") == "a" * 56 + "👋🏽"
    assert shown_name("a" * 57 + "👩\u200d💻") == "a" * 57


@pytest.mark.parametrize(
    ("rules", "given_name", "shown"),
    [
        (NameRules(max_utf16_units=10), "Ada Lovelace", "Ada Lovela"),
        (NameRules(refused="()"), "Notes (2)", "Notes 2"),
        (NameRules(astral=False), "Notes 📝 von Ada", "Notes von Ada"),
        (NameRules(accepted="[A-Za-z0-9]"), "Ada's notes (2) é", "Adasnotes2"),
        (NameRules(accepted="[A-Za-z ]"), "Ada's notes", "Adas notes"),
        (NameRules(accepted="[a-z]"), "42", FALLBACK_NAME),
    ],
)
def test_a_client_s_own_rules(rules: NameRules, given_name: str, shown: str) -> None:
    """What a platform's name box refuses is left out, and doing it twice changes nothing more."""
    assert shown_name(given_name, rules) == shown
    if shown != FALLBACK_NAME:
        assert shown_name(shown, rules) == shown


def test_a_pile_of_marks_does_not_pass() -> None:
    """A single letter under more marks than a name box holds leaves no name."""
    assert shown_name("x" + "\u0323\u0301" * 100) == FALLBACK_NAME


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=255))
def test_what_holds_of_every_name(name: str) -> None:
    """Never empty, never too long, one line, no control character, and done after one pass."""
    shown = shown_name(name)
    assert 1 <= len(shown.encode("utf-16-le")) // 2 <= ANY_NAME.max_utf16_units
    assert shown == " ".join(shown.split())
    assert not any(unicodedata.category(c) in {"Cc", "Cs", "Co", "Cn"} for c in shown)
    assert shown_name(shown) == shown


FAMILY = "👩\u200d👩\u200d👧"
ODD_NAMES = {
    "emoji": f"Notes 📼 {FAMILY}",
    "right to left": "\u202eמחברת \u200fשל\u202c",
    "quotes": "\"Ada\" 'the' “Note” «taker»",
    "brackets": "Notes (bot) [rec] {x} <y>",
    "long": "Ünïcödé 議事録 " * 25,
}
LONG = "Ünïcödé 議事録 Ünïcödé 議事録 Ünïcödé 議事録 Ünïcödé 議事録 Ünïcödé 議事録"
ANYWHERE = {
    "emoji": ODD_NAMES["emoji"],
    "right to left": "מחברת של",
    "quotes": ODD_NAMES["quotes"],
    "brackets": ODD_NAMES["brackets"],
    "long": LONG,
}


@pytest.mark.parametrize(
    ("platform", "shown"),
    [
        (Platform.GOOGLE_MEET, ANYWHERE),
        (Platform.ZOOM, ANYWHERE),
        (
            Platform.TEAMS,
            {**ANYWHERE, "emoji": "Notes", "quotes": "Ada 'the' Note taker"}
            | {"brackets": "Notes bot rec x y"},
        ),
    ],
)
def test_odd_names_on_each_platform(platform: Platform, shown: dict[str, str]) -> None:
    """Emoji, right-to-left text, quotes, brackets, 255 characters: what each client is given."""
    rules = plugin_of(platform).name_rules
    assert {kind: shown_name(name[:255], rules) for kind, name in ODD_NAMES.items()} == shown
