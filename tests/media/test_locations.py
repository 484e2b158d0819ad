import re
from pathlib import Path

import pytest

from media.locations import FolderLocation, S3Location, check_key, parse_storage_url


@pytest.mark.parametrize(
    ("url", "location", "text"),
    [
        ("s3://bucket", S3Location("bucket", ""), "s3://bucket"),
        ("s3://bucket/", S3Location("bucket", ""), "s3://bucket"),
        ("s3://my.bucket-1/a/b/", S3Location("my.bucket-1", "a/b"), "s3://my.bucket-1/a/b"),
        ("file:///srv/out", FolderLocation(Path("/srv/out")), "file:///srv/out"),
        ("file://localhost/srv/a%20b", FolderLocation(Path("/srv/a b")), "file:///srv/a%20b"),
        ("out", FolderLocation(Path("/home/me/out")), "file:///home/me/out"),
        ("/srv/out", FolderLocation(Path("/srv/out")), "file:///srv/out"),
    ],
)
def test_storage_urls_name_a_bucket_or_a_folder(
    url: str, location: S3Location | FolderLocation, text: str
) -> None:
    """Each spelling of a storage is read, and described without loss."""
    assert parse_storage_url(url, base=Path("/home/me")) == location
    assert str(location) == text


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("", "not ''"),
        ("s3://key:secret@bucket/x", "no credentials"),
        ("s3://bucket/x?versioning", "no '?'"),
        ("s3://Bad_Bucket/x", "no name of a bucket"),
        ("s3:///x", "no name of a bucket"),
        ("file://host/dir", "three slashes"),
        ("file:///", "three slashes"),
        ("https://bucket/x", "not https://"),
    ],
)
def test_what_is_no_storage_is_refused_with_the_reason(url: str, complaint: str) -> None:
    """A URL that names no storage is refused, and the text says why, never repeating secrets."""
    with pytest.raises(ValueError, match=re.escape(complaint)) as caught:
        parse_storage_url(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("key", ["", "/a", "a/", "a//b", "../a", "a/../b", "."])
def test_keys_that_climb_or_are_empty_are_refused(key: str) -> None:
    """A key can never point outside its storage."""
    with pytest.raises(ValueError, match="no key"):
        check_key(key)


def test_an_ordinary_key_passes_unchanged() -> None:
    """A key of an artifact is returned as it is."""
    assert check_key("bot/chunks/000001.m4s") == "bot/chunks/000001.m4s"
