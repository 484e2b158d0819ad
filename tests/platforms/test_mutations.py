"""Every adapter against its replica with the evidence taken away, in a real Chromium."""

import dataclasses
from collections.abc import Sequence

import pytest
import pytest_asyncio
from playwright.async_api import Page

from platforms.bundle import Console, make_bundle
from platforms.evidence import Row, Text, see, sign
from platforms.probe import probe
from platforms.registry import adapter_of
from platforms.types import PageState as S
from tests.pages.mutate import (
    ALL,
    ENDINGS,
    NOTHING,
    WALKS,
    WEAKER,
    Mutated,
    by_state,
    driven_platforms,
    judged,
    mutate_all,
    report,
    state_pages,
    wrong_beliefs,
    wrong_walks,
)
from tests.platforms.conftest import drawn

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
all_platforms = pytest.mark.parametrize("platform", driven_platforms())
in_browser = pytest.mark.asyncio(loop_scope="session")
_SEEN: dict[str, Sequence[Mutated]] = {}


@pytest_asyncio.fixture(loop_scope="session")
async def found(platform: str, module_page: Page) -> Sequence[Mutated]:
    """What the mutations of the platform's pages matched, looked at once for all tests."""
    if platform not in _SEEN:
        _SEEN[platform] = await mutate_all(module_page, platform)
    return _SEEN[platform]


@all_platforms
@in_browser
async def test_each_state_is_judged_as_itself(platform: str, found: Sequence[Mutated]) -> None:
    """An unharmed page of generation one is its state.

    One of generation two, which the adapter was not told of, is that, something that says less
    and means the same, or unknown.
    """
    adapter = adapter_of(platform)
    answers = {
        each.page.name: judged(adapter, each.page, each.looks[NOTHING.name]).state for each in found
    }
    allowed = {
        each.page.name: {each.page.state}
        | (
            {S.UNKNOWN, *each.page.less, *WEAKER.get(each.page.state, ())}
            if each.page.generation > 1
            else set()
        )
        for each in found
    }
    assert {name: state for name, state in answers.items() if state not in allowed[name]} == {}


@all_platforms
def test_every_state_of_the_table_has_pages(platform: str) -> None:
    """What the table can prove is shown in generation one, and there is a second generation."""
    pages = state_pages(platform)
    first = {page.state for page in pages if page.generation == 1}
    assert {row.state for row in adapter_of(platform).rows} - first == set()
    assert len({page.state for page in pages if page.generation > 1}) > len(first) / 2
    assert len({page.name for page in pages}) == len(pages)


@all_platforms
@in_browser
async def test_nothing_wrong_is_believed(platform: str, found: Sequence[Mutated]) -> None:
    """Whatever kind of evidence goes, singly or in pairs, however a page is reordered or late."""
    adapter = adapter_of(platform)
    assert [problem for each in found for problem in wrong_beliefs(adapter, each)] == []


@all_platforms
@in_browser
async def test_two_kinds_of_evidence_suffice(platform: str, found: Sequence[Mutated]) -> None:
    """Each state is proved by two kinds of evidence alone, or a sentence says why not."""
    sufficing = by_state(adapter_of(platform), found)
    explained = {each.page.state for each in found if each.page.few}
    few = {state for state, kinds in sufficing.items() if len(kinds) < 2}
    assert few - explained == set(), report(adapter_of(platform), found)
    assert explained - few == set(), "a sentence that is not true any more"


@all_platforms
@in_browser
async def test_two_thousand_walks(platform: str, found: Sequence[Mutated]) -> None:
    """Meetings seen through damaged, slow and flapping pages never end wrongly."""
    assert wrong_walks(adapter_of(platform), found, seed=1, count=WALKS) == []


@all_platforms
@in_browser
async def test_a_failure_s_page_can_be_probed(platform: str, module_page: Page) -> None:
    """What a bundle keeps of a page proves the same, but for what only its address told."""
    adapter = adapter_of(platform)
    firsts = {each.state: each for each in reversed(state_pages(platform)) if each.generation == 1}
    for each in [firsts[state] for state in sorted(ENDINGS & set(firsts))]:
        await drawn(module_page, each.html, each.url)
        before = await probe(module_page, adapter.signs, never_in=adapter.never_in)
        bundle = await make_bundle(
            module_page, Console(module_page), before, chat=adapter.chat, keep=adapter.attributes
        )
        assert bundle.html is not None
        await drawn(module_page, bundle.html, each.url)
        after = await probe(module_page, adapter.signs, never_in=adapter.never_in)
        assert before is not None
        assert after is not None
        assert judged(adapter, each, after) == judged(adapter, each, before), each.name
    assert len(ENDINGS & set(firsts)) > 3


@in_browser
async def test_the_harness_finds_a_careless_table(module_page: Page) -> None:
    """A row that believes a sentence wherever it stands is caught, by mutations and by walks."""
    platform = "google_meet"
    found = _SEEN.get(platform) or await mutate_all(module_page, platform)
    adapter = adapter_of(platform)
    anywhere = sign("denied-text", Text(("join",)))
    careless = dataclasses.replace(
        adapter, rows=(Row(S.DENIED, "careless", see(anywhere)), *_without(adapter.rows, "denied"))
    )
    looks = [
        Mutated(
            each.page,
            {name: {**look, "denied-text": look["join"]} for name, look in each.looks.items()},
        )
        for each in found
    ]
    assert [problem for each in looks for problem in wrong_beliefs(careless, each)]
    assert wrong_walks(careless, looks, seed=1, count=50)
    assert len(found[0].looks) == len(ALL)


def _without(rows: Sequence[Row], text: str) -> tuple[Row, ...]:
    return tuple(row for row in rows if not any(text in each.name for each in row.needs))
