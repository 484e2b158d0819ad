"""Which job is with which worker. Pure: time is an argument, in seconds of any one clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from bot import strict_json
from bot.end_reasons import EXIT_COMPLETED, EXIT_INFRASTRUCTURE

RESERVED_S: Final = 60.0
"""How long a job that was given, and that nobody has accepted, is kept for that worker."""
SILENT_S: Final = 45.0
"""A bot that has said nothing for so long, four heartbeats, may be dead."""
MAX_GIVEN: Final = 3
"""A job whose workers died so often is given to no other."""


class Phase(Enum):
    """Where a job is."""

    WAITING = "waiting"
    GIVEN = "given"
    RUNNING = "running"
    LOST = "lost"
    """Its worker's process is known to be gone; the next one may still tell how it ended."""
    OVER = "over"


@dataclass(slots=True)
class Job:
    """One job. `body` is None for a bot another orchestrator gave away."""

    bot_id: str
    body: bytes | None
    phase: Phase = Phase.WAITING
    worker_id: str | None = None
    heard_s: float = float("-inf")
    times_given: int = 0
    exit_code: int = EXIT_COMPLETED


class Jobs:
    """All jobs by their bot's id, in the order they came."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}

    def __iter__(self) -> Iterator[Job]:
        return iter(self._jobs.values())

    def add(self, bot_id: str, body: bytes) -> Job:
        """A job to be done; one that is known goes on where it is."""
        job = self._jobs.setdefault(bot_id, Job(bot_id, body))
        job.body = body
        return job

    def next_for(self, worker_id: str, now_s: float) -> Job | None:
        """What a worker without a bot is given: first what it was given before."""
        ours = [job for job in self if job.body is not None]
        again = [j for j in ours if j.phase is Phase.GIVEN and j.worker_id == worker_id]
        return next(iter(again), None) or next((j for j in ours if _is_free(j, now_s)), None)

    def give(self, job: Job, worker_id: str, now_s: float) -> None:
        """The job was sent to this worker."""
        again = job.phase is Phase.GIVEN and job.worker_id == worker_id
        job.times_given += 0 if again else 1
        job.phase, job.worker_id, job.heard_s = Phase.GIVEN, worker_id, now_s

    def heard(self, bot_id: str, worker_id: str, now_s: float) -> None:
        """The bot has spoken, or its worker has named it."""
        job = self._jobs.setdefault(bot_id, Job(bot_id, None))
        job.worker_id, job.heard_s = worker_id, now_s
        if job.phase is not Phase.OVER:
            job.phase = Phase.RUNNING

    def end(self, bot_id: str, exit_code: int) -> None:
        """The bot has said its last word, or never will say one."""
        job = self._jobs.setdefault(bot_id, Job(bot_id, None))
        job.phase, job.exit_code = Phase.OVER, exit_code

    def forget(self, bot_id: str) -> None:
        """As if the bot had never been."""
        self._jobs.pop(bot_id, None)

    def given_to(self, worker_id: str) -> Job | None:
        """The job that this worker has and has not accepted yet."""
        return next((j for j in self if j.phase is Phase.GIVEN and j.worker_id == worker_id), None)

    def put_back(self, job: Job) -> None:
        """The worker cannot have it: it waits for another."""
        job.phase, job.worker_id, job.times_given = Phase.WAITING, None, job.times_given - 1

    def worker_died(self, worker_id: str) -> None:
        """The process is known to be gone: what it had is for another, but not for ever."""
        for job in self:
            if job.worker_id != worker_id or job.phase not in {Phase.GIVEN, Phase.RUNNING}:
                continue
            if job.times_given >= MAX_GIVEN:
                self.end(job.bot_id, EXIT_INFRASTRUCTURE)
            else:
                job.phase = Phase.WAITING if job.phase is Phase.GIVEN else Phase.LOST

    @property
    def under_way(self) -> list[Job]:
        """The jobs that workers have."""
        phases = {Phase.GIVEN, Phase.RUNNING, Phase.LOST}
        return [job for job in self if job.body is not None and job.phase in phases]

    def cancel_waiting(self) -> None:
        """No job is given any more."""
        for job in self:
            if job.phase is Phase.WAITING:
                self.end(job.bot_id, EXIT_COMPLETED)

    def wants_worker(self, now_s: float) -> bool:
        """Whether a worker more would have something to do, or to tell of a lost bot."""
        ours = [job for job in self if job.body is not None]
        return any(job.phase is Phase.LOST or _is_free(job, now_s) for job in ours)

    @property
    def are_over(self) -> bool:
        """Whether there were jobs, and all are done."""
        phases = {job.phase for job in self if job.body is not None}
        return phases == {Phase.OVER}

    @property
    def exit_code(self) -> int:
        """The worst end of all; 0 when every bot completed."""
        return max((job.exit_code for job in self if job.body is not None), default=EXIT_COMPLETED)


def _is_free(job: Job, now_s: float) -> bool:
    match job.phase:
        case Phase.WAITING:
            return True
        case Phase.GIVEN:
            return now_s - job.heard_s > RESERVED_S
        case Phase.RUNNING | Phase.LOST:
            return now_s - job.heard_s > SILENT_S
        case Phase.OVER:
            return False


def with_bot_id(body: bytes, bot_id: str) -> tuple[str, bytes]:
    """The id of a job's bot and the job to send: `bot_id` is put in where it names none.

    Raises ValueError for what is no JSON object, or whose `bot_id` is no text. Everything else is
    the worker's to judge.
    """
    content = strict_json.read_object(body)
    if isinstance(content, tuple):
        raise ValueError("; ".join(str(problem) for problem in content))  # noqa: TRY004 - a value
    named = content.get("bot_id")
    if isinstance(named, str):
        return named.lower(), body
    if named is not None:
        raise ValueError("bot_id: must be text")
    return bot_id, strict_json.write({**content, "bot_id": bot_id}).encode()
