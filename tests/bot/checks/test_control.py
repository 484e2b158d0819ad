"""Against real sockets: a ROUTER, a port that speaks no ZeroMQ, none at all."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import zmq

from bot.checks import control
from bot.checks.control import control_endpoint
from bot.checks.types import Finding, Level
from bot.keys import generate_keys
from bot.settings import Settings


@contextmanager
def router(
    endpoint: str = "tcp://127.0.0.1:*", secret: bytes | None = None
) -> Iterator["zmq.Socket[bytes]"]:
    """A bound ROUTER, with CURVE where it has a secret key."""
    with zmq.Context() as context, context.socket(zmq.ROUTER) as bound:
        bound.linger = 0
        if secret is not None:
            bound.curve_server = True
            bound.curve_secretkey = secret
        bound.bind(endpoint)
        yield bound


def address_of(bound: "zmq.Socket[bytes]") -> str:
    """The endpoint a client connects to."""
    return bound.getsockopt_string(zmq.LAST_ENDPOINT)


async def finding_at(endpoint: str, **settings: object) -> Finding:
    """The one finding."""
    chosen = Settings.model_validate({"connect": endpoint, **settings})
    (finding,) = await control_endpoint(chosen)
    return finding


async def test_nothing_without_an_endpoint() -> None:
    """A local run has no orchestrator."""
    assert await control_endpoint(Settings()) == []


async def test_a_router_shakes_hands_and_is_told_nothing() -> None:
    """The handshake is proved, and no message reaches the orchestrator."""
    with router() as bound:
        finding = await finding_at(address_of(bound))
        assert finding.level is Level.OK
        assert not await asyncio.to_thread(bound.poll, 100)


async def test_ipc(tmp_path: Path) -> None:
    """A socket file is shaken hands with; one that is not there is named."""
    endpoint = f"ipc://{tmp_path / 's'}"
    with router(endpoint):
        assert (await finding_at(endpoint)).level is Level.OK
    assert "no such socket" in (await finding_at(f"ipc://{tmp_path / 'none'}")).found


async def test_nobody_there(unused_tcp_port: int) -> None:
    """A closed port is refused at once, and what to look at is said."""
    finding = await finding_at(f"tcp://127.0.0.1:{unused_tcp_port}")
    assert finding.level is Level.FAILED
    assert "refused" in finding.found
    assert "firewall" in finding.mend


async def test_a_port_of_something_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open, but no ZeroMQ: that is another finding than a closed port."""
    monkeypatch.setattr(control, "HANDSHAKE_DEADLINE_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        finding = await finding_at(f"tcp://127.0.0.1:{server.getsockname()[1]}")
    assert finding.level is Level.FAILED
    assert "no ZeroMQ handshake" in finding.found


async def test_curve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The right server key shakes hands, another's does not; a key others can read is refused."""
    public, secret = zmq.curve_keypair()
    _, worker = generate_keys(tmp_path, "worker")
    server, other = tmp_path / "server.key", generate_keys(tmp_path, "other")[0]
    server.write_text(
        other.read_text().splitlines()[0] + f'\ncurve\n    public-key = "{public.decode()}"\n'
    )
    with router(secret=secret) as bound:
        endpoint = address_of(bound)
        keys = {"curve_server_key_file": server, "curve_secret_key_file": worker}
        finding = await finding_at(endpoint, **keys)
        assert (finding.level, "with CURVE" in finding.found) == (Level.OK, True)
        monkeypatch.setattr(control, "HANDSHAKE_DEADLINE_S", 0.2)
        finding = await finding_at(endpoint, **keys | {"curve_server_key_file": other})
        assert "no ZeroMQ handshake with CURVE" in finding.found
        worker.chmod(0o644)
        finding = await finding_at(endpoint, **keys)
        assert finding.level is Level.FAILED
        assert "chmod" in finding.words
        assert secret.decode() not in finding.words


async def test_plain_text_off_loopback() -> None:
    """Refused before anything is connected to."""
    finding = await finding_at("tcp://192.0.2.1:5555")
    assert finding.level is Level.FAILED
    assert "plain text off loopback" in finding.found
    assert "keygen" in finding.mend
