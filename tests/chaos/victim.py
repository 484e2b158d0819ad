"""A recorder to be killed: numbered pictures as time passes, their count on standard output."""

import sys
import time
from pathlib import Path

from media.fence import FencedStorage, Lease
from media.storage import open_storage
from media.uploader import RecordingUpload
from tests.media.numbered import FPS, Numbered


def main() -> None:
    """Record until killed. Arguments: storage, endpoint, bot id, spool folder."""
    url, endpoint_url, bot_id, spool = sys.argv[1:]
    storage = open_storage(url, endpoint_url=endpoint_url)
    fenced = FencedStorage(storage, Lease(storage, f"{bot_id}/", "victim"))
    with RecordingUpload(fenced, key_prefix=f"{bot_id}/", spool_dir=Path(spool)) as upload:
        source = Numbered(upload.video_sink, upload.audio_sink)
        began_s = time.monotonic()
        while True:
            source.record(1 / FPS)
            sys.stdout.write(f"#{source.pictures}\n")
            sys.stdout.flush()
            time.sleep(max(0.0, began_s + source.recorded_s - time.monotonic()))


if __name__ == "__main__":
    main()
