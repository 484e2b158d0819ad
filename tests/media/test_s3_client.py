"""How long a request waits: with a slow line patiently, with a dead one not for ever."""

import io
from typing import Any

import pytest

from media.s3_client import BUFFERED_BYTES, S3Settings, answer_within_s, connect


@pytest.mark.parametrize(
    ("size_bytes", "within_s"),
    [(0, 20.0), (250_000, 30.0), (BUFFERED_BYTES, 187.8), (8 * 1024 * 1024, 187.8)],
)
def test_what_is_still_on_its_way_is_waited_for(size_bytes: int, within_s: float) -> None:
    """At 200 kbit/s, but never for more than a connection can hold."""
    assert answer_within_s(size_bytes, 20.0) == pytest.approx(within_s, abs=0.1)


class SeenError(Exception):
    """Nothing is sent."""


def test_requests_with_a_body_wait_by_its_size() -> None:
    """Bodies that are streams are waited for by their size, what has none as the settings say."""
    settings = S3Settings("http://127.0.0.1:9", "us-east-1", "key", "secret", read_timeout_s=7.0)
    client = connect(settings)
    seen = []

    def look(request: Any, **_: object) -> None:  # noqa: ANN401 - its stub lacks the context
        seen.append(request.context.get("read_timeout"))
        raise SeenError

    client.meta.events.register("before-send.s3", look)
    for body in (io.BytesIO(bytes(25_000)), b""):
        with pytest.raises(SeenError):
            client.put_object(Bucket="bucket", Key="key", Body=body)
    client.close()
    assert seen == [8.0, 7.0]
