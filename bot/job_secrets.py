"""What of a job must never be read in a log or a bundle. Pure."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from bot.job import Job

MIN_CHARACTERS: Final = 6
"""A shorter part of an address is no secret, and masking it would blank out ordinary words."""


def job_secrets(job: Job) -> tuple[str, ...]:
    """Keys, the callback's secret, and whatever the job's addresses carry beside their path."""
    found = [*_of_address(job.meeting_url.url)]
    if job.callback_config is not None:
        found += _of_address(job.callback_config.url)
        if job.callback_config.secret is not None:
            found.append(job.callback_config.secret.get_secret_value())
    if job.transcription_config is not None and job.transcription_config.api_key is not None:
        found.append(job.transcription_config.api_key.get_secret_value())
    if job.streaming_config is not None:
        for url in (job.streaming_config.input_url, job.streaming_config.output_url):
            found += _of_address(url or "")
    return tuple(dict.fromkeys(found))


def _of_address(url: str) -> Iterator[str]:
    parts = urlsplit(url)
    query = [*parse_qsl(parts.query), *parse_qsl(parts.fragment)]
    for value in (parts.password and unquote(parts.password), *(value for _, value in query)):
        if value and len(value) >= MIN_CHARACTERS:
            yield value
