"""Machines on which no bot can work, made for real: doctor and worker name what is missing.

Each condition is a command that starts another one under it. Where this machine cannot make the
condition the test is skipped, with the reason.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
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


NO_S3_KEYS = {"MEETBOT_STORAGE": "s3://bucket/x", "AWS_EC2_METADATA_DISABLED": "true"}
SMALL_SHM = "mount -t tmpfs -o size=64m tmpfs /dev/shm"
SMALL_SPOOL = "mkdir .meetbot && mount -t tmpfs -o size=8m tmpfs .meetbot"
SMALL_TMP = "mkdir small && mount -t tmpfs -o size=8m tmpfs small"
READ_ONLY_SPOOL = "mkdir .meetbot && mount -t tmpfs -o ro tmpfs .meetbot"

LACKING = {
    "network": ("network", "no address but loopback", "ip link add"),
    "shared-memory-of-64-MB": (
        "shared memory",
        "64 MB free of 64 MB in /dev/shm, 80 MB needed",
        "--shm-size",
    ),
    "read-only-spool": ("spool", "Read-only file system", "MEETBOT_SPOOL_DIR"),
    "full-spool": ("spool", "8 MB free", "make room"),
    "full-temporary-folder": ("temporary folder", "8 MB free", "TMPDIR"),
    "nobody-without-home": (
        "user",
        "uid 12345 has no passwd entry, and HOME is not set",
        "HOME=/tmp",
    ),
    "no-secrets": ("storage", "no credentials were found", "AWS_SECRET_ACCESS_KEY"),
}
"""What a machine lacks: the check that finds it, words of what it says, and of how to mend it."""


@pytest.mark.parametrize(
    ("condition", "variables", "lacks"),
    [
        pytest.param(
            (*ROOT, "--net", *mounted(f"{SMALL_SHM} && {SMALL_SPOOL} && {SMALL_TMP}")),
            {"TMPDIR": "small", **NO_S3_KEYS},
            {"network", "shared-memory-of-64-MB", "full-spool", "full-temporary-folder"}
            | {"no-secrets"},
            id="full-and-alone",
        ),
        pytest.param(
            (*mounted(READ_ONLY_SPOOL), *NOBODY),
            {"HOME": ""},
            {"read-only-spool", "nobody-without-home"},
            id="nobody-s",
        ),
    ],
)
def test_doctor_names_all_that_is_lacking(
    tmp_path: Path, condition: tuple[str, ...], variables: dict[str, str], lacks: set[str]
) -> None:
    """In one go, and how to mend it, exit 3."""
    words = ("doctor", "--json", "--browser", "/bin/false")
    code, out, err = under(condition, variables, tmp_path, *words)
    assert code == 3, err
    findings = rows(out)
    for lack in lacks:
        check, found, mend = LACKING[lack]
        row = findings[check]
        told = (row["level"], found in row["found"], mend in row["mend"])
        assert told == ("failed", True, True), row


UNFIT: Mapping[str, tuple[tuple[str, ...], Mapping[str, str]]] = {
    "network": (WITHOUT_NETWORK, {}),
    "shared-memory-of-64-MB": (mounted(SMALL_SHM), {}),
    "read-only-spool": (mounted(READ_ONLY_SPOOL), {}),
    "full-spool": (mounted(SMALL_SPOOL), {}),
    "full-temporary-folder": (mounted(SMALL_TMP), {"TMPDIR": "small"}),
    "nobody-without-home": (NOBODY, {"HOME": ""}),
    "no-secrets": ((), NO_S3_KEYS),
}
"""What makes a machine lack it, and nothing else."""


@pytest.mark.parametrize("lack", UNFIT)
def test_each_is_named_by_worker(tmp_path: Path, lack: str) -> None:
    """It says what and how to mend it, exit 3, before it asks for a job."""
    words = ("worker", "--connect", "tcp://127.0.0.1:1")
    code, out, err = under(*UNFIT[lack], tmp_path, *words)
    assert (code, out) == (3, ""), err
    last = err.strip().splitlines()[-1]
    check, found, mend = LACKING[lack]
    assert last.startswith(f"meetbot: {check}: ")
    assert found in last
    assert mend in last


def under(
    condition: tuple[str, ...], variables: Mapping[str, str], tmp_path: Path, *args: str
) -> tuple[int, str, str]:
    """How the command line ends under the condition, if it can be made here.

    A temporary folder among the variables is one of the working directory's.
    """
    here = tmp_path / "here"
    here.mkdir()
    here.chmod(0o777)
    need(condition and (*condition, "env"), make_folder(tmp_path))
    environment = {"HOME": str(here), **variables}
    if "TMPDIR" in environment:
        environment["TMPDIR"] = str(here / environment["TMPDIR"])
    return said(meetbot(condition, *args, cwd=here, **environment))


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
