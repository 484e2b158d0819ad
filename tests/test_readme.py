"""The README tells what the code does."""

import re
from pathlib import Path

from tests.readme_tables import README, TABLES, filled


def test_tables_are_the_codes() -> None:
    """Every generated table in the README is what the code would write now."""
    text = README.read_text()
    for name in TABLES:
        assert f"<!-- table: {name} -->" in text
    assert filled(text) == text, "run: python -m tests.readme_tables"


def test_files_it_names_exist() -> None:
    """Every path of ours that the README names is there."""
    root = Path(README).parent
    named = set(re.findall(r"`((?:bot|media|platforms|tests)/[\w/.-]+)`", README.read_text()))
    assert len(named) > 10
    assert [path for path in sorted(named) if not (root / path).exists()] == []
