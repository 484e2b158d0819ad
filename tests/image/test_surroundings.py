"""A container that lacks something: doctor and worker name it, and no job is taken."""

import json
import time

import pytest

from tests.image.container import HARDENED, Engine

pytestmark = [pytest.mark.image, pytest.mark.timeout(300)]

NAMED_WITHIN_S = 15.0
ROOM = ("--env", "MEETBOT_SPOOL_DIR=/tmp/spool")
STORAGE = ("--storage", "file:///tmp/recordings")
WORKER = ("worker", "--connect", "tcp://127.0.0.1:1", *STORAGE)
S3 = ("--storage", "s3://bucket")


@pytest.mark.parametrize(
    ("options", "storage", "check"),
    [
        ((), STORAGE, "spool"),
        ((*ROOM, "--shm-size", "64m"), STORAGE, "shared memory"),
        ((*ROOM, "--network", "none"), STORAGE, "network"),
        (ROOM, S3, "storage"),
    ],
    ids=["read-only", "64 MB", "no network", "no credentials"],
)
def test_what_is_missing_is_named_at_once(
    engine: Engine, options: tuple[str, ...], storage: tuple[str, ...], check: str
) -> None:
    """The worker exits 3 within 15 s with the check's name and a cure; doctor says the same."""
    hardened = (*HARDENED, *options)
    asked_s = time.monotonic()
    worker = engine.run("meetbot", *WORKER, *storage, options=hardened)
    took_s = time.monotonic() - asked_s
    assert worker.returncode == 3, worker.stderr
    assert f"meetbot: {check}: " in worker.stderr
    assert took_s < NAMED_WITHIN_S
    doctor = engine.run("meetbot", "doctor", "--json", *storage, options=hardened)
    assert doctor.returncode == 3, doctor.stderr
    failed = [one for one in json.loads(doctor.stdout)["checks"] if one["level"] == "failed"]
    assert check in {one["check"] for one in failed}
    assert all(one["mend"] for one in failed)


def test_a_user_nobody_has_heard_of_may_run_it(engine: Engine) -> None:
    """Some clusters choose a user id themselves: every check is passed, the sandbox is on."""
    # podman alone would add an entry for the user
    as_it_is = ("--passwd=false",) if engine.program == "podman" else ()
    options = (*HARDENED, *ROOM, *as_it_is, "--user", "12345:12345")
    doctor = engine.run("meetbot", "doctor", "--json", *STORAGE, options=options)
    checks = {one["check"]: one for one in json.loads(doctor.stdout)["checks"]}
    assert doctor.returncode == 0, checks
    assert checks["sandbox"]["found"] == "on"
