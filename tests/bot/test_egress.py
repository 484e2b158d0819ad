import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpcore
import httpx
import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.egress import AddressRefusedError, GuardedTransport, address_problem


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700:4700::1111",
    "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"])  # fmt: skip
def test_public_addresses_are_allowed(address: str) -> None:
    """A public unicast address is no problem, also through NAT64 and mapped into IPv6."""
    assert address_problem(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.255.0.9", "::1",
        "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1", "100.64.0.1", "100.100.100.200",
        "fc00::1", "fd00:ec2::254", "fec0::1",
        "169.254.169.254", "169.254.0.1", "fe80::1", "fe80::1%eth0", "168.63.129.16",
        "0.0.0.0", "0.1.2.3", "::", "224.0.0.1", "239.1.1.1", "ff02::1", "255.255.255.255",
        "240.0.0.1", "192.0.2.1", "198.18.0.1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
        "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "64:ff9b::10.0.0.1",
        "2002:7f00:1::", "2001:0:7f00:1::", "example.com", "", "127.1", "0x7f.1",
    ],
)  # fmt: skip
def test_inside_addresses_are_refused(address: str) -> None:
    """Loopback, private, shared, link-local, metadata, multicast, reserved: in each disguise."""
    assert address_problem(address) is not None


@given(st.ip_addresses(v=4))
@settings(max_examples=300, deadline=None)
def test_disguise_changes_nothing(address: object) -> None:
    """An IPv4 address is judged alike whether plain, mapped or behind NAT64."""
    verdict = address_problem(str(address))
    assert address_problem(f"::ffff:{address}") == verdict
    assert address_problem(f"64:ff9b::{address}") == verdict


@asynccontextmanager
async def local_server() -> AsyncIterator[tuple[int, list[str]]]:
    """A server on loopback; yields its port and the Host headers it saw."""
    hosts: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        hosts.append(request.headers["host"])
        return web.Response(text="seen")

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port: int = runner.addresses[0][1]
    try:
        yield port, hosts
    finally:
        await runner.cleanup()


Resolver = Callable[..., list[tuple[object, ...]]]


def resolve_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Let names resolve to `answers`, one list per question; returns the names asked for."""
    asked: list[str] = []
    left = list(answers)

    def getaddrinfo(host: str, port: int, *args: object, **kw: object) -> list[tuple[object, ...]]:
        asked.append(host)
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


async def fetch(url: str, *, allow_private: bool) -> httpx.Response:
    """One GET through the transport."""
    transport = GuardedTransport(allow_private=allow_private)
    async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
        return await client.get(url)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"])
async def test_loopback_is_refused_before_a_byte_is_sent(host: str) -> None:
    """A URL that names this machine reaches nobody."""
    async with local_server() as (port, hosts):
        with pytest.raises(AddressRefusedError):
            await fetch(f"http://{host}:{port}/", allow_private=False)
        assert hosts == []


async def test_setting_allows_private_addresses() -> None:
    """With the waiver the request arrives, with its own Host, and the body is read."""
    async with local_server() as (port, hosts):
        response = await fetch(f"http://localhost:{port}/x", allow_private=True)
        assert response.text == "seen"
        assert hosts == [f"localhost:{port}"]


async def test_name_that_resolves_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name does not matter, only where it leads."""
    async with local_server() as (port, hosts):
        resolve_to(monkeypatch, ["127.0.0.1"])
        with pytest.raises(AddressRefusedError, match="loopback"):
            await fetch(f"http://innocent.example:{port}/", allow_private=False)
        assert hosts == []


async def test_rebinding_name_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is resolved once: a second answer that points inside is never asked for."""
    async with local_server() as (port, hosts):
        asked = resolve_to(monkeypatch, ["203.0.113.1", "8.8.8.8"], ["127.0.0.1"])
        connected: list[object] = []

        async def connect(backend: object, address: object, *args: object) -> None:
            connected.append(address)
            raise httpcore.ConnectError("nobody is there")

        monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", connect)
        with pytest.raises(httpx.TransportError):
            await fetch(f"http://rebinding.example:{port}/", allow_private=False)
        assert asked == ["rebinding.example"]
        assert connected == ["8.8.8.8"]
        assert hosts == []


async def test_failures_are_httpx_errors() -> None:
    """Whatever fails on the way is httpx's transport error, and an odd scheme its own."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(httpx.TransportError):
        await fetch(f"http://127.0.0.1:{port}/", allow_private=True)
    with pytest.raises(httpx.UnsupportedProtocol):
        await fetch("ftp://8.8.8.8/", allow_private=True)


async def test_garbage_answer_is_a_transport_error() -> None:
    """A peer that speaks no HTTP is a failed transport."""

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"\x00\x01 not http\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(speak, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(httpx.TransportError):
            await fetch(f"http://127.0.0.1:{port}/", allow_private=True)
