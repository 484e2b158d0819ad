from importlib import resources
from pathlib import Path

import pytest

from platforms.simulator.looks import CLIENTS, drawn, second_look
from platforms.simulator.scenario import Scenario
from platforms.types import Platform

PLATFORMS = Path(__file__).parents[3] / "platforms"
ADAPTERS = {
    Platform.GOOGLE_MEET: "google_meet",
    Platform.TEAMS: "teams",
    Platform.ZOOM: "zoom",
}
all_clients = pytest.mark.parametrize("platform", list(CLIENTS))


def pages() -> dict[str, str]:
    """The code of every page, by its file's name."""
    folder = resources.files("platforms.simulator") / "pages"
    return {
        file.name: file.read_text("utf-8")
        for file in folder.iterdir()
        if file.name.endswith((".js", ".css"))
    }


def in_the_second_look(platform: Platform) -> Scenario:
    """A meeting of that client a generation later."""
    return Scenario(platform=platform, variants=("second_layout",))


@all_clients
def test_no_row_is_about_nothing(platform: Platform) -> None:
    """Every text a table renames is in the pages, and nothing is left to rename afterwards."""
    look = second_look(platform)
    first = "\n".join(pages().values())
    second = look.of(first)
    assert [old for old in look.rows if old not in first or look.of(old) == old] == []
    assert look.of(second) == second


@all_clients
def test_the_adapter_was_not_told(platform: Platform) -> None:
    """No new mark and no new sentence stands anywhere in the adapter."""
    folder = PLATFORMS / ADAPTERS[platform]
    told = "\n".join(file.read_text("utf-8") for file in folder.iterdir() if file.is_file())
    look = second_look(platform)
    new = {*look.unheard_of.values(), *look.classes.values()}
    assert [text for text in sorted(new) if text.lower() in told.lower()] == []


@all_clients
def test_most_evidence_is_gone(platform: Platform) -> None:
    """What the adapter looks for is renamed by the dozen, not here and there."""
    folder = PLATFORMS / ADAPTERS[platform]
    told = "\n".join(file.read_text("utf-8") for file in folder.iterdir() if file.is_file())
    look = second_look(platform)
    assert len([old for old in look.rows if old.strip('"') in told]) >= 20


@all_clients
def test_names_do_not_meet(platform: Platform) -> None:
    """No two classes become one, and none takes the name of another."""
    classes = second_look(platform).classes
    assert len(set(classes.values())) == len(classes)
    assert set(classes.values()) & set(classes) == set()


@all_clients
def test_the_first_look_is_as_it_is_written(platform: Platform) -> None:
    """Without the variant not a letter of a page changes; with it, its own client's pages do."""
    plain = Scenario(platform=platform)
    for name, text in pages().items():
        assert drawn(text, plain) == text, name
    client = pages()[f"{CLIENTS[platform]}.css"]
    assert drawn(client, in_the_second_look(platform)) != client


def test_a_name_within_a_longer_one_stays() -> None:
    """A mark is renamed where it stands alone, and a prefix where it begins a name."""
    look = second_look(Platform.TEAMS)
    assert look.of('"calling-retry-screen"') == '"problem-view"'
    assert look.of('"calling-retry-screen-title"') == '"calling-retry-screen-title"'
    assert look.of("`video-item-container-${name}`") == "`live-person-${name}`"


def test_script_and_stylesheet_agree() -> None:
    """A class that a script puts on is the one its stylesheet knows."""
    look = second_look(Platform.GOOGLE_MEET)
    assert look.of('classList.toggle("kssMZb")') == 'classList.toggle("xffZMo")'
    assert look.of(".kssMZb .koV58 { color: red }") == ".xffZMo .xbI58 { color: red }"
