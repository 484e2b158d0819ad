"""The errors of `platforms`."""

import pytest

from platforms.errors import (
    BrowserUnavailable,
    EvidenceInvalid,
    Fault,
    InvalidMeetingUrl,
    PageLost,
    PageUnreachable,
    PlatformBroken,
    PlatformError,
    UnsupportedPlatform,
)


@pytest.mark.parametrize(
    ("error", "fault", "retryable", "text"),
    [
        (InvalidMeetingUrl("is empty"), Fault.CALLER, False, "meeting URL is empty"),
        (
            UnsupportedPlatform("zoom"),
            Fault.CALLER,
            False,
            "zoom: not supported by this version",
        ),
        (
            PageUnreachable("meet.google.com", "no answer within 5 s"),
            Fault.MEETING,
            True,
            "meet.google.com did not load: no answer within 5 s",
        ),
        (
            PageUnreachable("meet.google.com", "HTTP 404", 404),
            Fault.MEETING,
            False,
            "meet.google.com did not load: HTTP 404",
        ),
        (PageLost("loading"), Fault.US, True, "the meeting page died while loading"),
        (
            BrowserUnavailable({"/usr/bin/x": "lacks h264", "/y": "gone"}),
            Fault.DESTINATION,
            False,
            "no usable browser (/usr/bin/x: lacks h264; /y: gone); cure: apt-get install chromium",
        ),
        (
            EvidenceInvalid("zoom.rows.0.needs", "there is no sign 'x'"),
            Fault.CALLER,
            False,
            "evidence file: zoom.rows.0.needs: there is no sign 'x'",
        ),
        (
            PlatformBroken("fourth", "ImportError: no"),
            Fault.US,
            False,
            "fourth: cannot be loaded (ImportError: no)",
        ),
        (
            BrowserUnavailable({}),
            Fault.DESTINATION,
            False,
            "no usable browser (none was found); cure: apt-get install chromium",
        ),
    ],
)
def test_facts(error: PlatformError, fault: Fault, *, retryable: bool, text: str) -> None:
    """Each error knows whose fault it is and whether to retry, and builds its text from facts."""
    assert (error.fault, error.retryable, str(error)) == (fault, retryable, text)


@pytest.mark.parametrize(("status", "retryable"), [(None, True), (499, False), (500, True)])
def test_server_faults_are_retried(status: int | None, *, retryable: bool) -> None:
    """A server in trouble is worth another try, one that refuses is not."""
    assert PageUnreachable("h", "r", status).retryable is retryable
