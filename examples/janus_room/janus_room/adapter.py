"""The demo page itself: what proves each state, where the controls are, who is there."""

from typing import Final

from platforms.actions import Target, find, press, type_into
from platforms.adapter import Adapter
from platforms.dialogs import Dialog
from platforms.evidence import Css, Row, Text, see, sign
from platforms.probe import Surface
from platforms.types import MeetingUrl, Person
from platforms.types import PageState as S

SOURCE: Final = ("Debian's janus-demos 1.1.2, videoroomtest.html and .js, read 2026-11",)

START = sign("start", Css("#details"), sources=SOURCE)
# the form stays, disabled, when it was sent
REGISTER = sign("register", Css("#register:enabled"), sources=SOURCE)
NAME_BOX = sign("name-box", Css("#username:enabled"), sources=SOURCE)
VIDEOS = sign("videos", Css("#videos"), sources=SOURCE)
PUBLISHED = sign("published", Css("#videolocal video"), Css("#unpublish"), sources=SOURCE)
NO_ROOM = sign("no-room", Text(("does not exist",), within=".bootbox"), sources=SOURCE)
DESTROYED = sign("destroyed", Text(("has been destroyed",), within=".bootbox"), sources=SOURCE)

EVIDENCE: Final = (
    Row(S.INVALID, "no-such-room", see(NO_ROOM), see(PUBLISHED), looks=2),
    Row(S.ENDED, "room-destroyed", see(DESTROYED), looks=2),
    Row(S.ENDED, "start-page-again", see(START), looks=2, after=frozenset({S.IN_CALL})),
    Row(S.IN_CALL, "own-video-sent", see(VIDEOS, PUBLISHED), see(REGISTER), looks=2),
    Row(S.PREJOIN, "name-box", see(NAME_BOX, REGISTER), see(VIDEOS)),
    Row(S.PREJOIN, "start-page", see(START), see(VIDEOS)),
)

REGISTER_BUTTON: Final = Target("register", selectors=("#register",))
NAME_FIELD: Final = Target("name-box", selectors=("#username",))
MUTE: Final = Target("mute", texts=("Mute",), within="#videolocal")

PEOPLE: Final = """({ name }) => [
  ...document.querySelectorAll('#videolocal video, #videos .panel-title > [id^="remote"]'),
].filter((element) => element.checkVisibility()).map((element) => element.matches('video')
  ? { id: 'self', name: name ?? '' } : { id: element.id, name: element.textContent.trim() })"""


def read_people(answer: object) -> tuple[Person, ...] | None:
    """The bot and the labels over the other videos; None when the page did not tell."""
    if not isinstance(answer, list):
        return None
    return tuple(Person(each["id"], each["name"], is_self=each["id"] == "self") for each in answer)


async def join(surface: Surface, name: str, _: MeetingUrl) -> bool:
    """Type the name and press the button; microphone and camera come on by themselves."""
    box = await find(surface, NAME_FIELD)
    return (
        box is not None
        and await type_into(surface, box, name)
        and await press(surface, REGISTER_BUTTON)
    )


async def mute(surface: Surface) -> bool:
    """Switch the microphone off; its button says "Unmute" then."""
    await press(surface, MUTE)
    return await find(surface, MUTE) is None


async def say(_surface: Surface, _text: str) -> bool:
    """The demo has no chat."""
    return False


ADAPTER: Final = Adapter(
    platform="janus_room",
    rows=EVIDENCE,
    never_in="input, script, style, template",
    join=REGISTER,
    name_box=NAME_BOX,
    asked=(PUBLISHED,),
    dialogs=(Dialog(Target("start", texts=("Start",), within=".page-header")),),
    leave=(Target("stop", texts=("Stop",), within=".page-header"),),
    chat="input",
    people_script=PEOPLE,
    read_people=read_people,
    fill_in=join,
    say=say,
    live_device=MUTE,
    switch_devices_off=mute,
    controls=(NAME_FIELD, REGISTER_BUTTON),
)
