"""The frames of the control plane: what may be said, and what is accepted. Pure.

A message is two frames, `[kind, body]`: a word and a JSON object of at most 1 MiB.
"""

import ipaddress
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bot.contract import MAX_BODY_BYTES

KIND = re.compile(rb"[!-~]{1,64}")
"""Printable ASCII without blanks."""
MAX_ID_CHARACTERS = 256

JOB = "job"
ACK = "ack"
SHUTDOWN = "shutdown"
READY = "ready"
REJECTED = "rejected"
HEARTBEAT = "heartbeat"
REPLY = "reply"


@dataclass(frozen=True, slots=True)
class JobFrame:
    """A job as it came: judged by `bot.job`, so that every refusal names its field."""

    body: bytes


@dataclass(frozen=True, slots=True)
class Ack:
    """Everything of the bot up to and including `seq` is safe at the receiver.

    `run_id` is optional in the contract; None means the run now being sent.
    """

    bot_id: str
    seq: int
    run_id: str | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """Anything else with an id: gets exactly one reply."""

    id: str | int
    name: str
    args: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Malformed:
    """Frames nothing can be made of: counted, never answered, never fatal."""

    reason: str


Incoming = JobFrame | Ack | Command | Malformed


def parse_frames(frames: Sequence[bytes]) -> Incoming:
    """Read one message of the orchestrator. Total: any bytes give a value, none raises."""
    if len(frames) != 2:  # noqa: PLR2004 - kind and body
        return Malformed("frame_count")
    kind_bytes, body = frames
    if not KIND.fullmatch(kind_bytes):
        return Malformed("kind")
    kind = kind_bytes.decode("ascii")
    if kind == JOB:
        return JobFrame(body)
    content = parse_object(body)
    if isinstance(content, Malformed):
        return content
    return _parse_ack(content) if kind == ACK else _parse_command(kind, content)


def parse_object(body: bytes) -> dict[str, Any] | Malformed:
    """The JSON object of one frame, or what it is instead."""
    if len(body) > MAX_BODY_BYTES:
        return Malformed("body_too_large")
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return Malformed("body_not_json")
    return content if isinstance(content, dict) else Malformed("body_not_an_object")


def _parse_ack(content: dict[str, Any]) -> Incoming:
    bot_id, seq, run_id = content.get("bot_id"), content.get("seq"), content.get("run_id")
    if not isinstance(bot_id, str) or type(seq) is not int or seq < 0:
        return Malformed("ack")
    return Ack(bot_id, seq, run_id if isinstance(run_id, str) else None)


def _parse_command(kind: str, content: dict[str, Any]) -> Incoming:
    command_id = content.pop("id", None)
    if isinstance(command_id, bool) or not isinstance(command_id, str | int):
        return Malformed("command_without_id")
    if len(str(command_id)) > MAX_ID_CHARACTERS:
        return Malformed("command_id_too_long")
    if not is_unicode(str(command_id)):
        return Malformed("command_id_not_unicode")  # no reply could repeat it
    return Command(command_id, kind, content)


def encode_body(body: Mapping[str, object]) -> bytes:
    """A body as UTF-8 JSON. Raises ValueError where it is no JSON object of at most 1 MiB."""
    try:
        data = json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, UnicodeEncodeError) as error:
        raise ValueError(f"not JSON: {error}") from error
    if len(data) > MAX_BODY_BYTES:
        raise ValueError(f"{len(data)} bytes of JSON, at most {MAX_BODY_BYTES} fit a frame")
    return data


def is_unicode(text: str) -> bool:
    """Whether UTF-8 can write it: JSON's escapes can make half a surrogate pair."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def same_id(one: str, other: str | None) -> bool:
    """Whether two ids are the same UUID: hexadecimal digits may come in either case."""
    return other is not None and one.casefold() == other.casefold()


def endpoint_problem(endpoint: str, *, encrypted: bool, waived: bool) -> str | None:
    """Why the worker must not connect there; None where it may. Resolves no name.

    Plain tcp is for loopback (`localhost`, 127.0.0.0/8, `[::1]`) unless waived; ipc never leaves
    the machine.
    """
    scheme, _, address = endpoint.partition("://")
    if scheme == "ipc":
        return None if address else "no path"
    if scheme != "tcp":
        return "neither tcp:// nor ipc://"
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "not a tcp endpoint"
    if not host or not port or parts.path or parts.username is not None:
        return "not tcp://host:port"
    if encrypted or waived or _is_loopback(host):
        return None
    return "plain text off loopback: give CURVE keys, or waive it (allow_plain_off_loopback)"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
