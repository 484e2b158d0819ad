"""How near a row is to holding."""

from platforms.evidence import Css, Icon, Place, Row, Text, see, sign
from platforms.standing import relaxed, standings
from platforms.types import PageState

A, B, C = (sign(name, Css(f"#{name}")) for name in "abc")
ROWS = (
    Row(PageState.LOBBY, "two", see(A, B), see(C)),
    Row(PageState.ENDED, "one", see(B)),
)
NOWHERE = dict.fromkeys("abc", False)


def test_what_is_in_a_row_s_way() -> None:
    """Missing and refuting signs are told apart; a row with one of them and a sign seen is near."""
    first, second = standings(ROWS, {"a": True, "b": False, "c": False}, NOWHERE)
    assert (first.missing, first.refuting, first.holds, first.is_near) == (("b",), (), False, True)
    assert (second.missing, second.is_near) == (("b",), False)


def test_a_row_that_holds_is_not_near() -> None:
    """What holds needs no mending; what is refuted by one sign does."""
    assert standings(ROWS, {"a": True, "b": True, "c": False}, NOWHERE)[0].holds
    refuted = standings(ROWS, {"a": True, "b": True, "c": True}, NOWHERE)[0]
    assert (refuted.refuting, refuted.is_near, refuted.holds) == (("c",), True, False)
    far = standings(ROWS, {"a": True, "b": False, "c": True}, NOWHERE)[0]
    assert not far.is_near


def test_a_sign_that_is_misplaced() -> None:
    """A row whose only sign is on the page, though not where it counts, is near; else it is not."""
    matches = dict.fromkeys("abc", False)
    one = standings(ROWS, matches, {"a": False, "b": True, "c": False})[1]
    assert (one.misplaced, one.is_near, one.holds) == (("b",), True, False)
    assert not standings(ROWS, matches, NOWHERE)[1].is_near


def test_relaxed_signs() -> None:
    """What is asked of a clue beyond being there is asked no more; places stay places."""
    strict = sign(
        "s",
        Css("#a", min_width_px=9),
        Text(("no",), within="h1", outside="p", whole=True),
        Icon("mic"),
        Place(("x.example",)),
    )
    assert relaxed(strict).clues == (
        Css("#a", visible=False),
        Text(("no",)),
        Icon("mic", visible=False),
        Place(("x.example",)),
    )
