"""Machines on which no bot can work, made for real: doctor and worker name what is missing.

Each condition is a command that starts another one under it. Where this machine cannot make the
condition the test is skipped, with the reason.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = ("unshare",) if os.geteuid() == 0 else ("unshare", "--map-root-user")
WITHOUT_NETWORK = (*ROOT, "--net")
NOBODY = (
    # the interpreter may lie in a folder of root's: the uid may look there, and write nowhere
    *("setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups"),
    *("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"),
)
DEADLINE_S = 100


def mounted(mount: str) -> tuple[str, ...]:
    """Under one more mount, which nobody else sees."""
    return (*ROOT, "--mount", "sh", "-c", f'{mount} && exec "$@"', "sh")


def meetbot(
    condition: tuple[str, ...], *args: str, cwd: Path, **environment: str
) -> "subprocess.Popen[str]":
    """Start the command line under the condition, with nothing of ours in its environment."""
    return subprocess.Popen(
        [*condition, sys.executable, "-m", "bot", *args],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **environment},
    )


def said(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    """Exit code and output; it is killed where it does not end."""
    try:
        out, err = process.communicate(timeout=DEADLINE_S)
    finally:
        process.kill()
        process.wait()
    return process.returncode, out, err


def need(condition: tuple[str, ...], cwd: Path) -> None:
    """Skips where the condition cannot be made here."""
    try:
        done = subprocess.run(
            [*condition, sys.executable, "-c", ""],
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
    except FileNotFoundError as error:
        pytest.skip(f"{error.filename} is not installed here")
    if done.returncode != 0:
        pytest.skip(f"cannot be made here: {' '.join(condition[:3])}: {done.stderr.strip()[:200]}")


@pytest.mark.parametrize(
    ("condition", "variables", "check", "found", "mend"),
    [
        pytest.param(
            WITHOUT_NETWORK, {}, "network", "no address but loopback", "ip link add", id="network"
        ),
        pytest.param(
            mounted("mount -t tmpfs -o size=64m tmpfs /dev/shm"),
            {},
            "shared memory",
            "64 MB free of 64 MB in /dev/shm, 80 MB needed",
            "--shm-size",
            id="shared-memory-of-64-MB",
        ),
        pytest.param(
            mounted("mkdir .meetbot && mount -t tmpfs -o ro tmpfs .meetbot"),
            {},
            "spool",
            "Read-only file system",
            "MEETBOT_SPOOL_DIR",
            id="read-only-spool",
        ),
        pytest.param(
            mounted("mkdir .meetbot && mount -t tmpfs -o size=8m tmpfs .meetbot"),
            {},
            "spool",
            "8 MB free",
            "make room",
            id="full-spool",
        ),
        pytest.param(
            mounted("mount -t tmpfs -o size=8m tmpfs /tmp"),
            {"TMPDIR": "/tmp"},
            "temporary folder",
            "8 MB free",
            "TMPDIR",
            id="full-temporary-folder",
        ),
        pytest.param(
            NOBODY,
            {"HOME": ""},
            "user",
            "uid 12345 has no passwd entry, and HOME is not set",
            "HOME=/tmp",
            id="nobody-without-home",
        ),
        pytest.param(
            (),
            {"MEETBOT_STORAGE": "s3://bucket/x", "AWS_EC2_METADATA_DISABLED": "true"},
            "storage",
            "no credentials were found",
            "AWS_SECRET_ACCESS_KEY",
            id="no-secrets",
        ),
    ],
)
def test_each_is_named_by_doctor_and_by_worker(
    tmp_path: Path,
    condition: tuple[str, ...],
    variables: dict[str, str],
    check: str,
    found: str,
    mend: str,
) -> None:
    """Both say what and how to mend it, exit 3; the worker before it asks for a job."""
    here, beside = tmp_path / "here", tmp_path / "beside"
    for folder in (here, beside):
        folder.mkdir()
        folder.chmod(0o777)
    need(condition and (*condition, "env"), make_folder(tmp_path))
    environment = {"HOME": str(here)} | variables
    doctor = meetbot(
        condition, "doctor", "--json", "--browser", "/bin/false", cwd=here, **environment
    )
    worker = meetbot(
        condition, "worker", "--connect", "tcp://127.0.0.1:1", cwd=beside, **environment
    )
    code, out, err = said(doctor)
    assert code == 3, err
    (row,) = [row for row in json.loads(out)["checks"] if row["check"] == check]
    assert (row["level"], found in row["found"], mend in row["mend"]) == ("failed", True, True), row
    code, out, err = said(worker)
    assert (code, out) == (3, ""), err
    last = err.strip().splitlines()[-1]
    assert last.startswith(f"meetbot: {check}: ")
    assert found in last
    assert mend in last


def make_folder(tmp_path: Path) -> Path:
    """A folder for trying the condition once: it may make things there."""
    folder = tmp_path / "tried"
    folder.mkdir()
    return folder


def rows(out: str) -> dict[str, dict[str, Any]]:
    """The findings by their check."""
    return {row["check"]: row for row in json.loads(out)["checks"]}


@pytest.mark.browser
def test_a_fit_machine(tmp_path: Path) -> None:
    """With a browser that works doctor ends with 0, and leaves nothing behind."""
    code, out, err = said(meetbot((), "doctor", "--json", cwd=tmp_path, HOME=str(tmp_path)))
    assert code == 0, (out, err)
    found = rows(out)
    assert "gave a picture and a sound" in found["browser"]["found"]
    assert found["sandbox"]["level"] in {"ok", "warning"}
    assert list((tmp_path / "recordings").iterdir()) == []
    assert list((tmp_path / ".meetbot").iterdir()) == []


@pytest.mark.browser
def test_a_uid_without_passwd_entry_works_where_home_is_set(tmp_path: Path) -> None:
    """As container engines start any uid: HOME is /, which it cannot write; all works."""
    need((*NOBODY, "env"), tmp_path)
    tmp_path.chmod(0o777)
    code, out, err = said(meetbot(NOBODY, "doctor", "--json", cwd=tmp_path, HOME="/"))
    assert code == 0, (out, err)
    found = rows(out)
    assert found["user"]["found"] == "uid 12345 has no passwd entry; HOME is /, which serves"
    assert "gave a picture and a sound" in found["browser"]["found"]
