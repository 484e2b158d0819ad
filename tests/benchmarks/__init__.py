"""What the bot costs, measured beside alternatives; `python -m tests.benchmarks --help`."""
