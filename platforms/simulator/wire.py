"""What a page may say to the server. Everything else is refused."""

from typing import Annotated, Any, Literal, Protocol

from pydantic import Field, TypeAdapter

from platforms.simulator.commands import Frozen

Name = Annotated[str, Field(min_length=1, max_length=255)]


class Ask(Frozen):
    """The join button was pressed."""

    type: Literal["ask"]
    name: Name
    mic: bool
    camera: bool
    host: bool = False


class Offer(Frozen):
    """The page's offer for the connection that carries the participants' media."""

    type: Literal["offer"]
    sdp: Annotated[str, Field(max_length=200_000)]


class Signal(Frozen):
    """Something for another page's peer connection."""

    type: Literal["signal"]
    to: Annotated[str, Field(max_length=100)]
    data: dict[str, Any]


class Devices(Frozen):
    """Microphone and camera as they are now: on or off."""

    type: Literal["devices"]
    mic: bool
    camera: bool


class Chat(Frozen):
    """A chat message."""

    type: Literal["chat"]
    text: Annotated[str, Field(min_length=1, max_length=500)]


class Plain(Frozen):
    """The leave button; the consent button."""

    type: Literal["leave", "consent"]


class HostCommand(Frozen):
    """A host's in-page control."""

    type: Literal["host"]
    do: Literal["admit", "deny", "remove", "end"]
    id: Annotated[str, Field(max_length=100)] | None = None


Inbound = Annotated[
    Ask | Offer | Signal | Devices | Chat | Plain | HostCommand, Field(discriminator="type")
]
INBOUND: TypeAdapter[Inbound] = TypeAdapter(Inbound)


class Page(Protocol):
    """The server's end of one page: `send` never blocks."""

    def send(self, message: dict[str, Any]) -> None:
        """Queue one JSON message for the page."""
