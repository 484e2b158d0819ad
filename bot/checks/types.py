"""The words the checks share. A leaf: imports nothing of ours."""

from dataclasses import dataclass
from enum import StrEnum

MIB = 1024 * 1024


class Level(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    """A bot runs, but not as well or as safely as it should."""
    FAILED = "failed"
    """No bot can do its work, or what it promises would not hold."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; `mend` is the command or setting that mends it, "" when it is ok."""

    check: str
    level: Level
    found: str
    mend: str = ""

    @property
    def words(self) -> str:
        """What was found and how to mend it, as one line."""
        return f"{self.found}; {self.mend}" if self.mend else self.found


def ok(check: str, found: str) -> Finding:
    """All is well."""
    return Finding(check, Level.OK, found)


def warning(check: str, found: str, mend: str) -> Finding:
    """It works, though not as it should."""
    return Finding(check, Level.WARNING, found, mend)


def failed(check: str, found: str, mend: str) -> Finding:
    """It does not work."""
    return Finding(check, Level.FAILED, found, mend)


def size(size_bytes: int) -> str:
    """A size for people."""
    whole = size_bytes / MIB
    return f"{whole:.0f} MB" if whole < 10 * 1024 else f"{whole / 1024:.0f} GB"
