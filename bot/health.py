"""Judges a running meetbot by the file it renews: `python -m bot.health FILE`.

A container's health check runs twice a minute beside a bot: it starts no browser, and imports
nothing that is not Python's own.
"""

import sys
import time
from pathlib import Path
from typing import Final

STALE_AFTER_S: Final = 30.0
"""Six renewals missed: less may be a busy machine."""


def write(path: Path, text: str) -> None:
    """Renew a file. A reader sees the old or the new one, never a half. Raises OSError."""
    new = path.with_name(f"{path.name}.new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)


def problem(path: Path, now_s: float) -> str | None:
    """What is wrong with the process that renews `path`, or None.

    `now_s` is `time.monotonic()`, which all processes of a machine share and no clock change moves.
    """
    try:
        age_s = now_s - float(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        return "no pulse: nothing runs, or it was started without MEETBOT_HEALTH_FILE"
    except (OSError, ValueError) as error:
        return f"{path}: {error}"
    if not 0 <= age_s <= STALE_AFTER_S:
        return f"no pulse for {age_s:.0f} s: the event loop hangs"
    return None


def main(arguments: list[str]) -> int:
    """Judge the file named by the only argument: 0 well, 1 not, 2 usage."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m bot.health FILE\n")
        return 2
    found = problem(Path(arguments[0]), time.monotonic())
    sys.stdout.write(f"{found or 'alive'}\n")
    return 0 if found is None else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
