"""Tables in words."""

import pytest

from bot.evidence_words import Fit, clue_words, evidence_rows, fit_words, target_rows
from platforms.evidence import Clue, Count, Css, Icon, Place, Text, Title
from platforms.google_meet.adapter import ADAPTER

NOTHING = dict.fromkeys((each.name for each in ADAPTER.signs), False)


def fit(*seen: str, loosely: tuple[str, ...] = ()) -> Fit:
    """A page on which these signs are seen, and these only loosely."""
    matches = {**NOTHING, **dict.fromkeys(seen, True)}
    return Fit(ADAPTER, matches, {**matches, **dict.fromkeys(loosely, True)})


@pytest.mark.parametrize(
    ("clue", "words"),
    [
        (Css("#a"), ("css", "#a")),
        (Css("#a", visible=False), ("css", "#a (shown or not)")),
        (
            Css("#a", min_width_px=120, min_height_px=40),
            ("css", "#a of 120x40 px or more"),
        ),
        (Text(("no", "non")), ("text", '"no" | "non"')),
        (Text(("no",), within="h1", whole=True), ("text", 'the whole text "no" in h1')),
        (Icon("mic"), ("icon", "mic")),
        (Count("#n", at_least=0, at_most=2), ("count", "#n from 0 to 2")),
        (Title(("Error",)), ("title", '"Error"')),
        (Place(("a.example",), paths=("/x",)), ("place", "host a.example; path /x")),
        (Place(elsewhere_than=("a.example",)), ("place", "host none of a.example")),
    ],
)
def test_clues(clue: Clue, words: tuple[str, str]) -> None:
    """Every kind of clue says what it looks for and under which conditions."""
    assert clue_words(clue) == words


def test_fit() -> None:
    """The first row that holds names the state; what is in near rows' way is listed once."""
    page = fit("join")
    assert page.row is not None
    assert page.row.row.name == "join-control"
    assert fit_words(page.row) == "holds"
    assert page.document()["state"] == "prejoin"
    assert page.document()["seen"] == ["join"]
    assert {each.name for each in page.signs_in_the_way()} == set()


def test_fit_of_a_changed_page() -> None:
    """A page no row holds on says which rows nearly do, and why not."""
    page = fit("tile", "leave", "leave-shown", "join", loosely=("denied-text",))
    assert page.row is None
    assert page.document()["state"] == "unknown"
    told = {each.row.name: fit_words(each) for each in page.standings if each.is_near}
    assert told["tile-and-leave"] == "nearly: join speaks against it"
    refused = fit(loosely=("denied-text",))
    words = {each.row.name: fit_words(each) for each in refused.standings}
    assert (
        words["host-refused"] == "nearly: denied-text is there, but hidden or not where it counts"
    )
    assert words["nobody-answered"] == "no"
    assert [each.name for each in refused.signs_in_the_way()] == ["denied-text"]
    missing = {each.row.name: fit_words(each) for each in fit("leave", "tile").standings}
    assert missing["tile-and-panel"] == "nearly: side-panel-button is not seen"


def test_a_row_that_must_come_after_another_says_so() -> None:
    """Without a past the reader has to judge whether there was one."""
    words = [fit_words(each) for each in fit("at-landing").standings if each.holds]
    assert words[0].startswith("holds, after in_call or lobby or")


def test_evidence_rows_tell_sources() -> None:
    """Every clue is a line; one nobody saw is called inferred."""
    rows = list(evidence_rows(ADAPTER))
    assert len(rows) == sum(len(each.clues) for each in ADAPTER.signs)
    assert all(all(cell for cell in row) for row in rows)
    leave = [sources for name, kind, _, sources in rows if (name, kind) == ("leave", "css")]
    assert "2026" in leave[0]


def test_target_rows_tell_sources() -> None:
    """A button is told by each kind of clue it is found by, where it is, and who saw it."""
    rows = list(target_rows(ADAPTER))
    assert all(all(cell for cell in row) for row in rows)
    assert {name for name, *_ in rows} == {each.name for each in ADAPTER.targets}
    leave = {kind: (what, sources) for name, kind, what, sources in rows if name == "leave"}
    assert leave["icon"][0] == "call_end"
    assert "2026" in leave["css"][1]
    notice = [what for name, kind, what, _ in rows if (name, kind) == ("recording-notice", "text")]
    assert notice[0].startswith('"Join now" | ')
    assert 'that says "being recorded"' in notice[0]
