"""What a run notes about its memory while it lives: evidence for whoever ends it after its death.

A kubelet starts a dead container again in a new control group, whose counters are at zero, and does
not say how the last one died. So the run keeps a note in its folder of the spool.
"""

import json
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final, Self

from bot.cgroups import Cgroups, read
from bot.pulse import renewed

NAME: Final = "vitals.json"
NOTED_EVERY_S: Final = 2.0
BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Vitals:
    """The memory of a process's control group at one moment; None is what the kernel did not tell.

    `group` is equal for the same group only: restarted in place, a container has another one.
    """

    group: str | None = None
    oom_kills: int | None = None
    used_bytes: int | None = None
    limit_bytes: int | None = None

    @classmethod
    def now(cls, cgroups: Cgroups | None = None) -> Self:
        """Of this process. Blocks for microseconds."""
        cgroups = cgroups or Cgroups()
        return cls(
            group=_identity(next(cgroups.of("memory"), None)),
            oom_kills=cgroups.oom_kills(),
            used_bytes=cgroups.memory_used_bytes(),
            limit_bytes=cgroups.memory_limit_bytes(),
        )

    @classmethod
    def noted(cls, run_folder: Path) -> Self:
        """The last note of a run; what it did not note is None."""
        try:
            found = json.loads((run_folder / NAME).read_bytes())
            return cls(**{name: found.get(name) for name in _FIELDS})
        except (OSError, ValueError, AttributeError):
            return cls()

    def is_same_group(self, other: "Vitals") -> bool:
        """Whether both are known to be of one control group, so that counters can be compared."""
        return self.group is not None and self.group == other.group

    @property
    def used_share(self) -> float:
        """How much of the limit was used, 0 to 1; 0 where one of them is not known."""
        if self.used_bytes is None or not self.limit_bytes:
            return 0.0
        return self.used_bytes / self.limit_bytes


def noting(run_folder: Path, every_s: float = NOTED_EVERY_S) -> AbstractAsyncContextManager[None]:
    """Keeps the note inside the block; at its end it goes: who gets there needs no evidence."""
    return renewed(run_folder / NAME, lambda: json.dumps(asdict(Vitals.now())), every_s)


_FIELDS: Final = tuple(field.name for field in fields(Vitals))


def _identity(group: Path | None) -> str | None:
    """Inode numbers of control groups are not used twice until the machine starts again."""
    boot_id = read(BOOT_ID)
    with suppress(OSError):
        if group is not None and boot_id:
            found = group.stat()
            return f"{boot_id}/{found.st_dev}/{found.st_ino}"
    return None
