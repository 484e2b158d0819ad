"""The platforms that are installed, found by their entry points."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page

from platforms.errors import InvalidMeetingUrl, PlatformBroken, UnsupportedPlatform
from platforms.registry import adapter_of, make_client, parse_meeting_url, plugin_of, plugins
from platforms.types import MeetingUrl, Platform

in_browser = pytest.mark.asyncio(loop_scope="session")
FOURTH = """
from platforms.plugin import Plugin
from platforms.types import MeetingUrl
PLATFORM = Plugin(
    title="Fourth",
    owns=lambda host: host == "fourth.example",
    parse=lambda address: MeetingUrl("fourth", address.path, "https://fourth.example/"),
    load_adapter=None,
)
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder whose packages are installed as long as the test runs."""
    monkeypatch.syspath_prepend(str(tmp_path))
    plugins.cache_clear()
    yield tmp_path
    plugins.cache_clear()
    sys.modules.pop("fourth", None)


def install(folder: Path, value: str) -> None:
    """Put a package with the platform `fourth` there."""
    (folder / "fourth.py").write_text(FOURTH)
    about = folder / "fourth-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: fourth\nVersion: 1\n")
    (about / "entry_points.txt").write_text(f"[meetbot.platforms]\nfourth = {value}\n")


def test_the_products_of_the_contract_are_installed() -> None:
    """The package's own metadata name all three, by the contract's names."""
    assert set(plugins()) == set(Platform)


def test_reading_addresses_loads_no_browser_driver() -> None:
    """The job's door can judge addresses without playwright."""
    code = (
        "import sys; from platforms.registry import parse_meeting_url as parse;"
        "parse('https://meet.google.com/abc-defg-hij'); sys.exit('playwright' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_a_fourth_platform_is_found(installed: Path) -> None:
    """An installed package's entry point is all it takes."""
    install(installed, "fourth:PLATFORM")
    meeting = parse_meeting_url("https://fourth.example/room")
    assert meeting == MeetingUrl("fourth", "/room", "https://fourth.example/")
    assert plugin_of("fourth").title == "Fourth"
    with pytest.raises(UnsupportedPlatform, match="fourth: not supported"):
        adapter_of("fourth")
    with pytest.raises(InvalidMeetingUrl, match="is not of Fourth, Google Meet, "):
        parse_meeting_url("https://example.com/")


@pytest.mark.parametrize("value", ["nowhere:PLATFORM", "fourth:MISSING", "fourth:MeetingUrl"])
def test_a_broken_one_is_named(installed: Path, value: str) -> None:
    """What cannot be loaded is an error of the installation, not a bad address."""
    install(installed, value)
    with pytest.raises(PlatformBroken, match="fourth: cannot be loaded"):
        parse_meeting_url("https://fourth.example/room")


def test_unknown_platform() -> None:
    """A platform that is not installed is refused by name."""
    with pytest.raises(UnsupportedPlatform, match="fifth"):
        plugin_of("fifth")


@pytest.mark.browser
@in_browser
async def test_make_client(page: Page) -> None:
    """A meeting's address gets its platform's client."""
    meet = parse_meeting_url("https://meet.google.com/abc-defg-hij")
    assert make_client(meet, page).platform == Platform.GOOGLE_MEET
