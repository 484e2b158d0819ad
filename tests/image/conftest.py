"""A built image, when `make image-test` names one."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Final

import pytest

from tests.image.container import REPOSITORY, Completed, Container, Engine

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
