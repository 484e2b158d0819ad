"""The words of the wire contract, and what this version supports of it.

Why bots end has a module of its own, `bot.end_reasons`; its words are handed on here.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.end_reasons import (
    END_REASONS,
    EXIT_OF_FAULT,
    MIN_RECORDED_S,
    EndReason,
    EndReasonFacts,
)
from platforms.registry import plugins
from platforms.types import Platform

__all__ = [
    "END_REASONS",
    "EXIT_OF_FAULT",
    "FEATURE_OF_PLATFORM",
    "MAX_BODY_BYTES",
    "MIN_RECORDED_S",
    "NOT_SUPPORTED_TEXT",
    "SCHEMA_VERSION",
    "UNSUPPORTED",
    "AudioFormat",
    "Command",
    "EndReason",
    "EndReasonFacts",
    "Feature",
    "RecordingMode",
    "Resolution",
    "Status",
    "TranscriptionStatus",
    "capabilities",
    "command_supported",
]

SCHEMA_VERSION: Final = "1.0.0"
"""Version of the published JSON Schemas: a new major when a reader of the old one would break."""

MAX_BODY_BYTES: Final = 1024 * 1024
"""The bound of every body on the wire, and of a job file."""


class Status(StrEnum):
    """The statuses of a bot, in the order they can come."""

    QUEUED = "queued"
    JOINING_CALL = "joining_call"
    IN_WAITING_ROOM = "in_waiting_room"
    IN_WAITING_FOR_HOST = "in_waiting_for_host"
    IN_CALL_NOT_RECORDING = "in_call_not_recording"
    IN_CALL_RECORDING = "in_call_recording"
    RECORDING_PAUSED = "recording_paused"
    RECORDING_RESUMED = "recording_resumed"
    CALL_ENDED = "call_ended"
    TRANSCRIBING = "transcribing"
    COMPLETED = "completed"
    FAILED = "failed"


class TranscriptionStatus(StrEnum):
    """The transcription's own status in the answer to `get_status`."""

    NOT_APPLICABLE = "not-applicable"
    NOT_STARTED = "not-started"
    QUEUED = "queued"
    PROCESSING = "processing"
    DONE = "done"
    ERROR = "error"


class Command(StrEnum):
    """The kinds of frames that ask something of a bot and get one `reply`."""

    LEAVE = "leave"
    PAUSE = "pause"
    RESUME = "resume"
    SEND_CHAT_MESSAGE = "send_chat_message"
    SCREENSHOT = "screenshot"
    GET_STATUS = "get_status"
    UPDATE_CONFIG = "update_config"
    SHUTDOWN = "shutdown"


class RecordingMode(StrEnum):
    """What the recording shows."""

    SPEAKER_VIEW = "speaker_view"
    GALLERY_VIEW = "gallery_view"
    AUDIO_ONLY = "audio_only"


class Resolution(StrEnum):
    """The size of the recording's picture: 1280x720 or 1920x1080."""

    HD = "720p"
    FULL_HD = "1080p"


class AudioFormat(StrEnum):
    """The format of the separate audio file."""

    MP3 = "mp3"
    FLAC = "flac"


class Feature(StrEnum):
    """Everything the contract has that a version may lack, as `ready.capabilities` names it."""

    GOOGLE_MEET = "platform.google_meet"
    TEAMS = "platform.microsoft_teams"
    ZOOM = "platform.zoom"
    SPEAKER_VIEW = "recording_mode.speaker_view"
    GALLERY_VIEW = "recording_mode.gallery_view"
    AUDIO_ONLY = "recording_mode.audio_only"
    HD = "resolution.720p"
    FULL_HD = "resolution.1080p"
    MP3 = "audio_format.mp3"
    FLAC = "audio_format.flac"
    BOT_IMAGE = "bot_image"
    BOT_IMAGE_CONFIG = "bot_image_config"
    ENTRY_MESSAGE = "entry_message"
    IGNORED_PARTICIPANT_NAMES = "ignored_participant_names"
    TRANSCRIPTION = "transcription"
    STREAMING = "streaming"
    CALLBACK = "callback"
    JOIN_AT = "join_at"
    KEEP_CHUNKS = "retention.keep_chunks"
    LEAVE = "command.leave"
    PAUSE = "command.pause"
    RESUME = "command.resume"
    SEND_CHAT_MESSAGE = "command.send_chat_message"
    SCREENSHOT = "command.screenshot"
    GET_STATUS = "command.get_status"
    UPDATE_CONFIG = "command.update_config"
    SHUTDOWN = "command.shutdown"


UNSUPPORTED: Final = frozenset(
    {
        Feature.BOT_IMAGE,
        Feature.BOT_IMAGE_CONFIG,
        Feature.TRANSCRIPTION,
        Feature.STREAMING,
    }
)
"""What this version refuses by name. Delete a row when its function exists: the job's door, the
commands' door and `capabilities` all read this one set."""

NOT_SUPPORTED_TEXT: Final = "not supported by this version"

FEATURE_OF_PLATFORM: Final[Mapping[str, Feature]] = MappingProxyType(
    {
        Platform.GOOGLE_MEET: Feature.GOOGLE_MEET,
        Platform.TEAMS: Feature.TEAMS,
        Platform.ZOOM: Feature.ZOOM,
    }
)


def capabilities() -> tuple[str, ...]:
    """What `ready` says this worker can do: the contract's words, then platforms of its own.

    Raises `PlatformBroken` for an installed platform that cannot be loaded.
    """
    features = (feature.value for feature in Feature if feature not in UNSUPPORTED)
    own = (
        f"platform.{name}"
        for name, plugin in sorted(plugins().items())
        if name not in FEATURE_OF_PLATFORM and plugin.load_adapter is not None
    )
    return (*features, *own)


def command_supported(command: Command) -> bool:
    """Whether this version carries the command out."""
    return Feature(f"command.{command.value}") not in UNSUPPORTED
