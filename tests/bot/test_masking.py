import html
import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.masking import clean, clean_exception, forget_secrets, mask, register_secrets


@pytest.fixture(autouse=True)
def empty_registry() -> Iterator[None]:
    """Each test begins and ends without secrets."""
    forget_secrets()
    yield
    forget_secrets()


@pytest.mark.parametrize(
    "escape",
    [
        str,
        quote,
        html.escape,
        lambda value: json.dumps(value)[1:-1],
        lambda value: repr(value)[1:-1],
    ],
)
@pytest.mark.parametrize("secret", ["hunter2!", "a&b <c>\"d'", "päss\\wört", "x+/=y z"])
def test_registered_secret_is_masked_in_each_escape(escape: object, secret: str) -> None:
    """A value from a job is masked plain and as URL, HTML, JSON and Python text have it."""
    register_secrets([secret, None])
    assert callable(escape)
    form = escape(secret)
    assert form not in mask(f"before {form} after")
    assert mask(f"before {form} after").startswith("before ")


@pytest.mark.parametrize(
    "text",
    [
        "https://zoom.us/j/1?pwd=PLANTED",
        "https://zoom.us/j/1?x=1&pwd=PLANTED#success",
        "https://teams.microsoft.com/meet/1?p=PLANTED",
        "https://s3/b/k?X-Amz-Signature=PLANTED&X-Amz-Date=1",
        "https://s3/b/k?X-Amz-Credential=PLANTED",
        "https://s3/b/k?a=1&amp;X-Amz-Security-Token=PLANTED",
        'a href="https://s3/b/k?Signature=PLANTED"',
        r"{\"u\": \"https://x/y?a=1\u0026pwd=PLANTED\"}",
        "https://user:PLANTED@example.com/",
        "Authorization: Bearer PLANTED",
        "Cookie: a=1; sid=PLANTED",
        "x-mb-secret: PLANTED",
        '{"api_key": "PLANTED", "x": 1}',
        "{'passcode': 'PLANTED'}",
    ],
)
def test_secret_by_its_place_is_masked(text: str) -> None:
    """What stands where secrets stand is masked without being registered."""
    assert "PLANTED" not in mask(text)


def test_access_key_ids_are_masked() -> None:
    """AWS access key ids are known by their form."""
    assert mask("as AKIAIOSFODNN7EXAMPLE now") == "as *** now"


def test_ordinary_text_stays() -> None:
    """URLs, keys and words without secrets are not blanked."""
    text = "GET https://meet.google.com/abc-defg-hij?authuser=0 key=video.mp4 people: 3"
    assert mask(text) == text


def test_too_short_values_are_not_registered() -> None:
    """A value of two characters would blank half of every line."""
    register_secrets(["e", "io", ""])
    assert mask("precious") == "precious"


def test_secret_members_are_masked_by_key() -> None:
    """Members named as secrets are hidden whatever they hold; storage keys are not secrets."""
    cleaned = clean(
        {
            "api_key": "x1",
            "callback": {"secret": "x2"},
            "key": "b/video.mp4",
            "storage_key": "k",
            "token": None,
        }
    )
    assert cleaned == {
        "api_key": "***",
        "callback": {"secret": "***"},
        "key": "b/video.mp4",
        "storage_key": "k",
        "token": None,
    }


def test_page_text_is_bounded_and_cannot_steer_a_terminal() -> None:
    """Control and direction characters become escapes, long text says how much is missing."""
    cleaned = clean("a\x1b[31mb\r\nc\u202ed" + "x" * 5_000)
    assert isinstance(cleaned, str)
    assert cleaned.startswith(r"a\u001b[31mb\u000d\nc\u202ed")
    assert len(cleaned) < 2_100
    assert cleaned.endswith(")")


def test_masking_comes_before_cutting() -> None:
    """A secret that crosses the bound leaves no prefix behind."""
    register_secrets(["S" * 40])
    cleaned = clean("x" * 1_990 + "S" * 40)
    assert isinstance(cleaned, str)
    assert "SS" not in cleaned


def test_depth_items_and_broken_reprs_are_bounded() -> None:
    """Neither a deep or wide value nor one whose repr raises breaks or floods a line."""

    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError("no")

    deep: dict[str, object] = {}
    deep["again"] = deep
    assert "..." in json.dumps(clean(deep))
    wide = clean(list(range(10_000)))
    assert isinstance(wide, list)
    assert len(wide) == 100
    assert clean(Broken()) == "<Broken: RuntimeError>"


def test_tracebacks_keep_their_lines() -> None:
    """A traceback is masked and keeps its end, where the error is."""
    register_secrets(["hunter2!"])
    text = clean_exception("x\n" * 20_000 + "ValueError: hunter2!")
    assert text.endswith("x\nValueError: ***")
    assert len(text) <= 20_000


@given(
    secret=st.text(st.characters(exclude_categories=["Cs"]), min_size=8, max_size=30),
    before=st.text(max_size=30),
    after=st.text(max_size=30),
)
@settings(max_examples=100, deadline=None)
def test_no_surrounding_uncovers_a_secret(secret: str, before: str, after: str) -> None:
    """Whatever stands around it, a registered value is not in what is logged."""
    forget_secrets()
    register_secrets([secret])
    if secret in before + after or set(secret) <= {"*"}:
        return
    assert secret not in str(clean(before + secret + after))
