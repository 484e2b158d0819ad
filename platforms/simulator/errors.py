"""What can go wrong with the test meeting.

SimulatorError (a PlatformError)
├── NoMediaAddressError        destination  the machine has only loopback addresses
├── ScenarioError              caller       a scenario or command names what it may not
├── CommandRefusedError        caller       it does not fit the meeting as it is
├── SimulatorUnreachableError  destination  nothing answers at the address given
└── WaitTimedOutError          us           `wait_for` saw no matching state in time
"""

from collections.abc import Sequence

from platforms.errors import Fault, PlatformError

CURE = (
    "ip link add meetbot0 type veth peer name meetbot1 && "
    "ip addr add 10.213.0.1/30 dev meetbot0 && "
    "ip link set meetbot0 up && ip link set meetbot1 up"
)


class SimulatorError(PlatformError):
    """Root of the simulator's errors."""


class NoMediaAddressError(SimulatorError):
    """The machine has only loopback addresses: WebRTC gathers no candidate on those."""

    fault = Fault.DESTINATION

    def __init__(self, interfaces: Sequence[str]) -> None:
        self.interfaces = tuple(interfaces)
        self.cure = CURE
        super().__init__(
            f"no network address but loopback (interfaces: {', '.join(interfaces) or 'none'}): "
            f"WebRTC cannot connect. As root: {CURE}"
        )


class ScenarioError(SimulatorError):
    """A scenario or command was refused; `field` is the dotted path of what is wrong."""

    fault = Fault.CALLER

    def __init__(self, source: str, field: str, reason: str) -> None:
        self.source = source
        self.field = field
        self.reason = reason
        super().__init__(f"{source}: {field}: {reason}" if field else f"{source}: {reason}")


class CommandRefusedError(SimulatorError):
    """A well-formed command does not fit the meeting as it is now."""

    fault = Fault.CALLER

    def __init__(self, do: str, reason: str) -> None:
        self.do = do
        self.reason = reason
        super().__init__(f"{do}: {reason}")


class WaitTimedOutError(SimulatorError):
    """`Simulator.wait_for` saw no matching state before its deadline."""

    def __init__(self, timeout_s: float, last_state: str) -> None:
        self.timeout_s = timeout_s
        self.last_state = last_state
        super().__init__(f"no such state within {timeout_s:g} s; the last one: {last_state}")


class SimulatorUnreachableError(SimulatorError):
    """There is no simulator at that address."""

    fault = Fault.DESTINATION
    retryable = True

    def __init__(self, http_url: str, reason: str) -> None:
        self.http_url = http_url
        self.reason = reason
        super().__init__(f"no simulator at {http_url}: {reason}")
