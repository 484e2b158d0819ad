"""What `meetbot probe` says of a saved page and of a meeting, in the bot's own browser."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from bot.errors import SettingError
from bot.probing import print_evidence, print_fits, probe_file, probe_meeting
from bot.settings import Settings
from bot.tables import table_of
from platforms.errors import InvalidMeetingUrl
from platforms.simulator.scenario import Scenario
from platforms.simulator.server import Simulator
from tests.pages import meet

REFUSED = meet.screen(meet.refused("Someone in the call denied your request to join"))


def saved(folder: Path, html: str) -> Path:
    """A saved page."""
    path = folder / "page.html"
    path.write_text(html)
    return path


@pytest.mark.browser
@pytest.mark.timeout(300)
async def test_a_saved_page_and_its_mending(tmp_path: Path) -> None:
    """A changed page says what is nearly there; with that mended in a file, its row holds.

    Without a platform all tables are tried, the best fit first; no script of the page runs.
    """
    changed = REFUSED.replace("denied your request to join", "sent you away")
    script = "<script>document.body.textContent = 'gone'</script></body>"
    changed = changed.replace("<main>", '<main data-why="no">').replace("</body>", script)
    path = saved(tmp_path, changed)
    before = await probe_file(Settings(), path, "google_meet", None)
    assert [fit.row for fit in before] == [None]
    evidence = tmp_path / "evidence.json"
    clue = {"kind": "css", "selector": "[data-why=no]"}
    evidence.write_text(json.dumps({"google_meet": {"signs": {"denied-text": {"add": [clue]}}}}))
    url = "https://meet.google.com/abc-defg-hij"
    fits = await probe_file(Settings(evidence_file=evidence), path, None, url)
    assert fits[0].adapter.platform == "google_meet"
    assert fits[0].row is not None
    assert fits[0].row.row.name == "host-refused"
    stream = io.StringIO()
    assert print_fits(fits[:1], Console(file=stream, width=120), as_json=False, all_rows=False)
    assert "google_meet: denied by host-refused" in stream.getvalue()
    assert "seen: " in stream.getvalue()
    stream = io.StringIO()
    assert print_fits(fits, Console(file=stream), as_json=True, all_rows=False)
    told = json.loads(stream.getvalue())
    assert (told[0]["platform"], told[0]["state"]) == ("google_meet", "denied")


@pytest.mark.browser
@pytest.mark.timeout(300)
async def test_a_meeting_is_looked_at_and_not_joined(tmp_path: Path) -> None:
    """The form before the ask is recognised; nobody has asked."""
    async with Simulator(Scenario()) as sim:
        settings = Settings(simulator=sim.http_url)
        [fit] = await probe_meeting(settings, sim.meeting_url, 60)
        assert fit.row is not None
        assert fit.row.row.state == "prejoin"
        assert len(sim.state().people) == len(Scenario().participants)


async def test_what_cannot_be_probed(tmp_path: Path) -> None:
    """A file that is not there and an address of no meeting are told before a browser starts."""
    with pytest.raises(SettingError, match="No such file"):
        await probe_file(Settings(), tmp_path / "none.html", None, None)
    with pytest.raises(InvalidMeetingUrl):
        await probe_meeting(Settings(), "https://example.com/", 1)


def test_the_list_of_evidence() -> None:
    """Every clue of a platform is one line with its source; buttons and boxes are among them."""
    stream = io.StringIO()
    adapter = table_of("google_meet", None)
    print_evidence([adapter], Console(file=stream))
    lines = stream.getvalue().splitlines()
    uses = [line.split("\t")[1] for line in lines]
    assert uses.count("look") == sum(len(each.clues) for each in adapter.signs)
    assert uses.count("act") >= len(adapter.targets)
    assert all(line.count("\t") == 5 for line in lines)
