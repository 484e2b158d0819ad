"""What happens in a test meeting: the events of a scenario, which are the live commands as well."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from platforms.simulator.errors import ScenarioError

Anchor = Literal["start", "ask", "admitted"]
Picture = Literal["moving", "small", "still", "flash"]

Name = Annotated[str, Field(min_length=1, max_length=80)]
Seconds = Annotated[float, Field(ge=0, le=86_400)]
Duration = Annotated[float, Field(gt=0, le=86_400)]


class Frozen(BaseModel):
    """Base of all simulator models: immutable, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class _Timed(Frozen):
    at_s: Seconds = 0.0
    from_: Anchor | None = Field(default=None, alias="from")


class Lobby(_Timed):
    """What happens to those who wait: `who` is one of them by name, None is all of them."""

    do: Literal["admit", "deny", "no_answer", "block"]
    who: Name | None = None


class Remove(_Timed):
    """A host removes one person by name, or (None) every guest."""

    do: Literal["remove"]
    who: Name | None = None


class Join(_Timed):
    """A participant comes in: one declared with `present: false`, or a new one."""

    do: Literal["join"]
    who: Name
    picture: Picture = "moving"


class Leave(_Timed):
    """A participant goes."""

    do: Literal["leave"]
    who: Name


class Speak(_Timed):
    """A participant's voice is heard for `for_s` seconds. At most three speak at once."""

    do: Literal["speak"]
    who: Name
    for_s: Duration


class Say(_Timed):
    """A participant writes a chat message."""

    do: Literal["say"]
    who: Name
    text: Annotated[str, Field(min_length=1, max_length=500)]


class Share(_Timed):
    """A participant shows their screen, or stops; a second screen takes the first one's place."""

    do: Literal["share_screen", "stop_sharing"]
    who: Name


class Plain(_Timed):
    """The host ends the meeting; guests' pages ask for consent, or whether to keep waiting."""

    do: Literal["end", "consent_dialog", "keep_waiting_dialog"]


class Trouble(_Timed):
    """For `for_s` seconds the client reconnects, or its page answers nothing (without load).

    A later `reconnect` decides anew when the earlier one is over.
    """

    do: Literal["reconnect", "freeze"]
    for_s: Duration


Event = Annotated[
    Lobby | Remove | Join | Leave | Speak | Say | Share | Plain | Trouble, Field(discriminator="do")
]
COMMANDS: TypeAdapter[Event] = TypeAdapter(Event)
LOBBY_COMMANDS = frozenset(("admit", "deny", "no_answer", "block", "keep_waiting_dialog"))


def anchor_of(event: Event) -> Anchor:
    """The clock an event counts on."""
    return event.from_ or ("ask" if event.do in LOBBY_COMMANDS else "admitted")


def refused(source: str, error: ValidationError) -> ScenarioError:
    """What is wrong with `source`, by its first field that is."""
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"])
    return ScenarioError(source, field, first["msg"])


def parse_command(do: str, fields: Mapping[str, Any]) -> Event:
    """A live command: an event without a time.

    Raises:
        ScenarioError: unknown command, or `field` names what is wrong.
    """
    for name in ("at_s", "from"):
        if name in fields:
            raise ScenarioError(do, name, "a live command happens now")
    try:
        return COMMANDS.validate_python({**fields, "do": do})
    except ValidationError as error:
        raise refused(do, error) from error
