"""What people wrote in a meeting's chat, as a page's answer tells it. Pure."""

from typing import Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from platforms.types import ChatLine

MAX_LINES: Final = 500
"""How many lines of one look are taken: a page shows fewer."""
MAX_CHARACTERS: Final = 4_000
OWN_MARKS: Final = frozenset(
    {"you", "sie", "du", "ich", "vous", "moi", "tú", "yo", "você", "eu", "あなた", "自分"}
)
"""What a client calls the bot itself where it does not write its name."""


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel)

    id: str = Field(min_length=1, max_length=300)
    sender: str = Field(max_length=1000)
    text: str


_LINES: Final = TypeAdapter(tuple[_Line, ...])


def lines_of(answer: object, own_name: str | None) -> tuple[ChatLine, ...]:
    """The lines in a page's answer, oldest first; none when it cannot be read.

    A line is the bot's own when it bears the name the bot asked with, or the client's "You".
    """
    try:
        lines = _LINES.validate_python(answer)
    except ValidationError:
        return ()
    return tuple(
        ChatLine(
            id=line.id,
            sender=line.sender,
            text=line.text[:MAX_CHARACTERS],
            is_self=line.sender == own_name or line.sender.lower() in OWN_MARKS,
        )
        for line in lines[-MAX_LINES:]
        if line.text
    )
