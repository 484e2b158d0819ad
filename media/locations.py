"""Names of storages and of objects in them: `s3://bucket/prefix`, `file:///dir`, a plain path."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

PART_BYTES = 8 * 1024 * 1024
"""Size of every part of an upload but the last (some S3 servers want them all alike)."""

_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]")


@dataclass(frozen=True, slots=True)
class S3Location:
    """A bucket and a prefix in it, without slashes at its ends; '' is the whole bucket."""

    bucket: str
    prefix: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")


@dataclass(frozen=True, slots=True)
class FolderLocation:
    """An absolute folder."""

    path: Path

    def __str__(self) -> str:
        return self.path.as_uri()


def parse_storage_url(url: str, base: Path = Path("/")) -> S3Location | FolderLocation:
    """Read a storage URL; a relative path is below `base`.

    Raises ValueError, saying what is wrong, for what is no storage; never touches anything.
    """
    if not url:
        raise ValueError("a storage is s3://bucket/prefix, file:///dir or a path, not ''")
    scheme, separator, _ = url.partition("://")
    if not separator:
        return FolderLocation((base / url).absolute())
    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise ValueError("a storage URL holds no credentials: set AWS_ACCESS_KEY_ID and so on")
    if parts.query or parts.fragment:
        raise ValueError("a storage URL has no '?' or '#'")
    if scheme == "file":
        if parts.netloc not in {"", "localhost"} or not parts.path.strip("/"):
            raise ValueError(f"a folder is file:///dir with three slashes, not {url!r}")
        return FolderLocation(Path(unquote(parts.path)))
    if scheme == "s3":
        if not _BUCKET.fullmatch(parts.netloc):
            raise ValueError(f"{parts.netloc!r} is no name of a bucket")
        return S3Location(parts.netloc, parts.path.strip("/"))
    raise ValueError(f"a storage is s3://bucket/prefix, file:///dir or a path, not {scheme}://")


def check_key(key: str) -> str:
    """Return the key, or raise ValueError if it is absolute, empty or climbs out with '..'."""
    if not key or any(part in {"", ".", ".."} for part in key.split("/")):
        raise ValueError(f"{key!r} is no key of an object")
    return key
