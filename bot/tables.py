"""The adapters' tables as this process uses them: with the changes of the evidence file, if set."""

from pathlib import Path

from playwright.async_api import Page

from bot.errors import SettingError
from platforms.adapter import Adapter
from platforms.errors import EvidenceInvalid
from platforms.evidence_file import parse_evidence
from platforms.probe import bad_selectors
from platforms.registry import adapter_of, plugins


def table_of(platform: str, evidence_file: Path | None) -> Adapter:
    """A platform's adapter, the file's changes made. Reads the file.

    Raises `SettingError` where the file cannot be read, `EvidenceInvalid` where it is not well
    formed, `UnsupportedPlatform` for a platform without a client.
    """
    adapter = adapter_of(platform)
    if evidence_file is None:
        return adapter
    try:
        text = evidence_file.read_bytes()
    except OSError as error:
        raise SettingError("evidence_file", f"{evidence_file}: {error.strerror}") from error
    return parse_evidence(text).changed(adapter)


def driven_platforms() -> list[str]:
    """The installed platforms that have a client."""
    return [name for name, plugin in plugins().items() if plugin.load_adapter is not None]


def check_tables(evidence_file: Path | None) -> None:
    """Nothing, where the file can be used for every platform that is installed.

    Raises what `table_of` raises, and `EvidenceInvalid` for a platform that is not.
    """
    if evidence_file is None:
        return
    driven = driven_platforms()
    for platform in driven:
        table_of(platform, evidence_file)
    for platform in parse_evidence(evidence_file.read_bytes()).root:
        if platform not in driven:
            raise EvidenceInvalid(platform, f"is none of {', '.join(driven)}")


async def refuse_bad_selectors(page: Page, adapter: Adapter) -> None:
    """Nothing, unless a selector is none. Raises `EvidenceInvalid`: it would blind every look."""
    bad = await bad_selectors(page, adapter.signs)
    for name, selector in bad.items():
        raise EvidenceInvalid(f"{adapter.platform}.signs.{name}", f"{selector!r} is no selector")
