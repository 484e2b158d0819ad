"""Carries out what is typed at the terminal."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

from bot.dispatch import orders
from bot.dispatch.commander import Commander
from bot.dispatch.memory import Memory
from bot.dispatch.orders import BadOrder, Order, parse_order
from bot.errors import SettingError

Write = Callable[[str], None]
"""Takes one line."""


class Keyboard:
    """What is typed wrongly is answered through `tell`, and ends nothing; `quit_` ends all."""

    def __init__(
        self, commander: Commander, memory: Memory, quit_: Callable[[], None], tell: Write
    ) -> None:
        self._commander = commander
        self._memory = memory
        self._quit = quit_
        self._tell = tell

    async def obey(self, lines: AsyncIterator[str]) -> None:
        """Carry out line after line, until no more come."""
        async for line in lines:
            match parse_order(line):
                case BadOrder(problem):
                    self._tell(problem)
                case Order() as order:
                    await self._carry_out(order)
                case None:
                    pass

    async def _carry_out(self, order: Order) -> None:
        match order.word:
            case orders.HELP:
                self._tell(orders.HELP_TEXT)
            case orders.WORKERS:
                self._tell("\n".join(self._commander.lines()) or "no worker is connected")
            case orders.QUIT:
                self._quit()
            case orders.JOB:
                try:
                    await self._memory.add_job(Path(order.args["file"]))
                except SettingError as error:
                    self._tell(str(error))
            case _:
                self._command(order)

    def _command(self, order: Order) -> None:
        peer = self._commander.meant(order.target)
        if isinstance(peer, str):
            self._tell(peer)
            return
        try:
            taken = self._commander.command(peer.worker_id, order.word, order.args)
        except ValueError as error:
            self._tell(str(error))
            return
        if not taken:
            self._tell(f"@{peer.worker_id} is not connected now; it is asked when it is again")
