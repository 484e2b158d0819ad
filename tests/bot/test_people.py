"""Who is in the call and who spoke when."""

from dataclasses import replace

from bot.people import LOOK_S, MERGE_PAUSE_S, UNREAD_S, Roster
from platforms.types import Person


def person(key: str, name: str | None = None, *, speaking: bool = False) -> Person:
    """Somebody; the name is the key's by default."""
    return Person(key, key.title() if name is None else name, speaking=speaking)


ME = Person("me", "Notes", is_self=True, speaking=True)


def test_coming_and_going() -> None:
    """Each look says who joined and who left since the last; the bot itself is nobody."""
    roster = Roster()
    joined = roster.look([ME, person("ada"), person("ben")], 0.0)
    assert [(change.person.id, change.what) for change in joined] == [
        ("ada", "joined"),
        ("ben", "joined"),
    ]
    assert roster.look([person("ada"), person("ben")], 0.5) == []
    (left,) = roster.look([person("ben")], 1.0)
    assert (left.person.id, left.what, left.at_s) == ("ada", "left", 1.0)
    assert list(roster.here) == ["ben"]
    assert roster.names == ["Ada", "Ben"]


def test_who_is_host_is_a_change() -> None:
    """A host who is known as one only later, and one who hands the meeting on, are told."""
    roster = Roster()
    roster.look([person("ada"), person("ben")], 0.0)
    host = replace(person("ada"), is_host=True)
    (known,) = roster.look([host, person("ben")], 0.5)
    assert (known.person, known.what) == (host, "host")
    assert roster.look([host, person("ben")], 1.0) == []
    (left,) = roster.look([person("ben")], 1.5)
    assert (left.person.is_host, left.what) == (True, "left")


def test_who_presents_is_a_change() -> None:
    """A screen that is shown, and that it is shown no more, are told of whoever stays."""
    roster = Roster()
    roster.look([person("ada"), person("ben")], 0.0)
    shares = replace(person("ada"), presenting=True)
    (begun,) = roster.look([shares, person("ben")], 0.5)
    assert (begun.person, begun.what) == (shares, "presenting")
    assert roster.look([shares, person("ben")], 1.0) == []
    (stopped,) = roster.look([person("ada"), person("ben")], 1.5)
    assert (stopped.person.presenting, stopped.what) == (False, "presenting")


def test_an_unread_look_changes_nothing() -> None:
    """People who could not be read have not left."""
    roster = Roster()
    roster.look([person("ada")], 0.0)
    assert roster.look(None, 0.5) == []
    assert list(roster.here) == ["ada"]


def test_a_turn_lasts_from_first_to_last_look() -> None:
    """Speech seen in three looks is one turn; a short pause does not divide it, a long one does."""
    roster = Roster()
    for at_s in (1.0, 1.5, 2.0):
        roster.look([person("ada", speaking=True)], at_s)
    roster.look([person("ada")], 2.0 + MERGE_PAUSE_S / 2)
    assert roster.speaking == ["Ada"]
    roster.look([person("ada", speaking=True)], 2.5)
    roster.look([person("ada")], 2.5 + MERGE_PAUSE_S + 0.1)
    assert roster.speaking == []
    roster.look([person("ada", speaking=True)], 9.0)
    roster.look([person("ada", speaking=True)], 9.6)
    roster.finish()
    assert [(turn.start_s, turn.end_s) for turn in roster.turns] == [(1.0, 2.5), (9.0, 9.6)]


def test_a_turn_of_one_look_is_kept() -> None:
    """Somebody seen speaking once spoke for about the time between two looks."""
    roster = Roster()
    roster.look([person("ada", speaking=True)], 3.0)
    roster.look([person("ada")], 5.0)
    (turn,) = roster.turns
    assert (turn.start_s, turn.end_s) == (3.0, 3.0 + LOOK_S)
    assert turn.as_line() == {
        "speaker": "Ada",
        "user_id": "ada",
        "start_time": 3.0,
        "end_time": 3.5,
    }


def test_turns_that_the_client_times_itself() -> None:
    """Speech between two late looks is laid where it was; nothing lies before the recording."""
    roster = Roster()
    ada = person("ada")
    roster.look([replace(ada, spoke=((3.0, 2.0),))], 1.5)
    roster.look([replace(ada, spoke=((4.0, 3.0), (1.0, 0.0)), speaking=True)], 6.5)
    roster.look([replace(ada, spoke=((0.5, 0.25),), speaking=True)], 7.0)
    assert roster.speaking == ["Ada"]
    roster.look([replace(ada, spoke=())], 8.0)
    assert [(turn.start_s, turn.end_s) for turn in roster.turns] == [(2.5, 3.5), (5.5, 6.75)]


def test_speech_before_the_recording_is_none_of_it() -> None:
    """What ended before time 0 is left out, what reached beyond it begins there."""
    roster = Roster()
    early = replace(person("ada"), spoke=((3.0, 2.0),))
    roster.look([early, replace(person("ben"), spoke=((3.0, 0.5),))], 1.5)
    roster.finish()
    assert [(turn.speaker, turn.start_s, turn.end_s) for turn in roster.turns] == [
        ("Ben", 0.0, 1.0)
    ]


def test_turns_end_with_the_recording() -> None:
    """No turn reaches beyond the recording's end, and one wholly beyond it is none."""
    roster = Roster()
    roster.look([person("ada", speaking=True)], 9.9)
    roster.look([person("ada", speaking=True), person("ben", speaking=True)], 10.2)
    roster.finish(10.0)
    assert [(turn.speaker, turn.end_s) for turn in roster.turns] == [("Ada", 10.0)]


def test_who_leaves_while_speaking_stops() -> None:
    """A speaker who is gone for longer than a pause has ended their turn."""
    roster = Roster()
    roster.look([person("ada", speaking=True), person("ben")], 1.0)
    roster.look([person("ben")], 1.5)
    assert roster.speaking == ["Ada"]
    roster.look([person("ben")], 2.0)
    assert [turn.speaker for turn in roster.turns] == ["Ada"]


def test_unread_speakers_stop_in_time() -> None:
    """Nobody speaks on for ever because the page cannot be read."""
    roster = Roster()
    roster.look([person("ada", speaking=True)], 1.0)
    roster.look(None, 1.0 + UNREAD_S)
    assert roster.speaking == ["Ada"]
    roster.look(None, 1.1 + UNREAD_S)
    assert roster.speaking == []
    assert len(roster.turns) == 1


def test_names_are_the_best_known() -> None:
    """A name that comes late names earlier turns; one that goes missing is kept; none is left out.

    Two of one name stand once, as somebody who comes back does.
    """
    roster = Roster()
    roster.look([person("a", "", speaking=True), person("b", ""), person("c", "Ben")], 1.0)
    roster.look([person("a", "Ada"), person("b", ""), person("d", "Ben", speaking=True)], 2.0)
    roster.look([person("a", "", speaking=True)], 2.5)
    assert roster.names == ["Ada", "Ben"]
    assert roster.speakers == ["Ada", "Ben"]
    roster.finish()
    assert {turn.speaker for turn in roster.turns} == {"Ada", "Ben"}


def test_who_spoke_at_a_time() -> None:
    """Open and closed turns both count, each name once."""
    roster = Roster()
    roster.look([person("ada", speaking=True), person("eve", "Ada", speaking=True)], 1.0)
    roster.look([person("ada", speaking=True), person("eve", "Ada", speaking=True)], 2.0)
    assert roster.spoke_at(1.5) == ["Ada"]
    roster.finish()
    assert roster.spoke_at(1.5) == ["Ada"]
    assert roster.spoke_at(5.0) == []


def test_a_person_without_an_id_has_none_in_the_line() -> None:
    """`user_id` is null where the client gave none."""
    roster = Roster()
    roster.look([Person("", "Ada", speaking=True)], 0.0)
    roster.finish()
    assert roster.turns[0].as_line()["user_id"] is None
