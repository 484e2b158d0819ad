"""What must not be read in logs and bundles: registered secrets and signed or passcoded URLs.

Pure but for the registry, which lives as long as the process: one process serves one job.
"""

import html
import json
import re
import threading
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus

MASK = "***"
MIN_SECRET_CHARACTERS = 3
"""A shorter value would blank out ordinary text; patterns still hide it where it has a name."""
MAX_STRING = 2_000
MAX_EXCEPTION = 20_000
MAX_ITEMS = 100
MAX_DEPTH = 6

PARAMETERS = (
    r"x-amz-[a-z-]*(?:signature|credential|token)|awsaccesskeyid|signature|sig|key|pwd|p|tk|"
    r"pass(?:code|word|wd)?|secret|x-mb-secret|api[_-]?key|(?:\w+_)?token"
)
"""Query parameters that carry a secret: signatures, and the passcodes of meeting URLs."""
SECRET_KEY = re.compile(
    r"(?:\w+_)?(?:pass(?:code|word|wd)|pwd|secret|x-mb-secret|api[_-]?key|token|"
    r"secret_?access_?key|authorization|cookie|set-cookie)",
    re.IGNORECASE,
)
"""Keys of an event or an object whose value is never shown."""
PATTERNS = (
    # a query parameter of any URL, also with its ampersand escaped for HTML or JSON
    (re.compile(rf"((?:[?&#;]|\\u0026)(?:{PARAMETERS})=)[^&\s\"'<>#\\]+", re.IGNORECASE), r"\1"),
    # userinfo of a URL
    (re.compile(r"(\b[a-z][a-z0-9+.-]{1,20}://[^/\s:@]{0,256}:)[^/\s@]{1,256}(?=@)"), r"\1"),
    # a header line, whole
    (re.compile(r"(\b(?:authorization|(?:set-)?cookie)\s*:\s*)[^\r\n\"']+", re.IGNORECASE), r"\1"),
    # a JSON member, a header or an assignment of that name
    (
        re.compile(
            r"((?:x-mb-secret|authorization|cookie|api[_-]?key|passcode|password|"
            r"secret_?access_?key)[\"']?\s*[:=]\s*)(?:\"[^\"]+\"|'[^']+'|[^\s,;}\]][^,;}\]\r\n]*)",
            re.IGNORECASE,
        ),
        r"\1",
    ),
    (re.compile(r"()\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"), r"\1"),
)
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
"""Control and direction characters: a page's text must not steer a terminal or forge a line."""

_lock = threading.Lock()
_secrets: tuple[str, ...] = ()


def register_secrets(values: Iterable[str | None]) -> None:
    """From now on these values, and their escaped forms, are masked wherever they appear."""
    global _secrets  # noqa: PLW0603 - the process-wide registry that every log line consults
    known = set(_secrets)
    for value in values:
        if value is not None and len(value) >= MIN_SECRET_CHARACTERS:
            known.update(_forms(value))
    with _lock:
        _secrets = tuple(sorted(known, key=len, reverse=True))


def forget_secrets() -> None:
    """Empty the registry (between two runs in one process, as tests have them)."""
    global _secrets  # noqa: PLW0603 - see register_secrets
    with _lock:
        _secrets = ()


def mask(text: str) -> str:
    """The text without registered secrets and without values that look like secrets."""
    for secret in _secrets:
        text = text.replace(secret, MASK)
    for pattern, kept in PATTERNS:
        text = pattern.sub(kept + MASK, text)
    return text


def clean(value: object, depth: int = 0) -> object:
    """A value fit to be logged: masked first, then made printable and bounded, to the depth of 6.

    Numbers, booleans and None stay as they are; what is no JSON value becomes its text.
    """
    if value is None or isinstance(value, bool | int | float):
        return value
    if depth >= MAX_DEPTH:
        return "..."
    if isinstance(value, Mapping):
        items = list(value.items())[:MAX_ITEMS]
        return {_text(str(k), 200): _member(str(k), v, depth) for k, v in items}
    if isinstance(value, list | tuple | set | frozenset):
        return [clean(item, depth + 1) for item in list(value)[:MAX_ITEMS]]
    return _text(value if isinstance(value, str) else _describe(value), MAX_STRING)


def clean_exception(text: str) -> str:
    """A traceback, masked and bounded; its line ends stay."""
    return _escape(mask(text))[-MAX_EXCEPTION:]


def _member(key: str, value: object, depth: int) -> object:
    if value is not None and SECRET_KEY.fullmatch(key):
        return MASK
    return clean(value, depth + 1)


def _text(text: str, limit: int) -> str:
    safe = _escape(mask(text)).replace("\n", "\\n")
    return safe if len(safe) <= limit else f"{safe[:limit]}...(+{len(safe) - limit})"


def _escape(text: str) -> str:
    return UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _describe(value: object) -> str:
    try:
        return str(value) if isinstance(value, BaseException) else repr(value)
    except Exception as error:  # noqa: BLE001 - a broken repr must not break the log
        return f"<{type(value).__name__}: {type(error).__name__}>"


def _forms(value: str) -> set[str]:
    forms = {
        value,
        quote(value, safe=""),
        quote(value),
        quote_plus(value),
        html.escape(value),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        repr(value)[1:-1],
    }
    return {form for form in forms if len(form) >= MIN_SECRET_CHARACTERS}
