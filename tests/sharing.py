"""Which test files one process takes, and when.

Those that need the S3 server go together: it takes half a minute to start, and every process would
start its own. Whole bots want a processor each: beside two of them the other processes take what is
cheaper. Short files come last, so that all processes end together.
"""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

ROOT: Final = Path(__file__).parent.parent
S3: Final = "the S3 server"
WANTS_S3: Final = re.compile(r"\bs3_(server|storage|location|settings)\b")
RUNS_BOTS: Final = re.compile(r"\btests\.e2e\b")
IN_CHROMIUM: Final = "mark.browser"
MOST_WITH_BOTS: Final = 2


class SharedServers(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives out files, as `--dist loadfile` does, and those that share a server as one."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid.split("::", 1)[0])

    def _assign_work_unit(self, node: WorkerController) -> None:
        busy = sum(
            any(runs_bots(scope) and not all(tests.values()) for scope, tests in units.items())
            for other, units in self.assigned_work.items()
            if other is not node
        )
        self.workqueue.move_to_end(next_of(list(self.workqueue), busy), last=False)
        super()._assign_work_unit(node)


def next_of(scopes: Sequence[str], with_bots: int) -> str:
    """What a process takes next while so many others run whole bots: the costly first."""
    bots_now = with_bots < MOST_WITH_BOTS
    fitting = [scope for scope in scopes if runs_bots(scope) is bots_now]
    return max(fitting or scopes, key=is_long)


@cache
def is_long(scope: str) -> bool:
    """Whether its tests wait for a server or a real Chromium."""
    return scope == S3 or IN_CHROMIUM in source_of(scope)


@cache
def runs_bots(scope: str) -> bool:
    """Whether whole bots run in its tests."""
    if scope == S3:
        return False
    of_bots = scope.startswith("tests/e2e/")
    return of_bots or RUNS_BOTS.search(source_of(scope)) is not None


@cache
def scope_of(file: str) -> str:
    """The file itself, or the server that it names a fixture of."""
    return S3 if WANTS_S3.search(source_of(file)) else file


@cache
def source_of(file: str) -> str:
    """What the file says."""
    return (ROOT / file).read_text("utf-8")
