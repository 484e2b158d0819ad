"""The running number in the corner of a page, as `numbers.js` draws it, read off a luma. Pure."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

BITS: Final = 16
BLOCK_PX: Final = 16
THRESHOLD: Final = 126
"""Half way from black (16) to white (235)."""
LONGEST_STEP: Final = 30 * 60
"""A number further on than a minute was misread."""


def number_of(luma: NDArray[np.uint8]) -> int:
    """The number of a decoded picture, from the middle of each block."""
    edge = BLOCK_PX // 4
    blocks = luma[:BLOCK_PX, : BITS * BLOCK_PX].reshape(BLOCK_PX, BITS, BLOCK_PX)
    means = blocks[edge:-edge, :, edge:-edge].mean(axis=(0, 2))
    return int(sum(1 << bit for bit in range(BITS) if means[bit] > THRESHOLD))


def distinct(numbers: Sequence[int]) -> int:
    """How many different pictures of the page were recorded, in order; numbers wrap round."""
    count, last = 0, None
    for number in numbers:
        step = 1 if last is None else (number - last) % (1 << BITS)
        if 0 < step < LONGEST_STEP:
            count, last = count + 1, number
    return count
