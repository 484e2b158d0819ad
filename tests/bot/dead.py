"""Runs that died, without a browser: a real outbox, a real spool, a real storage."""

import json
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from bot.afterlife import RETRY_FOR_S, end_dead_runs
from bot.artifacts import json_lines
from bot.contract import EndReason
from bot.notes import STANDING
from bot.outbox import Outbox
from bot.settings import Settings
from media.storage_folder import FolderStorage
from media.types import Storage
from tests.bot.test_standing import standing
from tests.media.test_recovery import die_recording

TOLD: tuple[tuple[str, dict[str, int]], ...] = (
    ("queued", {}),
    ("joining_call", {}),
    ("in_waiting_room", {}),
    ("in_call_not_recording", {}),
    ("in_call_recording", {"start_time": 1_795_514_453}),
)
TURNS = (
    {"speaker": "Ada Łovelace", "user_id": None, "start_time": 1.0, "end_time": 600.0},
    {"speaker": "", "user_id": "u", "start_time": 2.0, "end_time": 2.5},
    {"speaker": "Ben", "user_id": None, "start_time": 599.0, "end_time": 600.0},
)
"""Noted by a run whose recording is much shorter: the last of it was lost."""


def status(code: str, **more: object) -> dict[str, Any]:
    """The data of a change of status."""
    return {
        "bot_id": "",
        "event_id": None,
        "status": {"code": code, "created_at": "2026-11-24T10:00:52.400Z", **more},
    }


@dataclass
class Dead:
    """A run that died, below `root`, and what it left."""

    root: Path
    local: bool = False
    bot_id: str = field(default_factory=lambda: str(uuid4()))
    run_id: str = field(default_factory=lambda: str(uuid4()))

    @property
    def outboxes(self) -> Path:
        return self.root / "spool" / ("local-outbox" if self.local else "outbox")

    @property
    def runs(self) -> Path:
        return self.root / "spool" / "spool"

    @property
    def storage(self) -> FolderStorage:
        return FolderStorage(self.root / "recordings")

    @property
    def folder(self) -> Path:
        """Where its artifacts are."""
        return self.root / "recordings" / self.bot_id

    def outbox(self) -> Outbox:
        return Outbox(self.outboxes, self.bot_id, self.run_id)

    def tell(self, *, statuses: int = len(TOLD), acked: int = 0) -> None:
        """Say the job was taken and so many statuses, then die."""
        with self.outbox() as outbox:
            data = {
                "bot_id": self.bot_id,
                "event_id": None,
                "platform": "google_meet",
                "bot_name_shown": "Notes",
            }
            outbox.append("accepted", data, {"ticket": 7})
            for code, more in TOLD[:statuses]:
                outbox.append("bot.status_change", status(code, **more), {"ticket": 7})
            outbox.ack(acked)

    def record(self, seconds: float) -> None:
        """Leave a recording unfinished, and a log."""
        folder = self.runs / self.run_id
        die_recording(self.storage, folder, seconds, key_prefix=f"{self.bot_id}/")
        (folder / "logs.jsonl").write_text('{"event": "one"}\n')
        (folder / "diarization.jsonl").write_text(json_lines(TURNS).decode())
        (folder / STANDING).write_text(standing(600.0).model_dump_json())


async def end(
    dead: Dead,
    *,
    storage: Storage | None = None,
    reason: EndReason | None = None,
    retry_for_s: float = RETRY_FOR_S,
) -> list[dict[str, Any]]:
    """What the dead left to be sent, once they were ended."""
    async with AsyncExitStack() as stack:
        outboxes = await end_dead_runs(
            dead.outboxes,
            dead.runs,
            storage or dead.storage,
            reason,
            stack,
            retry_for_s=retry_for_s,
        )
        return [envelope.body() for outbox in outboxes for envelope in outbox.pending()]


def mark_of(dead: Dead) -> dict[str, Any]:
    """The mark in storage."""
    found: dict[str, Any] = json.loads((dead.folder / "terminal.json").read_bytes())
    return found


def settings_of(dead: Dead, **more: object) -> Settings:
    """Settings under which the dead run is found."""
    return Settings.model_validate(
        {
            "storage": str(dead.root / "recordings"),
            "spool_dir": dead.root / "spool",
            "worker_id": "w1",
            **more,
        }
    )
