"""Somebody in or before the call, as the room keeps them."""

from dataclasses import dataclass, field
from typing import Any

from platforms.simulator.commands import Picture
from platforms.simulator.picture import colour_hex
from platforms.simulator.state import Kind, PersonState, Status
from platforms.simulator.voice import voice_hz
from platforms.simulator.wire import Page


@dataclass(eq=False, slots=True)
class Member:
    """Somebody the room knows. `slot` is a participant's video channel and voice number."""

    id: str
    name: str
    kind: Kind
    status: Status
    mic: bool = True
    camera: bool = True
    picture: Picture | None = None
    slot: int | None = None
    channel: int | None = None
    spurts: int = 0
    speaking: bool = False
    consented: bool = False
    host: bool = False
    presenting: bool = False
    page: Page | None = field(default=None, repr=False)

    def state(self) -> PersonState:
        """The member as outsiders see it."""
        hz = voice_hz(self.slot) if self.slot is not None else None
        return PersonState(
            id=self.id,
            name=self.name,
            kind=self.kind,
            status=self.status,
            mic=self.mic,
            camera=self.camera,
            speaking=self.speaking,
            consented=self.consented,
            picture=self.picture,
            voice_hz=hz,
        )

    def shown(self) -> dict[str, Any]:
        """The member as pages see it."""
        return {
            "id": self.id,
            "name": self.name,
            "host": self.host or self.kind is Kind.HOST,
            "page": self.page is not None,
            "mic": self.mic,
            "camera": self.camera,
            "slot": self.slot if self.camera else None,
            "presenting": self.presenting,
            "colour": colour_hex(self.slot if self.slot is not None else 20),
        }
