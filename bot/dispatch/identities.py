"""Whose a worker's id is: the key's that used it first. Pure.

A key on the allow-list lets its owner in, and not as somebody else: a routing id is only a word in
the greeting, and ROUTER_HANDOVER gives it to whoever says it last. What comes under an id from
another key is nobody's word, and until its owner speaks again nothing is sent there. The owner does
when it connects anew, as a worker does that has nothing acknowledged (`bot.relay`): on the
connection it had it is heard no more, and is not told.
"""

from typing import Final

MAX_KNOWN: Final = 4096
"""Ids remembered; beyond it the one heard longest ago is anybody's again."""


class Identities:
    """Keys by worker id, the one heard last at the end."""

    def __init__(self) -> None:
        self._keys: dict[bytes, str] = {}
        self._usurped: set[bytes] = set()

    def admit(self, worker_id: bytes, key: str) -> bool:
        """Whether what came under this id, from this key, is the word of that worker."""
        owner = self._keys.pop(worker_id, key)
        self._keys[worker_id] = owner
        if key != owner:
            self._usurped.add(worker_id)
            return False
        self._usurped.discard(worker_id)
        while len(self._keys) > MAX_KNOWN:
            forgotten = next(iter(self._keys))
            del self._keys[forgotten]
            self._usurped.discard(forgotten)
        return True

    def may_hear(self, worker_id: bytes) -> bool:
        """Whether what is sent to this id reaches its owner, as far as is known."""
        return worker_id not in self._usurped
