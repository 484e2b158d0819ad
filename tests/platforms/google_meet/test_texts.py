"""The phrases of the client."""

import json

import pytest

from platforms.google_meet.texts import TEXTS, labels, phrases
from platforms.packaged import packaged_text

LANGUAGES = {"en", "fr", "de", "es", "pt", "ja"}


@pytest.mark.parametrize("term", TEXTS.terms())
def test_every_term_in_six_languages(term: str) -> None:
    """No term lacks a language that the product promises."""
    assert TEXTS.terms()[term] >= LANGUAGES


def test_every_phrase_says_where_it_is_from() -> None:
    """Each phrase is marked as read off the page or as our own translation, and is not empty."""
    texts = json.loads(packaged_text("platforms.google_meet", "texts.json"))
    for term, by_language in texts.items():
        for by_origin in by_language.values():
            assert set(by_origin) <= {"seen", "inferred"}, term
            assert all(phrase.strip() for each in by_origin.values() for phrase in each), term
        assert "inferred" not in by_language.get("en", {}), term


def test_phrases_of_all_languages() -> None:
    """A term's phrases are those of every language; an unknown term is an error."""
    assert {"Ask to join", "Teilnahme erbitten", "参加をリクエスト"} <= set(phrases("join"))
    with pytest.raises(KeyError):
        phrases("no such term")


def test_no_bare_join() -> None:
    """A bare "Join" would also press "Join and use a phone for audio"."""
    assert "Join" not in phrases("join")


def test_labels() -> None:
    """Labels become one selector, with the quotes of French in place."""
    selector = labels("leave_label", "button")
    assert """button[aria-label="Quitter l'appel" i]""" in selector
    assert selector.count("button[aria-label=") == len(phrases("leave_label"))
