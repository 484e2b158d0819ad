"""The storage: every operation a recording needs of it, tried in order."""

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final
from uuid import uuid4

import httpx

from bot.checks.types import MIB, Finding, failed, ok, size, warning
from bot.settings import Settings
from media.credentials import temporary_credentials
from media.errors import MediaError, StorageError, Unsupported
from media.storage import open_storage
from media.storage_folder import FolderStorage
from media.storage_s3 import S3Storage

PROMISED_LIFETIME_S: Final = 4 * 3600
"""How long URLs in a terminal event are good for, by the contract."""
FETCH_DEADLINE_S: Final = 5.0
SKEW_S: Final = 5.0
FOLDER_BYTES: Final = 2048 * MIB
"""Four hours of a meeting that moves little."""
BODY: Final = b"meetbot doctor"
KIND: Final = "text/plain"
MEND: Final = "check --storage, MEETBOT_S3_ENDPOINT, AWS_REGION and the AWS credentials"


@dataclass(frozen=True, slots=True)
class Trial:
    """A storage, and the prefix below which everything of one examination lies."""

    storage: S3Storage | FolderStorage
    prefix: str
    settings: Settings


def storage(settings: Settings) -> Sequence[Finding]:
    """What the storage can do. Removes what it made. Blocks for as long as the storage takes."""
    try:
        opened = open_storage(settings.storage, endpoint_url=settings.s3_endpoint)
    except (ValueError, StorageError) as error:
        return [_refused("storage", error)]
    with opened:
        trial = Trial(opened, f"doctor-{uuid4()}", settings)
        return list(_examine(trial))


def _examine(trial: Trial) -> Iterator[Finding]:
    try:
        trial.storage.check()
        yield _room(trial.storage)
    except MediaError as error:  # nothing else would work either
        yield _refused("storage", error)
        return
    try:
        for name, step in STEPS:
            try:
                yield from step(trial, name)
            except MediaError as error:
                yield _refused(name, error)
    finally:
        _clear(trial)


def _room(storage: S3Storage | FolderStorage) -> Finding:
    found = f"{storage.describe()} can be written, read and cleared"
    if isinstance(storage, FolderStorage):
        free_bytes = shutil.disk_usage(storage.root).free
        found = f"{found}, {size(free_bytes)} free"
        if free_bytes < FOLDER_BYTES:
            return warning("storage", found, f"make room for {size(FOLDER_BYTES)}, or move it")
    return ok("storage", found)


def _multipart(trial: Trial, name: str) -> Iterator[Finding]:
    """A part may be replaced before the upload is completed: a recording's first one is."""
    key = f"{trial.prefix}/multipart"
    upload = trial.storage.open_multipart(key, KIND)
    try:
        upload.put_part(1, b"-" * len(BODY))
        upload.complete([upload.put_part(1, BODY)])
    except MediaError:
        upload.abort()
        raise
    if trial.storage.get(key) != BODY:
        yield failed(name, "an upload in parts reads back as other bytes", "use another S3 server")
        return
    trial.storage.open_multipart(f"{trial.prefix}/aborted", KIND).abort()
    yield ok(name, "uploads in parts, replaces a part, completes, aborts")


def _listing(trial: Trial, name: str) -> Iterator[Finding]:
    """Recovery finds what a dead run left by listing."""
    key = f"{trial.prefix}/listed"
    trial.storage.put(key, BODY, KIND)
    if key not in [entry.key for entry in trial.storage.list(trial.prefix)]:
        yield failed(name, "a stored object is not listed", "use another S3 server")
        return
    yield ok(name, "lists what is stored")


def _conditional_create(trial: Trial, name: str) -> Iterator[Finding]:
    """`terminal.json` is created once, whoever else tries: a bot speaks its last word once."""
    key = f"{trial.prefix}/once"
    created = [trial.storage.put_if_absent(key, text, KIND) for text in (BODY, b"again")]
    if created != [True, False] or trial.storage.get(key) != BODY:
        mend = (
            "use an S3 server that honours If-None-Match: two runs of a bot could both speak "
            "its last word"
        )
        yield failed(name, "an existing object is created again (If-None-Match ignored)", mend)
        return
    yield ok(name, "an existing object is not created again")


def _conditional_replace(trial: Trial, name: str) -> Iterator[Finding]:
    """Who records a bot keeps a lease; who takes it over replaces it on condition."""
    key = f"{trial.prefix}/lease"
    trial.storage.put_if_absent(key, BODY, KIND)
    before = trial.storage.read_version(key)
    tag = before.tag if before is not None else ""
    done = again = None
    with suppress(Unsupported):
        done = trial.storage.put_if_unchanged(key, b"replaced", KIND, tag)
        again = trial.storage.put_if_unchanged(key, b"replaced again", KIND, tag)
    if done is None or again is not None or trial.storage.get(key) != b"replaced":
        found = "a replacement on condition (If-Match) is refused"
        if again is not None:
            found = "an object that has changed is replaced all the same (If-Match ignored)"
        mend = (
            "use an S3 server that honours If-Match: nobody else can safely finish what a lost "
            "machine has recorded"
        )
        yield warning(name, found, mend)
        return
    yield ok(name, "an object is replaced only if it is unchanged")


def _presigned(trial: Trial, name: str) -> Iterator[Finding]:
    """A URL in a terminal event can be fetched, for as long as was promised."""
    if isinstance(trial.storage, FolderStorage):
        yield ok(name, "a folder's URLs are file:// and do not end")
        return
    key = f"{trial.prefix}/fetched"
    trial.storage.put(key, BODY, KIND)
    url = trial.storage.url(key, trial.settings.url_lifetime_s)
    before = datetime.now(UTC)
    began_s = time.monotonic()
    try:
        answer = httpx.get(url, timeout=FETCH_DEADLINE_S)
    except httpx.HTTPError as error:  # its text could carry the URL
        found = f"cannot be fetched from here ({type(error).__name__})"
        yield warning(name, found, "check MEETBOT_S3_ENDPOINT, proxy and certificates")
        return
    if answer.content != BODY:
        mend = "check MEETBOT_S3_ENDPOINT and AWS_REGION: the signature names both"
        yield failed(name, f"fetching one is answered with {answer.status_code}", mend)
    else:
        yield _lifetime(name, trial.settings.url_lifetime_s)
    took_s = time.monotonic() - began_s
    yield from _skew(answer.headers.get("date"), before, took_s)


def _lifetime(name: str, lifetime_s: int) -> Finding:
    """How long a URL made now can be fetched: credentials that end take their URLs with them."""
    promised = f"{PROMISED_LIFETIME_S // 3600} h"
    if lifetime_s < PROMISED_LIFETIME_S:
        mend = f"set MEETBOT_URL_LIFETIME_S to {PROMISED_LIFETIME_S}"
        return warning(name, f"fetched; end after {lifetime_s} s, {promised} are promised", mend)
    temporary = temporary_credentials()
    mend = "give the worker lasting keys or a longer session, or fetch artifacts before it ends"
    if temporary is None:
        return ok(name, f"fetched; good for {lifetime_s / 3600:g} h")
    if temporary.ends_at is None:
        return warning(name, "fetched; the credentials are temporary, no one says how long", mend)
    left = temporary.ends_at - datetime.now(UTC)
    if left < timedelta(seconds=PROMISED_LIFETIME_S):
        minutes = max(0, int(left.total_seconds() // 60))
        found = f"fetched; end with the credentials in {minutes} min, {promised} are promised"
        return warning(name, found, mend)
    return ok(name, f"fetched; good for {lifetime_s / 3600:g} h")


def _skew(date: str | None, before: datetime, took_s: float) -> Iterator[Finding]:
    """How far this clock is from the server's, as exactly as a date of whole seconds tells."""
    if not date:
        return
    try:
        server = parsedate_to_datetime(date)
        early_s = (before - server).total_seconds() - 1.0
        late_s = (server - before).total_seconds() - took_s
    except (ValueError, TypeError):
        return
    name, skew_s = "storage clock", max(early_s, late_s, 0.0)
    if skew_s > SKEW_S:
        which = "ahead of" if early_s > 0 else "behind"
        found = f"this clock is {skew_s:.0f} s {which} the storage's"
        yield warning(name, found, "set this machine's clock (chrony, systemd-timesyncd)")
    else:
        yield ok(name, "this clock agrees with the storage's")


STEPS: Final = (
    ("multipart", _multipart),
    ("listing", _listing),
    ("conditional create", _conditional_create),
    ("conditional write", _conditional_replace),
    ("presigned URLs", _presigned),
)


def _clear(trial: Trial) -> None:
    """Remove what was made; one that cannot be removed was named by `check` already."""
    try:
        made = ("multipart", "aborted", "listed", "once", "lease", "fetched")
        trial.storage.delete([f"{trial.prefix}/{name}" for name in made])
    except MediaError:
        return


def _refused(name: str, error: Exception) -> Finding:
    """The storage's own words."""
    if isinstance(error, StorageError):
        found = f"{error.operation} at {error.target} failed: {error.reason}"
        return failed(name, found, error.cure or MEND)
    return failed(name, str(error), MEND)
