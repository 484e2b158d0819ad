"""Looks at a page: one bounded evaluation that answers for every sign of a table at once."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Final

import structlog
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Frame, Page

from platforms.evidence import Sign
from platforms.packaged import searching_script
from platforms.resident import Resident

log = structlog.get_logger(__name__)

Surface = Page | Frame
"""What can be looked at and acted on: a page, or the frame in it that a client lives in."""

LOOK_LIMIT_S: Final = 5.0
"""An evaluation has no time limit of its own, and a busy page answers late or never."""

_LOOK: Final = searching_script("platforms", "probe.js")
_BAD_SELECTORS: Final = """selectors => selectors.filter((selector) => {
  try { document.createDocumentFragment().querySelector(selector); } catch { return true; }
  return false;
})"""


async def evaluate(
    surface: Surface, source: str, argument: object = None, *, limit_s: float = LOOK_LIMIT_S
) -> object:
    """What the page answers, or None when it threw, died or took longer than `limit_s`.

    The source runs outside the page's content policy (CSP, Trusted Types).
    """
    try:
        async with asyncio.timeout(limit_s):
            answer: object = await surface.evaluate(source, argument)
    except (PlaywrightError, TimeoutError) as error:
        log.debug("page_did_not_answer", problem=type(error).__name__)
        return None
    return answer


async def probe(
    surface: Surface, signs: Iterable[Sign], *, never_in: str = "", limit_s: float = LOOK_LIMIT_S
) -> Mapping[str, bool] | None:
    """For every sign whether the page shows it; None when the page did not answer in time.

    `never_in` is a selector of what people write (chat, names): no text inside it counts.
    Open shadow roots are searched, frames are not.
    """
    found = await evaluate(
        surface, f"table => ({_LOOK})(table)()", _table(signs, never_in), limit_s=limit_s
    )
    return _matches_of(found)


def _table(signs: Iterable[Sign], never_in: str) -> dict[str, object]:
    return {"signs": [as_json(each) for each in signs], "neverIn": never_in}


def _matches_of(answer: object) -> Mapping[str, bool] | None:
    if not isinstance(answer, dict):
        return None
    return {str(name): bool(seen) for name, seen in answer.items()}


@dataclass(frozen=True, slots=True)
class Glance:
    """One look: which signs are seen, and what the script that tells the people answered.

    `matches` is None when the page did not answer; `people` also when it was not asked.
    """

    matches: Mapping[str, bool] | None = None
    people: object = None


class Looker:
    """Looks again and again, with one short question each: the table stays in the page.

    `people_script` is a page function; where it throws, the signs are told all the same.
    """

    def __init__(self, signs: Iterable[Sign], *, never_in: str, people_script: str) -> None:
        factory = f"""table => {{
          const look = ({_LOOK})(table);
          const people = ({people_script});
          const tell = async (asked) => {{
            try {{ return await people(asked); }} catch {{ return null; }}
          }};
          return async (asked) => ({{ signs: look(), people: asked && await tell(asked) }});
        }}"""
        self._resident = Resident(factory, _table(signs, never_in))

    async def look(
        self, surfaces: Iterable[Surface], asked: Mapping[str, object] | None = None
    ) -> Glance:
        """What the surfaces show together, and the people of the first; empty if one is silent.

        `asked` is the people script's argument; None: they are not asked for.
        """
        found: list[Glance] = []
        for surface in surfaces:
            answer = await self._resident.ask(
                surface, None if found else asked, limit_s=LOOK_LIMIT_S
            )
            if not isinstance(answer, dict):
                return Glance()
            found.append(Glance(_matches_of(answer.get("signs")), answer.get("people")))
        return Glance(_together(each.matches for each in found), found[0].people)


def _together(looks: Iterable[Mapping[str, bool] | None]) -> Mapping[str, bool] | None:
    """What is seen in any of the looks; None when one of them failed."""
    found: dict[str, bool] = {}
    for matches in looks:
        if matches is None:
            return None
        for name, seen in matches.items():
            found[name] = seen or found.get(name, False)
    return found


def surfaces_of(page: Page, owns_frame: Callable[[Frame], bool] | None) -> tuple[Surface, ...]:
    """The frame the client lives in, if it has one and it is there, and the page."""
    if owns_frame is None or page.is_closed():
        return (page,)
    frames = [each for each in page.frames if each is not page.main_frame and owns_frame(each)]
    return (*frames[:1], page)


async def probe_all(
    surfaces: Iterable[Surface], signs: Sequence[Sign], *, never_in: str
) -> Mapping[str, bool] | None:
    """What the surfaces show together; None when one of them did not answer."""
    looks: list[Mapping[str, bool] | None] = []
    for surface in surfaces:
        looks.append(await probe(surface, signs, never_in=never_in))
        if looks[-1] is None:
            break
    return _together(looks)


@cache
def as_json(each: Sign) -> dict[str, object]:
    """The sign as `probe.js` takes it."""
    clues = [{"kind": type(clue).__name__.lower(), **asdict(clue)} for clue in each.clues]
    return {"name": each.name, "clues": clues}


async def bad_selectors(page: Page, signs: Iterable[Sign]) -> Mapping[str, str]:
    """The signs with a selector this browser does not understand, and that selector.

    One such makes every look fail: a table that was not tested must be asked for them first.
    """
    wanted = [
        (each.name, selector)
        for each in signs
        for clue in each.clues
        for field in ("selector", "within", "outside")
        if (selector := getattr(clue, field, ""))
    ]
    answer = await evaluate(page, _BAD_SELECTORS, [selector for _, selector in wanted])
    bad = set(answer) if isinstance(answer, list) else set[object]()
    return {name: selector for name, selector in wanted if selector in bad}
