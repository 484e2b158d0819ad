"""Threads that carry bytes to the storage and try again until they are there."""

import concurrent.futures
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import structlog
import tenacity

from media.errors import MediaError, ObjectMissing, StorageError, UploadUnfinished

PARALLEL_PARTS: Final = 2
FIRST_WAIT_S: Final = 0.25
LONGEST_WAIT_S: Final = 5.0

T = TypeVar("T")

log = structlog.get_logger(__name__)


class Courier:
    """Two lanes to a storage: one for parts, in parallel, and one that keeps its order.

    What is sent is tried until it is stored or the courier closes; only an upload that is gone is
    given up at once. After `hurry()` errors that no retry can mend are given up too. The queues
    are bounded by the spool, which holds what they carry.
    """

    def __init__(self, target: str) -> None:
        """`target` names the storage in errors."""
        self._target = target
        self._parts = ThreadPoolExecutor(PARALLEL_PARTS, "upload-part")
        self._ordered = ThreadPoolExecutor(1, "upload-chunk")
        self._stop = threading.Event()
        self._hurrying = False
        self._lock = threading.Lock()
        self._waiting: dict[int, tuple[float, int]] = {}
        self._ticket = 0
        self.retries = 0
        self.stored_bytes = 0
        self.problem: MediaError | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Drop what waits; a request under way ends within the storage's own timeout."""
        self._stop.set()
        for lane in (self._parts, self._ordered):
            lane.shutdown(wait=True, cancel_futures=True)

    @property
    def waiting_bytes(self) -> int:
        """Bytes sent and not stored yet."""
        with self._lock:
            return sum(size for _, size in self._waiting.values())

    @property
    def lag_s(self) -> float:
        """How long the oldest of them has been waiting."""
        with self._lock:
            since = next((at for at, _ in self._waiting.values()), None)
        return 0.0 if since is None else time.monotonic() - since

    def send(
        self, work: Callable[[], T], size_bytes: int, *, in_order: bool = False
    ) -> "Future[T]":
        """Have `work` done; raising StorageError it is tried again."""
        with self._lock:
            self._ticket += 1
            ticket = self._ticket
            self._waiting[ticket] = (time.monotonic(), size_bytes)
        lane = self._ordered if in_order else self._parts
        return lane.submit(self._carry, work, ticket, size_bytes)

    def hurry(self) -> None:
        """The end is near: give up what no retry can mend."""
        self._hurrying = True

    def wait(self, futures: "Sequence[Future[Any]]", until_s: float) -> None:
        """Wait for all, until `until_s` (monotonic) at most.

        Raises what the first that failed raised, or `UploadUnfinished`.
        """
        began_s = time.monotonic()
        timeout_s = max(0.0, until_s - began_s)
        done, late = concurrent.futures.wait(
            futures, timeout_s, return_when=concurrent.futures.FIRST_EXCEPTION
        )
        for future in futures:
            if future in done:
                future.result()
        if late:
            reason = str(self.problem) if self.problem else "the storage is slow"
            raise UploadUnfinished(self._target, self.waiting_bytes, timeout_s, reason)

    def _carry(self, work: Callable[[], T], ticket: int, size_bytes: int) -> T:
        persistent = tenacity.Retrying(
            sleep=tenacity.sleep_using_event(self._stop),
            stop=tenacity.stop_when_event_set(self._stop),
            wait=tenacity.wait_random_exponential(FIRST_WAIT_S, LONGEST_WAIT_S),
            retry=tenacity.retry_if_exception(self._worth_a_retry),
            before_sleep=self._note,
            reraise=True,
        )
        try:
            result = persistent(work)
        except MediaError as error:
            self.problem = error
            log.warning("upload_given_up", error=str(error))
            raise
        else:
            self.problem = None
            with self._lock:
                self.stored_bytes += size_bytes
            return result
        finally:
            with self._lock:
                del self._waiting[ticket]

    def _worth_a_retry(self, error: BaseException) -> bool:
        if not isinstance(error, StorageError) or isinstance(error, ObjectMissing):
            return False
        return error.retryable or not self._hurrying

    def _note(self, state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, MediaError):
            self.problem = error
        with self._lock:
            self.retries += 1
        log.warning("upload_retried", attempt=state.attempt_number, error=str(error))
