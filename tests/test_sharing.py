"""Which test files go to one process, and which run beside each other."""

from tests.sharing import S3, next_of, runs_bots, scope_of


def test_files_that_need_the_s3_server_go_together() -> None:
    """By the fixtures they name; any other file goes alone."""
    assert scope_of("tests/media/test_fence.py") == S3
    assert scope_of("tests/bot/checks/test_storage.py") == S3
    assert scope_of("tests/media/test_pauses.py") == "tests/media/test_pauses.py"


def test_two_processes_at_most_run_whole_bots() -> None:
    """Those come first, and beside two of them something else, as long as there is any."""
    cheap, costly = "tests/media/test_pauses.py", "tests/e2e/test_modes.py"
    assert not runs_bots(cheap)
    assert not runs_bots(S3)
    assert runs_bots(costly)
    assert runs_bots("tests/bot/test_session.py")
    assert next_of([cheap, S3, costly], 1) == costly
    assert next_of([costly, S3, cheap], 2) == S3
    assert next_of([costly], 2) == costly
    assert next_of([cheap], 0) == cheap


def test_short_files_come_last() -> None:
    """Of those that fit, one whose tests wait for a browser is taken before any that do not."""
    short, long = "tests/media/test_pauses.py", "tests/platforms/test_unsteady_pages.py"
    assert next_of([short, long], 2) == long
    assert next_of([short], 2) == short
