import itertools

import numpy as np

from platforms.simulator.picture import (
    FPS,
    HEIGHT,
    LOOP_FRAMES,
    WIDTH,
    colour_hex,
    moving_frames,
    screen_frames,
)


def test_the_loop_has_its_length_and_closes() -> None:
    """The last frame leads into the first as smoothly as any frame into the next."""
    frames = list(moving_frames(2))
    assert len(frames) == LOOP_FRAMES
    assert frames[0].y.shape == (HEIGHT, WIDTH)
    assert frames[0].u.shape == (HEIGHT // 2, WIDTH // 2)
    lumas = [f.y.astype(int) for f in frames]
    seam = np.abs(lumas[-1] - lumas[0]).mean()
    steps = [np.abs(a - b).mean() for a, b in itertools.pairwise(lumas)]
    assert seam <= 1.2 * max(steps)
    assert np.abs(lumas[0] - lumas[FPS]).mean() > 2


def test_a_shared_screen_is_a_bright_page_with_a_pointer() -> None:
    """Twice as wide as a camera's picture, mostly white, and no picture like the one before."""
    frames = [frame.y.astype(int) for frame in screen_frames()]
    assert (len(frames), frames[0].shape) == (FPS, (2 * HEIGHT, 2 * WIDTH))
    assert frames[0].mean() > 200
    assert all(np.abs(a - b).max() > 100 for a, b in itertools.pairwise(frames))


def test_avatars_differ() -> None:
    """Twelve participants have twelve colours."""
    assert len({colour_hex(i) for i in range(12)}) == 12
