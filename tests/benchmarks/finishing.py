"""From leaving to a finished file, for short and long material made faster than it plays.

One encoder writes into several uploads at once (a folder and, where the server is installed, real
S3), so that an hour is encoded once. Before leaving, the uploads are let catch up with what was
written: a meeting gives them an hour for an hour's bytes.
"""

import contextlib
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from time import monotonic, sleep
from typing import Final

import boto3
import numpy as np
from numpy.typing import NDArray

from media.encoder import Encoder, EncoderSettings
from media.locations import S3Location
from media.s3_client import S3Settings
from media.sink import MuxerSink
from media.storage_folder import FolderStorage
from media.storage_s3 import S3Storage
from media.timeline import KEYFRAME_EVERY_US, VIDEO_TICKS_HZ
from media.types import AUDIO_RATE_HZ, Storage
from media.uploader import RecordingUpload
from media.verify import Expectation, verify_audio, verify_recording
from tests.servers import radosgw

WIDTH: Final = 320
HEIGHT: Final = 180
FRAME_RATE: Final = 30
SQUARE: Final = 32
"""Small pictures in which a square moves: as many samples and fragments as an hour has, cheaply."""
SOUND_EVERY_S: Final = 4
"""One second in four has a tone: silence costs the encoders a quarter."""
CATCH_UP_DEADLINE_S: Final = 300.0
FINISH_DEADLINE_S: Final = 300.0
AHEAD_BYTES: Final = 64 * 1024 * 1024
KEYFRAME_EVERY: Final = FRAME_RATE * KEYFRAME_EVERY_US // 1_000_000


@dataclass(frozen=True, slots=True)
class Finished:
    """One material stored in one place; seconds from the decision to leave."""

    minutes: float
    storage: str
    encoders_closed_s: float
    stored_s: float
    verified_s: float
    chunks_deleted_s: float
    bytes_after_leaving: int
    index_bytes: int
    video_bytes: int
    audio_bytes: int

    @property
    def leave_to_finished_s(self) -> float:
        """Until the file stands and was looked at."""
        return self.encoders_closed_s + self.stored_s + self.verified_s


class Both:
    """Several sinks as one."""

    def __init__(self, sinks: Sequence[MuxerSink]) -> None:
        self._sinks = sinks

    def write(self, data: bytes) -> int:
        """Into each."""
        taken = [sink.write(data) for sink in self._sinks]
        return max(taken)

    def seek(self, offset: int, whence: int = 0) -> int:
        """In each."""
        places = [sink.seek(offset, whence) for sink in self._sinks]
        return max(places)

    def tell(self) -> int:
        """They are all at the same place."""
        return self._sinks[0].tell()

    def closing(self) -> None:
        """Each is told."""
        for sink in self._sinks:
            sink.closing()

    def sealed(self) -> None:
        """Each is told."""
        for sink in self._sinks:
            sink.sealed()


def finish(
    minutes: float, storages: Sequence[Storage], progress: Callable[[float], None]
) -> list[Finished]:
    """Make `minutes` of material, leave, and see it stored and verified in each storage.

    `progress` is called with seconds made. Raises what the pipeline raises. Blocks.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="meetbot-bench-")))
        uploads = [
            stack.enter_context(
                RecordingUpload(storage, key_prefix="bench/", spool_dir=folder / str(index))
            )
            for index, storage in enumerate(storages)
        ]
        encoder = Encoder(
            Both([upload.video_sink for upload in uploads]),
            Both([upload.audio_sink for upload in uploads]),
            EncoderSettings(WIDTH, HEIGHT),
        )
        feed(encoder, round(minutes * 60), uploads, progress)
        for upload in uploads:
            catch_up(upload, 0)
        began_s = monotonic()
        encoder.flush()
        encoder.close()
        closed_s = monotonic() - began_s
        return [
            stored(minutes, storage, upload, closed_s)
            for storage, upload in zip(storages, uploads, strict=True)
        ]


def feed(
    encoder: Encoder,
    seconds: int,
    uploads: Sequence[RecordingUpload],
    progress: Callable[[float], None],
) -> None:
    """Pictures and sound of so many seconds, no further ahead of the uploads than they can take."""
    picture = np.full(WIDTH * HEIGHT * 3 // 2, 128, np.uint8)
    silence = np.zeros((2, AUDIO_RATE_HZ), np.float32)
    wave = 0.3 * np.sin(2 * np.pi * 440 * np.arange(AUDIO_RATE_HZ) / AUDIO_RATE_HZ)
    tone = np.stack([wave, wave]).astype(np.float32)
    for second in range(seconds):
        encoder.sound(tone if second % SOUND_EVERY_S == 0 else silence)
        for index in range(second * FRAME_RATE, (second + 1) * FRAME_RATE):
            move(picture, index)
            pts = int(Fraction(index * VIDEO_TICKS_HZ, FRAME_RATE))
            encoder.picture(picture, WIDTH, HEIGHT, pts, keyframe=index % KEYFRAME_EVERY == 0)
        if second % 60 == 0:
            progress(second)
            for upload in uploads:
                catch_up(upload, AHEAD_BYTES)


def move(picture: NDArray[np.uint8], index: int) -> None:
    """Draw picture number `index`: a bright square on its way from left to right."""
    luma = picture[: WIDTH * HEIGHT].reshape(HEIGHT, WIDTH)
    band = luma[HEIGHT // 2 : HEIGHT // 2 + SQUARE]
    left = 2 * index % (WIDTH - SQUARE)
    band[:] = 60
    band[:, left : left + SQUARE] = 220


def catch_up(upload: RecordingUpload, ahead_bytes: int) -> None:
    """Wait until no more than `ahead_bytes` wait to be stored."""
    deadline_s = monotonic() + CATCH_UP_DEADLINE_S
    while upload.stats().pending_bytes > ahead_bytes:
        if monotonic() > deadline_s:
            raise TimeoutError(f"{upload.stats().pending_bytes} bytes wait to be stored")
        sleep(0.05)  # the upload tells no event of this


def stored(
    minutes: float, storage: Storage, upload: RecordingUpload, encoders_closed_s: float
) -> Finished:
    """Finish one upload and look at what is there, as the bot does."""
    index_bytes = len(upload.video_sink.tail)
    result = upload.finish(FINISH_DEADLINE_S)
    began_s = monotonic()
    if result.video_key is None or result.audio_key is None:
        raise RuntimeError("nothing was stored")
    expect = Expectation(duration_s=minutes * 60, width=WIDTH, height=HEIGHT)
    verify_recording(storage, result.video_key, expect)
    verify_audio(storage, result.audio_key, expect)
    verified_s = monotonic() - began_s
    began_s = monotonic()
    upload.delete_chunks()
    return Finished(
        minutes=minutes,
        storage=storage.describe().partition(":")[0],
        encoders_closed_s=encoders_closed_s,
        stored_s=result.seconds,
        verified_s=verified_s,
        chunks_deleted_s=monotonic() - began_s,
        bytes_after_leaving=result.bytes_after_leaving,
        index_bytes=index_bytes,
        video_bytes=result.video_bytes,
        audio_bytes=result.audio_bytes,
    )


@contextlib.contextmanager
def storages() -> Iterator[list[Storage]]:
    """A folder and, where the server is installed, a bucket on it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="meetbot-bench-")))
        found: list[Storage] = [FolderStorage(folder)]
        if not radosgw.missing_programs():
            server = stack.enter_context(radosgw.RadosGateway())
            found.append(stack.enter_context(bucket_on(server)))
        yield found


def bucket_on(server: radosgw.RadosGateway) -> S3Storage:
    """A storage in a fresh bucket."""
    location = S3Location(f"bench-{uuid.uuid4()}", "recordings")
    settings = S3Settings(
        endpoint_url=server.endpoint_url,
        access_key_id=radosgw.ACCESS_KEY_ID,
        secret_access_key=radosgw.SECRET_ACCESS_KEY,
    )
    client = boto3.client(
        "s3",
        endpoint_url=settings.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id=settings.access_key_id,
        aws_secret_access_key=settings.secret_access_key,
    )
    client.create_bucket(Bucket=location.bucket)
    client.close()
    return S3Storage(location, settings)
