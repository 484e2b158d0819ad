import pytest

from media import errors


@pytest.mark.parametrize(
    ("error", "fault", "retryable", "words"),
    [
        (errors.CaptureFailed("no track"), errors.Fault.US, True, ["no track"]),
        (errors.RingUnavailable(24, 3), errors.Fault.US, False, ["24", "3 are free"]),
        (
            errors.DisplayUnavailable("Xvfb not found"),
            errors.Fault.DESTINATION,
            False,
            ["Xvfb not found", "apt-get install xvfb pulseaudio"],
        ),
        (
            errors.StorageError("writing", "s3://b/k", "AccessDenied", retryable=False, cure="ask"),
            errors.Fault.DESTINATION,
            False,
            ["writing at s3://b/k failed: AccessDenied (ask)"],
        ),
        (
            errors.ObjectMissing("reading", "s3://b/k"),
            errors.Fault.DESTINATION,
            False,
            ["reading at s3://b/k failed: it does not exist"],
        ),
        (
            errors.UploadUnfinished("s3://b", 7, 30.0, "unreachable"),
            errors.Fault.DESTINATION,
            True,
            ["7 bytes still wait after 30 s: unreachable"],
        ),
        (errors.SpoolFull(11, 10), errors.Fault.DESTINATION, False, ["11 bytes", "limit is 10"]),
        (errors.NothingToRecover("bot/"), errors.Fault.US, False, ["below bot/"]),
        (errors.PatchOutOfReach(3, 99), errors.Fault.US, False, ["byte 99", "part 3"]),
        (
            errors.VerificationFailed("duration_s", 10.0, 4.0),
            errors.Fault.US,
            False,
            ["duration_s is 4.0, expected 10.0"],
        ),
    ],
)
def test_each_error_knows_fault_and_retry_and_builds_its_text(
    error: errors.MediaError, fault: errors.Fault, retryable: bool, words: list[str]
) -> None:
    """One root; whose fault, whether a retry makes sense, and the facts are in each error."""
    assert (error.fault, error.retryable) == (fault, retryable)
    assert all(word in str(error) for word in words)
