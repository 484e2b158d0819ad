"""The callback of a bot that has ended, from what is stored of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.callback_again import call_back_again, call_back_for_dead
from bot.errors import NoLastWordError
from bot.job import CallbackConfig, Job, parse_job
from tests.bot.dead import Dead, end, settings_of
from tests.bot.rig import URL
from tests.bot.test_callback import Receiver, serving

pytestmark = pytest.mark.timeout(60)


def job_of(dead: Dead, url: str, **config: str) -> Job:
    """The job of this run, with a callback there."""
    wanted = {
        "bot_id": dead.bot_id,
        "meeting_url": URL,
        "bot_name": "Notes",
        "callback_enabled": True,
        "callback_config": {"url": url, **config},
    }
    return parse_job(wanted, local_run=True)


def report_of(dead: Dead) -> dict[str, Any]:
    """`report.json`."""
    report = json.loads((dead.folder / "report.json").read_bytes())
    assert isinstance(report, dict)
    return report


async def test_the_stored_last_word_is_sent_and_noted(tmp_path: Path) -> None:
    """Its event, data with URLs and extra, with the secret; the report says how it went."""
    dead, receiver = Dead(tmp_path), Receiver()
    dead.tell()
    await end(dead)
    assert report_of(dead)["callback"] is None
    settings = settings_of(dead, callback_allow_private=True)
    async with serving(receiver) as url:
        config = CallbackConfig.model_validate({"url": f"{url}/end", "secret": "hunter2"})
        report = await call_back_again(dead.bot_id, config, dead.storage, settings)
    ((method, path, headers, body),) = receiver.requests
    assert (method, path, headers["x-mb-secret"]) == ("POST", "/end", "hunter2")
    told = json.loads(body)
    assert set(told) == {"event", "data", "extra"}
    assert told["event"] == "bot.failed"
    assert told["data"]["bot_id"] == dead.bot_id
    assert told["data"]["report"].startswith("file://")
    assert report.delivered
    assert report_of(dead)["callback"] == report.model_dump()
    assert "hunter2" not in (dead.folder / "report.json").read_text()


async def test_a_bot_that_has_not_ended(tmp_path: Path) -> None:
    """There is nothing to tell of it, and nobody is told."""
    dead, receiver = Dead(tmp_path), Receiver()
    async with serving(receiver) as url:
        config = CallbackConfig.model_validate({"url": url})
        with pytest.raises(NoLastWordError, match=dead.bot_id):
            await call_back_again(dead.bot_id, config, dead.storage, settings_of(dead))
    assert receiver.requests == []


async def test_a_dead_run_s_callback_is_made_once(tmp_path: Path) -> None:
    """With the job at hand again; not where the report says that it arrived."""
    dead, receiver = Dead(tmp_path), Receiver()
    dead.tell()
    await end(dead)
    settings = settings_of(dead, callback_allow_private=True)
    async with serving(receiver) as url:
        job = job_of(dead, url, secret="hunter2")
        for _ in range(2):
            await call_back_for_dead(job, dead.storage, settings)
    assert len(receiver.requests) == 1


async def test_what_cannot_be_made_is_no_failure(tmp_path: Path) -> None:
    """No callback wanted, no last word, or a refused address: the ending goes on."""
    dead, receiver = Dead(tmp_path), Receiver()
    async with serving(receiver) as url:
        job = job_of(dead, url)
        await call_back_for_dead(job, dead.storage, settings_of(dead))
        dead.tell()
        await end(dead)
        silent = job.model_copy(update={"callback_enabled": False})
        await call_back_for_dead(silent, dead.storage, settings_of(dead))
        assert report_of(dead)["callback"] is None
        await call_back_for_dead(job, dead.storage, settings_of(dead))
    assert receiver.requests == []
    assert report_of(dead)["callback"]["problem"].startswith("address refused")
