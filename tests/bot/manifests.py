"""Jobs with planted secrets, and the Kubernetes objects made of them."""

import json
import re
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from bot.manifest import documents
from bot.pod import Placement
from bot.settings import Settings
from tests.bot.kubernetes import Document

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BOT_ID = "6f0c1b2a-5d1e-4c3b-9a87-2e4d6c8b0f13"
JOB = {
    "bot_id": BOT_ID,
    "meeting_url": "https://meet.google.com/abc-defg-hij?pwd=PLANTED-PASSCODE",
    "bot_name": "PLANTED-NAME",
    "entry_message": "PLANTED-MESSAGE",
    "callback_enabled": True,
    "callback_config": {
        "url": "https://u:PLANTED-PASSWORD@hook.example/?token=PLANTED-TOKEN",
        "secret": "PLANTED-SECRET",
    },
    "extra": {"key": "PLANTED-EXTRA"},
}
PLANTED = re.findall(r"PLANTED-[A-Z]+", json.dumps(JOB))
ORCHESTRATOR = "tcp://orchestrator.example:5555"


def given_settings(**given: Any) -> Settings:  # noqa: ANN401 - any setting
    """Settings without those of this machine's environment."""
    return Settings.model_construct(**{"storage": "s3://recordings/team"} | given)


def objects(
    job: dict[str, Any] = JOB,
    given: Settings | None = None,
    **placement: Any,  # noqa: ANN401 - any of its fields
) -> list[Document]:
    """The objects, apart from each other as a cluster reads them."""
    place = Placement(**{"image": "registry.example/meetbot:0.1.0"} | placement)
    found = documents(json.dumps(job), given or given_settings(), place, NOW)
    return deepcopy(list(found))


def of_kind(kind: str, found: list[Document]) -> Document:
    """The only object of a kind."""
    (one,) = [document for document in found if document["kind"] == kind]
    return one


def pod_of(found: list[Document]) -> Document:
    """The pod of the Job."""
    pod: Document = of_kind("Job", found)["spec"]["template"]["spec"]
    return pod


def container_of(found: list[Document]) -> Document:
    """The only container."""
    (container,) = pod_of(found)["containers"]
    return dict(container)


VARIANTS: dict[str, Callable[[], list[Document]]] = {
    "with its job": objects,
    "every option": lambda: objects(
        given=given_settings(s3_endpoint="https://s3.example", grace_s=90.5, log_level="debug"),
        name="standup",
        namespace="bots",
        aws_secret="meetbot-aws",
        aws_region="eu-central-1",
        service_account="recorder.of-bots",
        identity_secret="notes-account",
        proxy_secret="way-out",
        evidence_config_map="mended",
    ),
    "from an orchestrator": lambda: objects(given=given_settings(connect=ORCHESTRATOR)),
    "without keys": lambda: objects(
        given=given_settings(connect=ORCHESTRATOR, allow_plain_off_loopback=True)
    ),
}
