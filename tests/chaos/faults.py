"""What is done to a bot, and what may be lost by it. Each fault ends with the bot's last word.

Moments are random; what a fault has to wait for it waits for.
"""

import asyncio
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.chaos.stage import Stage
from tests.servers.faulty_proxy import Trouble

PROCESS_LOSS_S: Final = 4.0
"""When a process dies, its spool being there."""
NODE_LOSS_S: Final = 10.0
"""When its machine is gone; what a trouble kept from the storage is lost with it besides."""
STOPPED_S: Final = 20.0
STORAGE_TROUBLES: Final = (Trouble.REFUSED, Trouble.HANGING, Trouble.SLOW, Trouble.UNAVAILABLE)
SMALL_DISK_MB: Final = 96


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that is over. Until `lived_to_s` (monotonic) the source was to be recorded.

    Of its end `tail_s` may be missing, and within it declared gaps of `gaps_s` in all. It ended as
    one of `reasons`.
    """

    lived_to_s: float
    reasons: frozenset[str]
    tail_s: float = 0.0
    gaps_s: float = 0.0
    note: str = ""


Inflict = Callable[[Stage, random.Random], Awaitable[Ended]]
LEFT: Final = frozenset({"API_REQUEST"})
KILLED: Final = frozenset({"FORCE_KILLED"})
LEFT_EARLY: Final = LEFT | {"BOT_REMOVED_TOO_EARLY"}


async def _leave(stage: Stage) -> float:
    """Tell the bot to leave, and wait for its last word; when it was told."""
    told_s = time.monotonic()
    await stage.orchestrator.say("leave")
    await stage.orchestrator.ends()
    await stage.bot.ends()
    return told_s


async def _go_on(stage: Stage, at_least_s: float, dice: random.Random, spread_s: float) -> None:
    """Let it record for a while."""
    await stage.recording()
    await asyncio.sleep(at_least_s + dice.uniform(0.0, spread_s))


async def nothing(stage: Stage, dice: random.Random) -> Ended:
    """What all others are compared with."""
    await _go_on(stage, 4.0, dice, 4.0)
    return Ended(await _leave(stage), LEFT)


async def worker_killed(stage: Stage, dice: random.Random) -> Ended:
    """SIGKILL to the worker; its supervisor lives."""
    await _go_on(stage, 0.5, dice, 9.0)
    stage.bot.worker().kill()
    killed_s = time.monotonic()
    await stage.orchestrator.ends()
    await stage.bot.ends()
    return Ended(killed_s, KILLED, PROCESS_LOSS_S)


async def killed_while_storing(stage: Stage, dice: random.Random) -> Ended:
    """SIGKILL to the worker after it was told to leave."""
    await _go_on(stage, 3.0, dice, 4.0)
    told_s = time.monotonic()
    await stage.orchestrator.say("leave")
    await stage.orchestrator.hears("call_ended")
    await asyncio.sleep(dice.uniform(0.0, 1.0))
    worker = stage.bot.worker()
    note = "said before" if stage.orchestrator.statuses[-1] in {"completed", "failed"} else ""
    worker.kill()
    await stage.orchestrator.ends()
    await stage.bot.ends()
    return Ended(told_s, LEFT | KILLED, PROCESS_LOSS_S, note=note)


async def all_killed(stage: Stage, dice: random.Random) -> Ended:
    """SIGKILL to supervisor, worker and all below; the next start finds the spool."""
    await _go_on(stage, 0.5, dice, 9.0)
    await stage.bot.kill()
    killed_s = time.monotonic()
    await stage.bot.start("next", "--job-timeout", "30")
    await stage.orchestrator.ends()
    return Ended(killed_s, KILLED, PROCESS_LOSS_S)


async def node_lost(stage: Stage, dice: random.Random) -> Ended:
    """The same, and the spool is gone: `meetbot recover` elsewhere, run twice."""
    await _go_on(stage, 0.5, dice, 11.0)
    await stage.bot.kill()
    killed_s = time.monotonic()
    await _recovered(stage)
    return Ended(killed_s, KILLED, NODE_LOSS_S)


async def _recovered(stage: Stage) -> None:
    shutil.rmtree(stage.bot.spool)
    code = await stage.bot.recover_elsewhere(stage.bot_id)
    if code:
        raise RuntimeError(f"meetbot recover: {code}")
    await stage.orchestrator.ends()
    await stage.bot.recover_elsewhere(stage.bot_id)


async def orchestrator_killed(stage: Stage, dice: random.Random) -> Ended:
    """SIGKILL to the orchestrator, once or twice; started again on its journal."""
    await _go_on(stage, 1.0, dice, 3.0)
    for _ in range(dice.randint(1, 2)):
        greeted = stage.orchestrator.greeted
        await stage.orchestrator.kill()
        await asyncio.sleep(dice.uniform(0.0, 4.0))
        await stage.orchestrator.start()
        await stage.orchestrator.greets(greeted)
    return Ended(await _leave(stage), LEFT)


async def both_killed(stage: Stage, dice: random.Random) -> Ended:
    """SIGKILL to the orchestrator, and to the worker while nobody listens."""
    await _go_on(stage, 1.0, dice, 5.0)
    await stage.orchestrator.kill()
    await asyncio.sleep(dice.uniform(0.0, 2.0))
    stage.bot.worker().kill()
    killed_s = time.monotonic()
    await asyncio.sleep(dice.uniform(0.0, 3.0))
    await stage.orchestrator.start()
    await stage.orchestrator.ends()
    await stage.bot.ends()
    return Ended(killed_s, KILLED, PROCESS_LOSS_S)


def partition(trouble: Trouble, *, kills: bool) -> Inflict:
    """The line to the orchestrator is cut, or holds all it is given; the worker may die in it."""

    async def inflict(stage: Stage, dice: random.Random) -> Ended:
        await _go_on(stage, 1.0, dice, 3.0)
        greeted = stage.orchestrator.greeted
        with stage.line.troubled(trouble):
            await asyncio.sleep(dice.uniform(2.0, 12.0))
            if kills:
                stage.bot.worker().kill()
                killed_s = time.monotonic()
                await asyncio.sleep(dice.uniform(0.0, 3.0))
        if kills:
            await stage.orchestrator.ends()
            await stage.bot.ends()
            return Ended(killed_s, KILLED, PROCESS_LOSS_S)
        if trouble is Trouble.REFUSED:
            await stage.orchestrator.greets(greeted)
        return Ended(await _leave(stage), LEFT)

    return inflict


async def storage_troubled(stage: Stage, dice: random.Random) -> Ended:
    """The storage is refused, hangs, is slow or answers 503, and comes back."""
    await _go_on(stage, 1.0, dice, 4.0)
    trouble = dice.choice(STORAGE_TROUBLES)
    with stage.s3.troubled(trouble):
        await asyncio.sleep(dice.uniform(4.0, 10.0))
    return Ended(await _leave(stage), LEFT, note=trouble.value)


async def left_in_trouble(stage: Stage, dice: random.Random) -> Ended:
    """It is told to leave while the storage is in trouble, which passes later."""
    await _go_on(stage, 3.0, dice, 3.0)
    trouble = dice.choice(STORAGE_TROUBLES)
    with stage.s3.troubled(trouble):
        told_s = time.monotonic()
        await stage.orchestrator.say("leave")
        await stage.orchestrator.hears("call_ended")
        await asyncio.sleep(dice.uniform(1.0, 6.0))
    await stage.orchestrator.ends()
    await stage.bot.ends()
    return Ended(told_s, LEFT, note=trouble.value)


async def killed_in_trouble(stage: Stage, dice: random.Random) -> Ended:
    """SIGKILL to the worker while the storage is in trouble, which passes later."""
    await _go_on(stage, 1.0, dice, 4.0)
    trouble = dice.choice(STORAGE_TROUBLES)
    with stage.s3.troubled(trouble):
        await asyncio.sleep(dice.uniform(0.5, 6.0))
        stage.bot.worker().kill()
        killed_s = time.monotonic()
        await asyncio.sleep(dice.uniform(0.0, 4.0))
    await stage.orchestrator.ends()
    await stage.bot.ends()
    return Ended(killed_s, KILLED, PROCESS_LOSS_S, note=trouble.value)


async def lost_in_trouble(stage: Stage, dice: random.Random) -> Ended:
    """The machine is lost while the storage is in trouble: what waited for it is lost, too."""
    await _go_on(stage, 4.0, dice, 4.0)
    trouble, troubled_s = dice.choice(STORAGE_TROUBLES), time.monotonic()
    with stage.s3.troubled(trouble):
        await asyncio.sleep(dice.uniform(0.5, 6.0))
        await stage.bot.kill()
    killed_s = time.monotonic()
    await _recovered(stage)
    return Ended(killed_s, KILLED, NODE_LOSS_S + killed_s - troubled_s, note=trouble.value)


async def stopped(stage: Stage, dice: random.Random) -> Ended:
    """SIGSTOP for 20 s: the ring runs over, which is named."""
    await _go_on(stage, 2.0, dice, 4.0)
    worker, began_s = stage.bot.worker(), time.monotonic()
    worker.suspend()
    await asyncio.sleep(STOPPED_S)
    worker.resume()
    gap_s = time.monotonic() - began_s
    await asyncio.sleep(dice.uniform(1.0, 4.0))
    return Ended(await _leave(stage), LEFT, gaps_s=gap_s)


async def disk_full(stage: Stage, dice: random.Random) -> Ended:
    """The spool's disk is a small tmpfs that fills up; later there is room again.

    The recording ends as a bot's own failure, or where nothing could be kept of it as its death.
    """
    await _go_on(stage, 2.0, dice, 4.0)
    ballast = stage.bot.spool / "ballast"
    full_s = time.monotonic()
    await asyncio.to_thread(fill, ballast)
    with_room = asyncio.get_running_loop().call_later(dice.uniform(5.0, 12.0), ballast.unlink)
    try:
        await stage.bot.ends()
    finally:
        with_room.cancel()
        ballast.unlink(missing_ok=True)
    await stage.bot.start("next", "--job-timeout", "30")
    await stage.orchestrator.ends()
    reasons = frozenset({"INTERNAL_ERROR", "GENERAL_ERROR", "BOT_REMOVED_TOO_EARLY"})
    return Ended(full_s, reasons, PROCESS_LOSS_S)


def fill(path: Path) -> None:
    """Take all the room there is."""
    with path.open("wb", buffering=0) as file:
        for size_bytes in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    file.write(bytes(size_bytes))
            except OSError:
                continue


def small_disk(folder: Path) -> bool:
    """Mount a small tmpfs there; False where this user may not."""
    folder.mkdir()
    options = f"size={SMALL_DISK_MB}m"
    command = ("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder))
    return os.geteuid() == 0 and subprocess.run(command, check=False).returncode == 0


def unmount(folder: Path) -> None:
    """Undo `small_disk`."""
    subprocess.run(("umount", "--lazy", str(folder)), check=False)


GENERATED: Final[Mapping[str, Inflict]] = {
    "none": nothing,
    "worker killed": worker_killed,
    "worker killed while storing": killed_while_storing,
    "everything killed, spool kept": all_killed,
    "machine lost": node_lost,
    "orchestrator killed": orchestrator_killed,
    "orchestrator and worker killed": both_killed,
    "line cut": partition(Trouble.REFUSED, kills=False),
    "line held": partition(Trouble.HELD, kills=False),
    "worker killed, line cut": partition(Trouble.REFUSED, kills=True),
    "storage in trouble": storage_troubled,
    "left while storage in trouble": left_in_trouble,
    "worker killed, storage in trouble": killed_in_trouble,
    "machine lost, storage in trouble": lost_in_trouble,
    "stopped for 20 s": stopped,
    "disk full": disk_full,
}
"""With the generated source."""


def kills_of_browser(kind: str) -> Inflict:
    """SIGKILL to a process of the browser: the bot rejoins, goes on, or says what it lost."""

    async def inflict(stage: Stage, dice: random.Random) -> Ended:
        await _go_on(stage, 3.0, dice, 6.0)
        victims = stage.bot.processes(kind)
        for victim in victims:
            victim.send_signal(signal.SIGKILL)
        killed_s = time.monotonic()
        over = asyncio.ensure_future(stage.orchestrator.ends())
        done, _ = await asyncio.wait({over}, timeout=dice.uniform(20.0, 30.0))
        if done:
            await stage.bot.ends()
            reasons = frozenset({"INTERNAL_ERROR", "BOT_REMOVED_TOO_EARLY"})
            return Ended(killed_s, reasons, PROCESS_LOSS_S, note="ended")
        told_s = time.monotonic()
        await stage.orchestrator.say("leave")
        await stage.orchestrator.hears("call_ended")
        left_s = time.monotonic()  # a bot that is not back by then records its gap up to there
        await over
        await stage.bot.ends()
        return Ended(told_s, LEFT, gaps_s=left_s - killed_s, note="went on")

    return inflict


CHROMIUM: Final[Mapping[str, Inflict]] = {
    "browser killed": kills_of_browser("browser"),
    "renderers killed": kills_of_browser("renderer"),
    "GPU process killed": kills_of_browser("gpu-process"),
    "worker killed": worker_killed,
    "machine lost": node_lost,
}
"""With Chromium in the simulator's meeting."""
