"""How a client looks a generation later: other attributes, other classes, other words.

`pages/<client>_second.json` says what became of what. The pages' code is the same for both looks:
it is rewritten where it is served, so that a class means the same to the script and its stylesheet.
What a row's old text is part of stays: `calling-retry-screen` is not `calling-retry-screen-title`.
"""

import codecs
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Final

from platforms.simulator.scenario import Scenario
from platforms.types import Platform

CLIENTS: Final[Mapping[Platform, str]] = {
    Platform.GOOGLE_MEET: "meet",
    Platform.TEAMS: "teams",
    Platform.ZOOM: "zoom",
}
_COMMENTS_AND_RULES: Final = re.compile(r"/\*.*?\*/|\{[^{}]*\}", re.DOTALL)
_CLASS: Final = re.compile(r"\.([A-Za-z][\w-]*)")


@dataclass(frozen=True, slots=True)
class SecondLook:
    """What became of the first look's texts.

    `unheard_of` is what no adapter was told; `seen` is what sources saw in other builds of the
    client. `classes` are the stylesheet's, where they mean nothing and all changed.
    """

    unheard_of: Mapping[str, str]
    seen: Mapping[str, str]
    classes: Mapping[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> Mapping[str, str]:
        """Everything: what a table says of a class counts more than its new name."""
        return {**self.classes, **self.seen, **self.unheard_of}

    def of(self, text: str) -> str:
        """The text as this look has it."""
        rows = self.rows
        return _pattern(tuple(rows)).sub(lambda found: rows[found[0]], text)


def drawn(text: str, scenario: Scenario) -> str:
    """A page's code as the scenario's client has it, in its first look or its second."""
    if "second_layout" not in scenario.variants:
        return text
    return second_look(scenario.platform).of(text)


@cache
def second_look(platform: Platform) -> SecondLook:
    """The second look of a platform's client."""
    client = CLIENTS[platform]
    table = json.loads(_page(f"{client}_second.json"))
    sheet = _page(f"{client}.css") if table["renames_all_classes"] else ""
    return SecondLook(table["unheard_of"], table["seen"], _renamed(sheet))


def _renamed(sheet: str) -> Mapping[str, str]:
    """Every class of a stylesheet and its new name, which is as meaningless as the old."""
    names = _CLASS.findall(_COMMENTS_AND_RULES.sub(" ", sheet))
    return {name: codecs.encode(name, "rot13") for name in sorted(set(names))}


@cache
def _pattern(olds: tuple[str, ...]) -> re.Pattern[str]:
    """Any of these, the longest first, and none within a longer name."""
    longest_first = sorted(olds, key=len, reverse=True)
    return re.compile("|".join(_alone(old) for old in longest_first))


def _alone(old: str) -> str:
    before = r"(?<![\w-])" if old[0].isalnum() else ""
    after = r"(?![\w-])" if old[-1].isalnum() else ""
    return f"{before}{re.escape(old)}{after}"


def _page(name: str) -> str:
    return (resources.files("platforms.simulator") / "pages" / name).read_text("utf-8")
