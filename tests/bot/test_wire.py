import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.contract import MAX_BODY_BYTES
from bot.wire import (
    Ack,
    Command,
    JobFrame,
    Malformed,
    encode_body,
    endpoint_problem,
    parse_frames,
)


def test_job_is_handed_on_unjudged() -> None:
    """A job's body stays bytes, whatever it holds: its refusal must name fields."""
    for body in (b"{}", b"not json", b"x" * (MAX_BODY_BYTES + 1)):
        assert parse_frames([b"job", body]) == JobFrame(body)


def test_ack_may_carry_more_keys() -> None:
    """bot_id and seq are needed, run_id is taken, other keys are ignored."""
    body = {"bot_id": "b", "seq": 3, "run_id": "r", "more": [1]}
    assert parse_frames([b"ack", json.dumps(body).encode()]) == Ack("b", 3, "r")
    assert parse_frames([b"ack", b'{"bot_id": "b", "seq": 0}']) == Ack("b", 0, None)


@pytest.mark.parametrize("body", ["{}", '{"bot_id":"b"}', '{"bot_id":"b","seq":true}',
    '{"bot_id":"b","seq":-1}', '{"bot_id":"b","seq":1.0}', '{"bot_id":1,"seq":1}'])  # fmt: skip
def test_ack_without_a_number_is_malformed(body: str) -> None:
    """An ack that names no number acknowledges nothing."""
    assert parse_frames([b"ack", body.encode()]) == Malformed("ack")


@pytest.mark.parametrize("command_id", ["c-1", 7])
def test_command_has_id_name_and_args(command_id: str | int) -> None:
    """Every other word with an id is a command, known or not."""
    body = json.dumps({"id": command_id, "text": "hi"}).encode()
    assert parse_frames([b"send_chat_message", body]) == Command(
        command_id, "send_chat_message", {"text": "hi"}
    )
    assert isinstance(parse_frames([b"no_such", body]), Command)


@pytest.mark.parametrize(
    ("frames", "reason"),
    [
        ([], "frame_count"),
        ([b"leave"], "frame_count"),
        ([b"", b"leave", b"{}"], "frame_count"),
        ([b"", b"{}"], "kind"),
        ([b"x" * 65, b"{}"], "kind"),
        ([b"le ave", b"{}"], "kind"),
        ([b"\xff\xfe", b"{}"], "kind"),
        ([b"leave", b""], "body_not_json"),
        ([b"leave", b"\xff"], "body_not_json"),
        ([b"leave", b"[" * 100_000], "body_not_json"),
        ([b"leave", b"[1]"], "body_not_an_object"),
        ([b"leave", b"null"], "body_not_an_object"),
        ([b"leave", b'"' + b"x" * MAX_BODY_BYTES + b'"'], "body_too_large"),
        ([b"leave", b"{}"], "command_without_id"),
        ([b"leave", b'{"id": true}'], "command_without_id"),
        ([b"leave", b'{"id": null}'], "command_without_id"),
        ([b"leave", b'{"id": "' + b"x" * 300 + b'"}'], "command_id_too_long"),
        ([b"leave", b'{"id": "\\ud800"}'], "command_id_not_unicode"),
        ([b"leave", b'{"id": ' + b"9" * 5_000 + b"}"], "body_not_json"),
    ],
)
def test_malformed_frames_have_a_reason(frames: list[bytes], reason: str) -> None:
    """What is no message is named, not raised."""
    assert parse_frames(frames) == Malformed(reason)


@given(st.lists(st.one_of(st.binary(max_size=80), st.sampled_from([b"ack", b"leave", b"{}"]),
    st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner)
    | st.dictionaries(st.sampled_from(["id", "seq", "bot_id"]) | st.text(), inner),
    max_leaves=8).map(lambda value: json.dumps(value).encode())), max_size=4))  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_any_bytes_give_a_value(frames: list[bytes]) -> None:
    """Parsing is total: no bytes raise."""
    assert isinstance(parse_frames(frames), JobFrame | Ack | Command | Malformed)


def test_bodies_are_bounded_json_objects() -> None:
    """UTF-8 JSON of at most 1 MiB, or a ValueError."""
    assert encode_body({"a": "ü"}) == '{"a": "ü"}'.encode()
    assert len(encode_body({"a": "x" * (MAX_BODY_BYTES - 9)})) == MAX_BODY_BYTES
    for bad in ("x" * (MAX_BODY_BYTES - 8), float("inf"), b"bytes", "\ud800"):
        with pytest.raises(ValueError, match="JSON"):
            encode_body({"a": bad})


@pytest.mark.parametrize("endpoint", ["tcp://127.0.0.1:5555", "tcp://127.8.9.1:1",
    "tcp://localhost:5555", "tcp://[::1]:5555", "ipc:///run/x.sock"])  # fmt: skip
def test_plain_text_is_allowed_on_this_machine(endpoint: str) -> None:
    """Loopback tcp and ipc need no keys."""
    assert endpoint_problem(endpoint, encrypted=False, waived=False) is None


@pytest.mark.parametrize("endpoint", ["tcp://10.0.0.1:5555", "tcp://example.com:5555",
    "tcp://localhost.example.com:5555", "tcp://127.0.0.1.example.com:1", "tcp://[::2]:5555",
    "tcp://0.0.0.0:5555", "tcp://127.1:5555", "tcp://[fe80::1]:5555"])  # fmt: skip
def test_plain_text_off_loopback_needs_keys_or_a_waiver(endpoint: str) -> None:
    """Anything that is not surely loopback is refused in plain text, names unresolved."""
    problem = endpoint_problem(endpoint, encrypted=False, waived=False)
    assert problem is not None
    assert "plain text" in problem
    assert endpoint_problem(endpoint, encrypted=True, waived=False) is None
    assert endpoint_problem(endpoint, encrypted=False, waived=True) is None


@pytest.mark.parametrize("endpoint", ["", "127.0.0.1:5555", "http://127.0.0.1:1", "inproc://x",
    "udp://127.0.0.1:5", "tcp://127.0.0.1", "tcp://:5555", "tcp://127.0.0.1:99999",
    "tcp://u@127.0.0.1:5", "tcp://127.0.0.1:5/x", "ipc://", "tcp://[::1:5"])  # fmt: skip
def test_what_is_no_endpoint_is_refused_even_encrypted(endpoint: str) -> None:
    """No key and no waiver makes an endpoint of what is none."""
    assert endpoint_problem(endpoint, encrypted=True, waived=True) is not None
