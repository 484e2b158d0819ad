"""Commands typed at the terminal: `WORD [@worker] [text or JSON object]`. Pure."""

import json
from dataclasses import dataclass
from typing import Any, Final

from bot.contract import Command

JOB: Final = "job"
WORKERS: Final = "workers"
QUIT: Final = "quit"
HELP: Final = "help"

HELP_TEXT: Final = """\
One command a line, to the only bot or, with @, to a worker or bot whose id begins so:
  leave                              leave the meeting; while queued: do not go
  get_status                         where is the bot?
  send_chat_message TEXT             say something in the meeting's chat
  update_config {"timeout_config": {"silence_timeout": 60}}
  pause, resume, screenshot          of the recording
  shutdown                           without a job: exit; with one: as SIGTERM
  leave @w1                          the same for one of several
  leave {"id": "x"}                  with an id of your own: the same id again, the same reply
and for this program:
  workers                            who is connected, with which bot
  job FILE                           one job more
  quit                               end here; bots go on without an orchestrator
"""


@dataclass(frozen=True, slots=True)
class Order:
    """What to do. `target` is the beginning of a worker's or bot's id, "" for the only one."""

    word: str
    target: str
    args: dict[str, Any]


@dataclass(frozen=True, slots=True)
class BadOrder:
    """A line nothing can be made of."""

    problem: str


def parse_order(line: str) -> Order | BadOrder | None:
    """Read one line; None for an empty one. Never raises."""
    word, _, rest = line.strip().partition(" ")
    if not word:
        return None
    rest = rest.strip()
    target = ""
    if rest.startswith("@"):
        head, _, rest = rest.partition(" ")
        target, rest = head[1:], rest.strip()
    if word == JOB:
        return Order(word, "", {"file": rest}) if rest else BadOrder("job: which file?")
    if word in {WORKERS, QUIT, HELP}:
        return Order(word, "", {})
    if word not in set(Command):
        return BadOrder(f"{word}: no such command; try: help")
    args = _args(word, rest)
    return BadOrder(args) if isinstance(args, str) else Order(word, target, args)


def _args(word: str, rest: str) -> dict[str, Any] | str:
    """The command's further keys, or what is wrong with them."""
    if word == Command.SEND_CHAT_MESSAGE and not rest.startswith("{"):
        return {"text": rest}
    if not rest:
        return {}
    try:
        args = json.loads(rest)
    except (ValueError, RecursionError):
        return f"{word}: not JSON: {rest[:40]}"
    return args if isinstance(args, dict) else f"{word}: not a JSON object"
