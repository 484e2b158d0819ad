"""Reads the data files that ship inside our packages. A leaf."""

from importlib import resources


def packaged_text(package: str, name: str) -> str:
    """The text of file `name` of `package`. Raises `FileNotFoundError`."""
    return resources.files(package).joinpath(name).read_text(encoding="utf-8")


def searching_script(package: str, name: str) -> str:
    """A script that searches shadow roots too: a function of `roots.js`, bound to that."""
    return f"({packaged_text(package, name)})({packaged_text('platforms', 'roots.js')})"
