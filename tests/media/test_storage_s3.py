"""Signing, refusals and outages against a real S3 server."""

import dataclasses
import time

import httpx
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ReadTimeoutError
from botocore.httpsession import URLLib3Session

from media.errors import Fault, StorageError
from media.locations import S3Location
from media.s3_client import S3Settings
from media.storage_s3 import S3Storage
from tests.servers.radosgw import RadosGateway, free_port

pytestmark = [pytest.mark.s3, pytest.mark.timeout(300)]


def test_a_presigned_url_reads_and_cannot_be_bent(s3_storage: S3Storage) -> None:
    """The URL works unsigned by anybody else; another key, a new lifetime or no signature fail."""
    s3_storage.put("bot/a", b"payload", "video/mp4")
    s3_storage.put("bot/b", b"other", "video/mp4")
    url = s3_storage.url("bot/a", 60)
    answer = httpx.get(url)
    assert (answer.content, answer.headers["content-type"]) == (b"payload", "video/mp4")
    assert httpx.get(url.replace("bot/a", "bot/b")).status_code == 403
    assert httpx.get(url.replace("Expires=60", "Expires=600")).status_code == 403
    assert httpx.get(url.partition("?")[0]).status_code == 403


def test_a_presigned_url_expires(s3_storage: S3Storage) -> None:
    """After its lifetime the server refuses the URL."""
    s3_storage.put("bot/a", b"payload", "video/mp4")
    url = s3_storage.url("bot/a", 1)
    deadline = time.monotonic() + 20
    while httpx.get(url).status_code != 403:
        assert time.monotonic() < deadline
        time.sleep(0.5)


@pytest.mark.parametrize(
    ("field", "reason", "cure"),
    [
        ("secret_access_key", "SignatureDoesNotMatch", "AWS_SECRET_ACCESS_KEY"),
        ("access_key_id", "InvalidAccessKeyId", "AWS_ACCESS_KEY_ID"),
    ],
)
def test_wrong_credentials_are_refused_and_named(
    s3_location: S3Location, s3_settings: S3Settings, field: str, reason: str, cure: str
) -> None:
    """Check with a wrong key or secret says so, and never prints the secret."""
    values = {each.name: getattr(s3_settings, each.name) for each in dataclasses.fields(S3Settings)}
    settings = S3Settings(**{**values, field: "wrong-value"})
    with S3Storage(s3_location, settings) as storage, pytest.raises(StorageError) as caught:
        storage.check()
    assert caught.value.reason == reason
    assert cure in caught.value.cure
    assert (caught.value.retryable, caught.value.fault) == (False, Fault.DESTINATION)
    assert str(settings.secret_access_key) not in str(caught.value)


def test_a_missing_bucket_is_named(s3_settings: S3Settings) -> None:
    """Check on a bucket that does not exist says to create it."""
    location = S3Location("no-such-bucket-here", "")
    with (
        S3Storage(location, s3_settings) as storage,
        pytest.raises(StorageError, match="create the bucket") as caught,
    ):
        storage.check()
    assert caught.value.reason == "NoSuchBucket"


def test_an_endpoint_that_is_down_is_unreachable_at_once(s3_settings: S3Settings) -> None:
    """Check on a closed port says which endpoint, and that a retry makes sense."""
    endpoint_url = f"http://127.0.0.1:{free_port()}"
    settings = dataclasses.replace(s3_settings, endpoint_url=endpoint_url)
    with (
        S3Storage(S3Location("bucket", ""), settings) as storage,
        pytest.raises(StorageError, match="unreachable") as caught,
    ):
        storage.check()
    assert endpoint_url in caught.value.cure
    assert caught.value.retryable is True


def test_a_server_that_hangs_is_cut_off(s3_server: RadosGateway, s3_storage: S3Storage) -> None:
    """Check on a server that accepts and never answers fails within its 10 s or so."""
    s3_storage.put("bot/a", b"x", "text/plain")
    with s3_server.paused():
        began = time.monotonic()
        with pytest.raises(StorageError, match="unreachable"):
            s3_storage.check()
        assert time.monotonic() - began < 30
    assert s3_storage.get("bot/a") == b"x"


def test_no_credentials_is_named(s3_location: S3Location, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no key is configured anywhere, the text says which settings give one."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    with (
        S3Storage(s3_location, S3Settings(endpoint_url="http://127.0.0.1:9")) as storage,
        pytest.raises(StorageError, match="no credentials") as caught,
    ):
        storage.check()
    assert "AWS_ACCESS_KEY_ID" in caught.value.cure


class LostAnswers:
    """Sends the first request for real, then behaves as if its answer never came."""

    def __init__(self, storage: S3Storage) -> None:
        self._lose = True
        storage._client.meta.events.register("before-send.s3.PutObject", self._before_send)

    def _before_send(self, request: AWSPreparedRequest, **_: object) -> None:
        if self._lose:
            self._lose = False
            session = URLLib3Session()
            session.send(request)
            session.close()
            raise ReadTimeoutError(endpoint_url=request.url)


def test_a_creation_whose_answer_was_lost_is_ours(s3_storage: S3Storage) -> None:
    """Sent again after a lost answer, the creation finds its own object and says True."""
    LostAnswers(s3_storage)
    assert s3_storage.put_if_absent("bot/t.json", b"run 1", "application/json") is True
    assert s3_storage.put_if_absent("bot/t.json", b"run 1", "application/json") is False


def test_a_creation_sent_again_does_not_take_what_others_made(s3_storage: S3Storage) -> None:
    """After a lost answer an object with other bytes is still somebody else's."""
    s3_storage.put("bot/t.json", b"run 1", "application/json")
    LostAnswers(s3_storage)
    assert s3_storage.put_if_absent("bot/t.json", b"run 2", "application/json") is False
    assert s3_storage.get("bot/t.json") == b"run 1"
