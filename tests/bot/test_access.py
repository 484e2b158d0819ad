"""Identity and proxy as settings: judged before a job, never logged."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.access import access_of
from bot.errors import SettingError
from bot.masking import forget_secrets, mask
from bot.settings import Settings, load_settings
from tests.platforms.test_access import SESSION, STATE


@pytest.fixture(autouse=True)
def no_secrets() -> Iterator[None]:
    """What a test registers ends with it."""
    yield
    forget_secrets()


def state_file(folder: Path, content: str, mode: int = 0o600) -> Path:
    """An identity's file."""
    path = folder / "state.json"
    path.write_text(content)
    path.chmod(mode)
    return path


def test_without_any() -> None:
    """Nothing is used that was not given."""
    access = access_of(Settings())
    assert (access.identity, access.proxy) == (None, None)


def test_secrets_are_masked_from_now_on(tmp_path: Path) -> None:
    """Cookie values and the proxy's password are gone from whatever is logged."""
    path = state_file(tmp_path, json.dumps(STATE))
    settings = load_settings({"identity": path, "proxy": "http://u:pr0xy-pw@p.example:1"})
    access = access_of(settings)
    assert access.identity == path
    assert access.proxy is not None
    told = mask(f"{SESSION} pr0xy-pw")
    assert SESSION not in told
    assert "pr0xy-pw" not in told
    assert "pr0xy-pw" not in repr(settings)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_file_others_can_read(tmp_path: Path, mode: int) -> None:
    """It is refused with its cure."""
    path = state_file(tmp_path, json.dumps(STATE), mode)
    with pytest.raises(SettingError, match=r"MEETBOT_IDENTITY.*chmod it to 600"):
        access_of(Settings(identity=path))


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ("{", "no storage state"),
        ("[]", "no storage state"),
        ('{"cookies": [{}]}', "cookies.0.name"),
    ],
)
def test_a_file_that_is_no_storage_state(tmp_path: Path, content: str, match: str) -> None:
    """It is refused with the place of what is wrong, and nothing of its content."""
    with pytest.raises(SettingError, match=match):
        access_of(Settings(identity=state_file(tmp_path, content)))


def test_what_is_not_there_or_no_proxy(tmp_path: Path) -> None:
    """Both are named by their settings."""
    with pytest.raises(SettingError, match=r"MEETBOT_IDENTITY.*No such file"):
        access_of(Settings(identity=tmp_path / "none.json"))
    with pytest.raises(SettingError, match="MEETBOT_PROXY: must be host and port"):
        access_of(load_settings({"proxy": "gopher://s3cret-host:1"}))


def test_proxy_from_a_file(tmp_path: Path) -> None:
    """For places where no secret may stand in an environment; masked like the other."""
    path = state_file(tmp_path, "http://u:pr0xy-pw@p.example:1\n")
    access = access_of(load_settings({"proxy_file": path}))
    assert access.proxy is not None
    assert access.proxy["password"] == "pr0xy-pw"
    assert "pr0xy-pw" not in mask("pr0xy-pw")


def test_two_proxies_are_one_too_many(tmp_path: Path) -> None:
    """Neither is silently the one that counts."""
    path = state_file(tmp_path, "http://p.example:1")
    settings = load_settings({"proxy_file": path, "proxy": "http://q.example:1"})
    with pytest.raises(SettingError, match=r"MEETBOT_PROXY_FILE.*both"):
        access_of(settings)
