"""What a browser is started with."""

from pathlib import Path

from platforms.browser_settings import BrowserSettings, launch_args, launch_options
from platforms.card import DeviceFiles


def test_a_browser_without_a_window() -> None:
    """Headless, as large as the picture; the tab that carries the token may be captured."""
    settings = BrowserSettings(width=640, height=360, extra_args=("--more",))
    args = launch_args(settings, "token", None)
    size = {"--window-size=640,360", "--screen-info={640x360}"}
    assert {"--headless=new", "--more", *size} <= set(args)
    assert "--auto-select-tab-capture-source-by-title=token" in args
    assert not [arg for arg in args if "fake-video" in arg or arg == "--kiosk"]
    options = launch_options(settings, "token", None)
    assert options["viewport"] == {"width": 640, "height": 360}
    assert options["args"] == args
    assert not options["accept_downloads"]


def test_a_bare_page_on_a_screen() -> None:
    """Nothing round the page, which is as large as its window."""
    settings = BrowserSettings(headless=False, bare=True)
    args = launch_args(settings, "token", None)
    assert "--kiosk" in args
    assert "--headless=new" not in args
    options = launch_options(settings, "token", None)
    assert (options["viewport"], options["no_viewport"]) == (None, True)


def test_a_name_card_and_silence() -> None:
    """Camera and microphone are the files that were made for them."""
    devices = DeviceFiles(Path("/card.y4m"), Path("/silence.wav"))
    args = launch_args(BrowserSettings(), "token", devices)
    assert "--use-file-for-fake-video-capture=/card.y4m" in args
    assert "--use-file-for-fake-audio-capture=/silence.wav" in args
