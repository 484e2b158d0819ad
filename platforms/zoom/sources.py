"""Who saw the Zoom client, and when last ("live": read off the live page by them)."""

from typing import Final

K: Final = "Zoom Meeting SDK 6.2.0, its code"
Z: Final = "zen-recorder 2026-10, live"
V: Final = "Vexa 2026-08"
B: Final = "meet-teams-bot 2026-08"
W: Final = "live-meeting-assistant 2026-08"
N: Final = "projelli 2026-07"
S: Final = "screenapp meeting-bot 2026-06"
M: Final = "meetingbot 2025-08"
