"""Planted secrets are in nothing a bot writes."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from platforms.simulator.scenario import Scenario
from platforms.simulator.server import Simulator
from tests.platforms.sessions import stored_session

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SCENARIO = {
    "participants": [{"name": "Ada", "picture": "still"}],
    "events": [{"do": "no_answer", "at_s": 0.5}],
}
IDENTITY = stored_session("PLANTED-COOKIE", {"token": "PLANTED-STORED"})
ANSWER = b"HTTP/1.1 500 Oops\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


def files_below(root: Path) -> list[Path]:
    """Every file a run left."""
    return [path for path in root.rglob("*") if path.is_file()]


async def test_no_planted_secret_is_written(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Keys, passcode, token, session: in no artifact, log, event, file; the callback has them.

    The platform gives up on the ask meanwhile, which is TIMEOUT_WAITING_TO_START.
    """
    heard: list[bytes] = []

    async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        answer = ANSWER if len(heard) == 1 else ANSWER.replace(b"500 Oops", b"204 Fine")
        writer.write(answer)
        await writer.drain()
        writer.close()

    identity = tmp_path_factory.mktemp("identity") / "identity.json"
    identity.write_text(json.dumps(IDENTITY))
    identity.chmod(0o600)
    server = await asyncio.start_server(receive, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, Simulator(Scenario.model_validate(SCENARIO)) as meeting:
        job = {
            "meeting_url": f"{meeting.meeting_url}?pwd=PLANTED-PASSCODE",
            "bot_name": "Notes",
            "callback_enabled": True,
            "callback_config": {
                "url": f"http://127.0.0.1:{port}/hook?token=PLANTED-TOKEN",
                "secret": "PLANTED-CALLBACK",
            },
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run", "-", "--simulator", meeting.http_url),
            cwd=tmp_path,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env={
                "PATH": os.environ["PATH"],
                "MEETBOT_CALLBACK_ALLOW_PRIVATE": "true",
                "MEETBOT_LOG_LEVEL": "debug",
                "MEETBOT_IDENTITY": str(identity),
                "AWS_SECRET_ACCESS_KEY": "PLANTED-AWS",
                "AWS_SESSION_TOKEN": "PLANTED-SESSION",
            },
        )
        async with asyncio.timeout(90):
            output, errors = await process.communicate(json.dumps(job).encode())
    assert process.returncode == 1, errors.decode()
    assert b"PLANTED-TOKEN" in heard[0]
    assert b"x-mb-secret: PLANTED-CALLBACK" in heard[0]
    assert b"PLANTED" not in output
    assert b"PLANTED" not in errors
    files = files_below(tmp_path)
    assert {"page.html", "logs.jsonl", "report.json", "terminal.json"} <= {p.name for p in files}
    assert [path.name for path in files if b"PLANTED" in path.read_bytes()] == []
    (file,) = (path for path in files if path.name == "report.json")
    report = json.loads(file.read_bytes())
    assert report["callback"]["tries"] == 2
    reason, row = report["end_reason"], report["end_row"]
    assert (reason, row) == ("TIMEOUT_WAITING_TO_START", "google_meet/nobody-answered")
