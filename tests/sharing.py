"""Which test files one process takes: those that need the S3 server go together.

It takes half a minute to start, and every process would start its own.
"""

import re
from functools import cache
from pathlib import Path
from typing import Final

from xdist.scheduler import LoadFileScheduling

ROOT: Final = Path(__file__).parent.parent
S3: Final = "the S3 server"
WANTS_S3: Final = re.compile(r"\bs3_(server|storage|location|settings)\b")


class SharedServers(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives out files, as `--dist loadfile` does, and those that share a server as one."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid.split("::", 1)[0])


@cache
def scope_of(file: str) -> str:
    """The file itself, or the server that it names a fixture of."""
    return S3 if WANTS_S3.search((ROOT / file).read_text("utf-8")) else file
