"""The phrases of an adapter."""

import pytest

from platforms.phrases import Phrases

TEAMS = Phrases("platforms.teams")


def test_phrases_of_all_languages() -> None:
    """Seen and inferred phrases of every language are one term's phrases."""
    assert {"Join now", "Jetzt teilnehmen", "今すぐ参加"} <= set(TEAMS.of("join"))
    with pytest.raises(KeyError):
        TEAMS.of("no-such-term")


def test_labels() -> None:
    """A selector finds elements by any phrase, quotes in it escaped."""
    assert TEAMS.labels("leave_label", "button").startswith('button[aria-label="Leave" i], ')
    assert 'b[aria-label="J\'ai compris" i]' in TEAMS.labels("close", "b")


def test_terms() -> None:
    """Terms come with the languages they have."""
    assert TEAMS.terms()["in_browser"] >= {"en", "it"}
