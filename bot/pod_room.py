"""What a pod is given room for: processors, memory, volumes. Pure."""

import math
from typing import Any, Final

from bot.settings import Settings

IMAGE_CAPTURE: Final = "display"
"""The image's `MEETBOT_CAPTURE`."""
CPU_REQUESTS: Final = {"display": "1100m", "tab": "1250m"}
"""`make bench`: a recorded 720p meeting of four moving tiles costs 0.97 to 1.08 cores from a
display, 1.13 to 1.22 from the tab, and a whole bot a few hundredths more."""
MEMORY_REQUEST: Final = "1Gi"
MEMORY_LIMIT: Final = "2Gi"
"""`make bench`: 850 MB at the peak of a whole bot; a client's own page is heavier than a replica's.
Over its request a pod is among the first that a node short of memory evicts."""
SHARED_MEMORY: Final = "256Mi"
"""The ring (20 MB) or the screen (4 MB), the profile (25 MB) and Chromium's own; counted as the
container's memory."""
TEMPORARY_MIB: Final = 1024
SPOOL_BESIDES_MIB: Final = 1024
"""What lies beside the bounded part of the spool. Over a volume's limit the kubelet evicts the pod,
so that the spool's own bound, which is named where it is reached, must come first."""


def resources(settings: Settings) -> dict[str, Any]:
    """What the container asks for, and what it is held to."""
    return {
        "requests": {
            "cpu": CPU_REQUESTS[capture_of(settings)],
            "memory": MEMORY_REQUEST,
            "ephemeral-storage": f"{spool_mib(settings) + TEMPORARY_MIB}Mi",
        },
        "limits": {"memory": MEMORY_LIMIT},
    }


def capture_of(settings: Settings) -> str:
    """The way the pod records: the image's own, unless one was given."""
    return settings.capture if "capture" in settings.model_fields_set else IMAGE_CAPTURE


def spool_mib(settings: Settings) -> int:
    """The size of the spool's volume."""
    return math.ceil(settings.spool_max_bytes / 2**20) + SPOOL_BESIDES_MIB
