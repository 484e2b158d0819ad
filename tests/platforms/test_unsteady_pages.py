"""Each client on pages that come late, half, and flapping: real Chromium, real WebRTC."""

import asyncio
from typing import Any

import pytest

from platforms.simulator.scenario import load_scenario
from platforms.types import PageState, Platform
from tests.platforms.conftest import Visiting
from tests.platforms.visits import Visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
S = PageState
LOOKS = 12
"""Two turns of the flapping and a half: three kinds of gaps each."""
SLOW_S = 1.5
"""What is left of the slow scenario's ten seconds, three times over."""


def unsteady(platform: str) -> dict[str, Any]:
    """The three scenarios in one meeting of this platform, the slow one hurried up."""
    fields = {
        "answers_after_s": SLOW_S,
        "variants": [*load_scenario("flapping").variants, *load_scenario("half_rendered").variants],
        "participants": [{"name": "Ada", "picture": "still"}],
    }
    return {"platform": platform, **fields}


async def watched(visit: Visit) -> set[PageState]:
    """What a number of looks saw, as fast as they come."""
    loop = asyncio.get_running_loop()
    return {(await visit.client.look(loop.time())).finding.state for _ in range(LOOKS)}


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("platform", list(Platform))
async def test_nothing_ends_that_has_not_ended(visiting: Visiting, platform: str) -> None:
    """Asked, let in and ended as it was; in between a look is right or UNKNOWN, never an ending."""
    async with visiting(None, **unsteady(platform)) as visit:
        await visit.asks()
        await visit.sees(S.LOBBY)
        assert await watched(visit) <= {S.LOBBY, S.UNKNOWN}
        await visit.sim.command("admit")
        await visit.sees(S.IN_CALL)
        assert await watched(visit) <= {S.IN_CALL, S.UNKNOWN}
        await visit.sim.command("end")
        assert (await visit.sees(S.ENDED, S.REMOVED)).finding.state is S.ENDED


def test_the_slow_scenario_is_slow() -> None:
    """As it ships, the slow scenario lets ten seconds go by before a byte comes."""
    assert load_scenario("slow").answers_after_s == 10
