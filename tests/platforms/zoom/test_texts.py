"""The phrases of the client."""

from platforms.zoom.texts import TEXTS, phrases

MAIN_LANGUAGES = {"en", "de", "fr", "es", "pt", "ja"}
READ_IN_ENGLISH_ONLY = {"blocked", "captcha", "joining"}


def test_every_state_in_six_languages() -> None:
    """What a state is told by is there in each main language, but for what nobody has read."""
    terms = TEXTS.terms()
    assert {t for t, languages in terms.items() if not languages >= MAIN_LANGUAGES} == (
        READ_IN_ENGLISH_ONLY
    )


def test_phrases_are_specific() -> None:
    """No phrase that ends a bot is so short that a dialog about something else could hold it."""
    assert "Verstanden" in phrases("acknowledge")
    for term in ("ended", "bot_wall", "sign_in", "wrong_passcode"):
        assert min(len(phrase) for phrase in phrases(term)) >= 6, term
