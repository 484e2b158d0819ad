import pytest

from platforms.errors import Fault
from platforms.simulator.errors import NoMediaAddressError
from platforms.simulator.network import interface_addresses, require_media_address
from platforms.simulator.scenario import Scenario
from platforms.simulator.server import Simulator


@pytest.mark.parametrize(
    "interfaces",
    [{}, {"lo": ["127.0.0.1", "::1"]}, {"lo": ["127.0.0.1"], "eth0": ["fe80::1%eth0"]}],
)
def test_a_machine_with_only_loopback_is_told_the_cure(interfaces: dict[str, list[str]]) -> None:
    """The error holds commands that make a usable address."""
    with pytest.raises(NoMediaAddressError, match="ip link add") as caught:
        require_media_address(interfaces)
    assert caught.value.fault is Fault.DESTINATION


def test_one_real_address_is_enough() -> None:
    """IPv4 or global IPv6 will do."""
    assert require_media_address({"lo": ["127.0.0.1"], "x": ["10.0.0.1"]}) == "10.0.0.1"
    assert require_media_address({"x": ["fe80::1%x", "fd00::2"]}) == "fd00::2"


def test_the_machine_s_own_interfaces_are_read() -> None:
    """Loopback is always among them."""
    assert "127.0.0.1" in [a for addresses in interface_addresses().values() for a in addresses]


async def test_the_simulator_refuses_to_start_without_an_address() -> None:
    """The check comes before anything is opened."""
    simulator = Simulator(Scenario(), interfaces=lambda: {"lo": ["127.0.0.1"]})
    with pytest.raises(NoMediaAddressError):
        async with simulator:
            pass
