"""Rows of runs, and the table of fault and loss made of them. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

ABOUT: Final = """\
# Bots in trouble

Written by `make chaos`: {runs} runs, {good} of them good, seed {seed}, {minutes:.0f} minutes.

Each run is an orchestrator (`meetbot dispatch`), a supervised worker and a real S3 server, with a
proxy on each line between them. With the *source*, all is real but the browser: a process of its
own writes numbered pictures and coded sound into the ring. Good is a run with exactly one last
word of the right reason, event numbers without holes, and every picture and piece of sound of the
source in the file, in a declared gap, or in the end that the design gives up: 4 s when a process
dies, 10 s when its machine does, and what a storage in trouble had not taken by then. Seconds are
the worst of all runs, `gaps` those declared in `report.json`: all of them with the source, with
Chromium the longest.

| fault | recorded | runs | good | end lost | allowed | gaps | undeclared | ended as |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
"""


@dataclass(slots=True)
class Row:
    """One run. Seconds are of the recording; `undeclared` counts pictures and pieces of sound."""

    number: int
    fault: str
    chromium: bool
    note: str = ""
    is_good: bool = False
    reason: str = "-"
    last_words: int = 0
    seq_holes: int = 0
    tail_s: float = 0.0
    tail_bound_s: float = 0.0
    gaps_s: float = 0.0
    gaps_bound_s: float = 0.0
    undeclared: int = 0
    took_s: float = 0.0

    @staticmethod
    def heading() -> str:
        """Above the lines."""
        return (
            f"{'run':>3} {'fault':34} {'words':>5} {'holes':>5} {'end lost':>8} {'of':>5} "
            f"{'gaps':>5} {'lost':>4} {'took':>4} ended as"
        )

    def __str__(self) -> str:
        verdict = "" if self.is_good else "  BAD"
        fault = f"{self.fault}{' (Chromium)' if self.chromium else ''}"
        return (
            f"{self.number:3} {fault:34} {self.last_words:5} {self.seq_holes:5} {self.tail_s:8.2f} "
            f"{self.tail_bound_s:5.1f} {self.gaps_s:5.1f} {self.undeclared:4} {self.took_s:4.0f} "
            f"{self.reason}  {self.note}{verdict}"
        )


def table(rows: Iterable[Row]) -> str:
    """Fault and loss, one line for each fault."""
    kinds: dict[tuple[str, bool], list[Row]] = {}
    for row in rows:
        kinds.setdefault((row.fault, row.chromium), []).append(row)
    return "\n".join(
        _line(name, these, in_chromium) for (name, in_chromium), these in kinds.items()
    )


def _line(name: str, rows: Sequence[Row], in_chromium: bool) -> str:
    reasons = sorted({row.reason for row in rows})
    cells = (
        name,
        "Chromium" if in_chromium else "source",
        str(len(rows)),
        str(sum(row.is_good for row in rows)),
        f"{max(row.tail_s for row in rows):.1f} s",
        f"{max(row.tail_bound_s for row in rows):.1f} s",
        f"{max(row.gaps_s for row in rows):.1f} s",
        str(sum(row.undeclared for row in rows)),
        ", ".join(f"`{reason}`" for reason in reasons),
    )
    return f"| {' | '.join(cells)} |"


def worst(rows: Sequence[Row], seed: int, minutes: float) -> str:
    """RESULTS.md."""
    good = sum(row.is_good for row in rows)
    about = ABOUT.format(runs=len(rows), good=good, seed=seed, minutes=minutes)
    bad = "\n".join(f"    {row}" for row in rows if not row.is_good)
    return f"{about}{table(rows)}\n" + (f"\nNot good:\n\n{bad}\n" if bad else "")
