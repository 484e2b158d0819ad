"""Contexts whose leaving may take longer than there is time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot import closing
from bot.closing import Closing
from bot.patience import Patience

SHORT_S = 0.05


@asynccontextmanager
async def noting(
    said: list[str], name: str, until: asyncio.Event | None = None
) -> AsyncIterator[None]:
    """Takes its time to be left."""
    try:
        yield
        if until is not None:
            await until.wait()
    finally:
        said.append(name)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long."""
    for name in ("LIMIT_S", "LAST_LIMIT_S"):
        monkeypatch.setattr(closing, name, SHORT_S)


async def test_left_in_reverse_and_waited_for() -> None:
    """As a stack is left; nothing remains to be ended."""
    said: list[str] = []
    shut = Closing(Patience())
    async with shut as stack:
        await stack.enter_async_context(noting(said, "first"))
        await stack.enter_async_context(noting(said, "second"))
    assert (said, shut.late) == (["second", "first"], False)
    await shut.end()


async def test_what_leaving_raises_is_raised() -> None:
    """In time it is as if the stack had been left by itself."""

    async def bad() -> None:
        raise ValueError("x")

    with pytest.raises(ValueError, match="x"):
        async with Closing(Patience()) as stack:
            stack.push_async_callback(bad)


@pytest.mark.usefixtures("short")
async def test_late_is_ended_after_all() -> None:
    """The ending goes on; what is still under way is waited for once more."""
    said: list[str] = []
    shut, answered = Closing(Patience()), asyncio.Event()
    async with shut as stack:
        await stack.enter_async_context(noting(said, "slow", answered))
    assert (said, shut.late) == ([], True)
    answered.set()
    await shut.end()
    assert said == ["slow"]


@pytest.mark.usefixtures("short")
async def test_what_never_ends_is_cancelled() -> None:
    """What lies below it on the stack is left all the same."""
    said: list[str] = []
    shut = Closing(Patience())
    async with shut as stack:
        await stack.enter_async_context(noting(said, "first"))
        await stack.enter_async_context(noting(said, "second", asyncio.Event()))
    await shut.end()
    assert said == ["second", "first"]


async def test_a_hurry_that_begins_meanwhile_counts() -> None:
    """SIGTERM while a browser is being closed."""
    patience, never = Patience(), asyncio.Event()
    shut = Closing(patience)
    asyncio.get_running_loop().call_later(SHORT_S, patience.hurry, SHORT_S)
    async with asyncio.timeout(30):
        async with shut as stack:
            await stack.enter_async_context(noting([], "slow", never))
        assert shut.late
        await shut.end()


async def test_never_entered_needs_no_end() -> None:
    """A bot that ended before it started anything."""
    await Closing(Patience()).end()
