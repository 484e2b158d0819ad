import pytest
from pydantic import ValidationError

from platforms.simulator.state import (
    ChatState,
    FiredState,
    Info,
    Kind,
    MeetingState,
    PersonState,
    Status,
)


def person(number: int, name: str, status: Status, kind: Kind = Kind.GUEST) -> PersonState:
    """Somebody with an id of that number."""
    return PersonState(
        id=f"devices/{number}",
        name=name,
        kind=kind,
        status=status,
        mic=True,
        camera=False,
        speaking=False,
        consented=False,
        picture=None,
        voice_hz=None,
    )


def meeting(*people: PersonState) -> MeetingState:
    """A meeting of those people."""
    return MeetingState(
        phase="asked",
        run=1,
        clock_s=4.5,
        since_ask_s=1.25,
        since_admission_s=None,
        people=people,
        chat=(ChatState(id="messages/1", who="Ada", text="hello", at_s=2.0),),
        fired=(FiredState(at_s=2.0, do="admit", who=None, by="api"),),
    )


EVERYBODY = [person(n, status, status) for n, status in enumerate(Status)]


def test_waiting_are_those_in_the_lobby() -> None:
    """Of one person in every status, only the waiting one."""
    assert [p.name for p in meeting(*EVERYBODY).waiting] == ["waiting"]


def test_in_call_are_all_kinds_in_their_order() -> None:
    """Participants and hosts count like guests; nobody of another status does."""
    here = [person(20 + n, kind, Status.IN_CALL, kind) for n, kind in enumerate(Kind)]
    state = meeting(here[0], *EVERYBODY, *here[1:])
    assert [p.name for p in state.in_call] == ["participant", "in_call", "guest", "host"]


def test_nobody_is_a_valid_answer() -> None:
    """An empty meeting has nobody waiting, nobody in the call and nobody of any name."""
    empty = meeting()
    assert (empty.waiting, empty.in_call, empty.person("Notes")) == ((), (), None)


def test_the_latest_person_of_a_name_is_found() -> None:
    """Who was removed and came back is the one who came back."""
    state = meeting(
        person(1, "Notes", Status.REMOVED),
        person(2, "Notes", Status.WAITING),
        person(3, "Ada", Status.IN_CALL),
    )
    found = state.person("Notes")
    assert found is not None
    assert (found.id, found.status) == ("devices/2", Status.WAITING)
    assert state.person("notes") is None


def test_json_brings_back_the_same_meeting() -> None:
    """What `GET /api/state` answers is the whole state: reading it loses nothing."""
    state = meeting(*EVERYBODY)
    assert MeetingState.model_validate_json(state.model_dump_json()) == state


def test_json_brings_back_the_same_info() -> None:
    """What `GET /api/info` answers is all that a browser needs."""
    info = Info(
        meeting_url="https://meet.google.com/abc-defg-hij",
        http_url="http://localhost:1",
        tls_port=2,
        http_port=1,
        spki="aGFzaA==",
        browser_args=("--one", "--two"),
    )
    assert Info.model_validate_json(info.model_dump_json()) == info


def test_a_state_cannot_be_changed() -> None:
    """A test that holds one holds that moment."""
    state = meeting(*EVERYBODY)
    with pytest.raises(ValidationError, match="frozen"):
        state.run = 2  # type: ignore[misc]
    with pytest.raises(ValidationError, match="frozen"):
        state.people[0].status = Status.LEFT  # type: ignore[misc]
