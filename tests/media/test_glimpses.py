"""Pictures of a stored recording."""

import pytest

from media.glimpses import glimpses
from media.recovery import recover_recording
from media.storage_folder import FolderStorage
from tests.media.test_recovery import die_recording


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> FolderStorage:
    """A recording of some seconds."""
    root = tmp_path_factory.mktemp("glimpses")
    storage = FolderStorage(root / "out")
    die_recording(storage, root / "spool", 5, key_prefix="b/")
    recover_recording(storage, key_prefix="b/", spool_dir=root / "spool", deadline_s=60)
    return storage


@pytest.mark.parametrize(("at_most", "stride"), [(24, 4), (2, 2)])
def test_they_are_spread_over_the_recording(
    stored: FolderStorage, at_most: int, stride: int
) -> None:
    """In order, none twice, one a second at most, each of the size asked for, and not black."""
    found = list(glimpses(stored, "b/video.mp4", at_most=at_most, stride=stride))
    times = [one.at_s for one in found]
    assert times == sorted(set(times))
    assert 2 <= len(times) <= min(at_most, 5)
    assert times[0] < 1 < times[-1]
    height, width, channels = found[0].rgb.shape
    assert (width * stride, channels) == (320, 3)
    assert height * stride == 180
    assert found[0].rgb.max() > 50
