"""Whose a worker's id is: the key's that used it first. Pure.

A key on the allow-list lets its owner in, and not as somebody else: a routing id is only a word in
the greeting, and ROUTER_HANDOVER gives it to whoever says it last. What comes under an id from
another key is nobody's word, and until its owner speaks again nothing is sent there. The owner does
when it connects anew, as a worker does that has nothing acknowledged (`bot.relay`): on the
connection it had it is heard no more, and is not told.
"""

from collections import deque
from collections.abc import Collection, Iterator
from typing import Final

MAX_KNOWN: Final = 4096
"""Ids remembered; beyond it the one heard longest ago is anybody's again."""


class Identities:
    """Keys by worker id, the one heard last at the end. Iterating gives both, in that order."""

    def __init__(self) -> None:
        self._keys: dict[bytes, str] = {}
        self._usurped: set[bytes] = set()
        self._new: deque[tuple[bytes, str]] = deque(maxlen=MAX_KNOWN)

    def __iter__(self) -> Iterator[tuple[bytes, str]]:
        return iter(list(self._keys.items()))

    def admit(self, worker_id: bytes, key: str) -> bool:
        """Whether what came under this id, from this key, is the word of that worker."""
        owner = self._keys.get(worker_id)
        if owner is None:
            self._new.append((worker_id, key))
        self.restore(worker_id, owner or key)
        if owner not in {None, key}:
            self._usurped.add(worker_id)
            return False
        self._usurped.discard(worker_id)
        return True

    def restore(self, worker_id: bytes, key: str) -> None:
        """The id is this key's, as was known before."""
        self._keys.pop(worker_id, None)
        self._keys[worker_id] = key
        while len(self._keys) > MAX_KNOWN:
            self._forget(next(iter(self._keys)))

    def keep(self, keys: Collection[str]) -> None:
        """Forget whose key is none of these: it is let in no more, and another may have its id."""
        for worker_id, key in self:
            if key not in keys:
                self._forget(worker_id)

    def take_new(self) -> list[tuple[bytes, str]]:
        """Ids that got their owner since this was asked last."""
        found = list(self._new)
        self._new.clear()
        return found

    def _forget(self, worker_id: bytes) -> None:
        del self._keys[worker_id]
        self._usurped.discard(worker_id)

    def may_hear(self, worker_id: bytes) -> bool:
        """Whether what is sent to this id reaches its owner, as far as is known."""
        return worker_id not in self._usurped
