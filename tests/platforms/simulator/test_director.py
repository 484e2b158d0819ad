import asyncio

import pytest

from platforms.simulator.commands import parse_command
from platforms.simulator.director import Director
from platforms.simulator.errors import CommandRefusedError
from platforms.simulator.room import Room
from platforms.simulator.scenario import parse_scenario


async def until_fired(room: Room, count: int) -> list[tuple[str, str | None]]:
    """Waits for so many commands to have been carried out."""
    changed = asyncio.Event()
    room.listeners.append(changed.set)
    async with asyncio.timeout(10):
        while len(room.state().fired) < count:
            changed.clear()
            await changed.wait()
    return [(f.do, f.who) for f in room.state().fired]


async def test_events_fire_in_order_of_time_then_of_the_file() -> None:
    """Two events of one instant keep the file's order; an earlier one comes first."""
    scenario = parse_scenario(
        {
            "participants": [{"name": "Ada"}, {"name": "Grace"}],
            "events": [
                {"at_s": 0.02, "do": "say", "who": "Ada", "text": "b", "from": "start"},
                {"at_s": 0.02, "do": "say", "who": "Grace", "text": "c", "from": "start"},
                {"at_s": 0.0, "do": "speak", "who": "Grace", "for_s": 1, "from": "start"},
            ],
        }
    )
    room = Room(scenario, asyncio.get_running_loop().time)
    director = Director(room)
    room.begin()
    fired = await until_fired(room, 3)
    director.close()
    assert fired == [("speak", "Grace"), ("say", "Ada"), ("say", "Grace")]


async def test_speech_ends_by_itself_and_a_second_one_extends_it() -> None:
    """The later `speak` replaces the earlier one's end."""
    room = Room(parse_scenario({"participants": [{"name": "Ada"}]}), lambda: 0.0)
    director = Director(room)
    room.begin()
    silent = asyncio.Event()
    room.listeners.append(lambda: None if room.state().people[0].speaking else silent.set())
    director.carry_out(parse_command("speak", {"who": "Ada", "for_s": 3600}), "test")
    director.carry_out(parse_command("speak", {"who": "Ada", "for_s": 0.02}), "test")
    async with asyncio.timeout(10):
        await silent.wait()
    director.close()
    assert not room.state().people[0].speaking


async def test_a_refused_command_is_not_logged_as_done() -> None:
    """What did not happen is not in `fired`."""
    room = Room(parse_scenario({}), lambda: 0.0)
    director = Director(room)
    room.begin()
    with pytest.raises(CommandRefusedError):
        director.carry_out(parse_command("speak", {"who": "Ada", "for_s": 1}), "test")
    director.close()
    assert room.state().fired == ()


async def test_a_new_run_cancels_what_was_due() -> None:
    """After a reset nothing of the old run fires."""
    event = {"at_s": 0.05, "do": "say", "who": "Ada", "text": "x", "from": "start"}
    room = Room(parse_scenario({"participants": [{"name": "Ada"}], "events": [event]}), lambda: 0.0)
    director = Director(room)
    room.begin()
    room.begin()
    assert await until_fired(room, 1) == [("say", "Ada")]
    director.close()
    assert len(room.state().chat) == 1
