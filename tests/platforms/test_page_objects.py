"""A page's objects are found from outside, in real Chromium."""

import pytest
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from platforms.page_objects import PageObjects

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
]

BOXES = """<body><script>
class Box { constructor(holds) { this.holds = holds; } }
window.Box = Box;
window.keep = ((...boxes) => () => boxes)(new Box(3), new Box(4));
</script>"""
SUM = "async function () { return this.reduce((sum, box) => sum + box.holds, 0); }"
BOX = "globalThis.Box?.prototype"


async def test_objects_are_found_by_what_they_are(page: Page) -> None:
    """In the page and its frames, though no name leads to them; frames without any are left out."""
    await page.set_content(f"{BOXES}<iframe></iframe><iframe></iframe>")
    await page.frames[1].set_content(BOXES)
    objects = await PageObjects.open(page)
    found = await objects.find(BOX)
    assert [await objects.ask(SUM, listed) for listed in found.values()] == [7, 7]
    assert await objects.find("globalThis.Crate?.prototype") == {}
    with pytest.raises(PlaywrightError):
        await objects.ask(SUM, next(iter(found.values())))
    await objects.close()


async def test_another_page_has_other_objects(page: Page) -> None:
    """What was found is void, and is found anew."""
    await page.set_content(BOXES)
    objects = await PageObjects.open(page)
    (listed,) = (await objects.find(BOX)).values()
    await page.goto("about:blank")
    with pytest.raises(PlaywrightError):
        await objects.ask(SUM, listed)
    assert await objects.find(BOX) == {}
    await page.set_content(BOXES)
    assert len(await objects.find(BOX)) == 1


async def test_nodes_are_asked_apart_from_the_page(page: Page) -> None:
    """Such a script has the nodes, sees none of the page's names, and leaves none there."""
    await page.set_content(
        "<body><script>window.kept = document.createElement('audio'); kept.title = 'detached';"
        "window.AudioContext = null;</script>"
    )
    objects = await PageObjects.open(page)
    ((frame, listed),) = (await objects.find("globalThis.HTMLMediaElement?.prototype")).items()
    apart = await objects.nodes_apart(frame, listed)
    seen = await apart.ask(
        "function (...nodes) { globalThis.left = 1;"
        " return [nodes.map((node) => node.title), typeof kept, typeof AudioContext]; }"
    )
    assert seen == [["detached"], "undefined", "function"]
    assert await page.evaluate("typeof left") == "undefined"


async def test_a_session_with_a_page_that_is_gone_can_be_closed(page: Page) -> None:
    """Leaving is no error."""
    objects = await PageObjects.open(page)
    await page.close()
    await objects.close()
