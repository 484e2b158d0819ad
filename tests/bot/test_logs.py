import io
import json
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from bot.logs import bind_bot, configure_logs, forget_secrets, open_log_file, register_secrets


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    """Each test leaves logging as it found it."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    forget_secrets()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    """What was logged as JSON."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_json_elsewhere_colours_on_a_terminal() -> None:
    """The stream decides: one JSON object a line, or a coloured line for people."""
    stream, terminal = io.StringIO(), Terminal()
    configure_logs(stream=stream)
    structlog.get_logger("bot.test").info("segment_uploaded", size_bytes=3)
    configure_logs(stream=terminal)
    structlog.get_logger("bot.test").info("segment_uploaded", size_bytes=3)
    (line,) = lines(stream)
    assert line["event"] == "segment_uploaded"
    assert line["size_bytes"] == 3
    assert line["level"] == "info"
    assert line["logger"] == "bot.test"
    assert "\x1b[" in terminal.getvalue()
    assert "size_bytes" in terminal.getvalue()


def test_bot_id_is_bound_once() -> None:
    """After binding, each event carries the bot's and the run's id."""
    stream = io.StringIO()
    configure_logs("json", stream=stream)
    bind_bot("b-1", "r-1")
    structlog.get_logger().info("one")
    assert (lines(stream)[0]["bot_id"], lines(stream)[0]["run_id"]) == ("b-1", "r-1")


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_planted_secrets_never_appear(log_format: str) -> None:
    """Neither values, event names, keys, exceptions nor library lines let a secret out."""
    stream = io.StringIO()
    configure_logs("json" if log_format == "json" else "console", stream=stream)
    register_secrets(["PLANTED-SECRET"])
    log = structlog.get_logger("bot.test")
    log.info("x_PLANTED-SECRET", url="https://zoom.us/j/1?pwd=OTHER-PLANTED", password="THIRD")
    log.info("y", **{"PLANTED-SECRET": 1}, error=ValueError("PLANTED-SECRET"))
    logging.getLogger("botocore").warning("sent %s", {"secret": "PLANTED-SECRET"})
    try:
        Path("https://s3/k?X-Amz-Signature=OTHER-PLANTED and PLANTED-SECRET").read_bytes()
    except OSError:
        log.exception("z")
    text = stream.getvalue()
    assert "z" in text
    assert "Traceback" in text
    assert "PLANTED" not in text
    assert "THIRD" not in text


def test_libraries_and_warnings_are_routed() -> None:
    """A library's warning and Python's own become events; a library's info does not."""
    stream = io.StringIO()
    configure_logs("json", "debug", stream=stream)
    logging.getLogger("aiortc.rtp").warning("lost")
    logging.getLogger("botocore.auth").info("chatter")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("old thing", DeprecationWarning, stacklevel=1)
        logging.captureWarnings(capture=False)
    events = [line["event"] for line in lines(stream)]
    assert events[0] == "lost"
    assert "old thing" in str(events[1])
    assert len(events) == 2


def test_level_is_respected() -> None:
    """What is below the level is not rendered."""
    stream = io.StringIO()
    configure_logs("json", "warning", stream=stream)
    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("loud")
    assert [line["event"] for line in lines(stream)] == ["loud"]


def test_log_file_is_json_whatever_the_terminal_shows(tmp_path: Path) -> None:
    """The artifact holds, masked and as JSON, what was logged while it was open, and no more."""
    configure_logs("console", stream=io.StringIO())
    register_secrets(["PLANTED-SECRET"])
    log = structlog.get_logger()
    with open_log_file(tmp_path / "deep" / "logs.jsonl"):
        log.info("inside", text="PLANTED-SECRET\nforged")
    log.info("outside")
    (line,) = (tmp_path / "deep" / "logs.jsonl").read_text().splitlines()
    assert json.loads(line)["event"] == "inside"
    assert json.loads(line)["text"] == r"***\nforged"


def test_log_file_holds_info_whatever_the_stream_shows(tmp_path: Path) -> None:
    """A stream of warnings leaves the artifact whole; debug is in it where the stream has it."""
    stream = io.StringIO()
    for level, expected in (("warning", ["one"]), ("error", ["one"]), ("debug", ["one", "two"])):
        configure_logs("json", level, stream=stream)  # type: ignore[arg-type]
        path = tmp_path / level
        with open_log_file(path):
            structlog.get_logger().info("one")
            structlog.get_logger().debug("two")
        assert [json.loads(line)["event"] for line in path.read_text().splitlines()] == expected
    assert [line["event"] for line in lines(stream)] == ["one", "two"]


def test_log_file_is_bounded_and_says_so(tmp_path: Path) -> None:
    """A full file names the fact in its last line."""
    configure_logs("json", stream=io.StringIO())
    path = tmp_path / "logs.jsonl"
    with open_log_file(path, max_bytes=2_000):
        for number in range(100):
            structlog.get_logger().info("line", number=number)
    written = [json.loads(line) for line in path.read_text().splitlines()]
    assert written[-1]["event"] == "log_file_full"
    assert path.stat().st_size < 2_500
    assert [line["number"] for line in written[:-1]] == list(range(len(written) - 1))


def test_events_can_be_captured_by_tests() -> None:
    """`structlog.testing.capture_logs` sees the events of loggers made before."""
    configure_logs("json", stream=io.StringIO())
    log = structlog.get_logger("bot.test")
    log.info("before")
    with structlog.testing.capture_logs() as captured:
        log.info("seen", count=2)
    assert captured == [{"event": "seen", "count": 2, "log_level": "info"}]
