"""Who saw the Google Meet client, and when last ("live": read off the live page by them)."""

from typing import Final

R: Final = "megingjord 2026-09, live"
Z: Final = "zen-recorder 2026-10, live"
D: Final = "streamdeck-googlemeet and forks 2026"
V: Final = "Vexa 2026-08"
A: Final = "attendee 2026-08"
B: Final = "meet-teams-bot 2026-08"
E: Final = "all-ears 2026-08"
S: Final = "screenapp 2026-06"
J: Final = "joinly 2026-03"
P: Final = "meeboter 2026-02"
M: Final = "meetingbot 2025-08"
U: Final = "other public code 2020-2026"
