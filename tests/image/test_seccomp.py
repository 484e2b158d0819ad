"""The list of system calls a container of ours may make."""

import json
from typing import Any

import pytest

from tests.image.container import PROFILE


@pytest.fixture(scope="module")
def profile() -> dict[str, Any]:
    """The shipped profile."""
    found = json.loads(PROFILE.read_text())
    assert isinstance(found, dict)
    return found


def names(profile: dict[str, Any], action: str, *, always: bool = True) -> set[str]:
    """The calls of an action; only those without a condition on arguments when `always`."""
    groups = [group for group in profile["syscalls"] if group["action"] == action]
    return {name for group in groups if not (always and "args" in group) for name in group["names"]}


def test_it_says_nothing_that_only_one_engine_reads(profile: dict[str, Any]) -> None:
    """Kubernetes ignores conditions such as `includes`: it would allow what they restrict."""
    assert set(profile) == {
        *("comment", "defaultAction", "defaultErrnoRet", "architectures", "syscalls"),
    }
    for group in profile["syscalls"]:
        assert set(group) <= {"comment", "names", "action", "errnoRet", "args"}
        assert group["comment"]


def test_what_is_not_named_is_not_there(profile: dict[str, Any]) -> None:
    """An unknown call fails as on a kernel without it, so that a C library takes its other way."""
    assert (profile["defaultAction"], profile["defaultErrnoRet"]) == ("SCMP_ACT_ERRNO", 38)


def test_no_call_is_both_allowed_and_denied(profile: dict[str, Any]) -> None:
    """Each call has one fate."""
    allowed = names(profile, "SCMP_ACT_ALLOW", always=False)
    assert len(allowed) > 250
    assert not allowed & names(profile, "SCMP_ACT_ERRNO", always=False)


def test_the_browsers_sandbox_can_be_made(profile: dict[str, Any]) -> None:
    """A user namespace and an empty root: an engine's default refuses at least one of them."""
    assert {"clone", "unshare", "chroot", "seccomp"} <= names(profile, "SCMP_ACT_ALLOW")


def test_a_user_namespace_opens_no_other_door(profile: dict[str, Any]) -> None:
    """What such a namespace puts in reach, and a browser has no use for, is denied."""
    assert {
        *("mount", "umount2", "pivot_root", "fsopen", "move_mount", "open_tree", "setns"),
        *("bpf", "keyctl", "perf_event_open", "userfaultfd", "init_module", "kexec_load"),
    } <= names(profile, "SCMP_ACT_ERRNO")
