"""What tests of several packages share."""

import gc
import logging
import uuid
from collections.abc import AsyncIterator, Generator, Iterator

import boto3
import pytest
import pytest_asyncio
import structlog
from playwright.async_api import Browser, Page
from xdist.remote import Producer

from media.locations import S3Location
from media.s3_client import S3Settings
from media.storage_s3 import S3Storage
from platforms.simulator.clips import ClipStore
from tests.browsers import VIEWPORT, Door, started
from tests.e2e.lending import lent
from tests.kept import CLIPS
from tests.servers import radosgw
from tests.sharing import SharedServers

__all__ = ["lent"]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> SharedServers | None:
    """Who tests several files at a time starts one S3 server."""
    return SharedServers(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays to the end: no garbage is looked for in it, neither now nor later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(autouse=True)
def logging_put_back() -> Iterator[None]:
    """What a test set up for logging ends with it: its stream is closed before the next one."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    yield
    root.handlers[:], level = before
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture(scope="session", autouse=True)
def clips_kept() -> Iterator[None]:
    """Test meetings in this process find their clips where another run has left them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("platforms.simulator.server.SHARED", ClipStore(CLIPS))
        yield


@pytest.fixture(scope="session")
def s3_server() -> Iterator[radosgw.RadosGateway]:
    """A real S3 server, started once per session."""
    if missing := radosgw.missing_programs():
        pytest.skip(f"no S3 server here ({', '.join(missing)} missing): run `{radosgw.INSTALL}`")
    with radosgw.RadosGateway() as server:
        yield server


@pytest.fixture
def s3_settings(s3_server: radosgw.RadosGateway) -> S3Settings:
    """How to reach the S3 server; its timeouts are short so that outages are noticed soon."""
    return S3Settings(
        endpoint_url=s3_server.endpoint_url,
        access_key_id=radosgw.ACCESS_KEY_ID,
        secret_access_key=radosgw.SECRET_ACCESS_KEY,
        read_timeout_s=10.0,
    )


@pytest.fixture
def s3_location(s3_settings: S3Settings) -> S3Location:
    """A prefix in a fresh bucket."""
    location = S3Location(f"test-{uuid.uuid4()}", "recordings")
    client = boto3.client(
        "s3",
        endpoint_url=s3_settings.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id=s3_settings.access_key_id,
        aws_secret_access_key=s3_settings.secret_access_key,
    )
    client.create_bucket(Bucket=location.bucket)
    client.close()
    return location


@pytest.fixture
def s3_storage(s3_location: S3Location, s3_settings: S3Settings) -> Iterator[S3Storage]:
    """An empty storage on the real S3 server."""
    with S3Storage(s3_location, s3_settings) as storage:
        yield storage


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def door() -> AsyncIterator[Door]:
    """Where the shared browser finds the replicas' hosts."""
    async with Door() as door:
        yield door


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium(door: Door) -> AsyncIterator[Browser]:
    """One browser for all page tests of this process."""
    async with started("--use-fake-device-for-media-stream", *door.browser_args) as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def page(chromium: Browser) -> AsyncIterator[Page]:
    """A fresh page in a context of its own."""
    context = await chromium.new_context(viewport=VIEWPORT)
    yield await context.new_page()
    await context.close()
