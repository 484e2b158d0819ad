"""Files that share a server go to one process."""

from tests.sharing import S3, scope_of


def test_files_that_need_the_s3_server_go_together() -> None:
    """By the fixtures they name; any other file goes alone."""
    assert scope_of("tests/media/test_fence.py") == S3
    assert scope_of("tests/bot/checks/test_storage.py") == S3
    assert scope_of("tests/media/test_pauses.py") == "tests/media/test_pauses.py"
