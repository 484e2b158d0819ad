"""What a kubelet makes of our pod, done with a container engine: as far as this pod needs it.

Volumes are folders of this machine with the owner, group and mode that a kubelet gives them for
the pod's `fsGroup`; they outlive the container, not the pod. It takes root, as in a kubelet.
"""

import base64
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Document = dict[str, Any]
RAM_DISK = Path("/dev/shm")


@dataclass(frozen=True, slots=True)
class Pod:
    """Options of the engine, arguments of the image and environment of the only container."""

    options: tuple[str, ...]
    arguments: tuple[str, ...]
    environment: dict[str, str]


@contextmanager
def pod_of(
    job: Document, secrets: Mapping[str, Mapping[str, bytes]], seccomp_root: Path
) -> Iterator[Pod]:
    """The pod of a Job; its volumes are there inside the block. `secrets` are the cluster's."""
    spec = job["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    with ExitStack() as stack:
        folders = {
            volume["name"]: stack.enter_context(_volume(volume, secrets, spec["securityContext"]))
            for volume in spec["volumes"]
        }
        mounts = [
            f"{folders[mount['name']]}:{mount['mountPath']}"
            + (":ro" if mount.get("readOnly") else "")
            for mount in container["volumeMounts"]
        ]
        options = [*_security(spec, container, seccomp_root)]
        options += [word for mount in mounts for word in ("--volume", mount)]
        yield Pod(tuple(options), tuple(container["args"]), _environment(container))


def _environment(container: Document) -> dict[str, str]:
    # the only reference is to the pod's name
    return {one["name"]: one.get("value", "a-pods-name") for one in container["env"]}


def _security(spec: Document, container: Document, seccomp_root: Path) -> Sequence[str]:
    own, context = spec["securityContext"], container["securityContext"]
    assert context["readOnlyRootFilesystem"]
    assert not context["allowPrivilegeEscalation"]
    profile = seccomp_root / own["seccompProfile"]["localhostProfile"]
    memory = container["resources"]["limits"]["memory"].removesuffix("i").lower()
    return (
        *("--read-only", "--read-only-tmpfs=false", "--security-opt", "no-new-privileges"),
        *("--security-opt", f"seccomp={profile}", "--memory", memory),
        *(word for name in context["capabilities"]["drop"] for word in ("--cap-drop", name)),
        *("--user", f"{own['runAsUser']}:{own['runAsGroup']}"),
        *("--group-add", str(own["fsGroup"])),
    )


@contextmanager
def _volume(
    volume: Document, secrets: Mapping[str, Mapping[str, bytes]], context: Document
) -> Iterator[Path]:
    in_memory = volume.get("emptyDir", {}).get("medium") == "Memory"
    folder = Path(tempfile.mkdtemp(prefix="pod-", dir=RAM_DISK if in_memory else None))
    try:
        os.chown(folder, 0, context["fsGroup"])
        folder.chmod(0o2777)
        if "secret" in volume:
            for name, content in secrets[volume["secret"]["secretName"]].items():
                (folder / name).write_bytes(content)
                os.chown(folder / name, 0, context["fsGroup"])
                (folder / name).chmod(volume["secret"]["defaultMode"])
        yield folder
    finally:
        shutil.rmtree(folder)


def data_of(secret: Document) -> dict[str, bytes]:
    """What a pod reads of a Secret's files."""
    return {name: base64.b64decode(value) for name, value in secret["data"].items()}
