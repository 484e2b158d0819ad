"""What an adapter says of itself."""

import dataclasses
import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module

import pytest

from platforms.actions import Target
from platforms.evidence import Css, sign
from platforms.google_meet.adapter import ADAPTER
from platforms.registry import adapter_of
from platforms.types import Platform


def test_the_form_s_signs_are_looked_for_too() -> None:
    """A look covers the table and the controls the client acts by, each once."""
    names = [each.name for each in ADAPTER.signs]
    assert len(names) == len(set(names))
    wanted = {ADAPTER.join.name, ADAPTER.name_box.name, *(each.name for each in ADAPTER.asked)}
    assert wanted <= set(names)


def test_attributes_of_the_evidence() -> None:
    """What selectors look at can be kept in a saved page."""
    assert {"data-participant-id", "data-tile-media-id", "data-panel-id"} <= ADAPTER.attributes
    assert "data-self-name" not in ADAPTER.attributes


def test_two_signs_of_one_name_are_refused() -> None:
    """A name means one thing in one adapter."""
    other = sign(ADAPTER.join.name, Css("#other"))
    with pytest.raises(ValueError, match="join"):
        _ = dataclasses.replace(ADAPTER, join=other).signs


def targets_of(package: str) -> Iterator[Target]:
    """Every target that a module of the package defines."""
    for found in pkgutil.iter_modules(import_module(package).__path__, f"{package}."):
        for value in vars(import_module(found.name)).values():
            values = value.values() if isinstance(value, Mapping) else (value,)
            yield from (each for each in values if isinstance(each, Target))


@pytest.mark.parametrize("platform", list(Platform))
def test_all_that_is_pressed_is_listed(platform: Platform) -> None:
    """No button or box of a platform's modules is missing from what the adapter tells of itself.

    Each has a source with its date, but for a few that are inferred.
    """
    adapter = adapter_of(platform)
    package = {Platform.TEAMS: "platforms.teams"}.get(platform, f"platforms.{platform}")
    assert {each.name for each in targets_of(package)} - {e.name for e in adapter.targets} == set()
    inferred = {each.name for each in adapter.targets if not each.sources}
    assert inferred <= {
        *("as-guest", "recording-consent", "modal"),
        *("from-browser", "interpretation", "tip"),
    }
    assert all(" 202" in each or "its code" in each for t in adapter.targets for each in t.sources)
