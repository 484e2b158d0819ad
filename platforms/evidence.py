"""From what one look at a page matched to what state the page is in. Pure.

A platform's knowledge is a table of `Row`s: what must be seen, what refutes it, how many looks in
a row it takes. Every look is judged by the first row that holds; none holding is UNKNOWN, and so is
a row that is not confirmed yet. A look that failed is None: UNKNOWN, and it breaks every run of
looks, so that it can never count towards an ending.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from platforms.types import Finding, PageState

MAX_DETAIL_CHARACTERS: Final = 200


@dataclass(frozen=True, slots=True)
class Css:
    """An element is there: shown and at least this large, or (`visible` False) only attached.

    Attached is enough for what a client hides without taking away, like a toolbar.
    """

    selector: str
    visible: bool = True
    min_width_px: int = 1
    min_height_px: int = 1


@dataclass(frozen=True, slots=True)
class Text:
    """One of the phrases is rendered: innermost element, white space, case and apostrophes alike.

    The element or an ancestor must be one of `within` and none may be one of `outside` (selectors);
    `whole` asks for the element's entire text instead of a part of it.
    """

    phrases: tuple[str, ...]
    within: str = ""
    outside: str = ""
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Icon:
    """An icon font's ligature: its name is the element's text, in every language."""

    ligature: str
    visible: bool = True


@dataclass(frozen=True, slots=True)
class Count:
    """An element's text is a number, shown or not, from `at_least` to `at_most` (None: any)."""

    selector: str
    at_least: int = 1
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class Title:
    """The document's title holds one of the phrases. In a call it may be what people wrote."""

    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the page is: all of what is given must hold, and it must be a web page at all.

    `elsewhere_than` are hosts of which it must be none; a host that begins with "." is a domain and
    all below it. `paths` are compared without a final "/"; one that ends in "*" is a beginning.
    """

    hosts: tuple[str, ...] = ()
    elsewhere_than: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


Clue = Css | Text | Icon | Count | Title | Place


@dataclass(frozen=True, slots=True)
class Sign:
    """A thing to look for: it is seen when any of its clues matches.

    `sources` name who saw it and when, newest first ("zen-recorder 2026-10, live"); none: inferred.
    """

    name: str
    clues: tuple[Clue, ...]
    sources: tuple[str, ...] = ()


def sign(name: str, *clues: Clue, sources: tuple[str, ...] = ()) -> Sign:
    """A sign that any of `clues` proves."""
    return Sign(name, clues, sources)


def see(*signs: Sign) -> tuple[Sign, ...]:
    """The signs a row needs (all of them) or is refuted by (any of them)."""
    return signs


@dataclass(frozen=True, slots=True)
class Row:
    """One proof of one page state.

    It holds when everything in `needs` is seen and nothing in `refuted_by`, and, where `after` is
    not empty, one of those states was confirmed before, and none of `never_after` was. It is
    confirmed once its state was judged in `looks` successive looks and, the first time, for
    `settle_s` seconds: a page that is being built shows controls before it shows what they belong
    to.
    """

    state: PageState
    name: str
    needs: tuple[Sign, ...]
    refuted_by: tuple[Sign, ...] = ()
    looks: int = 1
    settle_s: float = 0.0
    after: frozenset[PageState] = frozenset()
    never_after: frozenset[PageState] = frozenset()

    def holds(self, matches: Mapping[str, bool], seen: frozenset[PageState]) -> bool:
        """Whether this row holds in one look. Raises `KeyError` for a sign not looked for."""
        return (
            all(matches[needed.name] for needed in self.needs)
            and not any(matches[other.name] for other in self.refuted_by)
            and (not self.after or bool(self.after & seen))
            and not self.never_after & seen
        )


def signs_of(rows: Iterable[Row]) -> tuple[Sign, ...]:
    """Every sign a table looks for, once, in order of first use.

    Raises `ValueError` when two different signs share a name.
    """
    found: dict[str, Sign] = {}
    for row in rows:
        for each in (*row.needs, *row.refuted_by):
            if found.setdefault(each.name, each) != each:
                raise ValueError(each.name)
    return tuple(found.values())


class Judge:
    """Judges the looks at one page, one after another.

    `now_s` is any clock that never runs backwards. `seen` are the states confirmed so far.
    """

    def __init__(self, platform: str, rows: Sequence[Row]) -> None:
        self._platform = platform
        self._rows = tuple(rows)
        self.signs = signs_of(rows)
        self.reset()

    def reset(self) -> None:
        """Forget everything: the page was loaded anew."""
        self.seen: frozenset[PageState] = frozenset()
        self._state: PageState | None = None
        self._looks = 0
        self._since_s = 0.0

    def judge(self, now_s: float, matches: Mapping[str, bool] | None) -> Finding:
        """What this look proves. `matches` says for every sign whether it was seen."""
        if matches is None:
            self._state = None
            return self._unknown("the page did not answer")
        row = next((row for row in self._rows if row.holds(matches, self.seen)), None)
        if row is None:
            self._state = None
            return self._unknown(_listed(name for name, seen in matches.items() if seen))
        self._count(row.state, now_s)
        held_s = now_s - self._since_s
        settle_s = 0.0 if row.state in self.seen else row.settle_s
        if self._looks < row.looks or held_s < settle_s:
            return self._unknown(f"{row.name}: look {self._looks}, held {held_s:.1f} s")
        self.seen |= {row.state}
        return Finding(row.state, f"{self._platform}/{row.name}", _listed_signs(row.needs))

    def _count(self, state: PageState, now_s: float) -> None:
        if state is not self._state:
            self._state = state
            self._looks = 0
            self._since_s = now_s
        self._looks += 1

    def _unknown(self, detail: str) -> Finding:
        return Finding(PageState.UNKNOWN, f"{self._platform}/none", detail)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)[:MAX_DETAIL_CHARACTERS]


def _listed_signs(signs: Iterable[Sign]) -> str:
    return _listed(each.name for each in signs)
