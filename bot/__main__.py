"""`python -m bot` is `meetbot`."""

from bot.cli import main

main()
