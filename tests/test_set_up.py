"""The set-up files agree with each other: pyproject.toml, lock files, Makefile, .ci."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bot.pod_room import IMAGE_CAPTURE

REPOSITORY = Path(__file__).parents[1]
RUNTIME_LOCK = REPOSITORY / "requirements.lock"
TESTS_LOCK = REPOSITORY / "tests" / "requirements.lock"
PIP_LOCK = REPOSITORY / ".ci" / "pip.lock"
PYPROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())


def pins(lock: Path) -> dict[str, str]:
    """Version of each package a lock file names, by canonical name."""
    found = re.findall(r"^([\w.-]+)==([\w.!+]+)", lock.read_text(), re.MULTILINE)
    return {canonicalize_name(name): version for name, version in found}


def unfit(requirements: list[str], pinned: dict[str, str]) -> list[str]:
    """Requirements that no pin satisfies."""
    parsed = [Requirement(text) for text in requirements]
    return [
        str(requirement)
        for requirement in parsed
        if pinned.get(canonicalize_name(requirement.name), "") not in requirement.specifier
        or canonicalize_name(requirement.name) not in pinned
    ]


def test_runtime_lock_pins_what_the_project_runs_and_is_built_with() -> None:
    """Each dependency and the build back end has a pin within its bounds."""
    requirements = PYPROJECT["project"]["dependencies"] + PYPROJECT["build-system"]["requires"]
    assert unfit(requirements, pins(RUNTIME_LOCK)) == []


def test_tests_lock_pins_the_rest_and_nothing_twice() -> None:
    """Each development tool has a pin within its bounds; the two files never disagree."""
    runtime, tests = pins(RUNTIME_LOCK), pins(TESTS_LOCK)
    assert unfit(PYPROJECT["project"]["optional-dependencies"]["dev"], runtime | tests) == []
    assert runtime.keys() & tests.keys() == set()


@pytest.mark.parametrize(
    "lock", [RUNTIME_LOCK, TESTS_LOCK, PIP_LOCK], ids=lambda path: path.parent.name
)
def test_locks_hold_hashes_and_no_places(lock: Path) -> None:
    """Every pin carries a hash, and no line names a host, a URL, an option or a folder."""
    entries = re.split(r"^(?=[\w.-]+==)", lock.read_text(), flags=re.MULTILINE)[1:]
    assert entries
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    kinds = re.compile(r"#.*|[\w.-]+==[\w.!+]+( ; [^/]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    assert [line for line in lock.read_text().splitlines() if not kinds.fullmatch(line)] == []


def test_image_holds_every_package_of_the_project() -> None:
    """The wheel, the build context and the Dockerfile name the same packages."""
    packages = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    context = (REPOSITORY / ".dockerignore").read_text().splitlines()
    recipe = (REPOSITORY / "Dockerfile").read_text().splitlines()
    assert [name for name in packages if f"!{name}" not in context] == []
    assert [name for name in packages if f"COPY {name} {name}" not in recipe] == []


def test_image_records_what_a_pod_is_asked_room_for() -> None:
    """The image's way to record, what that is made with, and the CPU a cluster sets aside agree."""
    recipe = (REPOSITORY / "Dockerfile").read_text()
    assert f" MEETBOT_CAPTURE={IMAGE_CAPTURE} " in recipe
    assert {"pulseaudio", "xvfb"} <= set(recipe.split())


def test_make_explains_itself() -> None:
    """`make` alone lists each target that a person is meant to type."""
    said = subprocess.run(
        ["make", "--no-print-directory"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout
    for target in ("demo", "test", "setup", "test-servers", "bench", "image", "lock", "clean"):
        assert f"make {target} " in said


def test_a_step_is_quiet_when_it_succeeds() -> None:
    """A step that succeeds says its name and its seconds, not what the command printed."""
    said = subprocess.run(
        [".ci/step", "greeting", "echo", "chatter"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.startswith("==> greeting\n    done in ")
    assert "chatter" not in said.stdout + said.stderr


def test_a_step_that_fails_shows_why_and_keeps_the_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step that fails shows the command's own words and exits as the command did."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    said = subprocess.run(
        [".ci/step", "greeting", "sh", "-c", "echo reason; exit 7"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 7
    assert said.stderr.startswith("reason\n==> failed (exit 7): sh -c")
    (log,) = tmp_path.iterdir()
    assert log.read_text() == "reason\n"


@pytest.mark.parametrize(
    ("check", "longer", "code"),
    [("true", "true", 0), ("exit 3", "true", 3), ("true", "exit 2", 2), ("exit 3", "exit 2", 3)],
)
def test_a_check_beside_something_longer_fails_like_it(check: str, longer: str, code: int) -> None:
    """Both are gone through; what either of them said is shown, and who failed is the last word."""
    said = subprocess.run(
        [
            *(".ci/beside", "greeting", "sh", "-c", f"echo checked; {check}"),
            *("--", "sh", "-c", f"echo done; {longer}"),
        ],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == code
    *_, done, what, checked = said.stdout.splitlines()
    assert (done, what, checked) == ("done", "==> greeting", "checked")
    failed = [line.partition(": ")[2].split()[0] for line in said.stderr.splitlines()]
    assert failed == ["greeting"] * (check != "true") + ["sh"] * (longer != "true")


@pytest.mark.parametrize("script", ["beside", "image", "lock", "packages", "run", "step"])
def test_scripts_parse(script: str) -> None:
    """Each script of .ci is executable and stops at the first failing command."""
    path = REPOSITORY / ".ci" / script
    subprocess.run(["bash", "-n", str(path)], check=True)
    assert path.stat().st_mode & 0o111
    assert "\nset -euo pipefail\n" in path.read_text()
