"""The storage's examination, in a folder and on the real S3 server."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.checks import storage as checks
from bot.checks.storage import Trial, storage
from bot.checks.types import Level
from bot.settings import Settings
from media.errors import Unsupported
from media.locations import S3Location
from media.s3_client import S3Settings
from media.storage_folder import FolderStorage
from media.storage_s3 import S3Storage
from tests.servers import radosgw

ROWS = [
    *("storage", "multipart", "listing"),
    *("conditional create", "conditional write", "presigned URLs"),
]
AT = datetime(2026, 7, 1, 12, 0, 0, tzinfo=UTC)


@pytest.fixture
def s3(
    s3_location: S3Location, s3_settings: S3Settings, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """A bucket of the real server, reached by the AWS standard variables."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", radosgw.ACCESS_KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", radosgw.SECRET_ACCESS_KEY)
    return Settings(storage=str(s3_location), s3_endpoint=s3_settings.endpoint_url)


def test_folder(tmp_path: Path) -> None:
    """Every operation is proved, and nothing is left."""
    findings = storage(Settings(storage=str(tmp_path / "x")))
    assert [finding.check for finding in findings] == ROWS
    assert {finding.level for finding in findings} == {Level.OK}
    assert list((tmp_path / "x").iterdir()) == []


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """One finding, in the storage's words: nothing else would work either."""
    (tmp_path / "x").write_bytes(b"")
    (finding,) = storage(Settings(storage=str(tmp_path / "x")))
    assert (finding.check, finding.level) == ("storage", Level.FAILED)
    assert finding.mend == "the folder must be writable and have room"


def test_a_folder_with_little_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that a long meeting would fill is a warning."""
    monkeypatch.setattr(checks, "FOLDER_BYTES", 1 << 60)
    first = storage(Settings(storage=str(tmp_path)))[0]
    assert first.level is Level.WARNING
    assert "make room" in first.mend


def test_a_name_that_is_no_bucket() -> None:
    """A finding, not a traceback."""
    (finding,) = storage(Settings(storage="s3://A_B/x"))
    assert (finding.level, "A_B" in finding.found) == (Level.FAILED, True)


class Forgetful(FolderStorage):
    """Creates again what is there, as S3 servers do that do not know If-None-Match."""

    def put_if_absent(self, key: str, data: bytes, content_type: str) -> bool:
        """Write it, whatever is there."""
        self.put(key, data, content_type)
        return True


def test_a_conditional_create_that_is_none(tmp_path: Path) -> None:
    """Found, and what would come of it is said; the other rows stand."""
    trial = Trial(Forgetful(tmp_path), "doctor-1", Settings(storage=str(tmp_path)))
    findings = list(checks._examine(trial))
    assert [f.check for f in findings if f.level is Level.FAILED] == ["conditional create"]
    assert "If-None-Match" in findings[3].mend
    assert list(tmp_path.iterdir()) == []


class Careless(FolderStorage):
    """Replaces what has changed, as S3 servers do that do not know If-Match."""

    def put_if_unchanged(self, key: str, data: bytes, content_type: str, tag: str) -> str | None:
        """Write it, whatever is there."""
        self.put(key, data, content_type)
        return tag


class Refusing(FolderStorage):
    """Replaces nothing on condition."""

    def put_if_unchanged(self, key: str, data: bytes, content_type: str, tag: str) -> str | None:
        """Not done."""
        raise Unsupported("replacing", f"{key} {len(data)} {content_type} {tag}")


@pytest.mark.parametrize(("kind", "words"), [(Careless, "ignored"), (Refusing, "is refused")])
def test_a_conditional_replacement_that_is_none(
    tmp_path: Path, kind: type[FolderStorage], words: str
) -> None:
    """A warning: a meeting can be recorded all the same, a lost machine's is for nobody else."""
    trial = Trial(kind(tmp_path), "doctor-1", Settings(storage=str(tmp_path)))
    (found,) = [f for f in checks._examine(trial) if f.level is not Level.OK]
    assert (found.check, found.level) == ("conditional write", Level.WARNING)
    assert words in found.found
    assert "If-Match" in found.mend
    assert list(tmp_path.iterdir()) == []


def test_no_server() -> None:
    """An endpoint where nobody listens is named, within the quick check's time."""
    (finding,) = storage(Settings(storage="s3://bucket/x", s3_endpoint="http://127.0.0.1:1"))
    assert (finding.check, finding.level) == ("storage", Level.FAILED)


@pytest.mark.s3
@pytest.mark.timeout(300)
def test_s3(s3: Settings, s3_storage: S3Storage) -> None:
    """A real server does it all, its URLs can be fetched, its clock agrees; nothing is left."""
    findings = storage(s3)
    assert [finding.check for finding in findings] == [*ROWS, "storage clock"]
    assert {finding.level for finding in findings} == {Level.OK}
    assert s3_storage.list("") == []


@pytest.mark.s3
@pytest.mark.timeout(300)
def test_a_shorter_lifetime_than_promised(s3: Settings) -> None:
    """URLs that end before the contract's four hours are a warning."""
    findings = storage(s3.model_copy(update={"url_lifetime_s": 3600}))
    (finding,) = [finding for finding in findings if finding.level is not Level.OK]
    assert (finding.check, finding.level) == ("presigned URLs", Level.WARNING)
    assert "end after 3600 s" in finding.found


@pytest.mark.s3
@pytest.mark.timeout(300)
def test_a_url_that_cannot_be_fetched_is_not_shown(
    s3: Settings, s3_storage: S3Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that is not there: the finding names the error and holds no signature."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    (finding,) = checks._presigned(Trial(s3_storage, "doctor-1", s3), "presigned URLs")
    assert finding.level is Level.WARNING
    assert "ConnectError" in finding.found
    assert "http" not in finding.found


@pytest.mark.s3
@pytest.mark.timeout(300)
def test_wrong_credentials(s3: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused keys are named by their variables, and never shown."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-the-secret")
    (finding,) = storage(s3)
    assert finding.found.endswith("SignatureDoesNotMatch")
    assert "AWS_SECRET_ACCESS_KEY" in finding.mend
    assert "not-the-secret" not in finding.words


@pytest.mark.parametrize(
    ("left", "level", "found"),
    [
        (timedelta(hours=1, minutes=1), Level.WARNING, "end with the credentials in 60 min"),
        (timedelta(hours=5), Level.OK, "good for 4 h"),
        (None, Level.WARNING, "no one says how long"),
    ],
)
def test_temporary_credentials(
    monkeypatch: pytest.MonkeyPatch, left: timedelta | None, level: Level, found: str
) -> None:
    """A URL lives no longer than the session that signed it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    if left is not None:
        monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", (datetime.now(UTC) + left).isoformat())
    finding = checks._lifetime("presigned URLs", 4 * 3600)
    assert finding.level is level
    assert found in finding.found


@pytest.mark.parametrize(
    ("date", "took_s", "level", "found"),
    [
        ("Wed, 01 Jul 2026 12:00:04 GMT", 0.1, Level.OK, "agrees"),
        ("Wed, 01 Jul 2026 12:00:40 GMT", 36.0, Level.OK, "agrees"),
        ("Wed, 01 Jul 2026 12:00:40 GMT", 0.1, Level.WARNING, "40 s behind"),
        ("Wed, 01 Jul 2026 11:59:00 GMT", 0.1, Level.WARNING, "59 s ahead of"),
    ],
)
def test_skew(date: str, took_s: float, level: Level, found: str) -> None:
    """Only what a date of whole seconds and a slow answer cannot explain is a difference."""
    (finding,) = checks._skew(date, AT, took_s)
    assert finding.level is level
    assert found in finding.found


@pytest.mark.parametrize("date", [None, "", "yesterday"])
def test_a_server_that_does_not_tell_the_time(date: str | None) -> None:
    """Nothing is claimed about a clock nobody could compare."""
    assert list(checks._skew(date, AT, 0.1)) == []
