import gzip
import shutil
import subprocess
from pathlib import Path

import av
import pytest

from tests.image.conftest import REPOSITORY, Run

pytestmark = [pytest.mark.image, pytest.mark.timeout(300)]

COMPRESSED_BYTES_AT_MOST = 550_000_000

READ_SANDBOX_PAGE = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(
        executable_path="/usr/lib/chromium/chromium", chromium_sandbox=True, args=["--headless=new"]
    )
    page = browser.new_page()
    page.goto("chrome://sandbox")
    page.wait_for_selector("#evaluation:not(:empty)")
    print(page.inner_text("body"))
    browser.close()
"""


def test_runs_as_a_user_who_can_write_at_home_and_not_to_the_program(run: Run) -> None:
    """The image's user is not root, owns its recordings folder, and cannot change meetbot."""
    script = "id -u; touch recordings/x && echo home; touch /opt/meetbot/x || echo program-safe"
    said = run("sh", "-c", script).stdout.split()
    assert said[0] != "0"
    assert said[1:] == ["home", "program-safe"]


def test_nothing_that_only_builds_or_tests_is_inside(run: Run) -> None:
    """No installer, compiler, build backend, test or certificate of the builder is shipped."""
    script = (
        "command -v pip gcc make git;"
        "ls -d /src /run/secrets/pip_cert /var/lib/apt/lists/*_Packages*;"
        "python -c 'import tests'; python -c 'import pip'; python -c 'import hatchling'"
    )
    asked = run("sh", "-c", script)
    assert asked.stdout == ""
    assert asked.stderr.count("ModuleNotFoundError") == 3


def test_all_three_packages_import(run: Run) -> None:
    """Every module of the project finds what it imports inside the image."""
    script = (
        "import importlib, pkgutil\n"
        "for root in ('bot', 'media', 'platforms'):\n"
        "    package = importlib.import_module(root)\n"
        "    for module in pkgutil.walk_packages(package.__path__, root + '.'):\n"
        "        if not module.name.endswith('__main__'):\n"
        "            importlib.import_module(module.name)\n"
        "print('all')\n"
    )
    asked = run("python", "-", stdin=script)
    assert (asked.stdout, asked.stderr) == ("all\n", "")


def test_files_that_are_not_python_are_inside(run: Run) -> None:
    """What the packages serve and read beside their modules (pages, scripts) is installed too."""
    shipped = {
        str(path.relative_to(REPOSITORY))
        for root in ("bot", "media", "platforms")
        for path in (REPOSITORY / root).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    find = "cd /opt/meetbot/lib/python3*/site-packages && find bot media platforms -type f"
    inside = set(run("sh", "-c", find).stdout.split())
    assert shipped - inside == set()


def test_chromium_runs_in_its_own_sandbox(run: Run) -> None:
    """With the engine's default capabilities Chromium reports an adequate sandbox."""
    assert "You are adequately sandboxed." in run("python", "-", stdin=READ_SANDBOX_PAGE).stdout


def test_entry_point_is_meetbot_under_an_init(engine: str, image: str, run: Run) -> None:
    """Without arguments the image explains itself; PID 1 is an init that reaps and forwards."""
    asked = subprocess.run(
        [engine, "run", "--rm", image], capture_output=True, text=True, timeout=60, check=False
    )
    assert asked.returncode == 0
    assert "demo" in asked.stdout
    assert run("sh", "-c", "readlink -f $(command -v tini)").stdout.strip() == "/usr/bin/tini"


def recorded(engine: str, container: str, folder: Path) -> int:
    """Copies what the container recorded to `folder`; pictures that decode in its one video."""
    source = f"{container}:/home/meetbot/recordings/."
    subprocess.run([engine, "cp", source, str(folder)], check=True)
    (video,) = folder.glob("*/video.mp4")
    assert list(folder.glob("*/report.json"))
    with av.open(str(video)) as recording:
        return sum(1 for _ in recording.decode(video=0))


def test_demo_records_inside(engine: str, image: str, container: str, tmp_path: Path) -> None:
    """`meetbot demo` in a container ends well and leaves a video that decodes."""
    subprocess.run(
        [engine, "run", "--name", container, "--shm-size", "1g", image, "demo"],
        timeout=240,
        check=True,
    )
    assert recorded(engine, container, tmp_path) > 100


def test_stopping_the_container_ends_with_a_finished_file(
    engine: str, image: str, container: str, tmp_path: Path
) -> None:
    """A stop while recording (SIGTERM to PID 1) leaves, uploads, and exits 143 within its grace."""
    start = [engine, "run", "--name", container, "--shm-size", "1g", image, "demo"]
    with subprocess.Popen(start, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        assert any("MB stored  Ada" in line for line in demo.stdout)
        subprocess.run(
            [engine, "stop", "--time", "60", container], timeout=90, capture_output=True, check=True
        )
        demo.communicate(timeout=30)
    assert demo.returncode == 143
    assert recorded(engine, container, tmp_path) > 10


def test_compressed_image_is_small(engine: str, image: str, tmp_path: Path) -> None:
    """What a registry would store stays under 550 MB."""
    packed = tmp_path / "image.tar.gz"
    save = subprocess.Popen([engine, "save", image], stdout=subprocess.PIPE)
    assert save.stdout is not None
    with save.stdout, gzip.open(packed, "wb", compresslevel=6) as target:
        shutil.copyfileobj(save.stdout, target, 1 << 20)
    assert save.wait() == 0
    assert packed.stat().st_size < COMPRESSED_BYTES_AT_MOST
