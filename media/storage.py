"""Opens the storage a URL names."""

from pathlib import Path

from media.locations import S3Location, parse_storage_url
from media.s3_client import S3Settings
from media.storage_folder import FolderStorage
from media.storage_s3 import S3Storage


def open_storage(
    url: str,
    *,
    endpoint_url: str | None = None,
    region: str | None = None,
    access_key_id: str | None = None,
    secret_access_key: str | None = None,
) -> S3Storage | FolderStorage:
    """The storage at `s3://bucket/prefix`, `file:///dir` or a plain path (below the current one).

    What is None comes from the AWS standard settings (environment, profile, instance role); the
    four are of no account for a folder. Nothing is touched: `check()` proves that it works.
    Close it, or use it as a context manager. Raises ValueError for what is no storage URL.
    """
    location = parse_storage_url(url, base=Path.cwd())
    if isinstance(location, S3Location):
        settings = S3Settings(
            endpoint_url=endpoint_url,
            region=region,
            access_key_id=access_key_id,
            secret_access_key=secret_access_key,
        )
        return S3Storage(location, settings)
    return FolderStorage(location.path)
