"""How like its source a recorded picture is: mean structural similarity of the luma. Pure."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

WINDOW: Final = 8
STEP: Final = 4
C1: Final = (0.01 * 255) ** 2
C2: Final = (0.03 * 255) ** 2
"""The constants of Wang et al. 2004; windows as ffmpeg's and x264's own measures have them."""
BT601: Final = (65.481, 128.553, 24.966)
BT709: Final = (46.559, 156.629, 15.812)
"""What red, green and blue of 0 to 1 add to a luma of 16 to 235."""


def ssim(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> float:
    """1.0 for the same picture; both of shape (height, width)."""
    a, b = first.astype(np.float64), second.astype(np.float64)
    mean_a, mean_b = window_means(a), window_means(b)
    variance_a = window_means(a * a) - mean_a**2
    variance_b = window_means(b * b) - mean_b**2
    covariance = window_means(a * b) - mean_a * mean_b
    likeness = (2 * mean_a * mean_b + C1) * (2 * covariance + C2)
    return float(
        (likeness / ((mean_a**2 + mean_b**2 + C1) * (variance_a + variance_b + C2))).mean()
    )


def window_means(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of every `WINDOW` square, `STEP` apart."""
    sums = np.pad(plane, ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    size = WINDOW
    squares = sums[size:, size:] - sums[:-size, size:] - sums[size:, :-size] + sums[:-size, :-size]
    return np.asarray(squares[::STEP, ::STEP] / size**2)


def luma(rgb: NDArray[np.uint8], matrix: tuple[float, float, float]) -> NDArray[np.uint8]:
    """Limited-range luma of an RGB picture of shape (height, width, 3)."""
    return np.asarray((16 + rgb @ (np.array(matrix) / 255)).round(), np.uint8)


def likeness(recorded: NDArray[np.uint8], source: NDArray[np.uint8]) -> float:
    """SSIM of a recorded luma to an RGB source, by whichever matrix the recorder has used."""
    return max(ssim(recorded, luma(source, matrix)) for matrix in (BT601, BT709))
