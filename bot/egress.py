"""Outgoing HTTP to addresses a job names: judged on the address connected to.

A job's author may point a URL at the inside of our network (server-side request forgery). The name
is resolved once, each address is judged, and the connection goes to the judged address itself, so a
name that resolves differently a moment later gains nothing. TLS still checks the URL's host name.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Iterable
from types import TracebackType
from typing import Self

import httpcore
import httpx

PLATFORM_ADDRESSES = frozenset(
    # Azure's WireServer hands out credentials at an address that counts as public:
    # https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
    {ipaddress.ip_address("168.63.129.16")}
)
NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""RFC 6052's well-known prefix: the last 32 bits are the IPv4 address reached."""
TUNNELS = (ipaddress.ip_network("2002::/16"), ipaddress.ip_network("2001::/32"))
"""6to4 and Teredo: the IPv4 address reached is hidden inside."""

SocketOptions = Iterable[
    tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]
]


class AddressRefusedError(httpx.TransportError):
    """No address of the host may be connected to. A retry makes no sense.

    `host` is the name asked for, `reason` what its address is.
    """

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(f"address of {host!r} refused: {reason}")
        self.host = host
        self.reason = reason


def address_problem(address: str) -> str | None:
    """Why a numeric address must not be connected to; None for a public unicast one."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "not a numeric address"
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        elif ip in NAT64:
            ip = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
        elif ip.is_site_local:
            return "site-local"
        elif any(ip in network for network in TUNNELS):
            return "tunnel"
    return _ip_problem(ip)


def _ip_problem(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str | None:
    kinds = (
        ("loopback", ip.is_loopback),
        ("link-local", ip.is_link_local),
        ("unspecified", ip.is_unspecified),
        ("multicast", ip.is_multicast),
        ("reserved", ip.is_reserved),
        ("private", ip.is_private or not ip.is_global),
        ("cloud platform", ip in PLATFORM_ADDRESSES),
    )
    return next((name for name, holds in kinds if holds), None)


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Resolves, judges, and connects to the judged address."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first allowed address that answers.

        Raises `AddressRefusedError` where the host has none, `httpcore.ConnectError` where none
        answers.
        """
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in await self._allowed(host, port):
            try:
                return await self._inner.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError("no address")

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - httpcore's signature
        socket_options: SocketOptions | None = None,  # noqa: ARG002 - httpcore's signature
    ) -> httpcore.AsyncNetworkStream:
        """Never: a URL of a job names no local socket."""
        raise AddressRefusedError(path, "a local socket")

    async def sleep(self, seconds: float) -> None:
        """Wait between httpcore's own connection attempts."""
        await self._inner.sleep(seconds)

    async def _allowed(self, host: str, port: int) -> list[str]:
        addresses = await _resolve(host, port)
        if self._allow_private:
            return addresses
        problems = {address: address_problem(address) for address in addresses}
        allowed = [address for address in addresses if problems[address] is None]
        if not allowed:
            raise AddressRefusedError(host, next(iter(problems.values())) or "no address")
        return allowed


class GuardedTransport(httpx.AsyncBaseTransport):
    """An httpx transport over `GuardedBackend`: no proxy, HTTP/1.1, one connection per request."""

    def __init__(self, *, allow_private: bool, ssl_context: ssl.SSLContext | None = None) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl_context or httpx.create_ssl_context(trust_env=False),
            max_connections=4,
            max_keepalive_connections=0,
            network_backend=GuardedBackend(allow_private=allow_private),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request. Raises `httpx.TransportError` for whatever fails on the way."""
        if not isinstance(request.stream, httpx.AsyncByteStream):
            raise httpx.UnsupportedProtocol("the body must be asynchronous")
        inner = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        try:
            response = await self._pool.handle_async_request(inner)
        except httpcore.LocalProtocolError as error:
            raise httpx.LocalProtocolError("not a request") from error
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            raise httpx.TransportError(type(error).__name__) from error
        except httpcore.UnsupportedProtocol as error:
            raise httpx.UnsupportedProtocol(str(error)) from error
        return httpx.Response(
            status_code=response.status,
            headers=response.headers,
            stream=_Body(response),
            extensions=response.extensions,
        )

    async def __aenter__(self) -> Self:
        await self._pool.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self._pool.__aexit__(exc_type, exc_value, traceback)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for part in self._response.aiter_stream():
                yield part
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            raise httpx.TransportError(type(error).__name__) from error

    async def aclose(self) -> None:
        await self._response.aclose()


async def _resolve(host: str, port: int) -> list[str]:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpcore.ConnectError("the name does not resolve") from error
    return list(dict.fromkeys(str(row[4][0]) for row in found))
