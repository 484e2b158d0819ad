from typing import Any

import pytest

from platforms.simulator.commands import Anchor
from platforms.simulator.errors import CommandRefusedError
from platforms.simulator.room import Room
from platforms.simulator.scenario import parse_scenario
from platforms.simulator.state import Status
from platforms.simulator.wire import Ask


class Notebook:
    """A page that remembers what it was told."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []

    def send(self, message: dict[str, Any]) -> None:
        self.heard.append(message)

    def types(self) -> list[str]:
        return [m["type"] for m in self.heard if m["type"] != "people"]


def room(**fields: object) -> Room:
    """A started room on a clock that stands still."""
    made = Room(parse_scenario(fields), lambda: 100.0)
    made.begin()
    return made


def ask(name: str = "Bot", *, host: bool = False) -> Ask:
    """What the join button sends."""
    return Ask(type="ask", name=name, mic=False, camera=False, host=host)


def test_a_guest_waits_until_admitted() -> None:
    """Ask, lobby, admission: the page hears each, the state follows."""
    meeting, page = room(), Notebook()
    meeting.ask(page, ask())
    assert [p.name for p in meeting.state().waiting] == ["Bot"]
    meeting.admit(None)
    assert page.types() == ["lobby", "admitted"]
    assert meeting.state().phase == "in_call"


def test_an_open_meeting_has_no_lobby() -> None:
    """`open` lets a guest straight in."""
    meeting, page = room(open=True), Notebook()
    meeting.ask(page, ask())
    assert page.types() == ["admitted"]


@pytest.mark.parametrize("status", [Status.DENIED, Status.NO_ANSWER, Status.BLOCKED])
def test_a_refusal_is_final(status: Status) -> None:
    """A guest turned away cannot be admitted afterwards."""
    meeting, page = room(), Notebook()
    meeting.ask(page, ask())
    meeting.refuse("Bot", status)
    meeting.admit("Bot")
    assert page.heard[-1] == {"type": "final", "kind": str(status)}
    person = meeting.state().person("Bot")
    assert person is not None
    assert person.status is status


def test_removal_spares_hosts_unless_named() -> None:
    """`remove` without a name means every guest; participants and hosts stay."""
    meeting = room(participants=[{"name": "Ada"}])
    guest, host = Notebook(), Notebook()
    meeting.ask(host, ask("Host", host=True))
    meeting.ask(guest, ask())
    meeting.admit(None)
    meeting.remove(None)
    assert [p.name for p in meeting.state().in_call] == ["Ada", "Host"]


def test_the_end_reaches_those_in_the_lobby_too() -> None:
    """Nobody is left behind a door that will not open."""
    meeting, page = room(), Notebook()
    meeting.ask(page, ask())
    meeting.end()
    assert page.types() == ["lobby", "final"]
    assert meeting.state().phase == "ended"


def test_three_speak_at_once_and_a_fourth_is_refused() -> None:
    """There are three audio channels, as in the real client."""
    names = ["Ada", "Grace", "Linus", "Katherine"]
    meeting = room(participants=[{"name": n} for n in names])
    speakers = [meeting.start_speaking(n) for n in names[:3]]
    with pytest.raises(CommandRefusedError, match="speaking already"):
        meeting.start_speaking("Katherine")
    meeting.stop_speaking(speakers[1])
    assert meeting.start_speaking("Katherine").channel == 1


def test_somebody_absent_cannot_speak() -> None:
    """A participant who has not joined is refused by name."""
    meeting = room(participants=[{"name": "Ada", "present": False}])
    with pytest.raises(CommandRefusedError, match="Ada"):
        meeting.start_speaking("Ada")
    meeting.join("Ada", "moving")
    assert meeting.start_speaking("Ada").speaking


def test_a_page_that_closes_is_gone_not_left() -> None:
    """A crash and a polite leave are told apart."""
    meeting = room(open=True)
    crashed = meeting.ask(Notebook(), ask("Crashed"))
    polite = meeting.ask(Notebook(), ask("Polite"))
    meeting.leave(crashed, Status.GONE)
    meeting.leave(polite)
    meeting.leave(polite, Status.GONE)
    assert [crashed.status, polite.status] == [Status.GONE, Status.LEFT]


@pytest.mark.parametrize(("repeat", "runs"), [(True, 2), (False, 1)])
def test_a_scenario_repeats_for_the_next_visitor(repeat: bool, runs: int) -> None:
    """With `repeat` an abandoned meeting starts again at the next ask, else it goes on."""
    anchors: list[Anchor] = []
    meeting = room(repeat=repeat, open=True)
    meeting.on_anchor = anchors.append
    first = meeting.ask(Notebook(), ask("First"))
    meeting.leave(first)
    meeting.ask(Notebook(), ask("Second"))
    assert meeting.state().run == runs
    assert anchors.count("ask") == runs


def test_a_host_starts_no_clock() -> None:
    """The scenario waits for the first guest."""
    meeting = room()
    meeting.ask(Notebook(), ask("Host", host=True))
    assert meeting.state().phase == "idle"


def test_chat_reaches_everybody_in_the_call_only() -> None:
    """A message from the lobby is nobody's; one from the call is everybody's."""
    meeting = room(participants=[{"name": "Ada"}])
    waiting, inside = Notebook(), Notebook()
    outsider = meeting.ask(waiting, ask("Outsider"))
    meeting.ask(inside, ask("Host", host=True))
    meeting.say(outsider, "let me in")
    meeting.write("Ada", "hello")
    assert [(m.who, m.text) for m in meeting.state().chat] == [("Ada", "hello")]
    assert "chat" in inside.types()
    assert "chat" not in waiting.types()


def test_only_hosts_are_told_who_waits() -> None:
    """A guest's page does not learn who else knocks."""
    meeting = room()
    host, guest = Notebook(), Notebook()
    meeting.ask(host, ask("Host", host=True))
    meeting.ask(guest, ask("Guest"))
    meeting.admit(None)
    meeting.ask(Notebook(), ask("Late"))
    assert [w["name"] for w in host.heard[-1]["waiting"]] == ["Late"]
    assert "waiting" not in guest.heard[-1]


def test_a_reset_restarts_the_clocks_for_those_who_are_there() -> None:
    """A guest in the call stays in it; the scenario's events begin again at once."""
    meeting = room(participants=[{"name": "Ada"}], open=True)
    meeting.ask(Notebook(), ask())
    meeting.part("Ada")
    anchors: list[Anchor] = []
    meeting.on_anchor = anchors.append
    meeting.begin()
    assert anchors == ["start", "ask", "admitted"]
    assert [p.name for p in meeting.state().in_call] == ["Ada", "Bot"]


def test_no_more_participants_than_video_channels() -> None:
    """Pages have a fixed number of channels; one more participant is refused."""
    meeting = room()
    for number in range(meeting.scenario.slots):
        meeting.join(f"P{number}", "moving")
    with pytest.raises(CommandRefusedError, match="no more than"):
        meeting.join("One too many", "moving")


def test_devices_and_consent_are_in_the_state() -> None:
    """What a page switches or agrees to is seen from outside."""
    meeting = room(open=True)
    member = meeting.ask(Notebook(), ask())
    meeting.devices(member, mic=True, camera=False)
    meeting.consent(member)
    person = meeting.state().person("Bot")
    assert person is not None
    assert (person.mic, person.camera, person.consented) == (True, False, True)


def test_an_ended_meeting_takes_nobody_in() -> None:
    """Without `repeat` the next visitor is told that it is over."""
    meeting, page = room(repeat=False), Notebook()
    meeting.end()
    meeting.ask(page, ask())
    assert page.heard[0] == {"type": "final", "kind": "ended"}


def test_a_flash_sounds_as_soon_as_it_is_there() -> None:
    """It holds an audio channel from its joining on."""
    meeting = room(participants=[{"name": "Metronome", "picture": "flash"}])
    meeting.join("Second", "flash")
    assert [meeting.on_channel(c) is not None for c in range(3)] == [True, True, False]


def test_trouble_reaches_guests_wherever_they_are() -> None:
    """In the lobby and in the call; never the host."""
    meeting = room()
    host, waiting = Notebook(), Notebook()
    meeting.ask(host, ask("Host", host=True))
    meeting.ask(waiting, ask())
    meeting.trouble("freeze", 2.0)
    assert waiting.heard[-1] == {"type": "freeze", "for_s": 2.0}
    assert "freeze" not in host.types()


def presenting(meeting: Room) -> str | None:
    """Whose screen is shown."""
    member = meeting.presenter()
    return member.name if member else None


def test_one_screen_is_shared_at_a_time() -> None:
    """A second screen takes the first one's place; pages are told; leaving takes it along."""
    meeting, page = room(open=True, participants=[{"name": "Ada"}, {"name": "Bob"}]), Notebook()
    meeting.ask(page, ask())
    for name in ("Ada", "Bob"):
        meeting.share(name, shares=True)
        assert presenting(meeting) == name
    told = {one["name"]: one["presenting"] for one in page.heard[-1]["people"]}
    assert told == {"Ada": False, "Bob": True, "Bot": False}
    with pytest.raises(CommandRefusedError, match="shares no screen"):
        meeting.share("Ada", shares=False)
    meeting.part("Bob")
    assert presenting(meeting) is None
    meeting.share("Ada", shares=True)
    meeting.share("Ada", shares=False)
    assert presenting(meeting) is None
