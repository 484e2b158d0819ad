"""Evidence mended without a release: a JSON file that changes adapters' tables. Pure.

    {"google_meet": {
        "signs": {"leave": {"add": [{"kind": "css", "selector": "#leave"}]}},
        "rows": [{"state": "denied", "name": "host-said-no", "needs": ["denied-text"],
                  "refuted_by": ["tile"], "looks": 2, "before": "host-refused"}]}}

`signs` adds clues to a sign or replaces them all; a name the adapter does not have makes a new one.
`rows` replaces the row of that name, or adds one: before the row it names, or last. Whatever is
misspelt, of a wrong type or named but not there is refused with the field's place.
"""

import dataclasses
from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, ValidationError

from platforms.adapter import Adapter
from platforms.errors import EvidenceInvalid
from platforms.evidence import Clue, Count, Css, Icon, Place, Row, Sign, Text, Title
from platforms.types import PageState

SOURCE: Final = "evidence file"
_Words = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]
_Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class _Css(_Strict):
    kind: Literal["css"]
    selector: str = Field(min_length=1)
    visible: bool = True
    min_width_px: int = Field(1, ge=1)
    min_height_px: int = Field(1, ge=1)


class _Text(_Strict):
    kind: Literal["text"]
    phrases: _Words
    within: str = ""
    outside: str = ""
    whole: bool = False


class _Icon(_Strict):
    kind: Literal["icon"]
    ligature: str = Field(min_length=1)
    visible: bool = True


class _Count(_Strict):
    kind: Literal["count"]
    selector: str = Field(min_length=1)
    at_least: int = 1
    at_most: int | None = None


class _Title(_Strict):
    kind: Literal["title"]
    phrases: _Words


class _Place(_Strict):
    kind: Literal["place"]
    hosts: tuple[str, ...] = ()
    elsewhere_than: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


_AnyClue = Annotated[_Css | _Text | _Icon | _Count | _Title | _Place, Field(discriminator="kind")]
_MADE: Final[Mapping[str, type[Clue]]] = {
    "css": Css,
    "text": Text,
    "icon": Icon,
    "count": Count,
    "title": Title,
    "place": Place,
}


class _SignChange(_Strict):
    add: tuple[_AnyClue, ...] = ()
    replace: tuple[_AnyClue, ...] | None = None


class _RowChange(_Strict):
    state: Annotated[PageState, Field(strict=False)]
    name: _Name
    needs: Annotated[tuple[str, ...], Field(min_length=1)]
    refuted_by: tuple[str, ...] = ()
    looks: int = Field(1, ge=1, le=100)
    settle_s: float = Field(0.0, ge=0, le=600)
    after: frozenset[Annotated[PageState, Field(strict=False)]] = frozenset()
    never_after: frozenset[Annotated[PageState, Field(strict=False)]] = frozenset()
    before: str | None = None


class _Change(_Strict):
    signs: Mapping[_Name, _SignChange] = Field(default_factory=dict)
    rows: tuple[_RowChange, ...] = ()


class EvidenceFile(RootModel[Mapping[str, _Change]]):
    """What a file changes, by platform."""

    model_config = ConfigDict(frozen=True, strict=True)

    def changed(self, adapter: Adapter) -> Adapter:
        """The adapter with the file's changes. Raises `EvidenceInvalid`."""
        change = self.root.get(adapter.platform)
        return adapter if change is None else _changed(adapter, change)


def parse_evidence(text: bytes) -> EvidenceFile:
    """The changes a file asks for. Raises `EvidenceInvalid`, which names the first bad field."""
    try:
        return EvidenceFile.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise EvidenceInvalid(place, first["msg"]) from None


def _changed(adapter: Adapter, change: _Change) -> Adapter:
    signs = {each.name: each for each in adapter.signs}
    for name, sign_change in change.signs.items():
        signs[name] = _changed_sign(signs.get(name), name, sign_change, adapter.platform)
    rows = [_with_signs(row, signs) for row in adapter.rows]
    for number, row_change in enumerate(change.rows):
        _put(rows, row_change, signs, f"{adapter.platform}.rows.{number}")
    return dataclasses.replace(
        adapter,
        rows=tuple(rows),
        join=signs[adapter.join.name],
        name_box=signs[adapter.name_box.name],
        asked=tuple(signs[each.name] for each in adapter.asked),
    )


def _changed_sign(old: Sign | None, name: str, change: _SignChange, platform: str) -> Sign:
    kept = old.clues if old is not None and change.replace is None else ()
    given = (*(change.replace or ()), *change.add)
    clues = (*(_MADE[each.kind](**each.model_dump(exclude={"kind"})) for each in given), *kept)
    if not clues:
        raise EvidenceInvalid(f"{platform}.signs.{name}", "leaves the sign nothing to look for")
    return Sign(name, clues, (SOURCE, *(old.sources if old is not None else ())))


def _with_signs(row: Row, signs: Mapping[str, Sign]) -> Row:
    needs, refuted_by = (
        tuple(signs[each.name] for each in group) for group in (row.needs, row.refuted_by)
    )
    return dataclasses.replace(row, needs=needs, refuted_by=refuted_by)


def _put(rows: list[Row], change: _RowChange, signs: Mapping[str, Sign], place: str) -> None:
    for field in ("needs", "refuted_by"):
        for name in getattr(change, field):
            if name not in signs:
                raise EvidenceInvalid(f"{place}.{field}", f"there is no sign {name!r}")
    row = Row(
        change.state,
        change.name,
        tuple(signs[name] for name in change.needs),
        tuple(signs[name] for name in change.refuted_by),
        change.looks,
        change.settle_s,
        change.after,
        change.never_after,
    )
    names = [each.name for each in rows]
    if change.before is not None and change.before not in names:
        raise EvidenceInvalid(f"{place}.before", f"there is no row {change.before!r}")
    at = len(rows)
    if change.name in names:
        at = names.index(change.name)
        del rows[at]
    if change.before is not None:
        at = [each.name for each in rows].index(change.before)
    rows.insert(at, row)
