import asyncio

import pytest
from aiohttp import web

from platforms.simulator.errors import ScenarioError, SimulatorUnreachableError
from platforms.simulator.run import fetch_info, simulate
from platforms.simulator.state import Info
from tests.platforms.simulator.conftest import StartSimulator


async def test_a_meeting_stays_open_until_told_to_stop() -> None:
    """`announce` comes when the simulator answers; after `stop` it no longer does."""
    stop = asyncio.Event()
    ready: asyncio.Future[Info] = asyncio.get_running_loop().create_future()
    running = asyncio.create_task(
        simulate("empty", stop=stop, announce=ready.set_result, http_port=0)
    )
    async with asyncio.timeout(20):
        info = await ready
        assert await fetch_info(info.http_url) == info
        stop.set()
        await running
    with pytest.raises(SimulatorUnreachableError):
        await fetch_info(info.http_url)


async def test_an_unknown_scenario_is_refused_before_anything_starts() -> None:
    """The name in the error is the one that was asked for."""
    with pytest.raises(ScenarioError, match="no-such"):
        await simulate("no-such", stop=asyncio.Event(), announce=lambda _info: None)


async def test_another_machine_is_no_simulator() -> None:
    """Only loopback addresses are asked."""
    with pytest.raises(SimulatorUnreachableError, match="not an address of this machine"):
        await fetch_info("http://simulator.example:8765")


@pytest.mark.parametrize(
    "answer", ["{}", "hello", '{"browser_args": ["--no-sandbox"]}', "FOREIGN_FLAG"]
)
async def test_what_is_no_simulator_is_not_believed(start: StartSimulator, answer: str) -> None:
    """A wrong answer, or one that asks for other browser flags, is refused."""
    if answer == "FOREIGN_FLAG":
        info = Info(
            meeting_url="https://meet.google.com/abc-defg-hij",
            http_url="http://localhost:1",
            tls_port=1,
            http_port=1,
            spki="",
            browser_args=("--renderer-cmd-prefix=evil",),
        )
        answer = info.model_dump_json()

    async def handle(_request: web.Request) -> web.Response:
        return web.Response(text=answer)

    app = web.Application()
    app.router.add_get("/api/info", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    try:
        with pytest.raises(SimulatorUnreachableError):
            await fetch_info(f"http://127.0.0.1:{port}")
    finally:
        await runner.cleanup()
