from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from media.credentials import TemporaryCredentials, temporary_credentials
from media.errors import StorageError
from media.storage import open_storage


@pytest.fixture(autouse=True)
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No credentials from anywhere."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))


def test_none_and_lasting_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither no credentials nor a pair of keys end."""
    assert temporary_credentials() is None
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    assert temporary_credentials() is None


def test_a_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session token makes them temporary; their end is known where it was told."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    assert temporary_credentials() == TemporaryCredentials(None)
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", end.isoformat())
    assert temporary_credentials() == TemporaryCredentials(end)


def test_a_session_that_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is known of it here; whoever uses it is told, by a storage's error."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", "2026-01-01T00:00:00Z")
    assert temporary_credentials() is None
    with (
        open_storage("s3://bucket/x", endpoint_url="http://127.0.0.1:1") as storage,
        pytest.raises(StorageError, match=r"expired.*renew"),
    ):
        storage.check()


def test_a_profile_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever uses them says so; here it is no traceback."""
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    assert temporary_credentials() is None
