"""What a pod is given room for; how it reaches the cluster is in tests/bot/test_pod.py."""

import pytest

from bot.pod_room import CPU_REQUESTS, capture_of, resources
from bot.settings import Settings


@pytest.mark.parametrize(
    ("settings", "capture"),
    [
        (Settings(), "display"),
        (Settings(capture="display"), "display"),
        (Settings(capture="tab"), "tab"),
    ],
)
def test_cpu_is_requested_for_the_way_that_is_recorded(settings: Settings, capture: str) -> None:
    """As the image records, unless another way is asked for; the tab takes more."""
    assert capture_of(settings) == capture
    assert resources(settings)["requests"]["cpu"] == CPU_REQUESTS[capture]
