"""One run's parts with a real folder as storage and a real outbox, without a browser."""

import io
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from bot.artifacts import Shelf
from bot.context import Context
from bot.job import parse_job
from bot.leave import Watch
from bot.outbox import Outbox
from bot.patience import Patience
from bot.reporter import Reporter
from bot.run import LocalEmit
from bot.settings import Settings
from media.storage_folder import FolderStorage
from media.types import Storage
from platforms.types import Traits

URL = "https://meet.google.com/abc-defg-hij"


@dataclass
class Rig:
    """A context, and what was said and stored through it."""

    context: Context
    outbox: Outbox
    stream: io.StringIO
    root: Path

    @property
    def events(self) -> list[dict[str, Any]]:
        """What was said."""
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    @property
    def folder(self) -> Path:
        """Where this bot's artifacts lie."""
        return self.root / "recordings" / str(self.context.job.bot_id)

    @property
    def log_path(self) -> Path:
        """A log of one line."""
        path = self.root / "logs.jsonl"
        path.write_text('{"event": "one"}\n')
        return path


@contextmanager
def rig(
    root: Path,
    *,
    storage: Storage | None = None,
    settings: dict[str, Any] | None = None,
    **fields: object,
) -> Iterator[Rig]:
    """The parts of a run of a job with these fields."""
    job = parse_job({"meeting_url": URL, "bot_name": "Notes", **fields}, local_run=True)
    chosen = Settings(
        storage=str(root / "recordings"), spool_dir=root / "spool", **(settings or {})
    )
    kept = storage or FolderStorage(root / "recordings")
    stream = io.StringIO()
    run_id = str(uuid4())
    patience = Patience()
    with Outbox(root / "outbox", str(job.bot_id), run_id) as outbox:
        emit = LocalEmit(outbox, job, kept, 3600, stream)
        context = Context(
            job=job,
            run_id=run_id,
            url=job.meeting_url,
            traits=Traits(),
            shown_name=job.bot_name,
            settings=chosen,
            shelf=Shelf(kept, str(job.bot_id), patience),
            reporter=Reporter(job, job.meeting_url, job.bot_name, emit),
            watch=Watch(job.timeout_config),
            clock=time.monotonic,
            patience=patience,
        )
        yield Rig(context, outbox, stream, root)
