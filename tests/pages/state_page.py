"""What a module of replica pages has to offer the tests that all platforms share.

`tests/pages/<module>.py` of a platform defines

    STATES: tuple[StatePage, ...]

with at least one page for every state its adapter's table can prove, in two layout generations:
the adapter is written against the first only; in the second, attributes moved, classes were
renamed, texts reworded. `tests/pages/mutate.py` takes the kinds of evidence away from each.
"""

from dataclasses import dataclass

from platforms.types import PageState


@dataclass(frozen=True, slots=True)
class StatePage:
    """One screen of a client: a whole document at an address.

    `state` is the truth. `after` are states that were confirmed before it came (rows may ask for
    them). A page of generation 1 is judged as its state; one of generation 2 as that or UNKNOWN.
    `less` are states that may be believed of it when evidence is missing: they say less, and end a
    bot alike. `few` is the sentence that says why fewer than two independent kinds of evidence are
    known to prove it; empty where two or more do. No shadow roots and no frames: what lives in a
    frame is a page of its own here.
    """

    name: str
    state: PageState
    html: str
    url: str
    after: frozenset[PageState] = frozenset()
    generation: int = 1
    few: str = ""
    less: frozenset[PageState] = frozenset()
