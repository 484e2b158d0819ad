# ruff: noqa: N818 - a name that says what happened reads better than one ending in Error
"""What can go wrong between captured pixels and stored bytes. A leaf: imports nothing of ours.

MediaError
├── CaptureError            ours: pixels or samples do not arrive
│   ├── CaptureFailed
│   └── RingUnavailable
├── DisplayUnavailable      the machine's: no screen or no sound card can be had
├── StorageError            the destination's
│   ├── CredentialsRefused
│   ├── ObjectMissing
│   ├── Unsupported
│   └── UploadUnfinished
├── SpoolFull               the destination's: it took too little for too long
├── LeaseError              nobody's: another run writes this recording
│   ├── LeaseHeld
│   └── LeaseLost
├── MuxerError              ours: the muxer did what it never does
│   ├── BrokenContainer
│   ├── HoleInFile
│   └── PatchOutOfReach
├── VerificationFailed      ours: the stored recording is not what was recorded
└── NothingToRecover        ours: the dead run left no chunks
"""

from enum import StrEnum

DISPLAY_CURE = "apt-get install xvfb pulseaudio"


class Fault(StrEnum):
    """Whose fault an error is."""

    MEETING = "meeting"
    DESTINATION = "destination"
    US = "us"


class MediaError(Exception):
    """The root. `fault` says whose it is, `retryable` whether trying again makes sense."""

    fault: Fault = Fault.US
    retryable: bool = False

    def __init__(self, text: str) -> None:
        """Subclasses build `text` from their attributes."""
        super().__init__(text)


class CaptureError(MediaError):
    """Pixels or samples do not arrive."""


class CaptureFailed(CaptureError):
    """The capture did not start, or ended by itself."""

    def __init__(self, reason: str, *, retryable: bool = True) -> None:
        self.reason = reason
        self.retryable = retryable
        super().__init__(f"capture failed: {reason}")


class RingUnavailable(CaptureError):
    """The shared-memory ring cannot be had: it needs more room than there is."""

    def __init__(self, needed_bytes: int, free_bytes: int) -> None:
        self.needed_bytes = needed_bytes
        self.free_bytes = free_bytes
        super().__init__(f"the capture ring needs {needed_bytes} bytes, {free_bytes} are free")


class DisplayUnavailable(MediaError):
    """No screen or no sound card of the bot's own can be had here; `reason` says why."""

    fault = Fault.DESTINATION

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"no display: {reason} ({DISPLAY_CURE})")


class StorageError(MediaError):
    """The destination did not do what was asked.

    `operation` is what was tried, `target` where (no secrets), `reason` what it answered, and
    `cure` what a person can mend; all but the cure are always there.
    """

    fault = Fault.DESTINATION

    def __init__(
        self, operation: str, target: str, reason: str, *, retryable: bool, cure: str = ""
    ) -> None:
        self.operation = operation
        self.target = target
        self.reason = reason
        self.retryable = retryable
        self.cure = cure
        text = f"{operation} at {target} failed: {reason}"
        super().__init__(f"{text} ({cure})" if cure else text)


class CredentialsRefused(StorageError):
    """The credentials are wrong, or have ended; new ones are looked for before the next try."""

    def __init__(self, operation: str, target: str, reason: str) -> None:
        super().__init__(
            operation,
            target,
            reason,
            retryable=False,
            cure="check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        )


class ObjectMissing(StorageError):
    """The object, or the upload in parts, does not exist."""

    def __init__(self, operation: str, target: str) -> None:
        super().__init__(operation, target, "it does not exist", retryable=False)


class Unsupported(StorageError):
    """The storage does not know this operation."""

    def __init__(self, operation: str, target: str) -> None:
        super().__init__(
            operation,
            target,
            "this storage does not know how",
            retryable=False,
            cure="meetbot doctor says what it lacks",
        )


class UploadUnfinished(StorageError):
    """The deadline passed while bytes were still waiting to be stored."""

    def __init__(self, target: str, pending_bytes: int, deadline_s: float, reason: str) -> None:
        self.pending_bytes = pending_bytes
        self.deadline_s = deadline_s
        super().__init__(
            "finishing the upload",
            target,
            f"{pending_bytes} bytes still wait after {deadline_s:g} s: {reason}",
            retryable=True,
        )


class SpoolFull(MediaError):
    """The local spool holds all it may: the storage took too little for too long.

    `needed_bytes` is what the spool would hold if the write were taken, `limit_bytes` its bound.
    """

    fault = Fault.DESTINATION

    def __init__(self, needed_bytes: int, limit_bytes: int) -> None:
        self.needed_bytes = needed_bytes
        self.limit_bytes = limit_bytes
        super().__init__(
            f"the spool would hold {needed_bytes} bytes, its limit is {limit_bytes}: "
            "the storage takes too little"
        )


class LeaseError(MediaError):
    """Another run writes this recording: this one must not."""


class LeaseHeld(LeaseError):
    """Another run holds the lease at `key`; `age_s` ago it said so. `holder` is '' if unknown."""

    def __init__(self, key: str, holder: str, age_s: float) -> None:
        self.key = key
        self.holder = holder
        self.age_s = age_s
        super().__init__(f"{key} is held by {holder or 'another run'}, renewed {age_s:.0f} s ago")


class LeaseLost(LeaseError):
    """The lease at `key`, held with number `fence`, was taken over with `by_fence`, 0 if gone."""

    def __init__(self, key: str, fence: int, by_fence: int) -> None:
        self.key = key
        self.fence = fence
        self.by_fence = by_fence
        how = f"taken over with number {by_fence}" if by_fence else "removed"
        super().__init__(f"{key}, held with number {fence}, was {how}")


class MuxerError(MediaError):
    """The muxer did what it never does."""


class BrokenContainer(MuxerError):
    """The bytes are not the MP4 that our muxer writes."""

    def __init__(self, reason: str, offset: int) -> None:
        self.reason = reason
        self.offset = offset
        super().__init__(f"not a fragmented MP4 at byte {offset}: {reason}")


class HoleInFile(MuxerError):
    """The muxer wrote beyond the end, leaving bytes that nobody wrote."""

    def __init__(self, end: int, offset: int) -> None:
        self.end = end
        self.offset = offset
        super().__init__(f"bytes {end} to {offset} were never written")


class PatchOutOfReach(MuxerError):
    """The muxer rewrote bytes of a part that was uploaded and is no longer held."""

    def __init__(self, part_number: int, offset: int) -> None:
        self.part_number = part_number
        self.offset = offset
        super().__init__(f"byte {offset} was rewritten, but its part {part_number} has gone")


class VerificationFailed(MediaError):
    """The stored recording is not what was recorded: `what` was to be `expected`, is `got`."""

    def __init__(self, what: str, expected: object, got: object) -> None:
        self.what = what
        self.expected = expected
        self.got = got
        super().__init__(f"stored recording: {what} is {got}, expected {expected}")


class NothingToRecover(MediaError):
    """No header or no chunk is stored below the prefix."""

    def __init__(self, key_prefix: str) -> None:
        self.key_prefix = key_prefix
        super().__init__(f"no chunks are stored below {key_prefix}")
