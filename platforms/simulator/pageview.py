"""What a skin is asked and answers, and how its HTML is made.

A skin is the replica of one client: it knows its hosts and what each of its addresses shows. The
meeting behind it is the same for all of them.
"""

import html
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from string import Template
from typing import Any, Final

from platforms.simulator.scenario import AUDIO_CHANNELS, Scenario
from platforms.types import Platform

POLICY: Final = (
    "default-src 'self'; script-src 'nonce-{nonce}' 'strict-dynamic'; connect-src 'self'; "
    "img-src 'self' data:; media-src 'self' blob: mediastream:; style-src 'self' 'unsafe-inline'; "
    "worker-src 'none'; object-src 'none'; base-uri 'none'; require-trusted-types-for 'script'"
)


@dataclass(frozen=True, slots=True)
class Visit:
    """One GET of a page. `local` is one at http://localhost instead of the real name."""

    host: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    local: bool = False


@dataclass(frozen=True, slots=True)
class Html:
    """A page."""

    text: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Redirect:
    """Go there instead."""

    url: str


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Not a byte comes."""


Answer = Html | Redirect | NoAnswer


@dataclass(frozen=True, slots=True)
class Skin:
    """One client's replica.

    `hosts` are all it is served at, the meeting's own first; `path` is the meeting's page there,
    and `query` what the link to it carries besides.
    """

    platform: Platform
    hosts: tuple[str, ...]
    path: Callable[[Scenario], str]
    query: Callable[[Scenario], str]
    answer: Callable[[Visit, Scenario], Answer]

    def meeting_url(self, scenario: Scenario) -> str:
        """The address a job carries."""
        query = self.query(scenario)
        return f"https://{self.hosts[0]}{self.path(scenario)}{'?' if query else ''}{query}"


def page(name: str, **fields: str) -> Html:
    """A page from `pages/<name>`; `fields` are escaped. Its policy is as strict as the clients'."""
    nonce = secrets.token_urlsafe(16)
    escaped = {key: html.escape(value) for key, value in fields.items()}
    text = (resources.files("platforms.simulator") / "pages" / name).read_text("utf-8")
    headers = {
        "Content-Security-Policy": POLICY.format(nonce=nonce),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Html(Template(text).substitute(escaped, nonce=nonce), headers)


def client_config(scenario: Scenario, *, lang: str, host: bool, **more: object) -> dict[str, Any]:
    """What every client's page must know: a data block that its script parses."""
    return {
        "name": scenario.meeting_name,
        "page": scenario.page,
        "lang": lang,
        "host": host,
        "open": scenario.open or host,
        "deviceDialog": scenario.device_dialog,
        "variants": list(scenario.variants),
        "audioChannels": AUDIO_CHANNELS,
        "videoSlots": scenario.screen_slot + 1,
        "screenSlot": scenario.screen_slot,
        "ctaDelayS": scenario.cta_delay_s,
        "admissionGapS": scenario.admission_gap_s,
        "toolbarHidesAfterS": scenario.toolbar_hides_after_s,
        **more,
    }


def client_page(name: str, config: Mapping[str, object], *, lang: str, **fields: str) -> Html:
    """A client's page with its data block."""
    return page(name, lang=lang, config=json.dumps(config), **fields)
