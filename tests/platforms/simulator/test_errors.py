import re

import pytest

from platforms.errors import Fault
from platforms.simulator import errors
from platforms.simulator.errors import (
    CommandRefusedError,
    NoMediaAddressError,
    ScenarioError,
    SimulatorError,
    SimulatorUnreachableError,
    WaitTimedOutError,
)
from platforms.simulator.network import require_media_address

EXAMPLES = (
    NoMediaAddressError(["lo", "tun0"]),
    ScenarioError("party.json", "events.0.do", "is unknown"),
    CommandRefusedError("speak", "'Ada' is no participant in the call"),
    SimulatorUnreachableError("http://localhost:1", "connection refused"),
    WaitTimedOutError(2.5, "phase='idle'"),
)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (EXAMPLES[1], "party.json: events.0.do: is unknown"),
        (ScenarioError("party.json", "", "no JSON"), "party.json: no JSON"),
        (EXAMPLES[2], "speak: 'Ada' is no participant in the call"),
        (EXAMPLES[3], "no simulator at http://localhost:1: connection refused"),
        (EXAMPLES[4], "no such state within 2.5 s; the last one: phase='idle'"),
        (WaitTimedOutError(10, "none"), "no such state within 10 s; the last one: none"),
    ],
)
def test_the_text_is_built_from_the_facts(error: SimulatorError, text: str) -> None:
    """Each error says its facts, and leaves out what does not apply."""
    assert str(error) == text


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_the_facts_stay_readable(error: SimulatorError) -> None:
    """Everything the text says is an attribute too: nobody has to parse it."""
    facts = vars(error)
    assert facts
    for fact in facts.values():
        for part in fact if isinstance(fact, tuple) else (fact,):
            assert str(part) in str(error)


@pytest.mark.parametrize(
    ("interfaces", "named"), [(["lo", "tun0"], "lo, tun0"), ([], "none")], ids=["two", "none"]
)
def test_a_missing_address_names_the_interfaces_and_the_cure(
    interfaces: list[str], named: str
) -> None:
    """The reader sees what was looked at and the commands to run as root."""
    error = NoMediaAddressError(interfaces)
    assert error.interfaces == tuple(interfaces)
    assert f"(interfaces: {named})" in str(error)
    assert str(error).endswith(f"As root: {error.cure}")


def test_the_cure_cures() -> None:
    """The address that the cure adds is one the simulator accepts, on an interface it sets up."""
    added = re.search(r"ip addr add (\S+)/\d+ dev (\w+)", errors.CURE)
    assert added is not None
    address, interface = added.groups()
    assert f"ip link set {interface} up" in errors.CURE
    assert require_media_address({"lo": ["127.0.0.1"], interface: [address]}) == address


def test_the_tree_in_the_docstring_is_the_truth() -> None:
    """It lists every error of the module with its fault, and the examples here cover them all."""
    assert errors.__doc__ is not None
    told = dict(re.findall(r"[├└]── (\w+) +(\w+)", errors.__doc__))
    classes = {c for c in vars(errors).values() if isinstance(c, type)}
    ours = {c for c in classes if issubclass(c, SimulatorError)} - {SimulatorError}
    assert told == {c.__name__: str(c.fault) for c in ours}
    assert {type(error) for error in EXAMPLES} == ours


def test_only_an_unreachable_simulator_is_worth_another_try() -> None:
    """It may still be starting; the others would fail the same way again."""
    retryable = [type(error) for error in EXAMPLES if error.retryable]
    assert retryable == [SimulatorUnreachableError]
    assert SimulatorUnreachableError.fault is Fault.DESTINATION
