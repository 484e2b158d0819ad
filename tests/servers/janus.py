"""A real SFU that nobody here wrote: Janus with its VideoRoom demo page, as Debian ships them.

`python -m tests.servers.janus` runs one by hand until Ctrl-C. Janus listens on loopback, free
ports, with a configuration of its own in a scratch folder; media goes over whatever interfaces the
machine has. The demo's files are served as they are over https; only `settings.js` is ours: it
names the server, no STUN, and the two variables Debian's scripts read but its settings do not set.
"""

import contextlib
import functools
import http.server
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from platforms.simulator.tls import make_identity
from tests.servers.radosgw import free_port

HOST = "janus.example"
ROOM = 1234
DEMOS = Path("/usr/share/janus/demos")
INSTALL = "make test-servers"
UP_LIMIT_S = 60.0

_GENERAL = """\
general: {{
  configs_folder = "{folder}"
  plugins_folder = "{libraries}/plugins"
  transports_folder = "{libraries}/transports"
  events_folder = "{libraries}/events"
  loggers_folder = "{libraries}/loggers"
  debug_level = 4
  debug_colors = false
}}
certificates: {{ }}
nat: {{
  full_trickle = true
  ignore_mdns = true
}}
plugins: {{ disable = "{unwanted}" }}
transports: {{ disable = "libjanus_rabbitmq.so,libjanus_mqtt.so,libjanus_nanomsg.so,\
libjanus_pfunix.so" }}
"""
_HTTP = """\
general: {{
  http = true
  ip = "127.0.0.1"
  port = {port}
  base_path = "/janus"
}}
admin: {{ admin_http = false }}
"""
_WEBSOCKETS = """\
general: {{
  ws = true
  ws_ip = "127.0.0.1"
  ws_port = {port}
}}
admin: {{ admin_ws = false }}
"""
_ROOM = """\
general: {{ }}
room-{room}: {{
  description = "Test room"
  publishers = 6
  bitrate = 256000
  audiocodec = "opus"
  videocodec = "vp8"
}}
"""
_SETTINGS = """\
var server = ["ws://127.0.0.1:{port}"];
var iceServers = [];
var token = null, apisecret = null;
"""


def missing_parts() -> list[str]:
    """What of Janus and its demo pages is not installed here."""
    missing = [] if shutil.which("janus") else ["janus"]
    return missing if (DEMOS / "videoroomtest.html").is_file() else [*missing, "janus-demos"]


class JanusRoom:
    """A context manager: server and page are up inside, and gone outside.

    `browser_args` lead a browser to the page at `meeting_url`.
    """

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="janus-"))
        self._stack = contextlib.ExitStack()
        self._http_port, self._ws_port = free_port(), free_port()
        self.meeting_url = f"https://{HOST}/videoroomtest.html?room={ROOM}"
        self.browser_args: tuple[str, ...] = ()

    def __enter__(self) -> Self:
        with self._stack:
            self._stack.callback(shutil.rmtree, self._folder, ignore_errors=True)
            self._start_server()
            self._start_site()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def _start_server(self) -> None:
        libraries = next(Path("/usr/lib").glob("*/janus"))
        plugins = {each.name for each in (libraries / "plugins").glob("*.so")}
        files = {
            "janus.jcfg": _GENERAL.format(
                folder=self._folder,
                libraries=libraries,
                unwanted=",".join(sorted(plugins - {"libjanus_videoroom.so"})),
            ),
            "janus.transport.http.jcfg": _HTTP.format(port=self._http_port),
            "janus.transport.websockets.jcfg": _WEBSOCKETS.format(port=self._ws_port),
            "janus.plugin.videoroom.jcfg": _ROOM.format(room=ROOM),
        }
        for name, text in files.items():
            (self._folder / name).write_text(text)
        output = self._stack.enter_context((self._folder / "janus.log").open("wb"))
        process = subprocess.Popen(
            ("setpriv", "--pdeathsig", "KILL", "janus", "-F", str(self._folder)),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        self._stack.callback(_end, process)
        self._wait_until_up(process)

    def _wait_until_up(self, process: "subprocess.Popen[bytes]") -> None:
        deadline_s = time.monotonic() + UP_LIMIT_S
        while time.monotonic() < deadline_s and process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"http://127.0.0.1:{self._http_port}/janus/info").is_success:
                    return
            time.sleep(0.1)
        log = (self._folder / "janus.log").read_text(errors="replace")
        raise RuntimeError(f"Janus did not come up: {log[-2000:]}")

    def _start_site(self) -> None:
        handler = functools.partial(_Demo, settings=_SETTINGS.format(port=self._ws_port))
        site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        identity = make_identity()
        site.socket = identity.context.wrap_socket(
            site.socket, server_side=True, do_handshake_on_connect=False
        )
        site.daemon_threads = True
        thread = threading.Thread(target=site.serve_forever, name="janus-demo", daemon=True)
        thread.start()
        self._stack.callback(thread.join, timeout=10)
        self._stack.callback(site.server_close)
        self._stack.callback(site.shutdown)
        self.browser_args = (
            f"--host-resolver-rules=MAP {HOST} 127.0.0.1:{site.server_port}",
            f"--ignore-certificate-errors-spki-list={identity.spki}",
        )


class _Demo(http.server.SimpleHTTPRequestHandler):
    """The demo's files, and our settings in place of Debian's."""

    def __init__(self, *arguments: object, settings: str) -> None:
        self._settings = settings.encode()
        super().__init__(*arguments, directory=str(DEMOS))  # type: ignore[arg-type]  # as the server hands them over

    def do_GET(self) -> None:
        if self.path != "/settings.js":
            super().do_GET()
            return
        self.send_response(http.HTTPStatus.OK)
        self.send_header("Content-Type", "text/javascript")
        self.send_header("Content-Length", str(len(self._settings)))
        self.end_headers()
        self.wfile.write(self._settings)

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=10)


def main() -> None:
    """Run a room until interrupted."""
    if missing := missing_parts():
        sys.exit(f"not installed: {', '.join(missing)}; {INSTALL} installs them")
    with JanusRoom() as room, contextlib.suppress(KeyboardInterrupt):
        sys.stdout.write("\n".join((room.meeting_url, *room.browser_args)) + "\n")
        sys.stdout.flush()
        signal.pause()


if __name__ == "__main__":
    main()
