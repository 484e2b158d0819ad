"""What this process's control groups tell, in either version of them. Imports only Python's own.

Everything is read anew at each call and blocks for as long as the kernel takes: microseconds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path("/sys/fs/cgroup")
OWN: Final = Path("/proc/self/cgroup")
NO_LIMIT_BYTES: Final = 1 << 60
"""The first version of control groups writes "no limit" as a number beyond this."""


@dataclass(frozen=True, slots=True)
class Cgroups:
    """The groups named in `own` (the format of /proc/self/cgroup), mounted below `root`."""

    own: Path = OWN
    root: Path = ROOT

    def of(self, controller: str) -> Iterator[Path]:
        """Folders of the own group and of those above it; a container sees itself as the last."""
        for line in read(self.own).splitlines():
            _, controllers, group = line.split(":", 2)
            if controllers and controller not in controllers.split(","):
                continue
            top = self.root / controller if controllers else self.root
            folder = top / group.strip("/")
            yield from (place for place in (folder, *folder.parents) if place.is_relative_to(top))

    def oom_kills(self) -> int | None:
        """How many processes the kernel has killed here for want of memory; None: not known."""
        for group in self.of("memory"):
            for name in ("memory.events", "memory.oom_control"):
                count = _field(read(group / name), "oom_kill")
                if count is not None:
                    return count
        return None

    def memory_limit_bytes(self) -> int | None:
        """The least limit of all groups, None without one."""
        found = [
            _number(read(group / name))
            for group in self.of("memory")
            for name in ("memory.max", "memory.limit_in_bytes")
        ]
        limits = [one for one in found if one is not None and one < NO_LIMIT_BYTES]
        return min(limits, default=None)

    def memory_used_bytes(self) -> int | None:
        """What the own group holds, less the file cache that can be dropped; None: not known."""
        for group in self.of("memory"):
            for name, droppable in (
                ("memory.current", "inactive_file"),
                ("memory.usage_in_bytes", "total_inactive_file"),
            ):
                used = _number(read(group / name))
                if used is not None:
                    return used - (_field(read(group / "memory.stat"), droppable) or 0)
        return None


def read(path: Path) -> str:
    """A file's text without white space at its ends; empty where it cannot be read."""
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def _field(text: str, name: str) -> int | None:
    """The number after a name, in a file of one name and one number a line."""
    found = [line.split() for line in text.splitlines()]
    return next((_number(words[1]) for words in found if words[:1] == [name] and words[1:]), None)
