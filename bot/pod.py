"""The pod one bot runs in: what a restricted cluster accepts and a browser can work in. Pure.

**How a run that dies is not lost.** PID 1 (`bot.supervisor`) outlives the bot: it has the recording
finished, tells how the bot died, and exits as it did. What kills all of a container at once it does
not survive: when memory is used up the kernel kills every process of it (the kubelet asks for that
since 1.28). So the spool is an emptyDir, which outlives containers, not its pod. A Job's pod
failure policy allows only pods that are never restarted, so the pod's policy is Never, and the
container has a rule of its own: exit code 137 restarts it in place (a rule the kubelet follows by
default since Kubernetes 1.35). The restarted container has the dead run's spool: it finishes and
reports that run, does not join again, and exits 4 (`bot.afterlife.exit_code_after`: 137 would start
it once more). A pod lost with its node is replaced; its spool is gone, what it had stored is not,
and is not written over either (`bot.preflight.refuse_if_ended`).

**Memory that outlives a container.** /dev/shm is a volume too, so the killed run's ring and profile
still lie in it: `platforms.chromium.browser_folder` removes what no living run holds the lock of.

**Where secrets are.** In files only: the job, the CURVE keys and the credentials of the storage are
Secrets mounted for the image's group. Arguments and environment hold none.

**CPU** is requested, so that the scheduler leaves room, and not limited: a throttled bot drops
frames.
"""

import math
import re
from dataclasses import dataclass
from typing import Any, Final

from bot.end_reasons import EXIT_KILLED
from bot.errors import SettingError
from bot.job import Job
from bot.pod_room import SHARED_MEMORY, TEMPORARY_MIB, resources, spool_mib
from bot.settings import PREFIX, Settings

Document = dict[str, Any]

GRACE_BESIDES_S: Final = 30
"""Kubernetes kills this much later than the bot means to be gone."""

USER_ID: Final = 10_001
"""The image's user."""
SECCOMP_ON_NODES: Final = "profiles/meetbot.json"
"""Below the kubelet's folder of profiles, /var/lib/kubelet/seccomp."""
READABLE_BY_GROUP: Final = 0o440
SECRETS: Final = "/run/secrets"
OWN: Final = "/var/lib/meetbot"
TEMPORARY: Final = "/tmp"  # noqa: S108 - a volume of the pod's own
HEALTH: Final = f"{TEMPORARY}/meetbot-health"
JOB_FILE: Final = "job.json"
CONTAINER: Final = "meetbot"
CURVE_SECRET: Final = "meetbot-curve"  # noqa: S105 - a Secret's name

PASSED_ON: Final = (
    *("storage", "s3_endpoint", "spool_max_bytes", "job_timeout_s", "allow_plain_off_loopback"),
    *("load_timeout_s", "grace_s", "url_lifetime_s", "callback_allow_private", "simulator"),
    *("capture", "log_level"),
)
"""Settings that hold for the pod as they were given here, none of them secret; the others belong to
a machine, or the pod has its own."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of an object that exists already, named by `option`, which a setting points to."""

    option: str
    setting: str
    key: str
    is_secret: bool = True

    @property
    def volume(self) -> str:
        """Its volume, and its folder."""
        return self.option.partition("_")[0]


FILES: Final = (
    File("identity_secret", "identity", "identity.json"),
    File("proxy_secret", "proxy_file", "proxy"),
    File("evidence_config_map", "evidence_file", "evidence.json", is_secret=False),
)

_LABEL: Final = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_SUBDOMAIN: Final = rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*"


@dataclass(frozen=True, slots=True)
class Placement:
    """What the cluster is asked for beside the job. Raises `SettingError`, naming the option.

    Secrets are named, never given: `aws_secret` holds the key `credentials` (an AWS shared
    credentials file; None: the role of the service account or of the node does), `curve_secret` the
    keys `server.key` and `worker.key_secret`; `identity_secret`, `proxy_secret` and the ConfigMap
    `evidence_config_map` hold what `FILES` says. `service_account` None makes one without a right.
    `restart_in_place` False is for clusters before 1.35: there a pod out of memory is replaced.
    """

    image: str
    name: str | None = None
    namespace: str | None = None
    service_account: str | None = None
    aws_secret: str | None = None
    aws_region: str | None = None
    curve_secret: str = CURVE_SECRET
    identity_secret: str | None = None
    proxy_secret: str | None = None
    evidence_config_map: str | None = None
    restart_in_place: bool = True

    def __post_init__(self) -> None:
        for field, pattern in _PATTERNS.items():
            value = getattr(self, field)
            if value is not None and not re.fullmatch(pattern, value, re.ASCII):
                raise SettingError(f"--{field.replace('_', '-')}", "is not a valid name for it")


_PATTERNS: Final = {
    "image": r"[a-z0-9][\w./:@-]*",
    "name": _LABEL,
    "namespace": _LABEL,
    "service_account": _SUBDOMAIN,
    "aws_secret": _SUBDOMAIN,
    "aws_region": r"[a-z0-9-]+",
    "curve_secret": _SUBDOMAIN,
    "identity_secret": _SUBDOMAIN,
    "proxy_secret": _SUBDOMAIN,
    "evidence_config_map": _SUBDOMAIN,
}


@dataclass(frozen=True, slots=True)
class Launch:
    """One bot and where it is to run."""

    job: Job
    settings: Settings
    placement: Placement

    @property
    def name(self) -> str:
        """Of the Job: a DNS label."""
        return self.placement.name or f"meetbot-{self.job.bot_id}"

    @property
    def job_secret(self) -> str:
        """The Secret with the job, which exists unless an orchestrator sends it."""
        return f"{self.name}-job"

    @property
    def service_account(self) -> str:
        """The pod's; the pod is given no token of it."""
        return self.placement.service_account or "meetbot"


def pod(launch: Launch) -> Document:
    """A PodSpec that the restricted Pod Security Standard accepts."""
    return {
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": math.ceil(launch.settings.grace_s) + GRACE_BESIDES_S,
        "serviceAccountName": launch.service_account,
        "automountServiceAccountToken": False,
        # a Service called meetbot would set MEETBOT_PORT, which is no setting
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER_ID,
            "runAsGroup": USER_ID,
            "fsGroup": USER_ID,
            "seccompProfile": {"type": "Localhost", "localhostProfile": SECCOMP_ON_NODES},
        },
        "containers": [_container(launch)],
        "volumes": [volume for volume, _ in _volumes(launch)],
    }


def _container(launch: Launch) -> Document:
    endpoint = launch.settings.connect
    run = ["worker", "--connect", endpoint] if endpoint else ["run", f"{SECRETS}/job/{JOB_FILE}"]
    return {
        "name": CONTAINER,
        "image": launch.placement.image,
        "args": run,
        "env": _environment(launch),
        **(_RESTARTED_WHEN_KILLED if launch.placement.restart_in_place else {}),
        "resources": resources(launch.settings),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "livenessProbe": _LIVES,
        "volumeMounts": [mount for _, mount in _volumes(launch)],
    }


_RESTARTED_WHEN_KILLED: Final[Document] = {
    "restartPolicy": "Never",
    "restartPolicyRules": [
        {"action": "Restart", "exitCodes": {"operator": "In", "values": [EXIT_KILLED]}}
    ],
}
_LIVES: Final[Document] = {
    "exec": {"command": ["python", "-m", "bot.health", HEALTH]},
    "periodSeconds": 60,
    "timeoutSeconds": 20,
    "failureThreshold": 5,
}
"""A bot that hangs would stay until the Job's deadline; no busy machine takes five minutes."""


def _environment(launch: Launch) -> list[Document]:
    settings = launch.settings
    own = {
        "HOME": TEMPORARY,
        PREFIX + "SPOOL_DIR": f"{OWN}/spool",
        PREFIX + "HEALTH_FILE": HEALTH,
        PREFIX + "LOG_FORMAT": "json",
    }
    if launch.placement.aws_region is not None:
        own["AWS_DEFAULT_REGION"] = launch.placement.aws_region
    if launch.placement.aws_secret is not None:
        own["AWS_SHARED_CREDENTIALS_FILE"] = f"{SECRETS}/aws/credentials"
    for field in PASSED_ON:
        if field in settings.model_fields_set:
            own[PREFIX + field.upper()] = _written(getattr(settings, field))
    for file, _ in _files(launch):
        own[PREFIX + file.setting.upper()] = f"{SECRETS}/{file.volume}/{file.key}"
    if settings.connect and not settings.allow_plain_off_loopback:
        own[PREFIX + "CURVE_SERVER_KEY_FILE"] = f"{SECRETS}/curve/server.key"
        own[PREFIX + "CURVE_SECRET_KEY_FILE"] = f"{SECRETS}/curve/worker.key_secret"
    given: list[Document] = [{"name": name, "value": value} for name, value in own.items()]
    pod_name = {"fieldRef": {"fieldPath": "metadata.name"}}
    return [*given, {"name": PREFIX + "WORKER_ID", "valueFrom": pod_name}]


def _written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _volumes(launch: Launch) -> list[tuple[Document, Document]]:
    """Each volume with its mount."""
    settings, placement = launch.settings, launch.placement
    memory = {"medium": "Memory", "sizeLimit": SHARED_MEMORY}
    found = [
        _volume("shared-memory", "/dev/shm", {"emptyDir": memory}),  # noqa: S108 - a mount point
        _volume("spool", OWN, {"emptyDir": {"sizeLimit": f"{spool_mib(settings)}Mi"}}),
        _volume("temporary", TEMPORARY, {"emptyDir": {"sizeLimit": f"{TEMPORARY_MIB}Mi"}}),
    ]
    if not settings.connect:
        found.append(_secret_volume("job", launch.job_secret))
    elif not settings.allow_plain_off_loopback:
        found.append(_secret_volume("curve", placement.curve_secret))
    if placement.aws_secret is not None:
        found.append(_secret_volume("aws", placement.aws_secret))
    for file, name in _files(launch):
        found.append(
            _secret_volume(file.volume, name)
            if file.is_secret
            else _volume(file.volume, f"{SECRETS}/{file.volume}", {"configMap": {"name": name}})
        )
    return found


def _files(launch: Launch) -> list[tuple[File, str]]:
    """The files that were asked for, each with its object's name."""
    named = [(file, getattr(launch.placement, file.option)) for file in FILES]
    return [(file, name) for file, name in named if name is not None]


def _volume(name: str, path: str, source: Document) -> tuple[Document, Document]:
    return {"name": name, **source}, {"name": name, "mountPath": path}


def _secret_volume(name: str, secret: str) -> tuple[Document, Document]:
    source = {"secret": {"secretName": secret, "defaultMode": READABLE_BY_GROUP}}
    volume, mount = _volume(name, f"{SECRETS}/{name}", source)
    return volume, mount | {"readOnly": True}
