"""What the machine, or the container's share of it, gives: user, processors, memory, clock, net."""

import os
import pwd
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psutil

from bot.cgroups import Cgroups, read
from bot.checks.types import MIB, Finding, failed, ok, size, warning
from bot.settings import Settings, variable
from platforms.simulator.errors import NoMediaAddressError
from platforms.simulator.network import interface_addresses, require_media_address

CGROUPS: Final = Cgroups()
MEMORY_NEEDED_BYTES: Final = 1024 * MIB
"""Recording 720p takes 580 to 680 MB, a real client's page more than the simulator's."""
MEMORY_LEAST_BYTES: Final = 512 * MIB
CORES_NEEDED: Final = 1.0
HOME_MEND: Final = "set HOME (HOME=/tmp does), or run as a user of /etc/passwd"
SOFTWARE_MADE: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""No clock is right that shows a time before this: certificates would not be valid yet."""
CLOCK_PAUSE_S: Final = 0.2
CLOCK_STEP_S: Final = 0.1


def user(_: Settings) -> Finding:
    """The user has a home, by the passwd database or by HOME.

    Playwright's driver (Node's `os.homedir`) ends at once without either. A uid that has no passwd
    entry is otherwise fine, and so is a home that cannot be written: seen with Chromium 156.
    """
    uid, home = os.geteuid(), variable("HOME")
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        found = f"uid {uid} has no passwd entry"
        if home is None:
            return failed("user", f"{found}, and HOME is not set", HOME_MEND)
        return ok("user", f"{found}; HOME is {home}, which serves")
    return ok("user", f"{name} (uid {uid})")


def network(_: Settings) -> Finding:
    """An interface that WebRTC can use, and a route away from here."""
    mend = (
        "give the container a network (not --network none); on a machine without one a veth pair "
        "is enough for the simulator: ip link add veth0 type veth peer name veth1; "
        "ip addr add 10.99.0.1/24 dev veth0; ip link set veth0 up; ip link set veth1 up"
    )
    try:
        found = require_media_address(interface_addresses())
    except NoMediaAddressError:
        return failed("network", "no address but loopback: WebRTC finds no way", mend)
    if not _has_default_route():
        mend = "add a default route; a meeting of the simulator needs none"
        return warning("network", f"{found}; no route away from here", mend)
    return ok("network", found)


def processors(_: Settings) -> Finding:
    """Enough processor time for one bot."""
    cores = float(len(os.sched_getaffinity(0)))
    quota = _cpu_quota()
    found = f"{cores:g} usable"
    if quota is not None and quota < cores:
        cores, found = quota, f"{found}, limited to {quota:g}"
    if cores < CORES_NEEDED:
        mend = f"give the bot {CORES_NEEDED:g} core: frames are dropped (and counted) with less"
        return warning("processors", found, mend)
    return ok("processors", found)


def memory(_: Settings) -> Finding:
    """Enough memory for one bot: Chromium, the encoder and the ring."""
    limit_bytes = CGROUPS.memory_limit_bytes()
    free_bytes = psutil.virtual_memory().available
    room_bytes = min(limit_bytes or free_bytes, free_bytes)
    limit = "no limit" if limit_bytes is None else f"limited to {size(limit_bytes)}"
    found = f"{size(free_bytes)} free, {limit}"
    mend = f"give the bot {size(MEMORY_NEEDED_BYTES)}: --memory, or resources.limits.memory"
    if room_bytes < MEMORY_LEAST_BYTES:
        return failed("memory", found, mend)
    if room_bytes < MEMORY_NEEDED_BYTES:
        return warning("memory", found, mend)
    return ok("memory", found)


def clock(_: Settings) -> Finding:
    """The clock shows a possible time and runs at the pace of the monotonic one.

    Whether it is right only another clock can tell: see the storage's.
    """
    now = datetime.now(UTC)
    found = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    if now < SOFTWARE_MADE:
        return failed("clock", found, "set it: certificates and signatures fail (timedatectl)")
    before_s = time.time() - time.monotonic()
    time.sleep(CLOCK_PAUSE_S)
    step_s = time.time() - time.monotonic() - before_s
    if abs(step_s) > CLOCK_STEP_S:
        mend = "let a time service slew the clock, not step it (chrony, systemd-timesyncd)"
        return warning("clock", f"{found}; it just moved by {step_s:+.1f} s", mend)
    return ok("clock", found)


def _has_default_route() -> bool:
    """Whether /proc/net knows a way for any destination, in either version of IP."""
    v4 = [line.split() for line in read(Path("/proc/net/route")).splitlines()[1:]]
    v6 = [line.split() for line in read(Path("/proc/net/ipv6_route")).splitlines()]
    nowhere = "0" * 8
    return any(fields[1] == fields[7] == nowhere for fields in v4) or any(
        fields[:2] == ["0" * 32, "00"] and fields[9] != "lo" for fields in v6
    )


def _cpu_quota() -> float | None:
    """The least quota of this process's control groups in cores, None without one."""
    pairs = [
        read(group / "cpu.max").split()
        or [read(group / f"cpu.cfs_{part}_us") for part in ("quota", "period")]
        for group in CGROUPS.of("cpu")
    ]
    quotas = [
        int(quota) / int(period)
        for quota, period in pairs
        if quota.isdigit() and period.isdigit()  # else there is none: "max", or -1
    ]
    return min(quotas, default=None)
