"""The arrows between modules, held over the source itself."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "media", "platforms")
ALLOWED = {"bot": {"media", "platforms"}, "media": set[str](), "platforms": set[str]()}

IO_LIBRARIES = {
    *("asyncio", "zmq", "playwright", "av", "boto3", "botocore", "aiohttp", "aiortc", "httpx"),
    *("socket", "subprocess", "threading", "time", "selectors"),
}
PURE = (
    "bot.chat",
    "bot.commands",
    "bot.contention",
    "bot.contract",
    "bot.dispatch.identities",
    "bot.dispatch.jobs",
    "bot.dispatch.orders",
    "bot.dispatch.receipts",
    "bot.dispatch.said",
    "bot.end_reasons",
    "bot.errors",
    "bot.events",
    "bot.fields",
    "bot.job",
    "bot.job_secrets",
    "bot.hearing",
    "bot.lanes",
    "bot.leave",
    "bot.leave_rules",
    "bot.machine",
    "bot.manifest",
    "bot.names",
    "bot.outcome",
    "bot.pace",
    "bot.people",
    "bot.pod",
    "bot.pod_room",
    "bot.report",
    "bot.schema",
    "bot.standing",
    "bot.story",
    "bot.strict_json",
    "bot.transient",
    "bot.views",
    "bot.wire",
    "media.errors",
    "media.fragments",
    "media.lease",
    "media.pauses",
    "media.pressure",
    "media.playlist",
    "media.quality",
    "media.timeline",
    "media.types",
    "platforms.chat",
    "platforms.errors",
    "platforms.evidence",
    "platforms.google_meet.urls",
    "platforms.teams.names",
    "platforms.teams.urls",
    "platforms.types",
    "platforms.urls",
    "platforms.zoom.people",
    "platforms.zoom.urls",
)
LEAVES = (
    "bot.checks.types",
    "bot.errors",
    "media.errors",
    "media.types",
    "platforms.errors",
    "platforms.types",
)
READS_ENVIRONMENT = {"bot.settings"}

NO_TEST_OF_ITS_OWN = {
    "__init__": "names a package",
    "__main__": "hands over to the command line, which the end-to-end tests start",
    "types": "words without behaviour",
}


@cache
def modules() -> dict[str, Path]:
    """Every module of the three packages by its dotted name."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
    }


@cache
def tree_of(module: str) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse(modules()[module].read_text(encoding="utf-8"))


def imports_of(module: str, *, only_when_loaded: bool = False) -> Iterator[str]:
    """Everything a module imports, dotted; also within functions unless `only_when_loaded`."""
    tree = tree_of(module)
    nodes = tree.body if only_when_loaded else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative imports hide the arrows"
            assert node.module is not None
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def loaded_with(module: str) -> set[str]:
    """The modules, ours and others, that importing `module` loads, as far as our source says."""
    seen: set[str] = set()
    ahead = [module]
    while ahead:
        for name in imports_of(ahead.pop(), only_when_loaded=True):
            parents = {".".join(name.split(".")[:n]) for n in range(1, name.count(".") + 2)}
            ahead += [parent for parent in parents - seen if parent in modules()]
            seen |= parents
    return seen


def test_the_walk_sees_what_there_is() -> None:
    """The lists here name modules that exist, and the walk finds imports at all."""
    assert set(LEAVES) <= set(modules())
    assert set(PURE) <= set(modules())
    assert "platforms.types" in loaded_with("bot.outcome")
    assert "asyncio" in loaded_with("bot.callback")


@pytest.mark.parametrize("module", modules())
def test_packages_point_one_way(module: str) -> None:
    """Bot imports media and platforms; neither imports back, nor the other, nor the tests."""
    package = module.partition(".")[0]
    others = {name.partition(".")[0] for name in imports_of(module)} & {*PACKAGES, "tests"}
    assert others <= ALLOWED[package] | {package}


@pytest.mark.parametrize("module", LEAVES)
def test_types_and_errors_are_leaves(module: str) -> None:
    """They import nothing of ours, so that everything may import them."""
    assert not {name.partition(".")[0] for name in imports_of(module)} & set(PACKAGES)


@pytest.mark.parametrize("module", PURE)
def test_pure_modules_do_no_io(module: str) -> None:
    """Neither they nor what they load import a library of I/O, time or threads."""
    roots = {name.partition(".")[0] for name in loaded_with(module)}
    assert not roots & IO_LIBRARIES


def test_only_the_settings_read_the_environment() -> None:
    """os.environ and os.getenv occur in one module."""
    readers = {
        module
        for module in modules()
        for node in ast.walk(tree_of(module))
        if (isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv"})
        or (isinstance(node, ast.alias) and node.name in {"environ", "environb", "getenv"})
    }
    assert readers <= READS_ENVIRONMENT


@pytest.mark.parametrize("module", modules())
def test_every_module_has_a_test_file_of_its_name(module: str) -> None:
    """Tests mirrors the packages: bot/job.py is tested by tests/bot/test_job.py."""
    path = modules()[module].relative_to(ROOT)
    if path.stem in NO_TEST_OF_ITS_OWN:
        return
    mirror = ROOT / "tests" / path.parent / f"test_{path.stem}.py"
    assert mirror.is_file(), f"{mirror.relative_to(ROOT)} is missing"


def test_every_test_folder_is_a_package() -> None:
    """Without its __init__.py, tests/platforms would shadow platforms."""
    folders = {path.parent for path in (ROOT / "tests").rglob("*.py")}
    assert not [folder for folder in folders if not (folder / "__init__.py").is_file()]


def test_nothing_of_ours_has_the_name_of_a_library() -> None:
    """No top-level package hides a module of the standard library."""
    assert not set(PACKAGES) & sys.stdlib_module_names
