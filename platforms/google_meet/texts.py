"""What Google Meet says, by language: the last resort, after everything that has no language.

`texts.json` holds for each term and language the phrases somebody read off the page ("seen") and
those that are our own translation ("inferred"), which no page has confirmed.
"""

import json
from typing import Final

from platforms.packaged import packaged_text

_TEXTS: Final[dict[str, dict[str, dict[str, list[str]]]]] = json.loads(
    packaged_text("platforms.google_meet", "texts.json")
)


def phrases(term: str) -> tuple[str, ...]:
    """Every phrase for `term`, in all languages. Raises `KeyError` for an unknown term."""
    found = (
        phrase
        for by_origin in _TEXTS[term].values()
        for each in by_origin.values()
        for phrase in each
    )
    return tuple(found)


def labels(term: str, element: str) -> str:
    """A selector of `element`s whose `aria-label` is a phrase for `term`."""
    return ", ".join(
        f"{element}[aria-label={json.dumps(phrase, ensure_ascii=False)} i]"
        for phrase in phrases(term)
    )
