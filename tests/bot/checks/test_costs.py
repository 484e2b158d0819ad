"""What a recording costs here, measured with a real browser."""

import re
from pathlib import Path

import pytest

from bot.checks import costs
from bot.checks.costs import capture_costs
from bot.checks.types import Level
from bot.settings import Settings
from media.display import programs


@pytest.mark.browser
@pytest.mark.timeout(300)
async def test_what_is_possible_is_measured_and_what_is_not_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cores, memory and pictures of the one; of the other what is missing, which is no failure."""
    monkeypatch.setattr(programs, "search", lambda: str(tmp_path))
    monkeypatch.setattr(costs, "MEASURE_S", 1.0)
    tab, display = await capture_costs(Settings())
    assert (tab.check, tab.level) == ("capture tab", Level.OK)
    measured = re.fullmatch(
        r"possible, headless: ([0-9.]+) cores and ([0-9]+) MB .* [0-9]+ pictures a second",
        tab.found,
    )
    assert measured, tab.found
    assert float(measured[1]) > 0
    assert int(measured[2]) > 50
    assert (display.check, display.level) == ("capture display", Level.WARNING)
    assert display.found == "not possible here: Xvfb, pulseaudio, setpriv not found"
    assert "apt-get install xvfb pulseaudio" in display.mend


async def test_a_browser_that_does_not_start_costs_nothing(tmp_path: Path) -> None:
    """It is said why: neither way is possible."""
    tab, display = await capture_costs(Settings(browser=tmp_path / "none"))
    assert (tab.level, display.level) == (Level.WARNING, Level.WARNING)
    assert "not possible here" in tab.found
    assert "not possible here" in display.found
