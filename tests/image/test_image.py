import gzip
import json
import shutil
import subprocess
from pathlib import Path

import av
import pytest

from tests.image.conftest import Run
from tests.image.container import HARDENED, REPOSITORY, Container, Engine

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


@pytest.mark.parametrize("options", [(), HARDENED], ids=["default", "hardened"])
def test_chromium_runs_in_its_own_sandbox(run: Run, options: tuple[str, ...]) -> None:
    """Chromium calls its sandbox adequate: by default, and hardened with our profile."""
    asked = run("python", "-", options=options, stdin=READ_SANDBOX_PAGE)
    assert "You are adequately sandboxed." in asked.stdout


def test_entry_point_is_meetbot_under_its_supervisor(engine: Engine) -> None:
    """Without arguments the image explains itself: commands without a bot pass through it."""
    asked = engine("run", "--rm", "--no-healthcheck", engine.image)
    assert asked.returncode == 0
    assert "demo" in asked.stdout


def test_labels_say_what_it_is_and_of_which_revision(engine: Engine) -> None:
    """Title, licence, version and revision are labels of the image."""
    (found,) = json.loads(engine("image", "inspect", engine.image).stdout)
    labels = {
        name.removeprefix("org.opencontainers.image."): value
        for name, value in found["Config"]["Labels"].items()
    }
    assert (labels["title"], labels["licenses"]) == ("meetbot", "Apache-2.0")
    assert f'version = "{labels["version"]}"' in (REPOSITORY / "pyproject.toml").read_text()
    assert len(labels["revision"].removesuffix("-modified")) == 40
    assert labels["source"]


def test_nobody_inside_can_become_somebody_else(run: Run) -> None:
    """No program has a setuid or setgid bit."""
    assert run("find", "/", "-xdev", "-type", "f", "-perm", "/6000").stdout == ""


def test_no_secret_is_in_the_image_or_its_history(engine: Engine, run: Run) -> None:
    """No private key, no file of credentials; and no command of the build names one."""
    names = (".netrc", ".pypirc", "pip.conf", "credentials", "*.key_secret", "*.env", "id_*sa")
    tests = [word for name in names for word in ("-o", "-name", name)][1:]
    assert run("find", "/", "-xdev", "-type", "f", "(", *tests, ")").stdout == ""
    # in text files: programs hold these words to recognize keys by
    key = "^-----BEGIN ([A-Z]+ )?PRIVATE KEY-----$"
    outside = ("--exclude-dir=proc", "--exclude-dir=sys", "--exclude-dir=dev")
    assert run("grep", "-rlsIE", *outside, "-e", key, "/").stdout == ""
    (found,) = json.loads(engine("image", "inspect", engine.image).stdout)
    history = engine("history", "--no-trunc", "--format", "{{.CreatedBy}}", engine.image).stdout
    assert "ENTRYPOINT" in history
    told = json.dumps(found) + history
    assert not {word for word in ("AWS_", "SECRET_ACCESS", "PASSWORD", "TOKEN=") if word in told}


def test_the_seccomp_profile_and_the_list_of_packages_are_inside(run: Run) -> None:
    """What an operator installs on a node, and what Debian put in, can be read from the image."""
    profile = run("cat", "/usr/share/meetbot/seccomp.json").stdout
    assert profile == (REPOSITORY / "bot/seccomp/chromium.json").read_text()
    assert "chromium\t" in run("cat", "/usr/share/meetbot/debian-packages").stdout


def recorded(engine: Engine, container: Container, folder: Path) -> int:
    """Copies what the container recorded to `folder`; pictures that decode in its one video."""
    source = f"{container.name}:/home/meetbot/recordings/."
    assert engine("cp", source, str(folder)).returncode == 0
    (video,) = folder.glob("*/video.mp4")
    assert list(folder.glob("*/report.json"))
    with av.open(str(video)) as recording:
        return sum(1 for _ in recording.decode(video=0))


def test_demo_records_inside(engine: Engine, container: Container, tmp_path: Path) -> None:
    """`meetbot demo` under the engine's defaults ends well; its video decodes."""
    assert container.run_to_end("demo") == 0
    assert recorded(engine, container, tmp_path) > 100


def test_compressed_image_is_small(
    engine: Engine, tmp_path: Path, measured: dict[str, str]
) -> None:
    """What a registry would store stays under 550 MB."""
    packed = tmp_path / "image.tar.gz"
    save = subprocess.Popen([engine.program, "save", engine.image], stdout=subprocess.PIPE)
    assert save.stdout is not None
    with save.stdout, gzip.open(packed, "wb", compresslevel=6) as target:
        shutil.copyfileobj(save.stdout, target, 1 << 20)
    assert save.wait() == 0
    size_bytes = packed.stat().st_size
    measured["size, compressed"] = f"{size_bytes / 1e6:.0f} MB"
    assert size_bytes < COMPRESSED_BYTES_AT_MOST
