"""A built image, when `make image-test` names one."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PROFILE = REPOSITORY / "bot/seccomp/chromium.json"

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def image() -> str:
    """Name of the image under test."""
    name = os.environ.get("MEETBOT_IMAGE_TEST")
    if not name:
        pytest.skip("the image is checked by: make image-test")
    return name


@pytest.fixture(scope="session")
def engine(image: str) -> str:
    """Command that runs containers here."""
    found = subprocess.run(
        [".ci/image", "engine"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    if found.returncode != 0:
        pytest.skip(found.stderr.strip())
    return found.stdout.strip()


@pytest.fixture
def run(engine: str, image: str) -> Run:
    """Runs one program of the image, in place of meetbot, and returns what it said."""

    def run_program(*command: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
        program, *arguments = command
        options = ["--rm", "--interactive", "--shm-size", "1g", "--entrypoint", program]
        return subprocess.run(
            [engine, "run", *options, image, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run_program


@pytest.fixture
def container(engine: str, image: str) -> Iterator[str]:
    """Name for a container, removed afterwards whatever became of it."""
    name = f"meetbot-test-{os.getpid()}-{time.monotonic_ns()}"
    yield name
    subprocess.run([engine, "rm", "--force", name], capture_output=True, check=False)
