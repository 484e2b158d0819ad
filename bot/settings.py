"""Settings of the process: the only module that reads the environment.

Every field is `MEETBOT_<NAME>`; the README's table is generated from the descriptions here.
"""

import difflib
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AliasChoices,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import SettingError

PREFIX = "MEETBOT_"
SECRET_VARIABLES = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
BROWSER_VARIABLES = re.compile(
    "PATH|HOME|USER|LOGNAME|LANG|LANGUAGE|LC_.*|TZ|TMPDIR|XDG_.*|DISPLAY|WAYLAND_DISPLAY|XAUTHORITY"
    "|DBUS_.*|FONTCONFIG_.*|LD_LIBRARY_PATH|SSL_CERT_(FILE|DIR)|PLAYWRIGHT_.*|((HTTPS?|ALL|NO)_PROXY)",
    re.IGNORECASE,
)
"""What a browser and its driver need of the environment: all else, above all secrets, is ours."""

Seconds = Annotated[float, Field(gt=0, le=86_400)]


class Settings(BaseSettings):
    """How this worker runs; what it is to do comes in the job. Frozen; safe to log."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        populate_by_name=True,
    )

    storage: str = Field(
        default="./recordings",
        description="Where artifacts go: a folder, `file:///dir` or `s3://bucket/prefix`.",
    )
    s3_endpoint: str | None = Field(
        default=None,
        validation_alias=AliasChoices(
            "MEETBOT_S3_ENDPOINT", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"
        ),
        description="S3 server other than AWS; also read from `AWS_ENDPOINT_URL_S3` and "
        "`AWS_ENDPOINT_URL`. Credentials and region are the AWS standard variables.",
    )
    spool_dir: Path = Field(
        default=Path(".meetbot"),
        description="Local folder for what is not yet uploaded or acknowledged.",
    )
    spool_max_bytes: int = Field(
        default=4 * 1024**3,
        ge=64 * 1024**2,
        description="Bound of the local spool; a full spool is named, never a silent gap.",
    )
    worker_id: str = Field(
        default_factory=lambda: f"{os.uname().nodename[:200]}-{os.getpid()}",
        min_length=1,
        max_length=255,
        description="ZeroMQ routing id, stable over reconnects and never shared.",
    )
    connect: str | None = Field(
        default=None,
        description="The orchestrator's ROUTER endpoint, such as `tcp://127.0.0.1:5555`.",
    )
    job_timeout_s: Seconds = Field(
        default=300, description="No job within this time after the start: exit 3."
    )
    curve_server_key_file: Path | None = Field(
        default=None, description="CURVE: file with the orchestrator's public key."
    )
    curve_secret_key_file: Path | None = Field(
        default=None,
        description="CURVE: file with this worker's own key pair, mode 0600 (`meetbot keygen`).",
    )
    allow_plain_off_loopback: bool = Field(
        default=False,
        description="Waive CURVE for a tcp endpoint that is not on loopback.",
    )
    browser: Path | None = Field(
        default=None,
        description="The browser's binary; found by itself when absent.",
    )
    browser_mode: Literal["auto", "headless", "headful"] = Field(
        default="auto",
        description="`headful`: in a window, on a display of the bot's own (Xvfb). `auto`: only "
        "where `MEETBOT_CAPTURE` needs it.",
    )
    identity: Path | None = Field(
        default=None,
        description="Playwright storage state of a signed-in user, mode 0600: the bot comes as "
        "that user.",
    )
    proxy: SecretStr | None = Field(
        default=None,
        description="The browser's way out: `http://user:password@host:port`, https or socks5.",
    )
    proxy_file: Path | None = Field(
        default=None,
        description="File with that address, mode 0600, where none may stand in an environment.",
    )
    evidence_file: Path | None = Field(
        default=None,
        description="JSON file that mends the adapters' tables of evidence (`meetbot probe` shows "
        "what a page needs).",
    )
    capture: Literal["tab", "display"] = Field(
        default="tab",
        description="What is recorded: the meeting's `tab`, handed over by the browser, or the "
        "`display` it runs on (Xvfb and a PulseAudio of the bot's own), as in the image.",
    )
    load_timeout_s: Seconds = Field(
        default=60,
        description="A meeting page that shows no known state by then: CANNOT_JOIN_MEETING.",
    )
    grace_s: Seconds = Field(
        default=60, description="Time to leave, upload and report after SIGTERM."
    )
    url_lifetime_s: int = Field(
        default=4 * 3600,
        ge=60,
        le=7 * 86_400,
        description="How long presigned URLs in a terminal event are good for.",
    )
    callback_allow_private: bool = Field(
        default=False,
        description="Let callbacks and picture fetches reach private, loopback and link-local "
        "addresses.",
    )
    simulator: str | None = Field(
        default=None,
        description="Address of a running `meetbot simulate` that stands in for the meeting "
        "product.",
    )
    health_file: Path | None = Field(
        default=None,
        description="File renewed every 5 s while the process is alive; judged by "
        "`python -m bot.health FILE` (the image's health check).",
    )
    log_format: Literal["auto", "json", "console"] = Field(
        default="auto", description="`auto`: coloured lines on a terminal, else JSON."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least level that is logged."
    )

    @field_validator("storage")
    @classmethod
    def _storage_is_known(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme == "s3" and parts.netloc:
            return value
        if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
            return value
        if "://" in value or not value:
            raise ValueError("must be a folder, file:///dir or s3://bucket/prefix")
        return value

    @field_validator("s3_endpoint")
    @classmethod
    def _endpoint_is_http(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must be an http or https URL")
        return value

    @field_validator("connect")
    @classmethod
    def _connect_is_zmq(cls, value: str | None) -> str | None:
        if value is not None and not re.match(r"(tcp|ipc)://.", value):
            raise ValueError("must be a tcp:// or ipc:// endpoint")
        return value

    @field_validator("worker_id")
    @classmethod
    def _worker_id_is_a_routing_id(cls, value: str) -> str:
        if not value.isprintable() or len(value.encode()) > 255:  # noqa: PLR2004 - ZMTP's bound
            raise ValueError("must be printable and at most 255 bytes of UTF-8")
        return value

    @field_validator("capture")
    @classmethod
    def _display_has_a_window(cls, value: str, info: ValidationInfo) -> str:
        if value == "display" and info.data.get("browser_mode") == "headless":
            raise ValueError("display needs a window: MEETBOT_BROWSER_MODE must not be headless")
        return value

    @property
    def is_headful(self) -> bool:
        """Whether the browser has a window, and needs a display for it."""
        return self.browser_mode == "headful" or self.capture == "display"

    @property
    def shown_browser_mode(self) -> Literal["headless", "headful"]:
        """How the browser runs in the end, `auto` being one of the two."""
        return "headful" if self.is_headful else "headless"

    @model_validator(mode="after")
    def _curve_files_come_together(self) -> Self:
        if (self.curve_server_key_file is None) != (self.curve_secret_key_file is None):
            raise ValueError("curve_server_key_file and curve_secret_key_file come together")
        return self


def load_settings(overrides: Mapping[str, object] | None = None) -> Settings:
    """The settings of the environment, `overrides` (command-line options) on top of them.

    An override of None means: not given. Raises `SettingError`, which names the first bad setting;
    a `MEETBOT_` variable that is no setting is one, else a typo would silently be the default.
    """
    _refuse_unknown()
    given = {key: value for key, value in (overrides or {}).items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]  # pydantic judges the values
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "curve_secret_key_file"
        raise SettingError(_variable(place), first["msg"].removeprefix("Value error, ")) from None


def _refuse_unknown() -> None:
    known = {_variable(name) for name in Settings.model_fields}
    for name in sorted(os.environ):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            nearest = difflib.get_close_matches(name.upper(), known, n=1)
            hint = f"; did you mean {nearest[0]}?" if nearest else ""
            raise SettingError(name, f"no such setting{hint}")


def environment_secrets() -> tuple[str, ...]:
    """Values of the environment that must never appear in a log."""
    return tuple(value for name in SECRET_VARIABLES if (value := os.environ.get(name)))


@contextmanager
def browser_environment(added: Mapping[str, str] | None = None) -> Iterator[None]:
    """Inside, what this process starts inherits `BROWSER_VARIABLES` alone, and what is `added`.

    The environment is the whole process's: only for the moment of starting something.
    """
    withheld = {
        name: value for name, value in os.environ.items() if not BROWSER_VARIABLES.fullmatch(name)
    }
    replaced = {name: os.environ.get(name) for name in added or {}}
    for name in withheld:
        del os.environ[name]
    os.environ.update(added or {})
    try:
        yield
    finally:
        for name, value in replaced.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
        os.environ.update(withheld)


def variable(name: str) -> str | None:
    """A variable that is no setting of ours, None where it is empty or not set."""
    return os.environ.get(name) or None


def settings_table() -> str:
    """The README's table of settings, in Markdown."""
    rows = ["| setting | default | meaning |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        default = "host name and process id" if name == "worker_id" else _shown(field.default)
        rows.append(f"| `{_variable(name)}` | {default} | {field.description} |")
    return "\n".join(rows) + "\n"


def _variable(name: str) -> str:
    return name if name.isupper() else PREFIX + name.upper()


def _shown(value: object) -> str:
    if value is None:
        return "none"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
