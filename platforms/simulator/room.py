"""The meeting itself: who is where, who may come in, who speaks. No I/O; time comes from `clock`.

Pages are told through `Page.send`, which never blocks; listeners are called after every change.
"""

from collections.abc import Callable
from typing import Any

from platforms.simulator.commands import Anchor, Picture
from platforms.simulator.errors import CommandRefusedError
from platforms.simulator.members import Member
from platforms.simulator.scenario import (
    AUDIO_CHANNELS,
    MAX_PARTICIPANTS,
    Participant,
    Scenario,
)
from platforms.simulator.state import (
    ChatState,
    FiredState,
    Kind,
    MeetingState,
    Phase,
    Status,
)
from platforms.simulator.wire import Ask, Page

SPACE = "spaces/kQ7vYtXBdEoB"


class Room:
    """One meeting. `on_anchor` is called when a clock of the scenario starts."""

    def __init__(self, scenario: Scenario, clock: Callable[[], float]) -> None:
        self.scenario = scenario
        self.listeners: list[Callable[[], None]] = []
        self.on_anchor: Callable[[Anchor], None] = lambda _anchor: None
        self._clock = clock
        self._run = 0
        self._devices = 0
        self.members: list[Member] = []
        self._chat: list[ChatState] = []
        self._fired: list[FiredState] = []
        self._anchors: dict[Anchor, float] = {}
        self._ended = False

    def begin(self) -> None:
        """Start a run: the participants who are there from the beginning, all clocks unset.

        Guests who are there already set the clocks off at once.
        """
        self._run += 1
        self._chat, self._fired, self._anchors, self._ended = [], [], {}, False
        pages = self._real_people()
        self.members = []
        for participant in self.scenario.participants:
            self._add_participant(participant)
        self.members += pages
        self._start_clock("start")
        guests = {m.status for m in pages if m.kind is Kind.GUEST}
        if guests:
            self._start_clock("ask")
        if Status.IN_CALL in guests:
            self._start_clock("admitted")
        self._changed()

    # Pages

    def ask(self, page: Page, ask: Ask) -> Member:
        """Somebody pressed the join button: waiting now, or in the call if the door is open."""
        if self.scenario.repeat and "ask" in self._anchors and not self._real_people():
            self.begin()
        kind = Kind.HOST if ask.host else Kind.GUEST
        member = Member(self._next_id(), ask.name, kind, Status.WAITING, ask.mic, ask.camera)
        member.page = page
        self.members.append(member)
        if self._ended:
            self._finish(member, Status.ENDED)
        elif ask.host or self.scenario.open:
            self._first_ask(member)
            self._let_in(member)
        else:
            page.send({"type": "lobby", "id": member.id})
            self._first_ask(member)
        self._changed()
        return member

    def leave(self, member: Member, status: Status = Status.LEFT) -> None:
        """A page left, or closed (`GONE`) without saying so."""
        if member.status in (Status.WAITING, Status.IN_CALL):
            member.status = status
            member.speaking = False
            if status is Status.LEFT and member.page:
                member.page.send({"type": "final", "kind": "left"})
            self._changed()

    def devices(self, member: Member, *, mic: bool, camera: bool) -> None:
        """A page switched its microphone or camera."""
        member.mic, member.camera = mic, camera
        self._changed()

    def consent(self, member: Member) -> None:
        """A page agreed to being recorded."""
        member.consented = True
        self._changed()

    def say(self, member: Member, text: str) -> None:
        """A chat message, shown to everybody in the call; ignored from anybody else."""
        if member.status is not Status.IN_CALL:
            return
        message = ChatState(
            id=f"spaces/kQ7vYtXBdEoB/messages/{len(self._chat) + 1}",
            who=member.name,
            text=text,
            at_s=self._since("start") or 0.0,
        )
        self._chat.append(message)
        self._tell({"type": "chat", **message.model_dump(), "from": member.id})
        self._changed()

    # Commands

    def waiting(self, who: str | None) -> list[Member]:
        """Those in the lobby, or the one named (by name or id)."""
        return [m for m in self.members if m.status is Status.WAITING and self._is(m, who)]

    def admit(self, who: str | None) -> None:
        """Let people in."""
        for member in self.waiting(who):
            self._let_in(member)
        self._changed()

    def refuse(self, who: str | None, status: Status) -> None:
        """Turn people away: `DENIED`, `NO_ANSWER` or `BLOCKED`."""
        for member in self.waiting(who):
            self._finish(member, status)
        self._changed()

    def remove(self, who: str | None) -> None:
        """Remove one person, or every guest."""
        for member in self.present():
            if self._is(member, who) and (who is not None or member.kind is Kind.GUEST):
                self._finish(member, Status.REMOVED)
        self._changed()

    def end(self) -> None:
        """End the meeting for everyone, those in the lobby included."""
        self._ended = True
        for member in self.members:
            if member.status in (Status.WAITING, Status.IN_CALL):
                self._finish(member, Status.ENDED)
        self._changed()

    def join(self, who: str, picture: Picture) -> None:
        """A participant comes in; one who is new takes the next free voice and colour."""
        member = self._participant(who)
        if member is None:
            if sum(m.slot is not None for m in self.members) >= self.scenario.slots:
                raise CommandRefusedError("join", f"no more than {MAX_PARTICIPANTS} participants")
            member = self._add_participant(Participant(name=who, picture=picture))
        member.status = Status.IN_CALL
        if member.picture == "flash":
            self.start_speaking(member.name)
        self._changed()

    def part(self, who: str) -> None:
        """A participant goes."""
        member = self._present_participant("leave", who)
        self.stop_speaking(member)
        member.status, member.presenting = Status.LEFT, False
        self._changed()

    def start_speaking(self, who: str) -> Member:
        """Give a participant one of the audio channels.

        Raises:
            CommandRefusedError: not in the call, or all channels are taken.
        """
        member = self._present_participant("speak", who)
        if member.channel is None:
            taken = {m.channel for m in self.members}
            free = [c for c in range(AUDIO_CHANNELS) if c not in taken]
            if not free:
                raise CommandRefusedError("speak", f"{AUDIO_CHANNELS} people are speaking already")
            member.channel = free[0]
            member.spurts += 1
        member.speaking = True
        self._changed()
        return member

    def stop_speaking(self, member: Member) -> None:
        """Take the channel back."""
        member.channel, member.speaking = None, False
        self._changed()

    def share(self, who: str, *, shares: bool) -> None:
        """A participant shows their screen, in place of whoever did, or stops."""
        do = "share_screen" if shares else "stop_sharing"
        member = self._present_participant(do, who)
        if not shares and not member.presenting:
            raise CommandRefusedError(do, f"{who!r} shares no screen")
        for other in self.members:
            other.presenting = shares and other is member
        self._changed()

    def write(self, who: str, text: str) -> None:
        """A participant writes in the chat."""
        self.say(self._present_participant("say", who), text)

    def trouble(self, do: str, for_s: float | None = None) -> None:
        """Show every guest's page a dialog, an overlay, or make it hang."""
        for member in self._real_people():
            if member.page and member.kind is Kind.GUEST:
                member.page.send({"type": do, "for_s": for_s})

    def log_fired(self, do: str, who: str | None, by: str) -> None:
        """Remember that a command was carried out."""
        at_s = round(self._since("start") or 0.0, 3)
        self._fired.append(FiredState(at_s=at_s, do=do, who=who, by=by))
        self._changed()

    # Looking

    def present(self) -> list[Member]:
        """Everybody in the call."""
        return [m for m in self.members if m.status is Status.IN_CALL]

    def presenter(self) -> Member | None:
        """Who shares a screen."""
        return next((m for m in self.members if m.presenting), None)

    def on_channel(self, channel: int) -> Member | None:
        """Who is heard on an audio channel."""
        return next((m for m in self.members if m.channel == channel), None)

    def state(self) -> MeetingState:
        """The meeting as outsiders see it."""
        return MeetingState(
            phase=self._phase(),
            run=self._run,
            clock_s=self._since("start") or 0.0,
            since_ask_s=self._since("ask"),
            since_admission_s=self._since("admitted"),
            people=tuple(m.state() for m in self.members),
            chat=tuple(self._chat),
            fired=tuple(self._fired),
        )

    def _phase(self) -> Phase:
        if self._ended:
            return "ended"
        if "admitted" in self._anchors:
            return "in_call"
        return "asked" if "ask" in self._anchors else "idle"

    def _since(self, anchor: Anchor) -> float | None:
        start_s = self._anchors.get(anchor)
        return None if start_s is None else self._clock() - start_s

    @staticmethod
    def _is(member: Member, who: str | None) -> bool:
        return who is None or who in (member.name, member.id)

    def _real_people(self) -> list[Member]:
        return [m for m in self.members if m.page and m.status in (Status.WAITING, Status.IN_CALL)]

    def _participant(self, who: str) -> Member | None:
        return next((m for m in self.members if m.slot is not None and m.name == who), None)

    def _present_participant(self, do: str, who: str) -> Member:
        member = self._participant(who)
        if member is None or member.status is not Status.IN_CALL:
            raise CommandRefusedError(do, f"{who!r} is no participant in the call")
        return member

    # Inner workings

    def _next_id(self) -> str:
        self._devices += 1
        return f"{SPACE}/devices/{self._devices}"

    def _add_participant(self, participant: Participant) -> Member:
        here = participant.present and participant.join_at_s is None
        member = Member(
            self._next_id(),
            participant.name,
            Kind.PARTICIPANT,
            Status.IN_CALL if here else Status.ABSENT,
            camera=participant.picture != "still",
            picture=participant.picture,
            host=participant.host,
            slot=sum(m.slot is not None for m in self.members),
        )
        self.members.append(member)
        if here and member.picture == "flash":
            self.start_speaking(member.name)
        return member

    def _start_clock(self, anchor: Anchor) -> None:
        if anchor not in self._anchors:
            self._anchors[anchor] = self._clock()
            self.on_anchor(anchor)

    def _first_ask(self, member: Member) -> None:
        if member.kind is Kind.GUEST:
            self._start_clock("ask")

    def _let_in(self, member: Member) -> None:
        member.status = Status.IN_CALL
        if member.page:
            member.page.send(
                {
                    "type": "admitted",
                    "id": member.id,
                    "title": self.scenario.meeting_name,
                    "people": [m.shown() for m in self.present()],
                    "chat": [m.model_dump() for m in self._chat],
                    "consent": self.scenario.consent_dialog and member.kind is Kind.GUEST,
                }
            )
        if member.kind is Kind.GUEST:
            self._start_clock("admitted")

    def _finish(self, member: Member, status: Status) -> None:
        member.status = status
        member.channel, member.speaking, member.presenting = None, False, False
        if member.page:
            member.page.send({"type": "final", "kind": str(status)})

    def _tell(self, message: dict[str, Any]) -> None:
        for member in self.present():
            if member.page:
                member.page.send(message)

    def _changed(self) -> None:
        people = [m.shown() for m in self.present()]
        speaking = [m.id for m in self.members if m.speaking]
        waiting = [{"id": m.id, "name": m.name} for m in self.waiting(None)]
        for member in self.present():
            if member.page:
                update = {"type": "people", "people": people, "speaking": speaking}
                if member.kind is Kind.HOST:
                    update["waiting"] = waiting
                member.page.send(update)
        for listener in tuple(self.listeners):
            listener()
