"""All the common client must be told about one platform: tables, and a few small functions."""

import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

from playwright.async_api import Frame

from platforms.actions import Target
from platforms.dialogs import Dialog
from platforms.evidence import Row, Sign, signs_of
from platforms.probe import Surface
from platforms.types import MeetingUrl, Person, View

_ATTRIBUTE: Final = re.compile(r"\[([a-zA-Z][\w-]*)")


@dataclass(frozen=True, slots=True)
class Overheard:
    """An answer of the server that the page asks for anyway and that tells about the bot.

    `read` gets the body of every response whose address contains `url_part`, and returns the
    platform's verdict about the bot or None.
    """

    url_part: str
    read: Callable[[bytes], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """One platform's web client.

    Looking. `rows` is the evidence table, `never_in` a selector of what people write, where no
    text counts. `join` and `name_box` are the controls of the form before the ask: while either is
    seen the ask was not taken; any of `asked` proves one that was made. `ask_is_proved`: only that
    does; the form's being gone is not enough where walls come after the press.
    `not_for` names the rows that do not count for a meeting, for what its address brings along.

    Acting. `fill_in(surface, name, url)` types the name (and whatever else the form wants), sees
    to it that both devices are off and presses join: True when it was pressed. `leave` are the
    client's own leave button and what confirms it, pressed one after the other as far as they are
    there. `live_device` is a microphone or camera that is on, `switch_devices_off` answers True
    when none is any more. `say` sends one chat message: True once it was sent. `choose_view` has
    the client lay out the call by its own control: True once that was chosen.

    People. `people_script` is a page function of `{follow: boolean, name: string | null,
    since: number | null}`: the name the bot asked with, and the `at` of the last answer that
    arrived, where it had one. Its answer goes through `read_people`. `on_watch`, if given, is run
    once when the bot begins to follow who speaks.
    `tend`, if given, is run every few seconds outside and in the call, with what the last look saw:
    for what the client needs besides answers to its dialogs.

    `read_chat`, if given, answers with the chat's lines, as `platforms.chat` takes them; it may
    open and close the client's panel, out of the picture.
    `chat` is a selector of what people wrote, kept out of failure bundles. `owns_frame` tells the
    client's own frame where it lives in one: looks go to page and frame alike, actions to the
    frame as long as there is one. Each function gets the page or that frame as its first argument.
    `controls` is all that these functions press and type into besides `leave`, `live_device` and
    the dialogs' buttons: it serves whoever lists what the adapter leans on.
    `domains` are those the page may go to besides the meeting's own host, with all below them.
    """

    platform: str
    rows: tuple[Row, ...]
    never_in: str
    join: Sign
    name_box: Sign
    asked: tuple[Sign, ...]
    dialogs: tuple[Dialog, ...]
    leave: tuple[Target, ...]
    chat: str
    people_script: str
    read_people: Callable[[object], tuple[Person, ...] | None]
    fill_in: Callable[[Surface, str, MeetingUrl], Awaitable[bool]]
    say: Callable[[Surface, str], Awaitable[bool]]
    ask_is_proved: bool = False
    not_for: Callable[[MeetingUrl], Collection[str]] | None = None
    live_device: Target | None = None
    switch_devices_off: Callable[[Surface], Awaitable[bool]] | None = None
    on_watch: Callable[[Surface], Awaitable[object]] | None = None
    tend: Callable[[Surface, Mapping[str, bool]], Awaitable[object]] | None = None
    read_chat: Callable[[Surface], Awaitable[object]] | None = None
    choose_view: Callable[[Surface, View], Awaitable[bool]] | None = None
    overheard: Overheard | None = None
    owns_frame: Callable[[Frame], bool] | None = None
    controls: tuple[Target, ...] = ()
    domains: tuple[str, ...] = ()

    def rows_for(self, url: MeetingUrl) -> tuple[Row, ...]:
        """The rows that count for a meeting."""
        left_out = self.not_for(url) if self.not_for is not None else ()
        return tuple(row for row in self.rows if row.name not in left_out)

    @property
    def targets(self) -> tuple[Target, ...]:
        """Everything that is pressed or typed into, the buttons of dialogs last, each once."""
        live = () if self.live_device is None else (self.live_device,)
        answers = (dialog.target for dialog in self.dialogs)
        return tuple(dict.fromkeys((*self.controls, *live, *self.leave, *answers)))

    @property
    def attributes(self) -> frozenset[str]:
        """The names of all attributes that the signs' selectors look at."""
        fields = ("selector", "within", "outside")
        selectors = (
            getattr(clue, field, "")
            for each in self.signs
            for clue in each.clues
            for field in fields
        )
        return frozenset(name for text in selectors for name in _ATTRIBUTE.findall(text))

    @property
    def signs(self) -> tuple[Sign, ...]:
        """Everything a look looks for. Raises `ValueError` for two signs of one name."""
        found = {each.name: each for each in signs_of(self.rows)}
        for each in (self.join, self.name_box, *self.asked):
            if found.setdefault(each.name, each) != each:
                raise ValueError(each.name)
        return tuple(found.values())
