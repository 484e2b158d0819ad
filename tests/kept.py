"""What test runs keep for the next one: the clips of test meetings, encoded once for all."""

from pathlib import Path
from typing import Final

CACHE_HOME: Final = Path(__file__).parent.parent / ".cache"
"""XDG_CACHE_HOME of programs that tests start: they have homes of their own."""
CLIPS: Final = CACHE_HOME / "meetbot" / "clips"
