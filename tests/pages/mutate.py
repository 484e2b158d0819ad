"""Takes the evidence away from replica pages, kind by kind, and sees what is still believed.

Every state page (`tests.pages.state_page`) is shown once in a real browser. In it, one mutation
after another is made and looked at with the adapter's own signs: each kind of evidence removed
singly and in pairs, everything but one kind removed, children reordered, elements not there yet,
and damage at random. Judging what was seen is pure.

    python -m tests.pages.mutate [platform]     prints how many kinds alone suffice for each state
"""

import asyncio
import importlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Final

from playwright.async_api import Page, async_playwright

from platforms.adapter import Adapter
from platforms.errors import InvalidMeetingUrl
from platforms.evidence import Judge, Row
from platforms.packaged import searching_script
from platforms.probe import as_json
from platforms.registry import adapter_of, parse_meeting_url, plugins
from platforms.types import Finding, Platform
from platforms.types import PageState as S
from tests.browsers import CHROMIUM
from tests.pages.state_page import StatePage
from tests.platforms.conftest import drawn

Matches = Mapping[str, bool]

KINDS: Final[Mapping[str, str]] = {
    "mark": "jsname, data attributes, ids, names, elements of the client's own",
    "label": "aria attributes, roles, titles, placeholders",
    "words": "every text with letters, the title's included",
    "symbol": "icon ligatures, numbers",
    "structure": "classes, headings and landmarks",
    "address": "where the page is, and where its frames and links lead",
}
MODULES: Final[Mapping[str, str]] = {
    Platform.GOOGLE_MEET: "tests.pages.meet",
    Platform.TEAMS: "tests.pages.teams",
    Platform.ZOOM: "tests.pages.zoom",
}
ENDINGS: Final = frozenset(
    {S.LOGIN, S.DENIED, S.NO_ANSWER, S.BLOCKED, S.INVALID, S.REMOVED, S.ENDED}
)
WEAKER: Final[Mapping[S, frozenset[S]]] = {
    S.WAITING_FOR_HOST: frozenset({S.LOBBY}),
    S.RECONNECTING: frozenset({S.IN_CALL}),
    S.REMOVED: frozenset({S.ENDED}),
}
"""Answers that say less and mean the same: whoever was in the call was removed either way."""

FUZZED_LOOKS: Final = 24
WALKS: Final = 2000
REFUSED_SHARE: Final = 0.4
FAILED_SHARE: Final = 0.1
_LOOKS: Final = 5
_APART_S: Final = 10.0
MUTATE: Final = (Path(__file__).parent / "mutate.js").read_text(encoding="utf-8")
_SOURCE: Final = (
    f"(argument) => {{ const look = {searching_script('platforms', 'probe.js')};"
    f"return JSON.stringify(({MUTATE})(JSON.parse(argument), look)); }}"
)


@dataclass(frozen=True, slots=True)
class Mutation:
    """What is done to a page: see `mutate.js`."""

    name: str
    remove: tuple[str, ...] = ()
    shuffle: int | None = None
    keep: float | None = None
    fuzz: int | None = None


NOTHING: Final = Mutation("nothing")
SINGLES: Final = tuple(Mutation(f"without {kind}", (kind,)) for kind in KINDS)
PAIRS: Final = tuple(Mutation(f"without {a} and {b}", (a, b)) for a, b in combinations(KINDS, 2))
ONLY: Final = {
    kind: Mutation(f"only {kind}", tuple(each for each in KINDS if each != kind)) for kind in KINDS
}
REORDERED: Final = tuple(Mutation(f"reordered {seed}", shuffle=seed) for seed in range(3))
DELAYED: Final = tuple(Mutation(f"{share:.0%} there", keep=share) for share in (0.2, 0.4, 0.6, 0.8))
FUZZED: Final = tuple(Mutation(f"fuzz {seed}", fuzz=seed) for seed in range(FUZZED_LOOKS))
ALL: Final = (NOTHING, *SINGLES, *PAIRS, *ONLY.values(), *REORDERED, *DELAYED, *FUZZED)


@dataclass(frozen=True, slots=True)
class Mutated:
    """One state page, and what every mutation of it matched."""

    page: StatePage
    looks: Mapping[str, Matches] = field(repr=False)

    def damaged(self) -> Sequence[Matches]:
        """What the page matched while damaged at random."""
        return [self.looks[each.name] for each in (*FUZZED, *DELAYED, *REORDERED)]


def state_pages(platform: str) -> tuple[StatePage, ...]:
    """The platform's replica pages. Raises where its module has none."""
    pages: tuple[StatePage, ...] = importlib.import_module(MODULES[platform]).STATES
    return pages


def driven_platforms() -> tuple[str, ...]:
    """The platforms that have an adapter."""
    return tuple(name for name, plugin in plugins().items() if plugin.load_adapter)


async def mutated(page: Page, adapter: Adapter, shown_page: StatePage) -> Mutated:
    """Show the page and look at every mutation of it."""
    await drawn(page, shown_page.html, shown_page.url)
    argument = {
        "signs": [as_json(each) for each in adapter.signs],
        "neverIn": adapter.never_in,
        "mutations": [asdict(each) for each in ALL],
    }
    # as text: Playwright would wrap every value of both on its own
    looks: list[dict[str, bool]] = json.loads(await page.evaluate(_SOURCE, json.dumps(argument)))
    return Mutated(shown_page, {each.name: look for each, look in zip(ALL, looks, strict=True)})


def rows_for(adapter: Adapter, page: StatePage) -> tuple[Row, ...]:
    """The rows that count for a bot that was sent to the page's address, if that is a meeting's."""
    try:
        return adapter.rows_for(parse_meeting_url(page.url))
    except InvalidMeetingUrl:
        return adapter.rows


def judged(
    adapter: Adapter, page: StatePage, matches: Matches, seen: Iterable[S] | None = None
) -> Finding:
    """What looks that all show the same end in, ten seconds apart, after `seen` was confirmed."""
    judge = Judge(adapter.platform, rows_for(adapter, page))
    judge.seen = page.after if seen is None else frozenset(seen)
    findings = [judge.judge(look * _APART_S, matches) for look in range(_LOOKS)]
    return findings[-1]


def is_wrong(page: StatePage, finding: Finding, *, was_in: bool) -> bool:
    """Whether believing the finding would end a bot wrongly, or admit one that is outside.

    Who was in the call (`was_in`) was removed whichever ending the page shows.
    """
    if finding.state in {page.state, *page.less, *WEAKER.get(page.state, ())}:
        return False
    if was_in and page.state in ENDINGS:
        return finding.state is S.IN_CALL
    return finding.state in ENDINGS | {S.IN_CALL}


def wrong_beliefs(adapter: Adapter, found: Mutated) -> list[str]:
    """Every mutation after which something wrong is believed, in words.

    Each is also judged as if it came after a call, but for the form before the ask: that comes
    with a load, after which the judge knows of no call.
    """
    pasts = {"": found.page.after}
    if found.page.state is not S.PREJOIN:
        pasts[" (after a call)"] = found.page.after | {S.LOBBY, S.IN_CALL}
    return [
        f"{found.page.name}, {name}{words}: {finding.state.value} by {finding.row}"
        for name, matches in found.looks.items()
        for words, past in pasts.items()
        if is_wrong(
            found.page,
            finding := judged(adapter, found.page, matches, past),
            was_in=S.IN_CALL in past,
        )
    ]


def kinds_that_suffice(adapter: Adapter, found: Mutated) -> tuple[str, ...]:
    """The kinds of evidence each of which alone still proves the page's state."""
    return tuple(
        kind
        for kind, mutation in ONLY.items()
        if judged(adapter, found.page, found.looks[mutation.name]).state is found.page.state
    )


def by_state(adapter: Adapter, found: Sequence[Mutated]) -> Mapping[S, tuple[str, ...]]:
    """For each state of generation one, the kinds that alone suffice on its best proved page."""
    best: dict[S, tuple[str, ...]] = {}
    for each in found:
        if each.page.generation == 1 and each.page.state is not S.UNKNOWN:
            kinds = kinds_that_suffice(adapter, each)
            best[each.page.state] = max(best.get(each.page.state, ()), kinds, key=len)
    return best


def walk(found: Sequence[Mutated], chance: Random) -> Iterator[tuple[Mutated, Matches | None]]:
    """One way through a meeting: pages in an order that happens, each look of them damaged.

    A tenth of the looks fail. The way ends with the first page that is an ending.
    """
    outside = chance.choice(((), (S.LOBBY,), (S.WAITING_FOR_HOST,), (S.WAITING_FOR_HOST, S.LOBBY)))
    refused = ENDINGS - ({S.INVALID, S.ENDED} if outside else set[S]())
    stages: list[frozenset[S]] = [frozenset({S.PREJOIN}), *(frozenset({each}) for each in outside)]
    if chance.random() < REFUSED_SHARE:
        stages.append(frozenset(refused))
    else:
        call = frozenset({S.IN_CALL, S.RECONNECTING})
        stages += [frozenset({S.IN_CALL}), call, call, frozenset({S.REMOVED, S.ENDED})]
    for states in stages:
        there = [each for each in found if each.page.state in states]
        if not there:
            continue
        here = chance.choice(there)
        for _ in range(chance.randint(1, 6)):
            failed = chance.random() < FAILED_SHARE
            yield here, None if failed else chance.choice(here.damaged())
        if here.page.state in ENDINGS:
            return


def wrong_walks(adapter: Adapter, found: Sequence[Mutated], *, seed: int, count: int) -> list[str]:
    """Walk `count` times; what was wrongly believed on the way, in words."""
    problems = []
    for number in range(count):
        chance = Random(f"{seed}/{number}")  # noqa: S311 - repeatable, no secret
        judge = Judge(adapter.platform, adapter.rows)
        now_s = 0.0
        for here, matches in walk(found, chance):
            now_s += chance.uniform(0.1, 6.0)
            finding = judge.judge(now_s, matches)
            if is_wrong(here.page, finding, was_in=S.IN_CALL in judge.seen):
                problems.append(f"walk {number}: {here.page.name}: {finding.row}")
                break
    return problems


async def mutate_all(page: Page, platform: str) -> list[Mutated]:
    """Every state page of a platform, mutated in one page of a browser."""
    adapter = adapter_of(platform)
    return [await mutated(page, adapter, each) for each in state_pages(platform)]


def report(adapter: Adapter, found: Sequence[Mutated]) -> str:
    """For people: each state and page, the kinds that alone suffice, or why there are too few."""
    lines = [f"{adapter.platform}: {len(found)} pages, {len(found) * len(ALL)} looks"]
    few = {each.page.state: each.page.few for each in found if each.page.few}
    for state, kinds in by_state(adapter, found).items():
        lines.append(f"  {state.value}: {len(kinds)}" + f"  {few.get(state, '')}".rstrip())
        for each in found:
            if each.page.state is state and each.page.generation == 1:
                alone = ", ".join(kinds_that_suffice(adapter, each)) or "none alone"
                lines.append(f"    {each.page.name:22} {alone}")
    lines += [f"  wrong: {problem}" for each in found for problem in wrong_beliefs(adapter, each)]
    return "\n".join(lines)


async def _main(platforms: Sequence[str]) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, headless=False, args=["--headless=new", "--no-sandbox"]
        )
        page = await browser.new_page()
        for platform in platforms:
            found = await mutate_all(page, platform)
            adapter = adapter_of(platform)
            sys.stdout.write(f"{report(adapter, found)}\n")
            sys.stdout.writelines(
                f"  wrong: {line}\n" for line in wrong_walks(adapter, found, seed=1, count=WALKS)
            )
        await browser.close()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1:] or driven_platforms()))
