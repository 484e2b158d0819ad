import pytest

from platforms.registry import parse_meeting_url
from platforms.simulator.pageview import Skin
from platforms.simulator.scenario import Scenario
from platforms.simulator.skins import HOSTS, SKINS, skin_at, skin_of


def test_no_host_has_two_skins() -> None:
    """Which client a name shows is never a question of order."""
    assert sum(len(skin.hosts) for skin in SKINS) == len(HOSTS)


@pytest.mark.parametrize("skin", SKINS, ids=lambda skin: str(skin.platform))
def test_a_skin_is_found_by_host_and_platform(skin: Skin) -> None:
    """Every host leads to its client, and so does the platform."""
    assert {skin_at(host) for host in skin.hosts} == {skin}
    assert skin_of(skin.platform) is skin


def test_unknown_ones() -> None:
    """A name that is nobody's is nobody's."""
    with pytest.raises(KeyError):
        skin_at("meet.example")


@pytest.mark.parametrize("skin", SKINS, ids=lambda skin: str(skin.platform))
def test_the_link_is_one_a_job_may_carry(skin: Skin) -> None:
    """The address of the test meeting is an address of its platform for our own parser."""
    assert parse_meeting_url(skin.meeting_url(Scenario())).platform is skin.platform
