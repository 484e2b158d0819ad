"""The note on its memory that a run keeps while it lives."""

import asyncio
from pathlib import Path

from bot.cgroups import Cgroups
from bot.vitals import NAME, Vitals, noting
from tests.bot.test_pulse import wait_until


async def test_note_is_there_inside_and_gone_afterwards(tmp_path: Path) -> None:
    """What is read back is what the kernel tells; a run that ends in good order leaves none."""
    async with noting(tmp_path, every_s=0.01):
        await asyncio.to_thread(wait_until, (tmp_path / NAME).exists)
        found = await asyncio.to_thread(Vitals.noted, tmp_path)
        now = await asyncio.to_thread(Vitals.now)
    assert (found.group, found.limit_bytes) == (now.group, now.limit_bytes)
    assert await asyncio.to_thread(lambda: list(tmp_path.iterdir())) == []


def test_no_note_is_nothing_known(tmp_path: Path) -> None:
    """Neither a run that died before its first note nor half a note says anything."""
    assert Vitals.noted(tmp_path) == Vitals()
    for text in ("", "[1]", '{"oom_kills": 3}'):
        (tmp_path / NAME).write_text(text)
        assert Vitals.noted(tmp_path) == Vitals(oom_kills=3 if "3" in text else None)


def test_groups_are_told_apart(tmp_path: Path) -> None:
    """Counters of two groups are never compared, nor those of groups nobody can name."""
    own, root = tmp_path / "own", tmp_path / "cgroup"

    def vitals(name: str) -> Vitals:
        (root / name).mkdir(parents=True, exist_ok=True)
        own.write_text(f"0::/{name}\n")
        return Vitals.now(Cgroups(own, root))

    assert vitals("one").is_same_group(vitals("one"))
    assert not vitals("one").is_same_group(vitals("two"))
    assert not Vitals().is_same_group(Vitals())


def test_share_of_the_limit() -> None:
    """Without a limit nothing is nearly used up."""
    assert Vitals(used_bytes=90, limit_bytes=100).used_share == 0.9
    assert Vitals(used_bytes=90).used_share == 0.0
