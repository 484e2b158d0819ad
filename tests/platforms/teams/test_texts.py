"""The texts of the Teams client."""

import pytest

from platforms.teams.texts import TEXTS, labels, phrases

LANGUAGES = {"en", "fr", "de", "es", "pt", "ja"}


@pytest.mark.parametrize("term", TEXTS.terms())
def test_every_term_in_six_languages(term: str) -> None:
    """No term lacks a language that the product promises."""
    assert TEXTS.terms()[term] >= LANGUAGES
    assert all(phrase == phrase.strip() for phrase in phrases(term))


def test_labels_are_the_phrases() -> None:
    """A label's selector names each phrase."""
    assert labels("mute_label", "button").count("button[") == len(phrases("mute_label"))
