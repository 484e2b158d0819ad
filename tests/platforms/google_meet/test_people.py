"""Who is in the call: the answer's reading (pure), and the tiles on real pages."""

import asyncio

import pytest
from playwright.async_api import Page

from platforms.google_meet.people import people_of
from platforms.packaged import packaged_text
from platforms.types import Person
from tests.pages import meet
from tests.platforms.conftest import Show

pytestmark = pytest.mark.browser
in_browser = pytest.mark.asyncio(loop_scope="session")
SCRIPT = packaged_text("platforms.google_meet", "people.js")
QUIET_ONE = {"speaking": False, "spoke": None, "presenting": False}
ME: dict[str, object] = {"id": "d/1", "name": "Meetbot", "isSelf": True, **QUIET_ONE}
ADA: dict[str, object] = {
    **ME,
    "id": "d/2",
    "name": "Ada",
    "isSelf": False,
    "speaking": True,
    "presenting": True,
}
ADA |= {"spoke": [[2500, 250]]}


def test_people_of_an_answer() -> None:
    """An answer becomes people, the bot marked."""
    assert people_of({"at": 9.5, "count": 2, "people": [ME, ADA]}) == (
        Person("d/1", "Meetbot", is_self=True),
        Person("d/2", "Ada", speaking=True, presenting=True, spoke=((2.5, 0.25),)),
    )


@pytest.mark.parametrize("count", [None, 1])
def test_alone(count: int | None) -> None:
    """The bot alone is somebody alone, as long as the badge does not object."""
    assert people_of({"at": 9.5, "count": count, "people": [ME]}) == (
        Person("d/1", "Meetbot", is_self=True),
    )


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {"at": 9.5, "count": 2, "people": []},
        {"at": 9.5, "count": 3, "people": [ME]},
        {"at": 9.5, "count": 2, "people": [{**ADA, "name": None}]},
    ],
)
def test_what_cannot_be_trusted(answer: object) -> None:
    """No answer, no tiles, or a badge that counts more than the bot: nobody knows."""
    assert people_of(answer) is None


async def people_on(page: Page, *, follow: bool = False) -> tuple[Person, ...] | None:
    """What the page tells."""
    return people_of(await page.evaluate(SCRIPT, {"follow": follow}))


@in_browser
async def test_tiles(show_to_all: Show) -> None:
    """Tiles are people: a presentation belongs to its presenter, the effects preview to nobody."""
    tiles = [
        meet.tile(1, "Meetbot", me=True),
        meet.tile(2, "Ada (Presenting)").replace('"m2"', '"m2/screen"'),
        meet.tile(2, "Ada"),
        meet.tile(3, "", extra='data-audio-level="0"'),
        f'<div data-participant-id="x">{meet.ICON.format("visual_effects")}</div>',
    ]
    rows = (
        '<div role="list" style="width:0;height:0;overflow:hidden">'
        '<div role="listitem" data-participant-id="spaces/s/devices/3" aria-label="Cyd"></div>'
        '<div role="listitem" data-participant-id="spaces/s/devices/4" aria-label="Gone"></div>'
        "</div>"
    )
    page = await show_to_all(meet.screen(meet.in_call(tiles, more=rows)))
    assert await people_on(page) == (
        Person("spaces/s/devices/1", "Meetbot", is_self=True),
        Person("spaces/s/devices/2", "Ada", presenting=True),
        Person("spaces/s/devices/3", "Cyd"),
    )


@in_browser
async def test_builds_without_media_ids(show_to_all: Show) -> None:
    """Where tiles have no media id, those with a name still are people."""
    tiles = [meet.tile(1, "Meetbot", me=True, media=False), meet.tile(2, "Ada", media=False)]
    page = await show_to_all(meet.screen(meet.in_call(tiles)))
    assert [person.name for person in await people_on(page) or ()] == ["Meetbot", "Ada"]


LETTERBOX = '<div data-layout="roi-crop">slide</div>'
UNMARKED = meet.tile(1, "Ada", media=False)


@in_browser
@pytest.mark.parametrize(
    ("tiles", "presenting"),
    [
        ([UNMARKED, UNMARKED], True),
        (
            [
                meet.tile(1, "Ada", extra='style="display:none"').replace('"m1"', '"m2"'),
                meet.tile(1, "Ada"),
            ],
            False,
        ),
        ([meet.tile(1, "Ada"), meet.tile(1, "Ada")], False),
        ([meet.tile(1, "Ada").replace('<div class="m">', f'{LETTERBOX}<div class="m">')], True),
        (
            [
                meet.tile(1, "Notes", me=True),
                meet.tile(1, "Notes").replace('"m1"', '"m2"'),
                meet.tile(2, "Ada"),
            ],
            False,
        ),
    ],
    ids=["unmarked", "hidden", "a-copy", "letterbox", "own"],
)
async def test_who_presents(show_to_all: Show, tiles: list[str], *, presenting: bool) -> None:
    """A second shown tile of other media is a presentation, as a letterbox is; a copy is none.

    The bot presents nothing, whatever its own tile looks like.
    """
    page = await show_to_all(meet.screen(meet.in_call(tiles)))
    people = await people_on(page)
    assert people is not None
    assert any(person.presenting for person in people) is presenting


@in_browser
async def test_layout_that_hides_people(show_to_all: Show) -> None:
    """A lone own tile under a badge of three is no empty room."""
    page = await show_to_all(meet.screen(meet.in_call([meet.tile(1, "Me", me=True)], count=3)))
    assert await people_on(page) is None


@in_browser
async def test_audio_level(show_to_all: Show) -> None:
    """An audio level that is not zero is somebody speaking, without any watching."""
    tiles = [meet.tile(1, "Ada", extra='data-audio-level="3"'), meet.tile(2, "Bob")]
    page = await show_to_all(meet.screen(meet.in_call(tiles)))
    assert [person.speaking for person in await people_on(page) or ()] == [True, False]


GLOW = """
window.glow = (number, times) => new Promise((resolve) => {
  const meter = document.querySelectorAll('.m, .n')[number];
  let left = times;
  const timer = setInterval(() => {
    meter.className = meter.className === 'm' ? 'm n' : 'm';
    if (--left === 0) { clearInterval(timer); resolve(); }
  }, 100);
});
window.flash = (number) => {
  const meter = document.querySelectorAll('.m, .n')[number];
  for (let i = 0; i < 20; i += 1) meter.className = i % 2 ? 'm n' : 'm';
};
"""
QUIET = "ms => new Promise((resolve) => setTimeout(resolve, ms))"


@in_browser
async def test_who_speaks(show_to_all: Show) -> None:
    """Classes that keep changing are speech; one burst of changes is a layout; quiet ends it."""
    tiles = [meet.tile(1, "Ada"), meet.tile(2, "Bob")]
    page = await show_to_all(meet.screen(meet.in_call(tiles), script=GLOW))
    await people_on(page, follow=True)
    await page.evaluate("() => flash(1)")
    await page.evaluate("() => glow(0, 6)")
    assert [person.speaking for person in await people_on(page) or ()] == [True, False]
    async with asyncio.timeout(60):
        await page.evaluate(QUIET, 1300)
    assert [person.speaking for person in await people_on(page) or ()] == [False, False]


@in_browser
async def test_who_spoke_since_the_last_answer(show_to_all: Show) -> None:
    """A look that comes late tells when somebody spoke, again until an answer has arrived."""
    page = await show_to_all(meet.screen(meet.in_call([meet.tile(1, "Ada")]), script=GLOW))
    before = await page.evaluate(SCRIPT, {"follow": True})
    await page.evaluate("() => glow(0, 8)")
    async with asyncio.timeout(60):
        await page.evaluate(QUIET, 1300)
    for _ in range(2):
        answer = await page.evaluate(SCRIPT, {"follow": True, "since": before["at"]})
        (ada,) = people_of(answer) or ()
        assert not ada.speaking
        ((from_s, to_s),) = ada.spoke or ()
        assert from_s - to_s >= 0.6
        assert 1.2 <= to_s < (answer["at"] - before["at"]) / 1000
    after = people_of(await page.evaluate(SCRIPT, {"follow": True, "since": answer["at"]}))
    assert [person.spoke for person in after or ()] == [()]


@in_browser
async def test_newcomers_are_followed(show_to_all: Show) -> None:
    """A tile that appears later is watched from the next look on."""
    page = await show_to_all(meet.screen(meet.in_call([meet.tile(1, "Ada")]), script=GLOW))
    await people_on(page, follow=True)
    await page.evaluate(
        """() => {
          const copy = document.querySelector('[data-participant-id]').cloneNode(true);
          copy.dataset.participantId = 'spaces/s/devices/2';
          document.querySelector('main').append(copy);
        }"""
    )
    await people_on(page, follow=True)
    await page.evaluate("() => glow(1, 6)")
    assert [person.speaking for person in await people_on(page) or ()] == [False, True]
