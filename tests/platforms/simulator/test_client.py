import pytest
from aiohttp import web

from platforms.simulator.client import fetch_info
from platforms.simulator.errors import SimulatorUnreachableError
from platforms.simulator.scenario import Scenario
from platforms.simulator.server import Simulator
from platforms.simulator.state import Info


async def test_a_running_simulator_tells_what_it_is() -> None:
    """The answer equals the simulator's own; once it is closed, nothing answers."""
    async with Simulator(Scenario()) as sim:
        assert await fetch_info(sim.http_url) == sim.info
    with pytest.raises(SimulatorUnreachableError):
        await fetch_info(sim.http_url)


async def test_another_machine_is_no_simulator() -> None:
    """Only loopback addresses are asked."""
    with pytest.raises(SimulatorUnreachableError, match="not an address of this machine"):
        await fetch_info("http://simulator.example:8765")


@pytest.mark.parametrize(
    "answer", ["{}", "hello", '{"browser_args": ["--no-sandbox"]}', "FOREIGN_FLAG"]
)
async def test_what_is_no_simulator_is_not_believed(answer: str) -> None:
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
