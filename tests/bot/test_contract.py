"""The words of the contract."""

from dataclasses import replace

import pytest

from bot import contract
from bot.contract import UNSUPPORTED, Command, Feature, Status, capabilities, command_supported
from platforms.registry import plugins
from platforms.types import Platform


def test_statuses_come_in_the_contracts_order() -> None:
    """The twelve statuses are spelt and ordered as the contract lists them."""
    assert [status.value for status in Status] == [
        "queued",
        "joining_call",
        "in_waiting_room",
        "in_waiting_for_host",
        "in_call_not_recording",
        "in_call_recording",
        "recording_paused",
        "recording_resumed",
        "call_ended",
        "transcribing",
        "completed",
        "failed",
    ]


def test_capabilities_are_exactly_what_is_not_refused() -> None:
    """`ready.capabilities` and the refusals split the contract's features between them."""
    able = set(capabilities())
    refused = {feature.value for feature in UNSUPPORTED}
    assert able | refused == {feature.value for feature in Feature}
    assert not able & refused
    assert len(capabilities()) == len(able)


def test_a_platform_of_one_s_own_is_a_capability(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed fourth platform is listed after the contract's words, if it can be driven."""
    meet = plugins()["google_meet"]
    own = {
        "our_rooms": replace(meet, title="Ours"),
        "seen": replace(meet, load_adapter=None),
    }
    monkeypatch.setattr(contract, "plugins", lambda: {**plugins(), **own})
    *others, last = capabilities()
    assert last == "platform.our_rooms"
    assert others == [feature.value for feature in Feature if feature not in UNSUPPORTED]


def test_every_platform_and_command_is_a_feature() -> None:
    """No platform and no command can be forgotten by the capabilities."""
    assert set(contract.FEATURE_OF_PLATFORM) == set(Platform)
    for platform, feature in contract.FEATURE_OF_PLATFORM.items():
        assert feature.value == f"platform.{Platform(platform).value}"
    for command in Command:
        assert command_supported(command) == (f"command.{command.value}" in capabilities())


def test_a_command_is_supported_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """A supported and an unsupported command are told apart."""
    monkeypatch.setattr(contract, "UNSUPPORTED", frozenset({Feature.SCREENSHOT}))
    assert command_supported(Command.PAUSE)
    assert not command_supported(Command.SCREENSHOT)
