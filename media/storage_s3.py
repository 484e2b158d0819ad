"""Artifacts in a bucket of any S3-compatible server, through boto3."""

import base64
import contextlib
import hashlib
import io
import uuid
from collections.abc import Iterator, Sequence
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self

from botocore.exceptions import ClientError

from media.errors import CredentialsRefused, ObjectMissing, StorageError
from media.locations import S3Location, check_key
from media.s3_client import S3Settings, connect
from media.s3_errors import ABSENT, CONDITION_FAILED, code_of, named, storage_error
from media.types import ObjectInfo, PartInfo, Version

_PROBE_KEY = "storage-check"
_DELETE_AT_ONCE = 1000


class S3Storage:
    """`media.types.Storage` over a bucket; safe to share between threads.

    Every body goes with its MD5, which the server checks and every S3 server knows (the newer
    checksums in trailers are refused by older ones). Bodies are sent as streams: those are cut when
    nothing moves, bytes when the whole has not left within `connect_timeout_s`.
    """

    def __init__(self, location: S3Location, settings: S3Settings) -> None:
        self._location = location
        self._settings = settings
        # The stubs live in the dev environment only, so the client is Any here.
        with self._named("connecting", ""):
            self._client: Any = connect(settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the pooled connections."""
        self._client.close()

    def describe(self) -> str:
        """'s3://bucket/prefix'."""
        return str(self._location)

    def check(self) -> None:
        """Write, read and delete a probe, each within 5 s. Raises StorageError with the cure."""
        quick = S3Settings(
            endpoint_url=self._settings.endpoint_url,
            region=self._settings.region,
            access_key_id=self._settings.access_key_id,
            secret_access_key=self._settings.secret_access_key,
            connect_timeout_s=3.0,
            read_timeout_s=5.0,
            attempts=1,
        )
        key = f"{_PROBE_KEY}-{uuid.uuid4()}"
        with S3Storage(self._location, quick) as probe:
            probe.put(key, b"probe", "text/plain")
            try:
                if probe.get(key) != b"probe":
                    raise StorageError(
                        "check", self.describe(), "read back other bytes", retryable=False
                    )
            finally:
                probe.delete([key])

    def put(self, key: str, data: bytes, content_type: str) -> None:
        """Store an object whole."""
        with self._named("writing", key):
            self._client.put_object(
                **self._at(key),
                Body=io.BytesIO(data),
                ContentType=content_type,
                ContentMD5=_md5(data),
            )

    def put_if_absent(self, key: str, data: bytes, content_type: str) -> bool:
        """Create the object; False, changing nothing, when it is there already.

        When the answer to a creation is lost botocore sends it again and finds its own object:
        that counts as created, known by its bytes, which should name their writer.
        """
        with self._named("creating", key):
            try:
                self._client.put_object(
                    **self._at(key),
                    Body=data,
                    ContentType=content_type,
                    ContentMD5=_md5(data),
                    IfNoneMatch="*",
                )
            except ClientError as error:
                if code_of(error) not in CONDITION_FAILED:
                    raise
                sent_again = error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0) > 0
                return sent_again and self.get(key) == data
            return True

    def read_version(self, key: str) -> Version | None:
        """The object with its tag and age, None where there is none."""
        try:
            with self._named("reading", key):
                answer = self._client.get_object(**self._at(key))
                with contextlib.closing(answer["Body"]) as body:
                    data = bytes(body.read())
        except ObjectMissing:
            return None
        sent = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
        age_s = (sent - answer["LastModified"]).total_seconds()
        return Version(data, str(answer["ETag"]), max(0.0, age_s))

    def put_if_unchanged(self, key: str, data: bytes, content_type: str, tag: str) -> str | None:
        """Replace the object of this tag: the new tag, or None, changing nothing, if it is another.

        A tag goes as the server gave it, in quotes; Ceph's gateway compares it without (seen in
        16.2.15), so a refused one is tried bare too. When an answer was lost, as `put_if_absent`.
        """
        with self._named("replacing", key):
            for form in dict.fromkeys((tag, tag.strip('"'))):
                try:
                    answer = self._client.put_object(
                        **self._at(key),
                        Body=data,
                        ContentType=content_type,
                        ContentMD5=_md5(data),
                        IfMatch=form,
                    )
                except ClientError as error:
                    if code_of(error) not in CONDITION_FAILED | ABSENT:
                        raise
                else:
                    return str(answer["ETag"])
            found = self.read_version(key)
            return found.tag if found is not None and found.data == data else None

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """Read an object or a range of it. Raises `ObjectMissing`."""
        if length == 0:
            return b""
        last = "" if length is None else start + length - 1
        wanted = {} if start == 0 and length is None else {"Range": f"bytes={start}-{last}"}
        with self._named("reading", key):
            try:
                answer = self._client.get_object(**self._at(key), **wanted)
            except ClientError as error:
                if code_of(error) in {"InvalidRange", "416"}:  # it begins past the end: no bytes
                    return b""
                raise
            with contextlib.closing(answer["Body"]) as body:
                return bytes(body.read())

    def head(self, key: str) -> ObjectInfo | None:
        """The object's size, or None where there is none."""
        try:
            with self._named("looking up", key):
                answer = self._client.head_object(**self._at(key))
        except ObjectMissing:
            return None
        return ObjectInfo(key, int(answer["ContentLength"]))

    def list(self, prefix: str) -> Sequence[ObjectInfo]:
        """All objects whose key begins with `prefix`, by key."""
        with self._named("listing", prefix):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._location.bucket, Prefix=self._full(prefix)
            )
            found = [entry for page in pages for entry in page.get("Contents", ())]
        return [ObjectInfo(self._relative(entry["Key"]), int(entry["Size"])) for entry in found]

    def folders(self) -> Sequence[str]:
        """The names before the first '/' of all keys, in order."""
        with self._named("listing", ""):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._location.bucket, Prefix=self._full(""), Delimiter="/"
            )
            found = [entry["Prefix"] for page in pages for entry in page.get("CommonPrefixes", ())]
        return [self._relative(prefix).rstrip("/") for prefix in found]

    def delete(self, keys: Sequence[str]) -> None:
        """Remove objects; a missing one is no error."""
        for start in range(0, len(keys), _DELETE_AT_ONCE):
            batch = [check_key(key) for key in keys[start : start + _DELETE_AT_ONCE]]
            with self._named("deleting", batch[0]):
                answer = self._client.delete_objects(
                    Bucket=self._location.bucket,
                    Delete={"Objects": [{"Key": self._full(k)} for k in batch], "Quiet": True},
                )
            for refused in answer.get("Errors", ()):
                raise storage_error("deleting", self._target(batch[0]), str(refused.get("Code")))

    def open_multipart(self, key: str, content_type: str) -> "S3Upload":
        """Begin an upload in parts."""
        with self._named("beginning an upload", key):
            answer = self._client.create_multipart_upload(**self._at(key), ContentType=content_type)
        return S3Upload(self, key, str(answer["UploadId"]))

    def abort_uploads(self, prefix: str) -> int:
        """Throw away every unfinished upload of a key that begins with `prefix`: how many."""
        with self._named("aborting uploads", prefix):
            pages = self._client.get_paginator("list_multipart_uploads").paginate(
                Bucket=self._location.bucket, Prefix=self._full(prefix)
            )
            found = [entry for page in pages for entry in page.get("Uploads", ())]
        for entry in found:
            S3Upload(self, self._relative(entry["Key"]), str(entry["UploadId"])).abort()
        return len(found)

    def url(self, key: str, lifetime_s: int) -> str:
        """A presigned URL to read the object for `lifetime_s` (servers allow up to 7 days)."""
        with self._named("signing a URL", key):
            return str(
                self._client.generate_presigned_url(
                    "get_object", Params=self._at(key), ExpiresIn=lifetime_s
                )
            )

    def _full(self, key: str) -> str:
        return f"{self._location.prefix}/{key}" if self._location.prefix else key

    def _relative(self, full_key: str) -> str:
        return full_key.removeprefix(f"{self._location.prefix}/")

    def _at(self, key: str) -> dict[str, str]:
        return {"Bucket": self._location.bucket, "Key": self._full(check_key(key))}

    @contextlib.contextmanager
    def _named(self, operation: str, key: str) -> Iterator[None]:
        try:
            with named(operation, self._target(key), self._settings.endpoint_url):
                yield
        except CredentialsRefused:
            self._renew_credentials()
            raise

    def _renew_credentials(self) -> None:
        """Read them again for the next try: a mounted file may have been renewed meanwhile.

        The clients before are left to the threads that use them.
        """
        with contextlib.suppress(StorageError), named("connecting", self.describe(), None):
            self._client = connect(self._settings)

    def _target(self, key: str) -> str:
        return f"{self.describe()}/{key}".rstrip("/")


class S3Upload:
    """`media.types.MultipartUpload` over S3's own."""

    def __init__(self, storage: S3Storage, key: str, upload_id: str) -> None:
        self.key = key
        self.upload_id = upload_id
        self._storage = storage
        self._at: dict[str, str] = {**storage._at(key), "UploadId": upload_id}  # noqa: SLF001 - two halves of one thing

    @property
    def _client(self) -> Any:  # noqa: ANN401 - as in `S3Storage`, which may renew it
        return self._storage._client  # noqa: SLF001 - two halves of one thing

    def put_part(self, number: int, data: bytes) -> PartInfo:
        """Store part `number`; the same number again replaces it."""
        with self._storage._named("writing a part", self.key):  # noqa: SLF001 - as above
            answer = self._client.upload_part(
                **self._at, PartNumber=number, Body=io.BytesIO(data), ContentMD5=_md5(data)
            )
        return PartInfo(number, str(answer["ETag"]))

    def complete(self, parts: Sequence[PartInfo]) -> None:
        """Make the object from the parts, by number."""
        listed = [{"PartNumber": part.number, "ETag": part.etag} for part in parts]
        with self._storage._named("completing", self.key):  # noqa: SLF001 - as above
            self._client.complete_multipart_upload(**self._at, MultipartUpload={"Parts": listed})

    def abort(self) -> None:
        """Throw the parts away; an upload that is gone already is no error."""
        with (
            contextlib.suppress(ObjectMissing),
            self._storage._named("aborting", self.key),  # noqa: SLF001 - as above
        ):
            self._client.abort_multipart_upload(**self._at)


def _md5(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
