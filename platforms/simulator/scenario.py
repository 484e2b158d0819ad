"""The scenario file: who is in the test meeting, and what happens when. JSON, nothing unknown.

Times are seconds on one of three clocks, named by an event's `from`: `ask` (the first guest asks to
join), `admitted` (the first guest is in the call) and `start` (the simulator, or a repeat, starts).
Lobby commands count from `ask`, all others from `admitted`, unless `from` says otherwise.
Events of one clock fire in order of time; equal times in the order of the file.
"""

import json
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator

from platforms.simulator.commands import (
    Anchor,
    Duration,
    Event,
    Frozen,
    Join,
    Leave,
    Name,
    Picture,
    Remove,
    Say,
    Seconds,
    Share,
    Speak,
    anchor_of,
    refused,
)
from platforms.simulator.errors import ScenarioError
from platforms.types import Platform

Variant = Literal[
    "no_tile_ids",
    "no_jsname",
    "no_audio_elements",
    "no_panel_ids",
    "signed_in",
    "lobby_reenables_devices",
    "toolbar_starts_hidden",
    "lobby_text_lingers",
    "host_absent",
    "second_layout",
    "no_tids",
    "launcher",
    "first_click_lost",
    "toolbar_collapsed",
    "hangup_stays",
    "in_iframe",
    "audio_not_joined",
    "cookie_banner",
    "flapping",
    "half_rendered",
]
PageKind = Literal[
    "normal",
    "blocked",
    "invalid",
    "login",
    "never_load",
    "blank",
    "captcha",
    "passcode",
    "full",
    "locked",
    "expired",
]
MAX_PARTICIPANTS = 24
AUDIO_CHANNELS = 3


class Participant(Frozen):
    """Somebody played by the simulator. `join_at_s` counts from admission; None: by `present`.

    `picture`: `moving` is video at 30 fps, `small` the same at a quarter of the size (as clients
    send to small tiles), `still` is a camera that is off (an avatar, nothing
    ever repaints), `flash` is a white frame and a 1 kHz beep together, every second. `host` marks
    whose meeting it is, where the client says so.
    """

    name: Name
    picture: Picture = "moving"
    host: bool = False
    present: bool = True
    join_at_s: Seconds | None = None


class Scenario(Frozen):
    """One test meeting. All fields have defaults; the default meeting is empty with a lobby.

    `platform` is whose client is shown; its link holds `meeting_code` (Meet) or `meeting_number`
    and `passcode` (Teams, Zoom).
    `page` is what the URL shows (`never_load`: no answer comes; `blank`: nothing to join by);
    `answers_after_s` is how long its server thinks about it;
    `repeat` starts the scenario again when everybody real has gone and somebody new asks to join
    (a meeting code can be used again); `lang` None follows `hl=`.
    `variants` are builds of the client: `second_layout` is all of it a generation later
    (`platforms.simulator.looks`), the others are one difference each.
    """

    platform: Platform = Platform.GOOGLE_MEET
    meeting_code: Annotated[str, Field(pattern=r"^[a-z]{3}-[a-z]{4}-[a-z]{3}$")] = "abc-defg-hij"
    meeting_number: Annotated[str, Field(pattern=r"^\d{10,11}$")] = "98765432101"
    passcode: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{4,12}$")] = "Sim7code"
    meeting_name: Name = "Weekly sync"
    open: bool = False
    page: PageKind = "normal"
    lang: Literal["en", "de", "es", "fr", "ja", "pt"] | None = None
    device_dialog: Literal["auto", "always", "never"] = "auto"
    consent_dialog: bool = False
    repeat: bool = True
    answers_after_s: Seconds = 0.0
    cta_delay_s: Seconds = 0.3
    admission_gap_s: Seconds = 1.0
    toolbar_hides_after_s: Duration = 3.0
    landing_after_s: Duration = 60.0
    leaves_google_after_s: Duration = 3.0
    variants: tuple[Variant, ...] = ()
    participants: Annotated[tuple[Participant, ...], Field(max_length=MAX_PARTICIPANTS)] = ()
    events: tuple[Event, ...] = ()

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        names = [p.name for p in self.participants]
        if len(set(names)) != len(names):
            raise ValueError("participants: a name is used twice")
        known = set(names) | {e.who for e in self.events if isinstance(e, Join)}
        for index, event in enumerate(self.events):
            if isinstance(event, Speak | Say | Share | Leave) and event.who not in known:
                raise ValueError(f"events.{index}.who: {event.who!r} is no participant")
        if len(known) > MAX_PARTICIPANTS:
            raise ValueError(f"events: more than {MAX_PARTICIPANTS} participants")
        return self

    @property
    def slots(self) -> int:
        """Video channels each page is given: everybody named here and four who join live."""
        names = {p.name for p in self.participants}
        names |= {e.who for e in self.events if isinstance(e, Join)}
        return min(MAX_PARTICIPANTS, len(names) + 4)

    @property
    def screen_slot(self) -> int:
        """The video channel of whoever shares a screen, after those of all people."""
        return self.slots

    def schedule(self, anchor: Anchor) -> tuple[Event, ...]:
        """Events of one clock in firing order, `join_at_s` of the participants included."""
        joins: list[Event] = []
        if anchor == "admitted":
            joins = [
                Join(do="join", who=p.name, picture=p.picture, at_s=p.join_at_s)
                for p in self.participants
                if p.join_at_s is not None
            ]
        chosen = joins + [e for e in self.events if anchor_of(e) == anchor]
        return tuple(sorted(chosen, key=lambda e: e.at_s))

    def timeline(self) -> tuple[tuple[str, float, float], ...]:
        """Who speaks from when to when, seconds after the first guest's admission, sorted.

        Cut at the speaker's leaving and at the end of the meeting. Speech on the `ask` clock is
        included when an event or an open door fixes the admission; on `start` it cannot be.
        """
        admit_s = 0.0 if self.open else self._admission_after_ask_s()
        spans = []
        for event in self.events:
            if not isinstance(event, Speak):
                continue
            start_s = self._since_admission_s(event, admit_s)
            if start_s is not None:
                end_s = min([start_s + event.for_s, *self._cuts_s(event.who, start_s, admit_s)])
                spans.append((event.who, max(start_s, 0.0), end_s))
        return tuple(sorted((s for s in spans if s[2] > s[1]), key=lambda s: (s[1], s[0])))

    def _admission_after_ask_s(self) -> float | None:
        admits = [e.at_s for e in self.schedule("ask") if e.do == "admit"]
        return admits[0] if admits else None

    def _since_admission_s(self, event: Event, admit_s: float | None) -> float | None:
        match anchor_of(event):
            case "admitted":
                return event.at_s
            case "ask" if admit_s is not None:
                return event.at_s - admit_s
            case _:
                return None

    def _cuts_s(self, who: str, start_s: float, admit_s: float | None) -> list[float]:
        stops = [
            self._since_admission_s(e, admit_s)
            for e in self.events
            if e.do == "end" or (isinstance(e, Leave | Remove) and e.who == who)
        ]
        return [s for s in stops if s is not None and s >= start_s]


def parse_scenario(data: object, source: str = "scenario") -> Scenario:
    """A scenario from decoded JSON.

    Raises:
        ScenarioError: `field` names what is unknown, missing or ill-typed.
    """
    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        raise refused(source, error) from error


def builtin_scenarios() -> tuple[str, ...]:
    """Names of the scenarios that ship with the package."""
    folder = resources.files("platforms.simulator") / "scenarios"
    return tuple(
        sorted(f.name.removesuffix(".json") for f in folder.iterdir() if f.name.endswith(".json"))
    )


def load_scenario(name_or_path: str | Path) -> Scenario:
    """A built-in scenario by name, or a JSON file by path.

    Raises:
        ScenarioError: no such file, not JSON, or a field is refused (named in `field`).
    """
    source = str(name_or_path)
    if source in builtin_scenarios():
        text = (resources.files("platforms.simulator") / "scenarios" / f"{source}.json").read_text(
            encoding="utf-8"
        )
    else:
        try:
            text = Path(source).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            names = ", ".join(builtin_scenarios())
            raise ScenarioError(source, "", f"cannot be read; built in are: {names}") from error
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise ScenarioError(source, "", f"not JSON: {error}") from error
    return parse_scenario(data, source)
