"""Renders the HTML of the meeting's pages. Every page carries Meet's kind of content policy."""

import html
import json
import secrets
from importlib import resources
from string import Template

from platforms.simulator.scenario import AUDIO_CHANNELS, Scenario

POLICY = (
    "default-src 'self'; script-src 'nonce-{nonce}' 'strict-dynamic'; connect-src 'self'; "
    "img-src 'self' data:; media-src 'self' blob: mediastream:; style-src 'self' 'unsafe-inline'; "
    "worker-src 'none'; object-src 'none'; base-uri 'none'; require-trusted-types-for 'script'"
)


def _template(name: str) -> Template:
    return Template((resources.files("platforms.simulator") / "pages" / name).read_text("utf-8"))


def page(name: str, **fields: str) -> tuple[str, dict[str, str]]:
    """A page from `pages/<name>` and its headers; `fields` are escaped."""
    nonce = secrets.token_urlsafe(16)
    escaped = {key: html.escape(value) for key, value in fields.items()}
    text = _template(name).substitute(escaped, nonce=nonce)
    headers = {
        "Content-Security-Policy": POLICY.format(nonce=nonce),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return text, headers


def meeting_page(
    scenario: Scenario, *, lang: str, host: bool, invalid: bool
) -> tuple[str, dict[str, str]]:
    """The client's page. `config` is a data block that the page's script parses."""
    config = {
        "code": scenario.meeting_code,
        "name": scenario.meeting_name,
        "page": "invalid" if invalid else scenario.page,
        "lang": lang,
        "host": host,
        "open": scenario.open or host,
        "deviceDialog": scenario.device_dialog,
        "variants": list(scenario.variants),
        "audioChannels": AUDIO_CHANNELS,
        "videoSlots": scenario.slots,
        "ctaDelayS": scenario.cta_delay_s,
        "admissionGapS": scenario.admission_gap_s,
        "toolbarHidesAfterS": scenario.toolbar_hides_after_s,
        "landingAfterS": scenario.landing_after_s,
        "leavesGoogleAfterS": scenario.leaves_google_after_s,
    }
    return page("meet.html", lang=lang, code=scenario.meeting_code, config=json.dumps(config))
