import aiohttp
import pytest

from platforms.simulator.scenario import parse_scenario
from platforms.simulator.server import Simulator
from tests.platforms.simulator.conftest import StartSimulator

JSON = {"Content-Type": "application/json"}
TWO = parse_scenario({"participants": [{"name": "Ada"}, {"name": "Grace", "present": False}]})


async def test_info_says_what_a_browser_needs(start: StartSimulator) -> None:
    """`GET /api/info` is enough to reach the meeting from another process."""
    sim = await start(TWO)
    async with aiohttp.ClientSession() as session, session.get(f"{sim.http_url}/api/info") as got:
        info = await got.json()
    assert info["meeting_url"] == "https://meet.google.com/abc-defg-hij"
    assert tuple(info["browser_args"]) == sim.browser_args
    assert f"MAP meet.google.com 127.0.0.1:{sim.tls_port}" in info["browser_args"][0]


async def test_a_live_command_changes_the_meeting(start: StartSimulator) -> None:
    """`POST /api/join` and `/api/say` do what the scenario's events do, and answer the state."""
    sim = await start(TWO)
    async with aiohttp.ClientSession(sim.http_url) as session:
        async with session.post("/api/join", json={"who": "Grace"}) as got:
            state = await got.json()
        assert [p["status"] for p in state["people"]] == ["in_call", "in_call"]
        async with session.post("/api/say", json={"who": "Grace", "text": "hello"}) as got:
            assert got.status == 200
    assert [m.text for m in sim.state().chat] == ["hello"]
    assert [(f.do, f.by) for f in sim.state().fired] == [("join", "api"), ("say", "api")]


@pytest.mark.parametrize(
    ("path", "body", "status", "says"),
    [
        ("/api/dance", "{}", 422, "dance"),
        ("/api/speak", '{"who": "Ada"}', 422, "speak.for_s"),
        ("/api/speak", "[]", 422, "JSON object"),
        ("/api/speak", "{", 422, "Expecting"),
        ("/api/speak", '{"who": "Nobody", "for_s": 1}', 409, "Nobody"),
    ],
)
async def test_a_wrong_command_is_refused_by_name(
    start: StartSimulator, path: str, body: str, status: int, says: str
) -> None:
    """422 names the field, 409 says why the meeting cannot do it now."""
    sim = await start(TWO)
    async with (
        aiohttp.ClientSession(sim.http_url, headers=JSON) as session,
        session.post(path, data=body) as got,
    ):
        assert got.status == status
        assert says in (await got.json())["error"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({**JSON, "Origin": "https://evil.example"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({**JSON, "Host": "evil.example"}, 421),
    ],
)
async def test_pages_elsewhere_cannot_press_the_buttons(
    start: StartSimulator, headers: dict[str, str], status: int
) -> None:
    """A foreign origin, a form post and a rebound host name are all refused."""
    sim = await start(TWO)
    async with (
        aiohttp.ClientSession(sim.http_url, headers=headers) as session,
        session.post("/api/end", data="{}") as got,
    ):
        assert got.status == status
    assert sim.state().phase == "idle"


async def test_a_foreign_page_cannot_open_the_socket(start: StartSimulator) -> None:
    """The WebSocket checks its origin: browsers do not."""
    sim = await start(TWO)
    async with aiohttp.ClientSession(sim.http_url) as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await session.ws_connect("/_/ws", headers={"Origin": "https://evil.example"})
    assert caught.value.status == 403


async def test_reset_starts_the_scenario_again(start: StartSimulator) -> None:
    """After a reset the meeting is as it was at the beginning, one run later."""
    sim = await start(TWO)
    await sim.command("end")
    await sim.command("reset")
    state = sim.state()
    assert (state.phase, state.run, state.fired) == ("idle", 2, ())


async def test_static_files_are_the_package_s_own(start: StartSimulator) -> None:
    """Nothing but the pages' scripts and styles is served."""
    sim = await start(TWO)
    async with aiohttp.ClientSession(sim.http_url) as session:
        for name, status in [("main.js", 200), ("meet.html", 404), ("..%2Fserver.py", 404)]:
            async with session.get(f"/_/static/{name}") as got:
                assert got.status == status


async def test_the_second_look_is_served_in_place_of_the_first(start: StartSimulator) -> None:
    """Script and stylesheet of the same names, with other marks and classes in them."""
    sim = await start(parse_scenario({"platform": "zoom", "variants": ["second_layout"]}))
    async with aiohttp.ClientSession(sim.http_url) as session:
        for name in ("zoom_screens.js", "zoom.css"):
            async with session.get(f"/_/static/{name}") as got:
                served = await got.text()
            assert "waiting-room-container" not in served
            assert "lobby-view" in served


async def test_a_taken_port_is_an_error_that_leaves_nothing_open(start: StartSimulator) -> None:
    """The second simulator on a port raises OSError and can be tried again elsewhere."""
    sim = await start(TWO)
    with pytest.raises(OSError, match="address already in use"):
        async with Simulator(TWO, http_port=sim.info.http_port):
            pass
