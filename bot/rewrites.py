"""Writes of the same thing, of which the newest has to stand. Thread-safe."""

import threading
from collections.abc import Callable
from weakref import WeakValueDictionary


class _Name:
    """What is known of one name, as long as a write of it may still come."""

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self.asked = 0
        self.written = 0


class Rewrites:
    """Puts writes of one name in the order they were asked for, whatever thread is the slower.

    A write that nobody waits for any more goes on in its thread, and may be the last to end: it
    must not undo what was written since.
    """

    def __init__(self) -> None:
        """Nothing was asked for."""
        self._lock = threading.Lock()
        self._names: WeakValueDictionary[str, _Name] = WeakValueDictionary()

    def ask(self, name: str, write: Callable[[], None]) -> Callable[[], None]:
        """The write to be done, in any thread: alone with this name, and not after a newer one."""
        with self._lock:
            known = self._names.get(name) or _Name()
            self._names[name] = known
            known.asked += 1
            number = known.asked

        def write_in_turn() -> None:
            with known.turn:
                if number > known.written:
                    write()
                    known.written = number

        return write_in_turn
