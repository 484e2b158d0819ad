"""The bot's own former selves are nobody, and nobody else is taken for one."""

from bot.ghosts import APPEARS_WITHIN_S, Ghosts
from platforms.types import Person

ADA = Person("1", "Ada")
OLD = Person("2", "Notes", is_self=True)
GHOST = Person("2", "Notes")
NEW = Person("3", "Notes", is_self=True)


def test_nobody_is_a_ghost_before_a_loss() -> None:
    """Another of the bot's name is a person, and stays one after the loss; unread is unread."""
    namesake = Person("9", "Notes")
    ghosts = Ghosts("Notes")
    assert ghosts.without((ADA, OLD, namesake), 0.0) == (ADA, OLD, namesake)
    ghosts.lost()
    ghosts.back(5.0)
    assert ghosts.without((ADA, NEW, namesake), 6.0) == (ADA, NEW, namesake)
    assert ghosts.without(None, 7.0) is None


def test_a_ghost_by_its_id() -> None:
    """Whoever has the id the bot had is its ghost, whatever it is called and whenever it shows."""
    ghosts = Ghosts("Notes")
    ghosts.without((ADA, OLD), 0.0)
    ghosts.lost()
    ghosts.back(5.0)
    late_s = 5.0 + APPEARS_WITHIN_S + 1
    assert ghosts.without((ADA, GHOST, NEW), late_s) == (ADA, NEW)
    assert ghosts.without((ADA, Person("2", "Notes (away)"), NEW), late_s + 1) == (ADA, NEW)


def test_a_ghost_by_its_name() -> None:
    """Where ids are new with every page, a stranger of the bot's name at its return is it."""
    ghosts = Ghosts("Notes")
    ghosts.without((ADA, OLD), 0.0)
    ghosts.lost()
    ghosts.back(5.0)
    stranger = Person("7", "Notes")
    assert ghosts.without((stranger, NEW), 6.0) == (NEW,)
    assert ghosts.without((stranger, NEW), 500.0) == (NEW,)


def test_a_namesake_that_comes_later() -> None:
    """Long after the return somebody of the bot's name is somebody."""
    ghosts = Ghosts("Notes")
    ghosts.lost()
    ghosts.back(5.0)
    namesake = Person("7", "Notes")
    assert ghosts.without((NEW, namesake), 5.0 + APPEARS_WITHIN_S) == (NEW, namesake)


def test_the_living_self_is_no_ghost() -> None:
    """Clients that number people by name give the new self the old one's id once that is gone."""
    ghosts = Ghosts("Notes")
    ghosts.without((Person("Notes", "Notes", is_self=True),), 0.0)
    ghosts.lost()
    ghosts.back(5.0)
    both = (Person("Notes", "Notes"), Person("Notes#2", "Notes", is_self=True))
    assert ghosts.without(both, 6.0) == both[1:]
    alone = (Person("Notes", "Notes", is_self=True),)
    assert ghosts.without(alone, 90.0) == alone
