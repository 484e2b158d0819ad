"""The orchestrator's socket, against real peers."""

import asyncio
from pathlib import Path

import pytest
import structlog
import zmq
import zmq.asyncio

from bot.dispatch.router import Router
from bot.errors import EndpointRefusedError, SettingError
from bot.keys import CurveKeys, generate_keys, load_curve_keys
from bot.link import Link

WAIT_S = 40.0


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A server's pair, an allowed worker's, and a stranger's."""
    folder = tmp_path / "keys"
    for name in ("server", "worker", "stranger"):
        generate_keys(folder, name)
    allow(folder, "worker")
    return folder


def allow(folder: Path, name: str) -> None:
    """Put a public key on the list."""
    (folder / "allowed").mkdir(exist_ok=True)
    (folder / "allowed" / f"{name}.key").write_bytes((folder / f"{name}.key").read_bytes())


def keys_of(folder: Path, name: str) -> CurveKeys:
    """What a worker of this name connects with."""
    return load_curve_keys(folder / "server.key", folder / f"{name}.key_secret")


async def greet(endpoint: str, worker_id: str, keys: CurveKeys | None, router: Router) -> Link:
    """Connect, say ready, and see that it arrives; the link, which the caller closes."""
    link = await Link(endpoint, worker_id, keys).__aenter__()
    async with asyncio.timeout(WAIT_S):
        assert link.greet(await link.wait_connected(), b"{}")
        assert await router.receive() == [worker_id.encode(), b"ready", b"{}"]
    return link


async def test_a_conversation(tmp_path: Path) -> None:
    """What is sent arrives; to a worker that is not there nothing is sent, and that is told."""
    endpoint = f"ipc://{tmp_path}/r"
    async with Router(endpoint) as router:
        link = await greet(endpoint, "w1", None, router)
        try:
            assert router.send("w1", "job", b'{"x": 1}')
            assert not router.send("w2", "job", b"{}")
            async with asyncio.timeout(WAIT_S):
                assert await link.receive() == [b"job", b'{"x": 1}']
        finally:
            await link.__aexit__(None, None, None)


async def test_a_worker_that_reads_nothing_holds_up_nobody(tmp_path: Path) -> None:
    """A full pipe is told, not waited for."""
    endpoint = f"ipc://{tmp_path}/r"
    with zmq.Context() as context, context.socket(zmq.DEALER) as deaf:
        deaf.setsockopt(zmq.ROUTING_ID, b"deaf")
        deaf.setsockopt(zmq.RCVHWM, 1)
        deaf.setsockopt(zmq.LINGER, 0)
        async with Router(endpoint) as router:
            deaf.connect(endpoint)
            deaf.send_multipart([b"ready", b"{}"])
            async with asyncio.timeout(WAIT_S):
                await router.receive()
            sent = [router.send("deaf", "job", b"x" * 2**20) for _ in range(500)]
    assert sent[0]
    assert not sent[-1]


async def test_the_list_can_change_while_it_serves(tmp_path: Path, keys: Path) -> None:
    """A key put on the list lets its worker in without a restart."""
    endpoint = f"ipc://{tmp_path}/r"
    async with Router(endpoint, keys) as router:
        link = await greet(endpoint, "w1", keys_of(keys, "worker"), router)
        await link.__aexit__(None, None, None)
        allow(keys, "stranger")
        link = await greet(endpoint, "w2", keys_of(keys, "stranger"), router)
        await link.__aexit__(None, None, None)


async def test_an_allowed_key_speaks_under_no_id_of_another(tmp_path: Path, keys: Path) -> None:
    """Who takes a worker's id with an allowed key is not heard, and once it spoke is sent nothing.

    When the worker connects anew the id is its own again.
    """
    endpoint, theirs = f"ipc://{tmp_path}/r", keys_of(keys, "stranger")
    allow(keys, "stranger")
    with (
        structlog.testing.capture_logs() as captured,
        zmq.Context() as context,
        context.socket(zmq.DEALER) as thief,
    ):
        for option, value in ((zmq.ROUTING_ID, b"w1"), (zmq.LINGER, 0), (zmq.RECONNECT_IVL, -1)):
            thief.setsockopt(option, value)
        thief.curve_serverkey = theirs.server_public
        thief.curve_publickey, thief.curve_secretkey = theirs.public, theirs.secret
        async with Router(endpoint, keys) as router:
            worker = await greet(endpoint, "w1", keys_of(keys, "worker"), router)
            heard = asyncio.ensure_future(router.receive())
            thief.connect(endpoint)
            thief.send_multipart([b"ready", b'{"is": "mine"}'])
            async with asyncio.timeout(WAIT_S):
                while "worker_id_of_another_key" not in [line["event"] for line in captured]:
                    await asyncio.wait({heard}, timeout=0.05)
                assert not router.send("w1", "job", b"{}")
                worker.renew()
                assert worker.greet(await worker.wait_connected(), b'{"is": "still mine"}')
                assert await heard == [b"w1", b"ready", b'{"is": "still mine"}']
                assert router.send("w1", "job", b"{}")
                assert await worker.receive() == [b"job", b"{}"]
            assert not thief.poll(0)
            await worker.__aexit__(None, None, None)


async def test_an_id_is_anybody_s_once_its_key_is_off_the_list(tmp_path: Path, keys: Path) -> None:
    """Who is let in keeps its id; without keys there is nothing to judge."""
    endpoint = f"ipc://{tmp_path}/r"
    router = Router(endpoint, keys)
    router.identities.restore(b"w1", keys_of(keys, "worker").public.decode())
    router.identities.restore(b"w2", "taken off")
    await router.forget_refused()
    assert [worker_id for worker_id, _ in router.identities] == [b"w1"]
    await Router(endpoint).forget_refused()


@pytest.mark.parametrize("name", ["stranger", "taken off", "wrong server", None])
async def test_everybody_else_gets_nothing(tmp_path: Path, keys: Path, name: str | None) -> None:
    """A key off the list, another server's key, no key: no word in either direction.

    An allowed worker that connects after it is heard, so the refusal is not the wait's end.
    """
    endpoint = f"ipc://{tmp_path}/r"
    theirs = keys_of(keys, "stranger") if name else None
    if name == "wrong server":
        theirs = CurveKeys(keys_of(keys, "worker").public, *_pair(keys, "worker"))
    if name == "taken off":
        theirs = keys_of(keys, "worker")
        generate_keys(keys, "other")
        (keys / "allowed" / "worker.key").unlink()
        allow(keys, "other")
    allowed = keys_of(keys, "other" if name == "taken off" else "worker")
    with structlog.testing.capture_logs() as captured:
        async with Router(endpoint, keys) as router, Link(endpoint, "thief", theirs) as thief:
            refused = asyncio.ensure_future(thief.wait_connected())
            for number in range(3):
                link = await greet(endpoint, f"w{number}", allowed, router)
                assert not router.send("thief", "job", b"{}")
                await link.__aexit__(None, None, None)
            assert not refused.done()
            refused.cancel()
    if name in {"stranger", "taken off"}:
        assert "worker_key_refused" in [line["event"] for line in captured]


def _pair(keys: Path, name: str) -> tuple[bytes, bytes]:
    found = keys_of(keys, name)
    return found.public, found.secret


async def test_an_unreadable_list_lets_nobody_in(tmp_path: Path, keys: Path) -> None:
    """A broken key on the list closes the door, and says so; mended, it is open again."""
    endpoint = f"ipc://{tmp_path}/r"
    with structlog.testing.capture_logs() as captured:
        async with Router(endpoint, keys):
            broken = keys / "allowed" / "broken.key"
            broken.write_text("no key")
            async with Link(endpoint, "w1", keys_of(keys, "worker")) as link:
                waiting = asyncio.ensure_future(link.wait_connected())
                async with asyncio.timeout(WAIT_S):
                    while "allow_list_unreadable" not in [line["event"] for line in captured]:
                        await asyncio.wait({waiting}, timeout=0.1)
                assert not waiting.done()
                broken.unlink()
                async with asyncio.timeout(WAIT_S):
                    assert await waiting


def test_endpoints_and_keys_are_judged_before_a_socket_exists(tmp_path: Path, keys: Path) -> None:
    """Plain text off loopback needs a waiver; keys have to be there, private and with a list."""
    with pytest.raises(EndpointRefusedError, match="plain text"):
        Router("tcp://0.0.0.0:5555")
    Router("tcp://0.0.0.0:5555", allow_plain_off_loopback=True)
    Router("tcp://*:5555", keys)
    (keys / "server.key_secret").chmod(0o644)
    with pytest.raises(SettingError, match="600"):
        Router("tcp://*:5555", keys)
    with pytest.raises(SettingError, match="no readable key"):
        Router("tcp://*:5555", tmp_path)
    generate_keys(tmp_path, "server")
    with pytest.raises(SettingError, match="allowed: no such folder"):
        Router("tcp://*:5555", tmp_path)


async def test_what_cannot_be_bound_is_named(tmp_path: Path, unused_tcp_port: int) -> None:
    """A port that is taken is the endpoint's error, and nothing is left open."""
    endpoint = f"tcp://127.0.0.1:{unused_tcp_port}"
    async with Router(endpoint):
        with pytest.raises(EndpointRefusedError, match="in use"):
            await Router(endpoint).__aenter__()
