"""What an adapter says of itself."""

import dataclasses

import pytest

from platforms.evidence import Css, sign
from platforms.google_meet.adapter import ADAPTER


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
