"""What lies in a storage, as a player would have it."""

from media.playlist import INIT_NAME
from media.types import Storage


def chunks_joined(storage: Storage, key_prefix: str = "bot/") -> bytes:
    """The live stream as one file."""
    chunks = f"{key_prefix}chunks/"
    keys = [info.key for info in storage.list(chunks) if info.key.endswith(".m4s")]
    return b"".join(storage.get(key) for key in [chunks + INIT_NAME, *keys])
