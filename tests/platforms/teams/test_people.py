"""Who is in the call: the answer's reading (pure), and the tiles on static pages."""

from typing import Any

import pytest
from playwright.async_api import Page

from platforms.teams.people import SCRIPT, people_of
from platforms.types import Person
from tests.pages import teams
from tests.platforms.conftest import Show

pytestmark = pytest.mark.browser
in_browser = pytest.mark.asyncio(loop_scope="session")


def seen(name: str, *, marked: bool = False, outlined: bool = True) -> dict[str, Any]:
    """One tile of the answer."""
    told = {"isHost": None, "marked": marked, "outlined": outlined, "speaking": False}
    return {"name": name, "presenting": False, **told}


def answer(
    *people: dict[str, Any],
    count: int | None = None,
    own_name: str | None = "Notes",
    alone: bool = False,
) -> dict[str, Any]:
    """What the script answers."""
    return {"count": count, "alone": alone, "ownName": own_name, "people": list(people)}


ME = seen("Notes", outlined=False)
ADA = seen("Ada")


def own(found: tuple[Person, ...] | None) -> list[str]:
    """The ids of those marked as the bot itself."""
    return [person.id for person in found or () if person.is_self]


def test_the_name_the_bot_typed_is_its_own() -> None:
    """A tile of the bot's name is the bot; ids are names."""
    assert people_of(answer(ME, ADA)) == (
        Person("Notes", "Notes", is_self=True),
        Person("Ada", "Ada"),
    )


def test_a_mark_outweighs_the_name() -> None:
    """What the client marks as one's own is, whoever else has the name."""
    assert own(people_of(answer(seen("Notes"), seen("Notes", marked=True)))) == ["Notes#2"]


def test_two_of_one_name() -> None:
    """Of two with the bot's name the one without a voice outline is the bot; two such: unknown."""
    assert own(people_of(answer(seen("Notes"), ME))) == ["Notes#2"]
    assert people_of(answer(ME, ME)) is None


def test_a_signed_in_account() -> None:
    """Without a typed name the one tile without an outline is the bot; two such: unknown."""
    assert own(people_of(answer(ADA, seen("Account", outlined=False), own_name=None))) == [
        "Account"
    ]
    other_bot = seen("Other", outlined=False)
    assert people_of(answer(ME, other_bot, own_name=None)) is None


def test_the_bot_may_be_off_the_stage() -> None:
    """Tiles of others alone are others: the bot's own tile is not shown in every layout."""
    assert own(people_of(answer(ADA, seen("Bob")))) == []


@pytest.mark.parametrize(
    ("given", "alone"),
    [
        ({"count": 1}, True),
        ({"alone": True}, True),
        ({"count": 3}, False),
        ({"count": None}, False),
    ],
)
def test_alone_only_when_told(given: dict[str, Any], *, alone: bool) -> None:
    """The bot's tile alone is an empty room only when badge or sentence says so."""
    found = people_of(answer(ME, **given))
    assert (found is not None) is alone


@pytest.mark.parametrize("bad", [None, [], answer(), answer({**ME, "name": 7})])
def test_what_cannot_be_trusted(bad: object) -> None:
    """No answer, or no tile: nobody knows."""
    assert people_of(bad) is None


async def people_on(page: Page, *, follow: bool = True) -> tuple[Person, ...] | None:
    """What the page tells a bot that asked as "Notes"."""
    return people_of(await page.evaluate(SCRIPT, {"follow": follow, "name": "Notes"}))


@in_browser
async def test_tiles(show_to_all: Show) -> None:
    """Tiles are people under their names; a shared screen is its sharer's."""
    tiles = [
        teams.tile("Notes (Unverified)", me=True),
        teams.tile("Ada (Guest)", speaking=True),
        teams.tile("Ada", kind="ScreenSharing"),
        teams.tile("Bob (Guest)", kind="ScreenSharing"),
        f'<div style="width:0;height:0;overflow:hidden">{teams.tile("Gone")}</div>'.replace(
            'data-stream-type="Video"', 'data-stream-type="Video" style="width:0;height:0"'
        ),
        CYD,
    ]
    page = await show_to_all(teams.screen(teams.in_call(tiles)), teams.URL)
    assert await people_on(page) == (
        Person("Notes", "Notes", is_self=True),
        Person("Ada", "Ada", speaking=True, presenting=True),
        Person("Cyd", "Cyd"),
        Person("Bob", "Bob", presenting=True),
    )
    assert not any(person.speaking for person in await people_on(page, follow=False) or ())


@in_browser
@pytest.mark.parametrize(
    ("count", "more", "known"),
    [
        (1, "", True),
        (3, "", False),
        ("9+", "", False),
        (None, "", False),
        (None, "<p>You're the only one here</p>", True),
        (None, '<div data-tid="chat-pane-message"><p>You\'re the only one here</p></div>', False),
    ],
)
async def test_an_empty_room(
    show_to_all: Show, count: int | str | None, more: str, *, known: bool
) -> None:
    """Alone by the badge or the client's own sentence, never by a chat message or a lone tile."""
    body = teams.in_call([teams.tile("Notes", me=True)], count=count, more=more)
    page = await show_to_all(teams.screen(body), teams.URL)
    assert (await people_on(page) is not None) is known


CYD = (
    '<div data-cid="calling-participant-stream" aria-label="Cyd, video is off, muted" '
    'style="width:9px;height:9px"></div>'
)
BORDERS = "<style>.b::before{content:'';position:absolute;border:2px solid %s}</style>"


@in_browser
@pytest.mark.parametrize(
    ("colour", "speaking"), [("rgb(98,100,167)", True), ("transparent", False), ("#444", False)]
)
async def test_an_outline_s_border(show_to_all: Show, colour: str, *, speaking: bool) -> None:
    """On builds that colour the outline's border, blue is speech."""
    tile = teams.tile("Ada").replace('stream-outline" ', 'stream-outline" class="b" ')
    page = await show_to_all(teams.screen(teams.in_call([tile]) + BORDERS % colour), teams.URL)
    assert [person.speaking for person in await people_on(page) or ()] == [speaking]


@in_browser
async def test_older_ring(show_to_all: Show) -> None:
    """An older build's ring is opaque while somebody speaks."""
    tiles = [
        teams.tile(name, me=True).replace(
            "</div></div></div></div>",
            f'</div><div data-tid="participant-speaker-ring" style="opacity:{opacity}"></div>'
            "</div></div></div>",
        )
        for name, opacity in (("Ada", 1), ("Bob", 0))
    ]
    page = await show_to_all(teams.screen(teams.in_call(tiles)), teams.URL)
    assert [person.speaking for person in await people_on(page) or ()] == [True, False]
