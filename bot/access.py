"""The worker's own access to meetings: identity and proxy, judged before a job is taken."""

import os
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.errors import SettingError
from bot.keys import is_exposed
from bot.masking import register_secrets
from bot.settings import Settings
from platforms.access import Access, parse_proxy

IDENTITY = "MEETBOT_IDENTITY"
PROXY = "MEETBOT_PROXY"
PROXY_FILE = "MEETBOT_PROXY_FILE"


class _Item(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    name: str
    value: str


class _Origin(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    origin: str
    localStorage: tuple[_Item, ...] = ()  # noqa: N815 - the file's own word


class _State(BaseModel):
    """What is needed of Playwright's storage state."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    cookies: tuple[_Item, ...] = ()
    origins: tuple[_Origin, ...] = ()

    def secrets(self) -> Iterator[str]:
        """Whatever signs somebody in."""
        yield from (cookie.value for cookie in self.cookies)
        yield from (item.value for origin in self.origins for item in origin.localStorage)


def access_of(settings: Settings) -> Access:
    """Identity and proxy of the settings; what is secret in them is never logged from now on.

    Reads their files. Raises `SettingError`: one is not there, others can read it, or it is no
    storage state; the proxy is no address of one.
    """
    proxy = None
    setting, address = _proxy_address(settings)
    if address is not None:
        try:
            proxy = parse_proxy(address)
        except ValueError as error:
            raise SettingError(setting, str(error)) from None
        register_secrets([address, proxy.get("password")])
    if settings.identity is not None:
        register_secrets(_state(settings.identity).secrets())
    return Access(settings.identity, proxy)


def _proxy_address(settings: Settings) -> tuple[str, str | None]:
    """Which setting tells the proxy, and what it says."""
    if settings.proxy_file is None:
        return PROXY, settings.proxy.get_secret_value() if settings.proxy else None
    if settings.proxy is not None:
        raise SettingError(PROXY_FILE, f"and {PROXY} are both set")
    found = _secret_file(PROXY_FILE, settings.proxy_file)
    return PROXY_FILE, found.decode(errors="replace").strip()


def _secret_file(setting: str, path: Path) -> bytes:
    try:
        status = path.stat()
        text = path.read_bytes()
    except OSError as error:
        raise SettingError(setting, f"{path}: {error.strerror}") from error
    if is_exposed(status.st_mode, owner_id=status.st_uid, user_id=os.geteuid()):
        raise SettingError(setting, f"{path}: others can read it, chmod it to 600")
    return text


def _state(path: Path) -> _State:
    text = _secret_file(IDENTITY, path)
    try:
        return _State.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise SettingError(IDENTITY, f"{path}: no storage state: {place}: {first['msg']}") from None
