"""A complete orchestrator, written from the wire contract alone: hands out one job, acknowledges.

    python router_40_lines.py tcp://127.0.0.1:5555 job.json [events_before_stopping]

Prints each new durable event as a JSON line and ends after the terminal one, or, as a restart
would, after that many new events (the last of them unacknowledged: its receiver "died").
"""

# ruff: noqa: T201 - printing is what it is for

import json
import sys
from pathlib import Path

import zmq

DURABLE = {"accepted", "bot.status_change", "bot.completed", "bot.failed"}
DURABLE |= {"bot.chat_message", "bot.participants"}


def main(endpoint: str, job_file: str, limit: int) -> int:
    """Serve one worker; 0 after a terminal event or `limit` events, 2 when the job is refused."""
    seen: set[tuple[str, str, int]] = set()
    with zmq.Context() as context, context.socket(zmq.ROUTER) as router:
        router.setsockopt(zmq.ROUTER_HANDOVER, 1)
        router.setsockopt(zmq.ROUTER_MANDATORY, 1)
        router.bind(endpoint)
        while True:
            worker, kind_bytes, body_bytes = router.recv_multipart()
            kind, body = kind_bytes.decode(), json.loads(body_bytes)
            if kind == "ready" and "bot_id" not in body:
                router.send_multipart([worker, b"job", Path(job_file).read_bytes()])
            elif kind == "rejected":
                print(json.dumps(body), flush=True)
                return 2
            elif kind in DURABLE:
                key = (body["bot_id"], body["run_id"], body["seq"])
                if key not in seen:
                    seen.add(key)
                    print(json.dumps(body), flush=True)
                if len(seen) >= limit:
                    return 0
                ack = json.dumps({"bot_id": body["bot_id"], "seq": body["seq"]}).encode()
                router.send_multipart([worker, b"ack", ack])
                if kind in {"bot.completed", "bot.failed"}:
                    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 10**9))
