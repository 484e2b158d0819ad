"""Tables of evidence in words: what signs look for and who saw it, and how a page fits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from platforms.adapter import Adapter
from platforms.evidence import Clue, Count, Css, Icon, Place, Sign, Text, Title, signs_of
from platforms.standing import Standing, standings

UNSOURCED = "inferred"


@dataclass(frozen=True, slots=True)
class Fit:
    """How one page fits one platform's table; `loosely` is what relaxed signs matched."""

    adapter: Adapter
    matches: Mapping[str, bool]
    loosely: Mapping[str, bool]

    @property
    def standings(self) -> tuple[Standing, ...]:
        """Every row's, in the table's order."""
        return standings(self.adapter.rows, self.matches, self.loosely)

    @property
    def row(self) -> Standing | None:
        """The first row that holds, what must have come before it left aside."""
        return next((each for each in self.standings if each.holds), None)

    def signs_in_the_way(self) -> tuple[Sign, ...]:
        """The signs that keep near rows from holding, each once."""
        names = {
            name for each in self.standings if each.is_near for name in each.missing + each.refuting
        }
        return tuple(each for each in signs_of(self.adapter.rows) if each.name in names)

    def document(self) -> dict[str, object]:
        """All of it, for JSON."""
        return {
            "platform": self.adapter.platform,
            "row": self.row.row.name if self.row else None,
            "state": self.row.row.state.value if self.row else "unknown",
            "seen": [name for name, seen in self.matches.items() if seen],
            "rows": [
                {
                    "row": each.row.name,
                    "state": each.row.state.value,
                    "holds": each.holds,
                    "nearly": each.is_near,
                    "missing": list(each.missing),
                    "misplaced": list(each.misplaced),
                    "refuted_by": list(each.refuting),
                    "after": sorted(each.row.after),
                }
                for each in self.standings
            ],
        }


def fit_words(standing: Standing) -> str:
    """A row's standing: holds, nearly (and why not), or no."""
    if standing.holds:
        after = sorted(standing.row.after)
        return f"holds, after {' or '.join(after)}" if after else "holds"
    if not standing.is_near:
        return "no"
    if standing.misplaced:
        return f"nearly: {standing.misplaced[0]} is there, but hidden or not where it counts"
    if standing.missing:
        return f"nearly: {standing.missing[0]} is not seen"
    return f"nearly: {standing.refuting[0]} speaks against it"


def clue_words(clue: Clue) -> tuple[str, str]:
    """A clue's kind, and what it looks for."""
    match clue:
        case Css():
            size = f" of {clue.min_width_px}x{clue.min_height_px} px or more"
            large = size if clue.min_width_px > 1 or clue.min_height_px > 1 else ""
            return "css", f"{clue.selector}{large}{'' if clue.visible else ' (shown or not)'}"
        case Text():
            where = f" in {clue.within}" if clue.within else ""
            whole = "the whole text " if clue.whole else ""
            return "text", f"{whole}{_quoted(clue.phrases)}{where}"
        case Icon():
            return "icon", clue.ligature
        case Count():
            most = "" if clue.at_most is None else f" to {clue.at_most}"
            return "count", f"{clue.selector} from {clue.at_least}{most}"
        case Title():
            return "title", _quoted(clue.phrases)
        case Place():
            parts = {
                "host": clue.hosts,
                "host none of": clue.elsewhere_than,
                "path": clue.paths,
            }
            told = [f"{word} {', '.join(values)}" for word, values in parts.items() if values]
            return "place", "; ".join(told)


def evidence_rows(adapter: Adapter) -> Iterator[tuple[str, str, str, str]]:
    """Everything an adapter looks for: sign, kind, what, sources with their dates."""
    for each in adapter.signs:
        for clue in each.clues:
            kind, what = clue_words(clue)
            yield each.name, kind, what, "; ".join(each.sources) or UNSOURCED


def target_rows(adapter: Adapter) -> Iterator[tuple[str, str, str, str]]:
    """Everything an adapter presses or types into: target, kind, what, sources with their dates."""
    for each in adapter.targets:
        place = f" in {each.within}" if each.within else ""
        if each.mentions:
            place += f" that says {_quoted(each.mentions)}"
        described = {
            "css": ", ".join(each.selectors),
            "icon": ", ".join(each.icons),
            "text": _quoted(each.texts),
        }
        for kind, what in described.items():
            if what:
                yield each.name, kind, f"{what}{place}", "; ".join(each.sources) or UNSOURCED


def _quoted(phrases: tuple[str, ...]) -> str:
    return " | ".join(f'"{phrase}"' for phrase in phrases)
