"""A client for any S3-compatible server, patient with a slow line and not with a dead one."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import boto3
from botocore.client import Config

SLOWEST_BYTES_PER_S: Final = 25_000
"""200 kbit/s: an upload that is at least as fast is not cut."""
BUFFERED_BYTES: Final = 4 * 1024 * 1024
"""What Linux lets a connection hold at most (net.ipv4.tcp_wmem)."""


@dataclass(frozen=True, slots=True)
class S3Settings:
    """How to reach the server; None means the AWS standard settings.

    Sending is cut when nothing moved for `connect_timeout_s`, an answer is waited for as
    `answer_within_s` says; `attempts` are botocore's own.
    """

    endpoint_url: str | None = None
    region: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None
    connect_timeout_s: float = 10.0
    read_timeout_s: float = 20.0
    attempts: int = 2


def answer_within_s(size_bytes: int, read_timeout_s: float) -> float:
    """How long after a body was handed to the system its answer is waited for.

    By then up to `BUFFERED_BYTES` of it are still on their way, at `SLOWEST_BYTES_PER_S` or more.
    """
    return read_timeout_s + min(size_bytes, BUFFERED_BYTES) / SLOWEST_BYTES_PER_S


def connect(settings: S3Settings) -> Any:  # noqa: ANN401 - its stubs live in the dev environment
    """A boto3 client; nothing is sent. Raises botocore's errors for settings that are none."""
    config = Config(
        signature_version="s3v4",
        connect_timeout=settings.connect_timeout_s,
        read_timeout=settings.read_timeout_s,
        retries={"total_max_attempts": settings.attempts, "mode": "standard"},
        s3={"addressing_style": "path"} if settings.endpoint_url else None,
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    session = boto3.Session(
        aws_access_key_id=settings.access_key_id,
        aws_secret_access_key=settings.secret_access_key,
        region_name=settings.region,
    )
    client: Any = session.client(
        "s3",
        endpoint_url=settings.endpoint_url,
        region_name=session.region_name or "us-east-1",
        config=config,
    )
    client.meta.events.register("before-call.s3", partial(_be_patient, settings))
    return client


def _be_patient(
    settings: S3Settings, params: Mapping[str, Any], context: dict[str, Any], **_: object
) -> None:
    """Botocore's hook before a request: how long this one waits for its answer."""
    body = params.get("body")
    if isinstance(body, io.BytesIO):
        size_bytes = body.getbuffer().nbytes
        context["read_timeout"] = answer_within_s(size_bytes, settings.read_timeout_s)
