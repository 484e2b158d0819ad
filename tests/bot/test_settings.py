import os

import pytest

from bot.errors import SettingError
from bot.settings import (
    Settings,
    browser_environment,
    environment_secrets,
    load_settings,
    settings_table,
)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of this machine counts."""
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"MEETBOT_{name.upper()}", raising=False)


def test_defaults_need_no_environment() -> None:
    """Without any variable the settings are those the README's table shows."""
    settings = load_settings()
    assert settings.storage == "./recordings"
    assert settings.job_timeout_s == 300
    assert settings.grace_s == 60
    assert settings.connect is None
    assert settings.worker_id


def test_environment_then_overrides(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable beats the default, a command-line option the variable, None nothing."""
    monkeypatch.setenv("MEETBOT_STORAGE", "s3://bucket/prefix")
    monkeypatch.setenv("MEETBOT_LOG_LEVEL", "debug")
    monkeypatch.setenv("MEETBOT_BROWSER", "")
    settings = load_settings({"storage": "file:///tmp/x", "log_level": None})
    assert settings.storage == "file:///tmp/x"
    assert settings.log_level == "debug"
    assert settings.browser is None


def test_s3_endpoint_is_also_the_aws_standard_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The AWS variable serves where ours is absent, and ours wins over it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9000")
    assert load_settings().s3_endpoint == "http://127.0.0.1:9000"
    monkeypatch.setenv("MEETBOT_S3_ENDPOINT", "https://s3.example.com")
    assert load_settings().s3_endpoint == "https://s3.example.com"
    assert load_settings({"s3_endpoint": "http://x:1"}).s3_endpoint == "http://x:1"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MEETBOT_STORAGE", "ftp://x"),
        ("MEETBOT_STORAGE", "s3://"),
        ("MEETBOT_STORAGE", "file://host/x"),
        ("MEETBOT_S3_ENDPOINT", "localhost:9000"),
        ("MEETBOT_JOB_TIMEOUT_S", "0"),
        ("MEETBOT_JOB_TIMEOUT_S", "soon"),
        ("MEETBOT_GRACE_S", "-1"),
        ("MEETBOT_CONNECT", "http://x"),
        ("MEETBOT_WORKER_ID", "a\x00b"[:1] + "\n"),
        ("MEETBOT_WORKER_ID", "x" * 256),
        ("MEETBOT_BROWSER_MODE", "xvfb"),
        ("MEETBOT_CAPTURE", "screen"),
        ("MEETBOT_LOG_FORMAT", "xml"),
        ("MEETBOT_SPOOL_MAX_BYTES", "1"),
    ],
)
def test_bad_value_names_its_setting(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """One error, and it carries the variable's own name."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingError) as caught:
        load_settings()
    assert caught.value.setting == name
    assert "\n" not in str(caught.value)


def test_curve_files_come_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a CURVE configuration is an error, not plain text."""
    monkeypatch.setenv("MEETBOT_CURVE_SERVER_KEY_FILE", "/x")
    with pytest.raises(SettingError, match="together"):
        load_settings()


def test_settings_are_frozen() -> None:
    """What was read stays as it was read."""
    with pytest.raises(ValueError, match="frozen"):
        load_settings().storage = "elsewhere"  # type: ignore[misc]


def test_table_has_a_row_with_a_meaning_for_each_setting() -> None:
    """The README's table cannot miss a setting, and depends on no machine."""
    lines = settings_table().splitlines()
    assert len(lines) == 2 + len(Settings.model_fields)
    for name, line in zip(Settings.model_fields, lines[2:], strict=True):
        assert line.startswith(f"| `MEETBOT_{name.upper()}` |")
        assert not line.endswith("| None |")
    assert "PydanticUndefined" not in settings_table()


def test_environment_secrets_are_the_aws_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """The values to register for masking come from here, as no other module reads them."""
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    assert environment_secrets() == ()
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted")
    assert environment_secrets() == ("planted",)


@pytest.mark.parametrize(
    ("name", "hint"),
    [("MEETBOT_GRACE", "did you mean MEETBOT_GRACE_S?"), ("meetbot_zzzzzzzz", "no such setting")],
)
def test_unknown_variable_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, hint: str) -> None:
    """A variable with our prefix that is no setting is an error: a typo is no silent default."""
    monkeypatch.setenv(name, "5")
    with pytest.raises(SettingError) as caught:
        load_settings()
    assert caught.value.setting == name
    assert hint in str(caught.value)


def test_what_a_browser_inherits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside the block only what a browser needs is there; after it everything is again."""
    secret = {"AWS_SECRET_ACCESS_KEY": "s", "MEETBOT_CONNECT": "c", "GLADIA_API_KEY": "g"}
    needed = {"HOME": "/h", "PATH": "/p", "https_proxy": "http://x", "XDG_CACHE_HOME": "/c"}
    for name, value in (secret | needed).items():
        monkeypatch.setenv(name, value)
    before = dict(os.environ)
    with browser_environment():
        inherited = dict(os.environ)
    assert dict(os.environ) == before
    assert not secret.keys() & inherited.keys()
    assert needed.items() <= inherited.items()


def test_what_is_recorded_decides_whether_there_is_a_window() -> None:
    """A display shows a window, a tab needs none; what contradicts itself is refused by name."""
    assert not Settings().is_headful
    assert Settings(browser_mode="headful").is_headful
    assert Settings(capture="display").is_headful
    with pytest.raises(SettingError, match=r"MEETBOT_CAPTURE.*must not be headless"):
        load_settings({"capture": "display", "browser_mode": "headless"})


def test_a_browser_is_told_of_its_display(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is added stands in place of ours inside the block, and ours is back afterwards."""
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("PULSE_SERVER", raising=False)
    with browser_environment({"DISPLAY": ":7", "PULSE_SERVER": "unix:/x"}):
        assert (os.environ["DISPLAY"], os.environ["PULSE_SERVER"]) == (":7", "unix:/x")
    assert os.environ["DISPLAY"] == ":0"
    assert "PULSE_SERVER" not in os.environ
