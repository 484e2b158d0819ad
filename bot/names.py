"""The name shown in the meeting: what a client's name box would refuse is reduced before it does.

Reduced are: control and invisible characters (also the ones that turn the direction of text, with
which a name can look like another), line breaks and runs of white space, and length. Letters of
every script and emoji stay, with the joiners they need between them.
"""

import re
import unicodedata

from platforms.types import NameRules

LAST_OF_BASIC_PLANE = 0xFFFF
FALLBACK_NAME = "Guest"
"""Shown when nothing visible is left of a name."""

_JOINERS = frozenset("\u200c\u200d")
_EMOJI_MODIFIERS = frozenset(chr(code) for code in range(0x1F3FB, 0x1F400))


ANY_NAME = NameRules()


def shown_name(bot_name: str, rules: NameRules = ANY_NAME) -> str:
    """`bot_name` as the meeting will show it: one line, no odd spaces, all as `rules` want it.

    Applying it twice changes nothing more.
    """
    kept = "".join(_kept(character, rules) for character in bot_name)
    text = unicodedata.normalize("NFC", _without_idle_joiners(kept))
    name = _shortened(" ".join(text.split()), rules.max_utf16_units)
    visible = any(unicodedata.category(character)[0] in "LNPS" for character in name)
    return name if visible else FALLBACK_NAME


def _kept(character: str, rules: NameRules) -> str:
    kept = _plain(character, rules)
    return kept if not rules.accepted or re.fullmatch(rules.accepted, kept) else ""


def _plain(character: str, rules: NameRules) -> str:
    category = unicodedata.category(character)
    if character.isspace() or category.startswith("Z"):
        return " "
    if character in rules.refused or (ord(character) > LAST_OF_BASIC_PLANE and not rules.astral):
        return " "
    if category.startswith("C") and character not in _JOINERS:
        return ""
    return character


def _without_idle_joiners(text: str) -> str:
    """The text without the joiners that join nothing: they would be invisible by themselves."""
    joined = [
        character
        for before, character, after in zip(f" {text}", text, f"{text[1:]} ", strict=False)
        if character not in _JOINERS or not {before, after} & (_JOINERS | {" "})
    ]
    return "".join(joined)


def _shortened(text: str, max_units: int) -> str:
    """As many whole characters, with what hangs on them, as fit."""
    kept, used = "", 0
    for cluster in _clusters(text):
        units = len(cluster.encode("utf-16-le")) // 2
        if used + units > max_units:
            break
        kept, used = kept + cluster, used + units
    return kept.rstrip(" \u200c\u200d")


def _clusters(text: str) -> list[str]:
    clusters: list[str] = []
    for character in text:
        hangs_on = (
            character in _JOINERS
            or character in _EMOJI_MODIFIERS
            or unicodedata.category(character).startswith("M")
            or (clusters and clusters[-1][-1] == "\u200d")
        )
        if clusters and hangs_on:
            clusters[-1] += character
        else:
            clusters.append(character)
    return clusters
