"""Who saw the Microsoft Teams client, and when last ("live": read off the live page by them)."""

from typing import Final

Z: Final = "zen-recorder 2026-10, live and from the page's own bundle"
U2: Final = "an unnamed listener 2026-09, live"
A: Final = "attendee 2026-08"
B: Final = "meet-teams-bot 2026-08"
V: Final = "vexa 2026-08"
W: Final = "amazon-transcribe-live-meeting-assistant 2026-08, live in part"
N: Final = "projelli 2026-07, live captures"
U1: Final = "an unnamed recon of the anonymous join 2026-07, live"
S: Final = "screenappai/meeting-bot and a fork 2026-06"
