"""Reads the data files that ship inside our packages. A leaf."""

from importlib import resources


def packaged_text(package: str, name: str) -> str:
    """The text of file `name` of `package`. Raises `FileNotFoundError`."""
    return resources.files(package).joinpath(name).read_text(encoding="utf-8")
