"""One bot as a Kubernetes Job, with what belongs to it. Pure.

**What counts as a failure.** The exit codes of `bot.end_reasons`: a reason of the meeting (1), a
mistake of the caller (2) and a fault of our own (4) would come out the same again and fail the Job
at once; infrastructure (3) counts and is tried again; a pod that was disrupted is replaced without
counting. It is replaced only once it is gone: two bots of one id would write the same keys. Where
the bot had its last word before it went, the one that replaces it refuses to run (2).
"""

import base64
import math
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import yaml

import bot
from bot import strict_json
from bot.end_reasons import EXIT_CALLER, EXIT_INFRASTRUCTURE, EXIT_INTERNAL, EXIT_MEETING
from bot.errors import JobRejected, SettingError
from bot.job import Job, parse_job
from bot.pod import CONTAINER, FILES, JOB_FILE, Document, Launch, Placement, pod
from bot.settings import PREFIX, Settings

START_AND_FINISH_S: Final = 900
"""For each try: pulling the image, starting, finishing a dead run, uploading the rest."""
RETRIES: Final = 2
KEPT_S: Final = 86_400
"""How long a finished Job and its log can still be looked at."""
HEADER: Final = """\
# Made by meetbot {version}: one bot as a Kubernetes Job{from_version}.
# {job}
"""
JOB_IS_HERE: Final = (
    "The Secret holds the job with all that is secret in it: keep this text out of logs."
)
JOB_COMES_LATER: Final = "The job comes from the orchestrator: nothing here is secret."

_OF_ALL: Final = {"app.kubernetes.io/name": "meetbot", "app.kubernetes.io/version": bot.__version__}
_STAYS_WHERE_IT_IS: Final = {
    "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
    "karpenter.sh/do-not-disrupt": "true",
}
"""What the two autoscalers read before they empty a node."""


def manifest(raw_job: bytes | str, settings: Settings, placement: Placement, now: datetime) -> str:
    """The YAML of `documents`, which raises what this does; its first lines say what it holds."""
    header = HEADER.format(
        version=bot.__version__,
        from_version=", for Kubernetes 1.35 or newer" if placement.restart_in_place else "",
        job=JOB_COMES_LATER if settings.connect else JOB_IS_HERE,
    )
    found = documents(raw_job, settings, placement, now)
    return header + "---\n".join(_yaml(document) for document in found)


def documents(
    raw_job: bytes | str, settings: Settings, placement: Placement, now: datetime
) -> tuple[Document, ...]:
    """The Kubernetes objects of one bot, in the order in which they are created.

    With `settings.connect` the pod takes the job over ZeroMQ, and `raw_job` tells only the bot's id
    and how long it may take. Raises `JobRejected` and `SettingError`.
    """
    _refuse_what_no_pod_keeps(settings, placement)
    launch = Launch(parse_job(raw_job, local_run=settings.connect is None), settings, placement)
    return (
        *(() if placement.service_account else (_service_account(launch),)),
        *(() if settings.connect else (_secret(launch, raw_job),)),
        _job(launch, now),
    )


def _refuse_what_no_pod_keeps(settings: Settings, placement: Placement) -> None:
    for file in FILES:
        is_here = file.setting in settings.model_fields_set
        if is_here and getattr(placement, file.option) is None:
            option = f"--{file.option.replace('_', '-')}"
            text = f"is a file of this machine: name what holds it in the cluster, {option}"
            raise SettingError(f"{PREFIX}{file.setting.upper()}", text)
    if settings.proxy is not None and placement.proxy_secret is None:
        raise SettingError(f"{PREFIX}PROXY", "is no secret in a pod: name one, --proxy-secret")
    if urlsplit(settings.storage).scheme != "s3":
        raise SettingError("--storage", "must be s3://bucket/prefix: a pod's own disk goes with it")
    if "@" in urlsplit(settings.s3_endpoint or "").netloc:
        raise SettingError("MEETBOT_S3_ENDPOINT", "must hold no user: it is no secret in a pod")


def _metadata(launch: Launch, name: str, labels: dict[str, str]) -> Document:
    namespace = launch.placement.namespace
    return {"name": name, **({"namespace": namespace} if namespace else {}), "labels": labels}


def _labels(launch: Launch) -> dict[str, str]:
    own = {"app.kubernetes.io/component": "bot", "app.kubernetes.io/instance": launch.name}
    return _OF_ALL | own | {"bot-id": str(launch.job.bot_id)}


def _service_account(launch: Launch) -> Document:
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": _metadata(launch, launch.service_account, _OF_ALL),
        "automountServiceAccountToken": False,
    }


def _secret(launch: Launch, raw_job: bytes | str) -> Document:
    body = strict_json.read_object(raw_job)
    if isinstance(body, tuple):
        raise JobRejected(body)
    # with its id: a pod that replaces another one is the same bot
    text = strict_json.write(body | {"bot_id": str(launch.job.bot_id)})
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": _metadata(launch, launch.job_secret, _labels(launch)),
        "type": "Opaque",
        "immutable": True,
        "data": {JOB_FILE: base64.b64encode(text.encode()).decode()},
    }


def _job(launch: Launch, now: datetime) -> Document:
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": _metadata(launch, launch.name, _labels(launch)),
        "spec": {
            "backoffLimit": RETRIES,
            "activeDeadlineSeconds": active_deadline_s(launch.job, launch.settings, now),
            "ttlSecondsAfterFinished": KEPT_S,
            "podReplacementPolicy": "Failed",
            "podFailurePolicy": {"rules": _failure_rules()},
            "template": {
                "metadata": {"labels": _labels(launch), "annotations": _STAYS_WHERE_IT_IS},
                "spec": pod(launch),
            },
        },
    }


def _failure_rules() -> list[Document]:
    def on_exit(action: str, *codes: int) -> Document:
        wanted = {"containerName": CONTAINER, "operator": "In", "values": sorted(codes)}
        return {"action": action, "onExitCodes": wanted}

    disrupted = {"type": "DisruptionTarget", "status": "True"}
    return [
        on_exit("FailJob", EXIT_MEETING, EXIT_CALLER, EXIT_INTERNAL),
        {"action": "Ignore", "onPodConditions": [disrupted]},
        on_exit("Count", EXIT_INFRASTRUCTURE),
    ]


def active_deadline_s(job: Job, settings: Settings, now: datetime) -> int:
    """Seconds after which the whole Job is stopped: more than a bot that does its work can take.

    The tries before it ended early, so that theirs is only the time of starting.
    """
    limits = job.timeout_config
    until_join_s = max(0.0, (job.join_at - now).total_seconds()) if job.join_at else 0.0
    bot_s = (
        (settings.job_timeout_s if settings.connect else 0.0)
        + settings.load_timeout_s
        + limits.waiting_room_timeout
        + limits.grace_period
        + limits.max_recording_duration
        + settings.grace_s
    )
    return math.ceil(until_join_s + bot_s) + START_AND_FINISH_S * (1 + RETRIES)


class _Dumper(yaml.SafeDumper):
    """YAML that every reader reads alike."""

    def ignore_aliases(self, _data: object) -> bool:
        """Nothing is written as a reference to another place."""
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    # 1e3 is text to PyYAML and a number to Go's reader; y is a boolean to it
    plain = (value[:1].isalpha() and len(value) > 1) or value.startswith("/")
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=None if plain else '"')


def _list(dumper: yaml.SafeDumper, values: list[object]) -> yaml.SequenceNode:
    plain = not any(isinstance(value, dict | list) for value in values)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=plain)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)


def _yaml(document: Document) -> str:
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
