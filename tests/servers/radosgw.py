"""A real S3 server for tests: Ceph's RADOS Gateway with one monitor and one OSD, on loopback.

`python -m tests.servers.radosgw` runs one by hand until Ctrl-C. Every daemon gets its own
configuration with `-c`, free ports and a folder of its own, so that several can run at once and
nothing in /etc/ceph matters. About 200 MB of memory; the daemons die with their parent.
"""

import contextlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

ACCESS_KEY_ID = "testaccess"
SECRET_ACCESS_KEY = "testsecret"
INSTALL = "make test-servers"
_PROGRAMS = ("ceph", "ceph-mon", "ceph-osd", "ceph-authtool", "monmaptool", "radosgw")

_CONFIGURATION = """\
[global]
fsid = {fsid}
mon_host = v2:127.0.0.1:{mon_port}/0
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_ipv6 = false
auth_cluster_required = cephx
auth_service_required = cephx
auth_client_required = cephx
keyring = {folder}/keyring
run_dir = {folder}
admin_socket = {folder}/$name.asok
log_file = {folder}/$name.log
log_to_stderr = false
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pgp_num = 4
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 1000
[mon]
mon_data = {folder}/mon
mon_data_avail_crit = 1
[osd]
osd_data = {folder}/osd
osd_objectstore = bluestore
bluestore_block_size = 5368709120
bluestore_cache_autotune = false
bluestore_cache_size = 67108864
[client.rgw]
rgw_frontends = beast endpoint=127.0.0.1:{port}
rgw_enable_ops_log = false
rgw_enable_usage_log = false
rgw_thread_pool_size = 32
"""


def missing_programs() -> list[str]:
    """Those of Ceph's programs that are not installed here."""
    return [name for name in _PROGRAMS if not shutil.which(name)]


class RadosGateway:
    """A context manager: the server is up inside, and gone with its data outside."""

    def __init__(self) -> None:
        # Admin sockets must fit the 107 bytes of a socket's path, which pytest's folders may not.
        self._folder = Path(tempfile.mkdtemp(prefix="rgw-"))
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._port, self._mon_port = free_port(), free_port()
        self.endpoint_url = f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.resume()
        for process in reversed(self._processes.values()):
            process.kill()
            process.wait(timeout=10)
        shutil.rmtree(self._folder, ignore_errors=True)

    def add_key(self, access_key_id: str, secret_access_key: str) -> None:
        """Give the user one more pair of keys."""
        pair = ("--access-key", access_key_id, "--secret", secret_access_key)
        self._run("radosgw-admin", "key", "create", "--uid", "test", *pair)

    def remove_key(self, access_key_id: str) -> None:
        """Take a pair of keys away from the user."""
        self._run("radosgw-admin", "key", "rm", "--uid", "test", "--access-key", access_key_id)

    def pause(self) -> None:
        """Stop the gateway answering; connections to it hang."""
        self._signal_gateway(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused gateway go on."""
        self._signal_gateway(signal.SIGCONT)

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """An outage for the length of a `with` block."""
        self.pause()
        try:
            yield
        finally:
            self.resume()

    def _signal_gateway(self, number: signal.Signals) -> None:
        gateway = self._processes.get("rgw")
        if gateway and gateway.poll() is None:
            gateway.send_signal(number)

    def _start(self) -> None:
        fsid = str(uuid.uuid4())
        (self._folder / "ceph.conf").write_text(
            _CONFIGURATION.format(
                fsid=fsid, folder=self._folder, port=self._port, mon_port=self._mon_port
            )
        )
        for name in ("mon", "osd"):
            (self._folder / name).mkdir()
        self._start_monitor(fsid)
        self._start_disk()
        self._grant("client.rgw", "mon", "allow *", "osd", "allow *")
        self._spawn("rgw", "radosgw", "-n", "client.rgw", "-f")
        _wait("the gateway to answer", 60, self._answers)
        self._run(
            *("radosgw-admin", "user", "create", "--uid", "test", "--display-name", "test"),
            *("--access-key", ACCESS_KEY_ID, "--secret", SECRET_ACCESS_KEY),
        )

    def _start_monitor(self, fsid: str) -> None:
        keyring = str(self._folder / "keyring")
        monmap = str(self._folder / "monmap")
        address = f"[v2:127.0.0.1:{self._mon_port}]"
        everything = (
            "--cap",
            "mon",
            "allow *",
            "--cap",
            "osd",
            "allow *",
            "--cap",
            "mgr",
            "allow *",
        )
        self._bare(
            "ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "mon.", *everything
        )
        self._bare("ceph-authtool", keyring, "--gen-key", "-n", "client.admin", *everything)
        self._bare("monmaptool", "--create", "--addv", "a", address, "--fsid", fsid, monmap)
        self._run("ceph-mon", "-i", "a", "--mkfs", "--monmap", monmap, "--keyring", keyring)
        self._spawn("mon", "ceph-mon", "-i", "a", "-f")
        _wait("the monitor", 60, lambda: bool(self._ceph("mon", "stat")))

    def _start_disk(self) -> None:
        identity = str(uuid.uuid4())
        self._grant("osd.0", "mon", "allow profile osd", "osd", "allow *")
        self._ceph("osd", "new", identity)
        self._run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", identity)
        self._spawn("osd", "ceph-osd", "-i", "0", "-f")
        _wait("the disk", 60, lambda: b"1 up" in self._ceph("osd", "stat"))

    def _grant(self, name: str, *capabilities: str) -> None:
        with (self._folder / "keyring").open("ab") as keyring:
            keyring.write(self._ceph("auth", "get-or-create", name, *capabilities))

    def _ceph(self, *arguments: str) -> bytes:
        return self._run("ceph", "--connect-timeout", "5", *arguments)

    def _run(self, program: str, *arguments: str) -> bytes:
        return self._bare(*self._configured(program, *arguments))

    def _configured(self, program: str, *arguments: str) -> tuple[str, ...]:
        return (program, "-c", str(self._folder / "ceph.conf"), *arguments)

    def _bare(self, *command: str) -> bytes:
        done = subprocess.run(
            command, cwd=self._folder, capture_output=True, timeout=60, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{command} failed: {done.stderr.decode()[-2000:]}")
        return done.stdout

    def _spawn(self, name: str, *command: str) -> None:
        with (self._folder / f"{name}.out").open("wb") as output:
            self._processes[name] = subprocess.Popen(
                ("setpriv", "--pdeathsig", "KILL", *self._configured(*command)),
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def _answers(self) -> bool:
        try:
            return httpx.get(self.endpoint_url, timeout=5).is_success
        except httpx.TransportError:
            return False


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(what: str, seconds: float, ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come up within {seconds:g} s")
        time.sleep(0.2)


def main() -> None:
    """Run a server until interrupted."""
    if missing := missing_programs():
        sys.exit(f"not installed: {', '.join(missing)}; {INSTALL} installs them")
    with RadosGateway() as server, contextlib.suppress(KeyboardInterrupt):
        sys.stdout.write(f"{server.endpoint_url} {ACCESS_KEY_ID} {SECRET_ACCESS_KEY}\n")
        sys.stdout.flush()
        signal.pause()


if __name__ == "__main__":
    main()
