"""What every installed platform declares."""

import pytest

from platforms.registry import plugins
from platforms.types import NameRules, Platform


@pytest.mark.parametrize("name", list(Platform))
def test_declarations(name: str) -> None:
    """Each has a title for people, a name box that takes a name, and owns no foreign host."""
    plugin = plugins()[name]
    assert plugin.title
    assert plugin.name_rules.max_utf16_units >= 10
    assert isinstance(plugin.name_rules, NameRules)
    assert not any(plugin.owns(host) for host in ("example.com", "google.com", "evil.zoom.us.eu"))
