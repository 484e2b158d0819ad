"""Who listens to a run without an orchestrator; what is heard is in test_run."""

from pathlib import Path

from bot.listener import close_for_good


def test_a_stream_without_a_file_is_let_go(tmp_path: Path) -> None:
    """What has no descriptor needs no closing for good; what has one leads nowhere afterwards."""
    with (tmp_path / "x").open("w") as file:
        close_for_good(file)
        file.write("lost")
    assert (tmp_path / "x").read_text() == ""
    closed = (tmp_path / "y").open("w")
    closed.close()
    close_for_good(closed)
