"""A stored session of a signed-in browser, as Playwright writes one."""

from collections.abc import Mapping
from typing import Any


def stored_session(cookie: str, kept: Mapping[str, str]) -> dict[str, Any]:
    """Meet's cookie of that value, and what its page keeps in local storage."""
    return {
        "cookies": [
            {
                "name": "SID",
                "value": cookie,
                "domain": "meet.google.com",
                "path": "/",
                "expires": -1,
                "httpOnly": False,
                "secure": True,
                "sameSite": "None",
            }
        ],
        "origins": [
            {
                "origin": "https://meet.google.com",
                "localStorage": [{"name": name, "value": value} for name, value in kept.items()],
            }
        ],
    }
