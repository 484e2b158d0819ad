"""The browser's place and the codecs. A browser that works is started in tests/e2e."""

import os
from pathlib import Path

import pytest

from bot.checks import browser
from bot.checks.browser import browser_there, browser_works, codecs, display_there
from bot.checks.types import Level
from bot.settings import Settings
from media.display import programs


def test_a_browser_that_is_not_there(tmp_path: Path) -> None:
    """Named with its path, and how to get one."""
    finding = browser_there(Settings(browser=tmp_path / "none"))
    assert finding.level is Level.FAILED
    assert f"{tmp_path / 'none'} not found" in finding.words
    assert "apt-get install chromium" in finding.mend


def test_a_browser_that_is_no_program(tmp_path: Path) -> None:
    """A file that cannot be executed is mended by chmod."""
    (tmp_path / "browser").write_bytes(b"")
    finding = browser_there(Settings(browser=tmp_path / "browser"))
    assert (finding.level, finding.mend) == (Level.FAILED, f"chmod +x {tmp_path / 'browser'}")


def test_the_system_has_a_browser() -> None:
    """Without a setting the installed one is found."""
    assert browser_there(Settings()).level is Level.OK


def test_a_display_is_looked_for_where_one_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is missing is named with the package and with the settings that need none of it."""
    assert display_there(Settings()).level is Level.OK
    monkeypatch.setattr(programs, "search", lambda: str(tmp_path))
    assert display_there(Settings()).level is Level.OK
    finding = display_there(Settings(capture="display"))
    assert (finding.check, finding.level) == ("display", Level.FAILED)
    assert "Xvfb, pulseaudio, setpriv not found" in finding.found
    assert "apt-get install xvfb pulseaudio" in finding.mend
    assert "MEETBOT_CAPTURE=tab" in finding.mend
    assert "pulseaudio" not in display_there(Settings(browser_mode="headful")).found


async def test_a_browser_without_a_display(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The display is what failed: the browser is not even started."""
    monkeypatch.setattr(programs, "search", lambda: str(tmp_path))
    (finding,) = await browser_works(Settings(capture="display"))
    assert (finding.check, finding.level) == ("display", Level.FAILED)


async def test_a_browser_that_does_not_start() -> None:
    """One finding, with the browser's path; its sandbox is not spoken of."""
    (finding,) = await browser_works(Settings(browser=Path("/bin/false")))
    assert (finding.check, finding.level) == ("browser", Level.FAILED)
    assert "/bin/false" in finding.found


def test_codecs(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyAV's wheel carries the encoders; one that is unknown, or only decodes, is named."""
    assert codecs(Settings()).level is Level.OK
    monkeypatch.setattr(browser, "CODECS", ("aac", "nothing", "av1_qsv_none", "h263i"))
    finding = codecs(Settings())
    assert finding.level is Level.FAILED
    assert "lacks nothing, av1_qsv_none, h263i" in finding.found


def test_sandbox_on() -> None:
    """Nothing to mend."""
    finding = browser._sandbox(is_on=True)
    assert (finding.level, finding.found) == (Level.OK, "on")


def test_sandbox_off_for_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Root is told to be somebody else."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    finding = browser._sandbox(is_on=False)
    assert finding.level is Level.WARNING
    assert "--user" in finding.mend


def test_sandbox_off_by_the_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel setting in the way is named, and the command that changes it."""
    setting = tmp_path / "max_user_namespaces"
    setting.write_text("0\n")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(browser, "OBSTACLES", ((str(setting), "0", "sysctl -w x=1"),))
    finding = browser._sandbox(is_on=False)
    assert finding.words == f"off: {setting} is 0; sysctl -w x=1"
    setting.write_text("15000\n")
    assert "user namespace" in browser._sandbox(is_on=False).found
