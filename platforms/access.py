"""How a browser gets at meetings: with whose session, through which proxy. Never logged."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from playwright.async_api import BrowserContext, ProxySettings

SCHEMES: Final = ("http", "https", "socks5")


@dataclass(frozen=True, slots=True)
class Access:
    """`identity` is a Playwright storage state file: cookies and local storage of a signed-in user.

    `proxy` is all connections' way out, but for those to this machine itself.
    """

    identity: Path | None = field(default=None, repr=False)
    proxy: ProxySettings | None = field(default=None, repr=False)

    async def assume(self, context: BrowserContext) -> None:
        """Give a context that was just made the identity, if there is one."""
        if self.identity is not None:
            await context.set_storage_state(self.identity)


NO_ACCESS: Final = Access()


def parse_proxy(text: str) -> ProxySettings:
    """A proxy's address with its credentials, if it has any, apart.

    Raises `ValueError`, whose text does not repeat the address.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError("must be an address like http://user:password@host:port") from None
    if parts.scheme not in SCHEMES or not parts.hostname or parts.path not in {"", "/"}:
        raise ValueError(f"must be host and port of one of {', '.join(SCHEMES)}")
    if parts.scheme == "socks5" and parts.username is not None:
        raise ValueError("must not have credentials with socks5: the browser cannot send them")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    found = ProxySettings(server=f"{parts.scheme}://{host}{f':{port}' if port else ''}")
    if parts.username is not None:
        found["username"] = unquote(parts.username)
        found["password"] = unquote(parts.password or "")
    return found
