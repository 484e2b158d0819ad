"""`meetbot doctor`: can this machine do a bot's work, and how is it mended where not?"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import structlog
from rich.console import Console
from rich.table import Table
from rich.text import Text

import bot
from bot.checks import browser, control, costs, folders, machine, storage
from bot.checks.threads import in_daemon_thread
from bot.checks.types import Finding, Level, failed
from bot.end_reasons import EXIT_COMPLETED, EXIT_INFRASTRUCTURE
from bot.masking import mask
from bot.settings import Settings

DEADLINE_S: Final = 30.0
"""All is said by then."""

log = structlog.get_logger(__name__)

Look = Callable[[Settings], Awaitable[Sequence[Finding]]]


def in_thread(look: Callable[[Settings], Finding]) -> Look:
    """A quick check that blocks, as one that can be waited for."""

    async def wait(settings: Settings) -> Sequence[Finding]:
        return [await in_daemon_thread(lambda: look(settings))]

    return wait


async def look_at_storage(settings: Settings) -> Sequence[Finding]:
    """`checks.storage`, off the event loop."""
    return await in_daemon_thread(lambda: storage.storage(settings))


@dataclass(frozen=True, slots=True)
class Check:
    """One row. `mend` is for a check that finds nothing within `deadline_s`, or breaks."""

    name: str
    look: Look
    deadline_s: float
    mend: str


CHECKS: Final = (
    Check("user", in_thread(machine.user), 5, "is the user database on a name server?"),
    Check("processors", in_thread(machine.processors), 5, "can /proc be read?"),
    Check("memory", in_thread(machine.memory), 5, "can /proc and /sys be read?"),
    Check("shared memory", in_thread(folders.shared_memory), 5, "mount a tmpfs at /dev/shm"),
    Check("temporary folder", in_thread(folders.temporary_folder), 5, "does its disk hang?"),
    Check("spool", in_thread(folders.spool), 5, "does its disk hang? MEETBOT_SPOOL_DIR"),
    Check("clock", in_thread(machine.clock), 5, "is the machine overloaded?"),
    Check("network", in_thread(machine.network), 5, "can /proc/net be read?"),
    Check("control endpoint", control.control_endpoint, 10, "is the orchestrator up?"),
    Check("storage", look_at_storage, 12, "is the endpoint up and reachable? " + storage.MEND),
    Check("display", in_thread(browser.display_there), 5, "is it installed?"),
    Check("codecs", in_thread(browser.codecs), 5, "pip install --force-reinstall av"),
)
"""Checked at once."""

BROWSER: Final = Check("browser", browser.browser_works, DEADLINE_S, browser.INSTALL)
"""Checked afterwards, in what is left of the time: it needs the processor to itself, and withholds
the environment, in which the storage's credentials are, while it starts."""


async def diagnose(settings: Settings, checks: Sequence[Check], last: Check) -> list[Finding]:
    """All findings, in the order of the tables. Never raises; over within `DEADLINE_S`."""
    began_s = time.monotonic()
    together = await asyncio.gather(*(examine(check, settings) for check in checks))
    findings = [finding for several in together for finding in several]
    left_s = DEADLINE_S - (time.monotonic() - began_s)
    return [*findings, *await examine(replace(last, deadline_s=left_s), settings)]


async def examine(check: Check, settings: Settings) -> Sequence[Finding]:
    """One check's findings, or its failure: also one that hangs or breaks is a finding."""
    try:
        async with asyncio.timeout(check.deadline_s):
            return await check.look(settings)
    except TimeoutError:
        return [failed(check.name, f"no answer in {check.deadline_s:g} s", check.mend)]
    except Exception as error:
        log.exception("check_broke", check=check.name)
        problem = (str(error).splitlines() or [""])[0]
        return [failed(check.name, f"{type(error).__name__}: {problem}", check.mend)]


COSTS: Final = Check("costs", costs.capture_costs, 90, "is the machine overloaded?")
"""Only when asked for: a browser for each backend, one after the other."""


async def run_doctor(
    settings: Settings, console: Console, *, as_json: bool, with_costs: bool = False
) -> int:
    """Say what was found; the exit code: 0 where nothing failed, else 3."""
    findings = await diagnose(settings, CHECKS, BROWSER)
    if with_costs:
        findings += await examine(COSTS, settings)
    if as_json:
        console.file.write(as_document(findings) + "\n")
    elif console.is_terminal:
        console.print(as_table(findings))
    else:
        console.file.writelines(f"{line}\n" for line in as_lines(findings))
    is_fit = all(finding.level is not Level.FAILED for finding in findings)
    return EXIT_COMPLETED if is_fit else EXIT_INFRASTRUCTURE


def as_document(findings: Sequence[Finding]) -> str:
    """One JSON object: version, ok, checks."""
    rows = [
        {
            "check": finding.check,
            "level": finding.level.value,
            "found": mask(finding.found),
            "mend": mask(finding.mend) or None,
        }
        for finding in findings
    ]
    is_fit = all(finding.level is not Level.FAILED for finding in findings)
    return json.dumps({"version": bot.__version__, "ok": is_fit, "checks": rows}, indent=2)


def as_lines(findings: Sequence[Finding]) -> list[str]:
    """One line a finding."""
    return [f"{f.level.value:8}{f.check:19}{mask(f.words)}" for f in findings]


COLOURS: Final = {Level.OK: "green", Level.WARNING: "yellow", Level.FAILED: "bold red"}


def as_table(findings: Sequence[Finding]) -> Table:
    """The same for people."""
    table = Table("check", "", "found, and how to mend it", title=f"meetbot {bot.__version__}")
    for finding in findings:
        told = Text(mask(finding.found))
        if finding.mend:
            told.append(f"\n→ {mask(finding.mend)}", style=COLOURS[finding.level])
        level = Text(finding.level.value, style=COLOURS[finding.level])
        table.add_row(finding.check, level, told)
    return table
