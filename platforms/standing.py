"""How near each row of a table is to holding: what to mend when a client has changed. Pure."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from platforms.evidence import Clue, Css, Icon, Row, Sign, Text


@dataclass(frozen=True, slots=True)
class Standing:
    """One row against one look: the names of what it misses and of what refutes it."""

    row: Row
    missing: tuple[str, ...]
    refuting: tuple[str, ...]
    misplaced: tuple[str, ...] = ()
    """Of the missing, those that are on the page, but hidden or not where they count."""

    @property
    def holds(self) -> bool:
        """Whether nothing is in the row's way, states it must come after aside."""
        return not self.missing and not self.refuting

    @property
    def is_near(self) -> bool:
        """Whether a single sign is in its way, and one of its own is on the page."""
        one = len(self.missing) + len(self.refuting) == 1
        return one and len(self.missing) - len(self.misplaced) < len(self.row.needs)


def standings(
    rows: Iterable[Row], matches: Mapping[str, bool], loosely: Mapping[str, bool]
) -> tuple[Standing, ...]:
    """Where every row stands, in the table's order.

    `loosely` is what a look for the signs' `relaxed` forms saw. Raises `KeyError` for a sign that
    was not looked for.
    """
    found = []
    for row in rows:
        missing = tuple(each.name for each in row.needs if not matches[each.name])
        refuting = tuple(each.name for each in row.refuted_by if matches[each.name])
        misplaced = tuple(name for name in missing if loosely[name])
        found.append(Standing(row, missing, refuting, misplaced))
    return tuple(found)


def relaxed(sign: Sign) -> Sign:
    """The sign without asking its clues to be shown, or to be where they count."""
    return dataclasses.replace(sign, clues=tuple(_relaxed(clue) for clue in sign.clues))


def _relaxed(clue: Clue) -> Clue:
    match clue:
        case Css():
            return Css(clue.selector, visible=False)
        case Text():
            return Text(clue.phrases)
        case Icon():
            return Icon(clue.ligature, visible=False)
        case _:
            return clue
