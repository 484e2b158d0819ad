"""A built image, when `make image-test` names one."""

import os
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest

from media.locations import S3Location
from media.storage_s3 import S3Storage
from platforms.simulator.scenario import Scenario
from platforms.simulator.server import Simulator
from tests.bot.orchestrator import Orchestrator
from tests.image.container import REPOSITORY, Completed, Container, Engine
from tests.image.stage import HOME, Stage, own_address
from tests.servers.radosgw import ACCESS_KEY_ID, SECRET_ACCESS_KEY, RadosGateway, free_port

MEASURED: Final = pytest.StashKey[dict[str, str]]()

Run = Callable[..., Completed]


def pytest_configure(config: pytest.Config) -> None:
    """Room for what is measured."""
    config.stash[MEASURED] = {}


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print what was measured: it is in the README."""
    measured = config.stash.get(MEASURED, {})
    if measured:
        terminalreporter.section("measured")
    for what, value in measured.items():
        terminalreporter.write_line(f"{what}: {value}")


@pytest.fixture
def measured(pytestconfig: pytest.Config) -> dict[str, str]:
    """What is printed at the end, by name."""
    return pytestconfig.stash[MEASURED]


@pytest.fixture(scope="session")
def image() -> str:
    """Name of the image under test."""
    name = os.environ.get("MEETBOT_IMAGE_TEST")
    if not name:
        pytest.skip("the image is checked by: make image-test")
    return name


@pytest.fixture(scope="session")
def engine(image: str) -> Engine:
    """What runs containers here."""
    found = subprocess.run(
        [".ci/image", "engine"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    if found.returncode != 0:
        pytest.skip(found.stderr.strip())
    return Engine(found.stdout.strip(), image)


@pytest.fixture
def run(engine: Engine) -> Run:
    """Runs one program of the image, in place of meetbot, and returns what it said."""
    return engine.run


@pytest.fixture
def container(engine: Engine) -> Iterator[Container]:
    """A container to be started, removed afterwards whatever became of it."""
    made = Container(engine, f"meetbot-test-{os.getpid()}-{time.monotonic_ns()}")
    yield made
    engine("rm", "--force", made.name)


@pytest.fixture
def volume(engine: Engine) -> Iterator[str]:
    """An empty volume, removed afterwards."""
    name = f"meetbot-test-{os.getpid()}-{time.monotonic_ns()}"
    assert engine("volume", "create", name).returncode == 0
    yield name
    engine("volume", "rm", "--force", name)


@pytest.fixture
def keys(engine: Engine, volume: str, tmp_path: Path) -> Path:
    """Keys made by the image in its volume; the orchestrator's side of them, on this machine."""
    options = ("--volume", f"{volume}:{HOME}")
    for name in ("worker", "server"):
        made = engine.run(*f"meetbot keygen {name} --folder {HOME}/keys".split(), options=options)
        assert made.returncode == 0, made.stderr
    credentials = (
        "[default]\n"
        f"aws_access_key_id = {ACCESS_KEY_ID}\naws_secret_access_key = {SECRET_ACCESS_KEY}\n"
    )
    keep = ("sh", "-c", f"umask 077; cat >{HOME}/keys/aws")
    assert engine.run(*keep, options=options, stdin=credentials).returncode == 0
    folder = tmp_path / "keys"
    (folder / "allowed").mkdir(parents=True)
    for name in ("server.key_secret", "worker.key"):
        text = engine.run("cat", f"{HOME}/keys/{name}", options=options).stdout
        (folder / ("allowed" if name == "worker.key" else "") / name).write_text(text)
    return folder


@pytest.fixture
async def stage(
    container: Container,
    keys: Path,
    volume: str,
    s3_storage: S3Storage,
    s3_location: S3Location,
    s3_server: RadosGateway,
) -> AsyncIterator[Stage]:
    """A meeting, an orchestrator that wants CURVE, a bucket; the container is not started yet."""
    endpoint = f"tcp://{own_address()}:{free_port()}"
    scenario = Scenario.model_validate({"open": True, "participants": [{"name": "Ada"}]})
    async with Orchestrator(endpoint, key_folder=keys) as router, Simulator(scenario) as meeting:
        yield Stage(
            router, meeting, container, s3_storage, s3_location, s3_server, volume, str(uuid4())
        )
