"""Runs that died, without a browser: a real outbox, a real spool, a real storage."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from bot.outbox import Outbox
from media.storage_folder import FolderStorage
from tests.media.test_recovery import die_recording

TOLD: tuple[tuple[str, dict[str, int]], ...] = (
    ("queued", {}),
    ("joining_call", {}),
    ("in_waiting_room", {}),
    ("in_call_not_recording", {}),
    ("in_call_recording", {"start_time": 1_795_514_453}),
)


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
