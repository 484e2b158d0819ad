"""Who is in the call: the answer's reading (pure), and the tiles on real pages."""

import pytest
from playwright.async_api import Page

from platforms.types import Person
from platforms.zoom.adapter import ADAPTER
from platforms.zoom.people import OWN_NAME_SCRIPT, people_of
from tests.pages import zoom
from tests.platforms.conftest import Show

pytestmark = pytest.mark.browser
in_browser = pytest.mark.asyncio(loop_scope="session")
NEITHER = {"speaking": False, "presenting": False}
ME = {"id": "Bot", "name": "Bot", "isSelf": True, "isHost": None, **NEITHER}
ADA = {"id": "Ada", "name": "Ada", "isSelf": False, "isHost": True, **NEITHER, "speaking": True}
MAIN, BAR = "single-main-container", "speaker-bar-container"


def test_people_of_an_answer() -> None:
    """An answer becomes people, the bot and the host marked."""
    assert people_of({"count": 2, "people": [ME, ADA]}) == (
        Person("Bot", "Bot", is_self=True),
        Person("Ada", "Ada", is_host=True, speaking=True),
    )
    assert people_of({"count": 1, "people": [ME]}) == (Person("Bot", "Bot", is_self=True),)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {"count": 2, "people": []},
        {"count": 3, "people": [ME]},
        {"count": None, "people": [ME]},
        {"count": 2, "people": [{**ADA, "name": None}]},
    ],
)
def test_what_cannot_be_trusted(answer: object) -> None:
    """No answer, or nobody to see while the footer counts more or nothing: nobody knows."""
    assert people_of(answer) is None


async def people_on(page: Page) -> tuple[Person, ...] | None:
    """What the page tells."""
    return people_of(await page.evaluate(ADAPTER.people_script, {"follow": True}))


async def told(show_to_all: Show, body: str) -> tuple[Person, ...] | None:
    """What a screen tells a bot that joined as "Bot"."""
    page = await show_to_all(zoom.screen(body), zoom.URL)
    await page.evaluate(OWN_NAME_SCRIPT, "Bot")
    return await people_on(page)


@in_browser
async def test_tiles(show_to_all: Show) -> None:
    """Names on tiles are people, with camera or without, once each; the typed name is the bot's."""
    tiles = [zoom.tile("Ada"), zoom.tile("Bot"), zoom.tile("Cyd", camera=False), zoom.tile("Ada")]
    people = await told(show_to_all, zoom.in_call(tiles, count=3)) or ()
    assert [(person.name, person.is_self) for person in people] == [
        ("Ada", False),
        ("Bot", True),
        ("Cyd", False),
    ]


@in_browser
async def test_the_list_names_everybody(show_to_all: Show) -> None:
    """The list adds who has no tile, tells two of one name apart, and marks self and host."""
    panel = zoom.people_panel(
        zoom.person_row(0, "Notes", "(自分)"),
        zoom.person_row(1, "Ada", "(Host)"),
        zoom.person_row(2, "Ada"),
    )
    people = await told(
        show_to_all, zoom.in_call([zoom.tile("Ada", frame=BAR)], count=3, panel=panel)
    )
    assert people == (
        Person("Notes", "Notes", is_self=True, is_host=False),
        Person("Ada", "Ada", is_host=True),
        Person("Ada#2", "Ada", is_host=False),
    )


@in_browser
async def test_alone(show_to_all: Show) -> None:
    """A count of one is the bot alone, whatever tile still stands."""
    people = await told(show_to_all, zoom.in_call([zoom.tile("Ada")], count=1))
    assert people == (Person("Bot", "Bot", is_self=True),)


@in_browser
async def test_a_layout_that_hides_people(show_to_all: Show) -> None:
    """No tile of anybody else under a count of three is no empty room."""
    assert await told(show_to_all, zoom.in_call([zoom.tile("Bot")], count=3)) is None


@in_browser
@pytest.mark.parametrize(
    ("tiles", "count", "speaking"),
    [
        ([zoom.tile("Ada", frame=MAIN), zoom.tile("Bob", frame=BAR)], 3, ["Ada"]),
        ([zoom.tile("Bot", frame=MAIN), zoom.tile("Bob", frame=BAR)], 3, []),
        ([zoom.tile("Ada"), zoom.tile("Bob")], 3, []),
        ([zoom.tile("Ada"), zoom.tile("Bot")], 2, ["Ada"]),
        (
            [
                zoom.tile("Ada"),
                zoom.tile("Bob", frame="gallery-video-container").replace(
                    "__video-frame", "__video-frame gallery-video-container__video-frame--active"
                ),
            ],
            3,
            ["Bob"],
        ),
    ],
    ids=["main", "own", "nobody", "only-other", "gallery"],
)
async def test_who_speaks(
    show_to_all: Show, tiles: list[str], count: int, speaking: list[str]
) -> None:
    """Whoever the layout puts forward is the candidate; of two people it is the other one."""
    people = await told(show_to_all, zoom.in_call(tiles, count=count)) or ()
    assert [person.name for person in people if person.speaking] == speaking


SCREEN = (
    '<div id="sharee-container"><video-player name="share-content" media-type="{kind}" '
    'node-id="{node}"></video-player><div class="sharee-sharing-indicator__tip">{tip}</div></div>'
)
FILMED = [
    zoom.tile(name).replace("16778240", node) for name, node in (("Ada", "17408"), ("Ann", "18432"))
]
STILL = [zoom.tile("Ada", camera=False), zoom.tile("Ada Byron", camera=False)]


@in_browser
@pytest.mark.parametrize(
    ("tiles", "screen", "presenting"),
    [
        (FILMED, {"kind": "share", "node": "18435"}, ["Ann"]),
        (FILMED, {"kind": "video", "node": ""}, []),
        (FILMED, {"kind": "share", "node": ""}, []),
        (
            STILL,
            {"kind": "share", "node": "18435", "tip": "Bildschirm von Ada Byron"},
            ["Ada Byron"],
        ),
        (STILL, {"kind": "share", "node": "18435"}, []),
        (STILL[:1], {"kind": "share", "node": "18435"}, ["Ada"]),
    ],
    ids=["by-number", "none", "no-number", "by-hint", "nobody-knows", "the-only-other"],
)
async def test_who_presents(
    show_to_all: Show, tiles: list[str], screen: dict[str, str], presenting: list[str]
) -> None:
    """The screen's number names its sharer, else the client's hint; who cannot be told is not."""
    shown = SCREEN.format(**{"tip": "", **screen})
    people = await told(show_to_all, zoom.in_call([*tiles, shown], count=len(tiles) + 1)) or ()
    assert [person.name for person in people if person.presenting] == presenting


@in_browser
async def test_a_list_that_closes_takes_nobody_along(show_to_all: Show) -> None:
    """A shared screen closes the list: who was in it is there until the client's count changes."""
    rows = zoom.people_panel(*(zoom.person_row(n, name) for n, name in enumerate(["Ada", "Bob"])))
    body = zoom.in_call([zoom.tile("Ada")], count=3, panel=rows)
    assert {person.name for person in await told(show_to_all, body) or ()} == {"Ada", "Bob", "Bot"}
    page = await show_to_all(zoom.screen(body), zoom.URL)
    await page.evaluate(OWN_NAME_SCRIPT, "Bot")
    await people_on(page)
    await page.locator("#participants-ul").evaluate("list => list.remove()")
    assert {person.name for person in await people_on(page) or ()} == {"Ada", "Bob", "Bot"}
    counter = page.locator(".footer-button__number-counter")
    await counter.evaluate("counter => { counter.textContent = '2'; }")
    assert {person.name for person in await people_on(page) or ()} == {"Ada", "Bot"}
