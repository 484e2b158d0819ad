from typing import Any

import pytest

from platforms.simulator.members import Member
from platforms.simulator.picture import colour_hex
from platforms.simulator.room import Room
from platforms.simulator.scenario import Scenario
from platforms.simulator.state import Kind, Status
from platforms.simulator.voice import voice_hz
from platforms.simulator.wire import Ask

FINAL = [s for s in Status if s not in (Status.ABSENT, Status.WAITING, Status.IN_CALL)]


class Notebook:
    """A page that remembers what it was told."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []

    def send(self, message: dict[str, Any]) -> None:
        self.heard.append(message)


def guest() -> Member:
    """Somebody in the lobby."""
    return Member("devices/7", "Notes", Kind.GUEST, Status.WAITING, mic=False, camera=False)


def participant(slot: int, *, camera: bool = True) -> Member:
    """Somebody whom the simulator plays."""
    return Member(
        f"devices/{slot}", "Ada", Kind.PARTICIPANT, Status.IN_CALL, camera=camera, slot=slot
    )


def test_two_members_with_the_same_facts_are_two() -> None:
    """A member is itself: equal facts make neither equal members nor one key of a set."""
    one, other = guest(), guest()
    assert one.state() == other.state()
    assert one != other
    assert len({one, other}) == 2
    assert [one, other].index(other) == 1


def test_a_misspelt_attribute_is_an_error() -> None:
    """A member has the attributes it declares and takes no further ones."""
    with pytest.raises(AttributeError, match="staus"):
        setattr(guest(), "staus", Status.LEFT)  # noqa: B010 - mypy refuses the plain form


@pytest.mark.parametrize("status", Status)
def test_a_state_is_a_snapshot(status: Status) -> None:
    """The state follows each transition; the one taken before it stays as it was."""
    member = guest()
    before = member.state()
    member.status, member.speaking, member.consented = status, True, True
    after = member.state()
    assert (after.status, after.speaking, after.consented) == (status, True, True)
    assert (before.status, before.speaking, before.consented) == (Status.WAITING, False, False)
    assert (after.id, after.name, after.kind) == (before.id, before.name, before.kind)


@pytest.mark.parametrize("status", FINAL)
def test_nobody_leaves_after_the_end(status: Status) -> None:
    """A final status stays when the page then leaves or closes, and the page hears nothing."""
    room, page = Room(Scenario(), lambda: 0.0), Notebook()
    room.begin()
    member = room.ask(page, Ask(type="ask", name="Notes", mic=False, camera=False))
    assert member.status is Status.WAITING
    member.status = status
    page.heard.clear()
    room.leave(member)
    room.leave(member, Status.GONE)
    assert member.status is status
    assert page.heard == []


def test_only_a_participant_has_a_voice() -> None:
    """The pitch is that of the slot; who brings a page brings a voice of their own."""
    assert participant(0).state().voice_hz == voice_hz(0)
    assert participant(3).state().voice_hz == voice_hz(3)
    assert guest().state().voice_hz is None


def test_pages_see_a_video_channel_only_while_the_camera_is_on() -> None:
    """With the camera off the slot is withheld, and its colour stays for the avatar."""
    on, off = participant(2).shown(), participant(2, camera=False).shown()
    assert (on["slot"], on["camera"]) == (2, True)
    assert (off["slot"], off["camera"]) == (None, False)
    assert on["colour"] == off["colour"] == colour_hex(2)


def test_the_first_slot_is_a_slot() -> None:
    """Slot 0 is shown as such and has a colour that no guest has."""
    first = participant(0).shown()
    assert first["slot"] == 0
    assert first["colour"] == colour_hex(0) != guest().shown()["colour"]


def test_pages_see_who_is_host_and_who_has_a_page() -> None:
    """Both are told as yes or no; the page itself is shown to nobody."""
    host = Member("devices/1", "Grace", Kind.HOST, Status.IN_CALL, page=Notebook())
    assert (host.shown()["host"], host.shown()["page"]) == (True, True)
    assert (guest().shown()["host"], guest().shown()["page"]) == (False, False)
    assert "Notebook" not in repr(host)
