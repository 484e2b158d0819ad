"""Where a browser is found, what it calls itself, and that nothing of it is left."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from platforms.chromium import (
    FOLDER_PREFIX,
    LOCK_NAME,
    blames_sandbox,
    browser_folder,
    candidates,
    end_processes_of,
    main_processes_of,
    plain_user_agent,
    processes_of,
    remove_folders_of_the_dead,
    tree_of,
)
from platforms.errors import BrowserUnavailable


def script(path: Path, body: str) -> Path:
    """An executable shell script."""
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def test_a_browser_named_in_the_settings_is_tried_alone() -> None:
    """Even one that does not exist: its failure must be told, not papered over."""
    assert candidates(Path("/nowhere/chrome"), Path("/bin/sh")) == (Path("/nowhere/chrome"),)


def test_playwrights_own_comes_before_the_systems(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Order: Playwright's, then the system's; what does not exist is left out."""
    own, system = tmp_path / "own", tmp_path / "system"
    own.touch()
    system.touch()
    monkeypatch.setattr("platforms.chromium.SYSTEM_BROWSERS", ("/nowhere/chrome", str(system)))
    assert candidates(None, own) == (own, system)
    assert candidates(None, tmp_path / "missing") == (system,)
    assert candidates(None, None) == (system,)


def has_ended(command_line: Path) -> bool:
    """Whether the process of this file is gone, or only waits to be reaped."""
    try:
        return not command_line.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


def wait_until(holds: Callable[[], object]) -> None:
    """Wait for something another process does, within 20 s."""
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def sleeper(profile: str, *flags: str) -> subprocess.Popen[bytes]:
    """A process that carries a browser's profile flag, after `flags`."""
    code = "import time; time.sleep(600)"
    return subprocess.Popen([sys.executable, "-c", code, *flags, f"--user-data-dir={profile}"])


async def test_the_user_agent_tells_the_major_version_alone(tmp_path: Path) -> None:
    """As every Chromium since 101; without the word Headless."""
    browser = script(tmp_path / "chrome", "echo 'Chromium 156.0.8078.79 built on Debian'")
    agent = await plain_user_agent(browser)
    assert "Chrome/156.0.0.0 Safari/537.36" in agent
    assert "Headless" not in agent


async def test_a_program_that_tells_no_version_is_no_browser(tmp_path: Path) -> None:
    """What prints no number is refused by name."""
    with pytest.raises(BrowserUnavailable, match="does not tell its version"):
        await plain_user_agent(script(tmp_path / "chrome", "echo nothing"))


async def test_a_cancelled_version_question_leaves_no_process(tmp_path: Path) -> None:
    """A program that never answers is ended with the task that asked."""
    pid_file = tmp_path / "pid"
    browser = script(tmp_path / "chrome", f"echo $$ > {pid_file}; exec sleep 600")
    task = asyncio.create_task(plain_user_agent(browser))
    await asyncio.to_thread(wait_until, lambda: pid_file.exists() and pid_file.read_text().strip())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    gone = Path("/proc") / pid_file.read_text().strip() / "cmdline"
    await asyncio.to_thread(wait_until, lambda: has_ended(gone))


def test_leaving_the_folder_ends_whoever_has_a_profile_there(tmp_path: Path) -> None:
    """Processes whose profile lies in the folder are killed, others are not, and it is removed."""
    with browser_folder(tmp_path) as folder:
        (folder / "file").touch()
        inside = sleeper(f"{folder}/profile-1")
        outside = sleeper(f"{folder}-other")
        assert [main.pid for main in main_processes_of(folder)] == [inside.pid]
    try:
        assert inside.poll() is not None
        assert outside.poll() is None
        assert not folder.exists()
    finally:
        end_processes_of(Path(f"{folder}-other"))
        outside.wait(timeout=60)


def test_a_child_is_not_taken_for_the_browser(tmp_path: Path) -> None:
    """Children carry the flag too, and a lower process id once the numbers start anew.

    All are ended with the folder: an orphan has no other mark.
    """
    with browser_folder(tmp_path) as folder:
        child = sleeper(f"{folder}/profile-1", "--type=utility")
        main = sleeper(f"{folder}/profile-1")
        assert [one.pid for one in main_processes_of(folder)] == [main.pid]
        assert {one.pid for one in processes_of(folder)} == {child.pid, main.pid}
    assert processes_of(folder) == []
    assert child.poll() is not None
    assert main.poll() is not None


def test_a_process_that_has_gone_has_no_tree(tmp_path: Path) -> None:
    """Asking for the descendants of a dead process is no error."""
    process = sleeper(str(tmp_path))
    (main,) = main_processes_of(tmp_path)
    assert [one.pid for one in tree_of(main)] == [process.pid]
    process.kill()
    process.wait(timeout=60)
    assert tree_of(main) == []


def test_without_a_ram_disk_the_profile_is_on_disk_and_said_so(tmp_path: Path) -> None:
    """The fallback is loud: it names the room it wanted."""
    with capture_logs() as logs, browser_folder(tmp_path / "missing") as folder:
        assert folder.is_dir()
    assert [line["event"] for line in logs] == ["profile_on_disk"]
    assert not folder.exists()


def test_folders_of_the_dead_are_removed(tmp_path: Path) -> None:
    """The next start clears what a SIGKILL left; living and half-made folders stay."""
    script = (
        "import sys, time\nfrom pathlib import Path\n"
        "from platforms.chromium import browser_folder\n"
        "with browser_folder(Path(sys.argv[1])) as folder:\n"
        "    print(folder, flush=True)\n    time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        left = Path(run.stdout.readline().strip())
        run.kill()
    half_made = tmp_path / "meetbot-half"
    half_made.mkdir()
    assert left.is_dir()
    with browser_folder(tmp_path) as living:
        assert not left.exists()
        remove_folders_of_the_dead(tmp_path)
        assert living.is_dir()
    assert list(tmp_path.iterdir()) == [half_made]


def test_a_ram_disk_full_of_the_dead_is_emptied_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restarted container finds its RAM disk as the killed one left it, and uses it again."""
    left = tmp_path / f"{FOLDER_PREFIX}left"
    left.mkdir()
    (left / LOCK_NAME).touch()

    def usage(_: Path) -> SimpleNamespace:
        return SimpleNamespace(free=0 if left.exists() else 2**30)

    monkeypatch.setattr("platforms.chromium.shutil.disk_usage", usage)
    with browser_folder(tmp_path) as folder:
        assert folder.parent == tmp_path


@pytest.mark.parametrize(
    ("words", "is_sandbox"),
    [
        (
            "ERROR:zygote_host_impl_linux.cc:130] No usable sandbox! If this is a Debian system",
            True,
        ),
        ('Check failed: sys_chroot("/proc/self/fdinfo/") == 0', True),
        ("FATAL:zygote_host_impl_linux.cc:251] Zygote process exited prematurely", True),
        (
            "FATAL:sandbox/linux/services/credentials.cc:137] Check failed: . : Function not impl",
            True,
        ),
        ("BrowserType.launch_persistent_context: Timeout 30000ms exceeded", False),
        ("error while loading shared libraries: libnss3.so", False),
    ],
)
def test_what_blames_the_sandbox(words: str, *, is_sandbox: bool) -> None:
    """What Chromium 156 says without namespaces or chroot, and not what else may go wrong."""
    assert blames_sandbox(RuntimeError(words)) == is_sandbox
