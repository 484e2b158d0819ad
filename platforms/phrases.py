"""What a client says, by language: the last resort, after everything that has no language.

An adapter's `texts.json` holds for each term and language the phrases somebody read off the page
("seen") and those that are our own translation ("inferred"), which no page has confirmed.
"""

import json
from collections.abc import Mapping
from typing import Final

from platforms.packaged import packaged_text

FILE: Final = "texts.json"


class Phrases:
    """The phrases of one adapter's package."""

    def __init__(self, package: str) -> None:
        self._by_term: Mapping[str, Mapping[str, Mapping[str, list[str]]]] = json.loads(
            packaged_text(package, FILE)
        )

    def of(self, term: str) -> tuple[str, ...]:
        """Every phrase for `term`, in all languages. Raises `KeyError` for an unknown term."""
        return tuple(
            phrase
            for by_origin in self._by_term[term].values()
            for phrases in by_origin.values()
            for phrase in phrases
        )

    def labels(self, term: str, element: str) -> str:
        """A selector of `element`s whose `aria-label` is a phrase for `term`."""
        return ", ".join(
            f"{element}[aria-label={json.dumps(phrase, ensure_ascii=False)} i]"
            for phrase in self.of(term)
        )

    def terms(self) -> Mapping[str, frozenset[str]]:
        """Every term with the languages it has phrases in."""
        return {term: frozenset(languages) for term, languages in self._by_term.items()}
