"""Whose a worker's id is."""

import pytest

from bot.dispatch import identities
from bot.dispatch.identities import Identities


def test_an_id_is_the_key_s_that_used_it_first() -> None:
    """Another key says nothing under it, and hears nothing until the owner has spoken again."""
    known = Identities()
    assert known.may_hear(b"w1")
    assert known.admit(b"w1", "mine")
    assert not known.admit(b"w1", "theirs")
    assert not known.may_hear(b"w1")
    assert known.admit(b"w2", "theirs")
    assert known.may_hear(b"w2")
    assert known.admit(b"w1", "mine")
    assert known.may_hear(b"w1")


def test_a_key_may_have_many_ids() -> None:
    """Workers of one fleet share a key, each with an id of its own."""
    known = Identities()
    assert all(known.admit(f"w{number}".encode(), "fleet") for number in range(10))


def test_ids_are_bounded_and_the_silent_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound the id heard longest ago is free again, no other."""
    monkeypatch.setattr(identities, "MAX_KNOWN", 2)
    known = Identities()
    for name in (b"a", b"b", b"a", b"c"):
        assert known.admit(name, "mine")
    assert not known.admit(b"a", "theirs")
    assert known.admit(b"b", "theirs")


def test_what_was_known_before_holds_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """An owner restored is the owner, and no news; who is new is told once."""
    monkeypatch.setattr(identities, "MAX_KNOWN", 2)
    known = Identities()
    for name in (b"a", b"b", b"c"):
        known.restore(name, "mine")
    assert known.admit(b"b", "mine")
    assert not known.admit(b"c", "theirs")
    assert known.take_new() == []
    assert known.admit(b"a", "theirs")
    assert known.take_new() == [(b"a", "theirs")]
    assert known.take_new() == []
    assert list(known) == [(b"c", "mine"), (b"a", "theirs")]


def test_a_key_that_is_let_in_no_more_owns_nothing() -> None:
    """A worker with a new key gets its id back once the old key is off the list."""
    known = Identities()
    assert known.admit(b"w1", "old")
    assert not known.admit(b"w1", "new")
    known.keep({"new"})
    assert known.may_hear(b"w1")
    assert known.admit(b"w1", "new")
    assert not known.admit(b"w1", "old")
