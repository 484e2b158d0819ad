"""What of a job must never be read."""

import pytest

from bot.job import parse_job
from bot.job_secrets import job_secrets

BASE = {"meeting_url": "https://meet.google.com/abc-defg-hij", "bot_name": "Notes"}


def test_a_plain_job_has_none() -> None:
    """The client's own parameters in an address are no secrets."""
    assert job_secrets(parse_job(BASE, local_run=True)) == ()


@pytest.mark.parametrize(
    ("url", "secrets"),
    [
        ("https://x.example/hook?token=PLANTED-QUERY&n=1", ("PLANTED-QUERY",)),
        ("https://user:PLANTED%20PASS@x.example/", ("PLANTED PASS",)),
        ("https://x.example/hook#key=PLANTED-FRAGMENT", ("PLANTED-FRAGMENT",)),
        ("https://x.example/hook?short=abc", ()),
    ],
)
def test_callback_address_and_secret(url: str, secrets: tuple[str, ...]) -> None:
    """Query, fragment and password of the callback's address, and its secret."""
    config = {"url": url, "secret": "PLANTED-SECRET"}
    job = parse_job({**BASE, "callback_enabled": True, "callback_config": config}, local_run=True)
    assert job_secrets(job) == (*secrets, "PLANTED-SECRET")


def test_keys_of_features_to_come_count_too() -> None:
    """A provider's key and a streaming address are in the job whether or not they are used."""
    job = parse_job(
        {
            **BASE,
            "transcription_config": {"api_key": "PLANTED-KEY"},
            "streaming_config": {"output_url": "wss://x.example/in?auth=PLANTED-AUTH"},
        },
        local_run=True,
    )
    assert job_secrets(job) == ("PLANTED-KEY", "PLANTED-AUTH")
