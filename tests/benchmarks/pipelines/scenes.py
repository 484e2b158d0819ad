"""What is recorded in the comparison: four scenes, a crowd of numbers, a known picture. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SIZE: Final = (1280, 720)
UNSEEN: Final = (320, 180)
"""What a page of which sound alone is recorded is shrunk to."""
FPS: Final = 30
STILL_TILES: Final = 8


class Scene(StrEnum):
    """Each is a meeting of the simulator's Meet client."""

    FOUR = "four"
    TILE = "tile"
    STILL = "still"
    SOUND = "audio_only"

    @property
    def heading(self) -> str:
        """For a person."""
        return HEADINGS[self]

    @property
    def pictures(self) -> bool:
        """Whether pictures are recorded."""
        return self is not Scene.SOUND


HEADINGS: Final = {
    Scene.FOUR: "Four moving tiles",
    Scene.TILE: "A still page with one small moving tile",
    Scene.STILL: "A still slide",
    Scene.SOUND: "audio_only: four moving tiles, the page shrunk to 320x180",
}


def meeting(scene: Scene) -> dict[str, object]:
    """The scenario; somebody speaks all the time, in turns."""
    match scene:
        case Scene.FOUR | Scene.SOUND:
            pictures = ["moving"] * 4
        case Scene.TILE:
            pictures = ["still"] * STILL_TILES + ["small"]
        case Scene.STILL:
            pictures = ["still"] * 2
    names = [f"Guest {number}" for number in range(1, len(pictures) + 1)]
    speaks = scene in (Scene.FOUR, Scene.SOUND)
    return {
        "meeting_name": scene.value,
        "open": True,
        "participants": [
            {"name": name, "picture": picture}
            for name, picture in zip(names, pictures, strict=True)
        ],
        "events": [
            {"at_s": 5 * turn, "do": "speak", "who": names[turn % len(names)], "for_s": 4}
            for turn in range(400 if speaks else 0)
        ],
    }


@dataclass(frozen=True, slots=True)
class Order:
    """One measured run: what is shown, for how long, and where its recording goes.

    `url` is a meeting of the simulator, to be joined with `browser_args`, or a page to be opened
    as it is. `numbered` puts a running number in the corner of the page.
    """

    pipeline: str
    url: str
    folder: str
    seconds: float
    pictures: bool = True
    numbered: bool = False
    browser_args: tuple[str, ...] = ()

    @property
    def is_meeting(self) -> bool:
        """Whether there is something to join."""
        return self.url.startswith("https://meet.google.com/")
