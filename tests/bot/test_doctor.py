import asyncio
import io
import json
from collections.abc import Sequence

import pytest
from rich.console import Console

from bot import doctor
from bot.checks.types import Finding, Level, failed, ok, warning
from bot.doctor import (
    BROWSER,
    CHECKS,
    DEADLINE_S,
    Check,
    as_document,
    as_lines,
    as_table,
    diagnose,
    examine,
    run_doctor,
)
from bot.masking import forget_secrets, register_secrets
from bot.settings import Settings

SETTINGS = Settings()
FINDINGS = [ok("a", "fine"), warning("b", "so so", "mend b"), failed("c", "broken", "mend c")]


def check_of(*findings: Finding) -> Check:
    """A check that finds what it is told."""

    async def look(_: Settings) -> Sequence[Finding]:
        return findings

    return Check("told", look, 30, "mend")


async def test_findings_come_in_the_order_of_the_table() -> None:
    """Whichever is done first; the last check begins when the others are over."""
    second_done = asyncio.Event()

    async def slow(_: Settings) -> Sequence[Finding]:
        await second_done.wait()
        return [ok("slow", "")]

    async def quick(_: Settings) -> Sequence[Finding]:
        second_done.set()
        return [ok("quick", "")]

    table = [Check("slow", slow, 30, ""), Check("quick", quick, 30, "")]
    found = await diagnose(SETTINGS, table, check_of(ok("last", ""), ok("beside", "")))
    assert [finding.check for finding in found] == ["slow", "quick", "last", "beside"]


async def test_a_check_that_hangs_or_breaks_is_a_finding() -> None:
    """Neither ends the examination; each has its name, what happened, and where to begin."""

    async def hang(_: Settings) -> Sequence[Finding]:
        await asyncio.Event().wait()
        return []

    async def break_down(_: Settings) -> Sequence[Finding]:
        raise ValueError("no such thing\nand more")

    assert await examine(Check("x", hang, 0.01, "why?"), SETTINGS) == [
        failed("x", "no answer in 0.01 s", "why?")
    ]
    assert await examine(Check("x", break_down, 30, "why?"), SETTINGS) == [
        failed("x", "ValueError: no such thing", "why?")
    ]


def test_the_table_ends_in_time() -> None:
    """Every row has a way to begin mending and a deadline that leaves the browser 15 s."""
    assert max(check.deadline_s for check in CHECKS) + 15 <= DEADLINE_S
    assert all(check.mend for check in (*CHECKS, BROWSER))
    assert len({check.name for check in (*CHECKS, BROWSER)}) == len(CHECKS) + 1


def test_lines_and_document_and_table_say_the_same() -> None:
    """Level, check, what was found, and the cure of what is not well, in each form."""
    assert as_lines(FINDINGS) == [
        "ok      a                  fine",
        "warning b                  so so; mend b",
        "failed  c                  broken; mend c",
    ]
    document = json.loads(as_document(FINDINGS))
    assert document["ok"] is False
    assert document["checks"][0] == {"check": "a", "level": "ok", "found": "fine", "mend": None}
    assert document["checks"][2]["mend"] == "mend c"
    drawn = io.StringIO()
    Console(file=drawn, width=80).print(as_table(FINDINGS))
    assert all(word in drawn.getvalue() for word in ("failed", "broken", "mend c", "mend b"))


def test_no_form_shows_a_secret() -> None:
    """What is registered as secret is masked wherever a check's text carries it."""
    register_secrets(["hunter2hunter2"])
    try:
        findings = [failed("x", "it said hunter2hunter2", "not hunter2hunter2")]
        drawn = io.StringIO()
        Console(file=drawn, width=80).print(as_table(findings))
        for text in (drawn.getvalue(), as_document(findings), *as_lines(findings)):
            assert "***" in text
            assert "hunter2" not in text
    finally:
        forget_secrets()


@pytest.mark.parametrize(("level", "code"), [(Level.OK, 0), (Level.WARNING, 0), (Level.FAILED, 3)])
@pytest.mark.parametrize(("as_json", "terminal"), [(True, False), (False, True), (False, False)])
async def test_exit_code(
    monkeypatch: pytest.MonkeyPatch, level: Level, code: int, *, as_json: bool, terminal: bool
) -> None:
    """0 with warnings at most, 3 where something failed, in whatever form it is said."""
    monkeypatch.setattr(doctor, "CHECKS", (check_of(Finding("x", level, "found")),))
    monkeypatch.setattr(doctor, "BROWSER", check_of())
    said = io.StringIO()
    console = Console(file=said, force_terminal=terminal, width=80)
    assert await run_doctor(SETTINGS, console, as_json=as_json) == code
    assert "found" in said.getvalue()
    assert not as_json or json.loads(said.getvalue())["ok"] is (code == 0)
