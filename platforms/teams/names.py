"""What the Teams client takes as a name. Pure.

Letters, digits, space and `- ' . _ @` only; brackets are refused and block the join, no error shown
(W 2026-08). Everything else that is a sign of punctuation or a symbol is therefore refused here.
"""

import unicodedata
from typing import Final

from platforms.types import NameRules

TAKEN: Final = "-'._@"
_BASIC_PLANE: Final = range(0x10000)


def _refused() -> str:
    signs = (chr(code) for code in _BASIC_PLANE)
    return "".join(
        sign for sign in signs if unicodedata.category(sign)[0] in "PS" and sign not in TAKEN
    )


NAME_RULES: Final = NameRules(refused=_refused(), astral=False)
