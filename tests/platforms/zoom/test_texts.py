"""The phrases of the client."""

from platforms.zoom.texts import TEXTS, phrases

MAIN_LANGUAGES = {"en", "de", "fr", "es", "pt", "ja"}
ENGLISH_ONLY = {"joining"}
"""No state: it speaks against an admission, and a guess that is wrong would keep a bot out."""


def test_every_state_in_six_languages() -> None:
    """What a state is told by is there in each main language."""
    terms = TEXTS.terms()
    assert {t for t, languages in terms.items() if not languages >= MAIN_LANGUAGES} == (
        ENGLISH_ONLY
    )


def test_phrases_are_specific() -> None:
    """No phrase that ends a bot is so short that a dialog about something else could hold it."""
    assert "Verstanden" in phrases("acknowledge")
    for term in ("ended", "bot_wall", "sign_in", "wrong_passcode"):
        assert min(len(phrase) for phrase in phrases(term)) >= 6, term
