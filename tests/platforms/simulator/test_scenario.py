import json
from pathlib import Path

import pytest

from platforms.simulator.errors import ScenarioError
from platforms.simulator.scenario import (
    MAX_PARTICIPANTS,
    builtin_scenarios,
    load_scenario,
    parse_scenario,
)

TWO = {"participants": [{"name": "Ada"}, {"name": "Grace"}]}


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"opne": True}, "opne"),
        ({"participants": [{"name": "Ada", "colour": "red"}]}, "participants.0.colour"),
        ({"participants": [{"name": "Ada", "picture": "film"}]}, "participants.0.picture"),
        ({"events": [{"at_s": 1, "do": "admit", "when": 3}]}, "events.0.admit.when"),
        ({"events": [{"at_s": -1, "do": "admit"}]}, "events.0.admit.at_s"),
        ({"events": [{"do": "dance"}]}, "events.0"),
        ({"meeting_code": "abc-def-ghi"}, "meeting_code"),
    ],
)
def test_a_refused_scenario_names_the_field(data: object, field: str) -> None:
    """Unknown, ill-typed and out-of-range values are refused with the path of the culprit."""
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(data, "party.json")
    assert caught.value.field == field
    assert "party.json" in str(caught.value)


def test_an_event_about_nobody_is_refused() -> None:
    """Somebody who is no participant cannot speak."""
    with pytest.raises(ScenarioError, match=r"events\.0\.who: 'Ada' is no participant"):
        parse_scenario({"events": [{"do": "speak", "who": "Ada", "for_s": 1}]})


def test_a_name_used_twice_is_refused() -> None:
    """Names identify participants in events, so they are unique."""
    with pytest.raises(ScenarioError, match="used twice"):
        parse_scenario({"participants": [{"name": "Ada"}, {"name": "Ada"}]})


@pytest.mark.parametrize("name", builtin_scenarios())
def test_every_built_in_scenario_loads(name: str) -> None:
    """The scenarios that ship with the package are valid."""
    assert load_scenario(name).meeting_code == "abc-defg-hij"


def test_a_missing_scenario_lists_those_there_are() -> None:
    """A wrong name is answered with the right ones."""
    with pytest.raises(ScenarioError, match="demo"):
        load_scenario("no-such-scenario")


def test_a_file_that_is_not_json_is_refused(tmp_path: Path) -> None:
    """The error says that the file is not JSON."""
    path = tmp_path / "broken.json"
    path.write_text("{")
    with pytest.raises(ScenarioError, match="not JSON"):
        load_scenario(path)


def test_a_scenario_file_is_read(tmp_path: Path) -> None:
    """A path works as well as a built-in name."""
    path = tmp_path / "two.json"
    path.write_text(json.dumps(TWO))
    assert [p.name for p in load_scenario(path).participants] == ["Ada", "Grace"]


def test_lobby_commands_count_from_the_ask_and_the_rest_from_admission() -> None:
    """Each event lands on its clock, an explicit `from` wins, order is by time."""
    scenario = parse_scenario(
        {
            **TWO,
            "events": [
                {"at_s": 5, "do": "end"},
                {"at_s": 3, "do": "admit"},
                {"at_s": 1, "do": "speak", "who": "Ada", "for_s": 1},
                {"at_s": 2, "do": "leave", "who": "Grace", "from": "start"},
            ],
        }
    )
    assert [e.do for e in scenario.schedule("ask")] == ["admit"]
    assert [e.do for e in scenario.schedule("admitted")] == ["speak", "end"]
    assert [e.do for e in scenario.schedule("start")] == ["leave"]


def test_a_join_time_is_an_event_on_the_admission_clock() -> None:
    """`join_at_s` is short for a join event."""
    scenario = parse_scenario({"participants": [{"name": "Ada", "join_at_s": 4}]})
    (event,) = scenario.schedule("admitted")
    assert (event.do, event.at_s) == ("join", 4)


def test_the_demo_speaks_in_turn() -> None:
    """Four voices, four seconds each, never two at once, all before the end."""
    timeline = load_scenario("demo").timeline()
    assert timeline == (
        ("Ada", 1, 5),
        ("Grace", 6, 10),
        ("Linus", 11, 15),
        ("Katherine", 16, 20),
    )


def test_the_timeline_is_cut_by_leaving_and_by_the_end() -> None:
    """Nobody is expected to be heard after going, or after the meeting."""
    scenario = parse_scenario(
        {
            **TWO,
            "events": [
                {"at_s": 2, "do": "admit"},
                {"at_s": 1, "do": "speak", "who": "Ada", "for_s": 9},
                {"at_s": 4, "do": "leave", "who": "Ada"},
                {"at_s": 5, "do": "speak", "who": "Grace", "for_s": 9, "from": "ask"},
                {"at_s": 6, "do": "end"},
            ],
        }
    )
    assert scenario.timeline() == (("Ada", 1, 4), ("Grace", 3, 6))


def test_speech_before_a_known_admission_is_in_no_timeline() -> None:
    """On the `start` clock, or with nobody admitted, nothing can be expected."""
    speak = {"do": "speak", "who": "Ada", "for_s": 1}
    events = [{**speak, "from": "start"}, {**speak, "from": "ask"}]
    assert parse_scenario({**TWO, "events": events}).timeline() == ()


def test_too_many_participants_are_refused() -> None:
    """Those who join by an event count as well."""
    events = [{"do": "join", "who": f"P{n}"} for n in range(MAX_PARTICIPANTS + 1)]
    with pytest.raises(ScenarioError, match=f"more than {MAX_PARTICIPANTS}"):
        parse_scenario({"events": events})
