"""Is there an address that WebRTC can use? Loopback and IPv6 link-local ones gather nothing."""

import ipaddress
import socket
from collections.abc import Mapping, Sequence

import psutil

from platforms.simulator.errors import NoMediaAddressError


def interface_addresses() -> dict[str, list[str]]:
    """IP addresses of every interface that is up, by interface name."""
    stats = psutil.net_if_stats()
    return {
        name: [a.address for a in addresses if a.family in (socket.AF_INET, socket.AF_INET6)]
        for name, addresses in psutil.net_if_addrs().items()
        if name in stats and stats[name].isup
    }


def require_media_address(interfaces: Mapping[str, Sequence[str]]) -> str:
    """The first address media can flow over.

    Raises:
        NoMediaAddressError: there is none; the message names the commands that make one.
    """
    for addresses in interfaces.values():
        for text in addresses:
            address = ipaddress.ip_address(text.split("%", 1)[0])
            if not (address.is_loopback or (address.version == 6 and address.is_link_local)):  # noqa: PLR2004 - IP version
                return text
    raise NoMediaAddressError(sorted(interfaces))
