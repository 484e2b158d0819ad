"""What a cluster would say of our objects: the published schemas, and what no schema holds.

`problems` is the API server of a given version and a namespace that enforces the restricted Pod
Security Standard, plus what this project promises of its pods. Schemas are those of the Kubernetes
releases, strict (an unknown field is an error, as with kubectl's default). The rest is written from
the API reference of Job and Pod (v1.37) and from the published standard, and covers the fields our
objects use: a field that no rule here knows of is left to the schema.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

Document = dict[str, Any]

DNS_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
DNS_SUBDOMAIN = rf"(?=.{{1,253}}$){DNS_LABEL}(\.{DNS_LABEL})*"
LABEL_VALUE = r"([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?"
QUANTITY = r"[0-9]+(\.[0-9]+)?(m|Ki|Mi|Gi|k|M|G)?"
BIND = "NET_BIND_SERVICE"
RESTRICTED_VOLUMES = {
    *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim"),
    *("projected", "secret"),
}


def problems(documents: Sequence[Document], version: str = "1.37") -> list[str]:
    """Everything that is wrong with these objects, in words that begin with the place."""
    found = [problem for document in documents for problem in schema_problems(document, version)]
    if found:
        return found
    for document in documents:
        found += metadata_problems(document)
        if document["kind"] == "Job":
            found += job_problems(document["spec"])
            pod = document["spec"]["template"]["spec"]
            found += [*pod_problems(pod), *restricted_problems(pod), *promise_problems(pod)]
    return found


def schema_problems(document: Document, version: str) -> Iterator[str]:
    """What the schema of that release refuses: unknown fields, wrong types, missing fields."""
    group, _, release = document["apiVersion"].rpartition("/")
    name = "-".join(part for part in (document["kind"].lower(), group, release) if part)
    for error in _validator(version, name).iter_errors(document):
        yield f"{'.'.join(str(part) for part in error.path)}: {error.message}"


@cache
def _validator(version: str, name: str) -> Draft202012Validator:
    folder = files("kubernetes_validate") / f"kubernetes-json-schema/v{version}.0-local-strict"
    schema, definitions = (
        json.loads((folder / f"{file}.json").read_text()) for file in (name, "_definitions")
    )
    parts = [Resource.from_contents(part) for part in (schema, definitions)]
    return Draft202012Validator(schema, registry=parts @ Registry())


def metadata_problems(document: Document) -> Iterator[str]:
    """Names and labels that the API server refuses."""
    metadata = document["metadata"]
    # pods of a Job carry its name as a label, so that it is as short as one
    pattern = DNS_LABEL if document["kind"] == "Job" else DNS_SUBDOMAIN
    if not re.fullmatch(pattern, metadata["name"]):
        yield f"metadata.name: {metadata['name']}"
    if not re.fullmatch(DNS_LABEL, metadata.get("namespace", "default")):
        yield f"metadata.namespace: {metadata['namespace']}"
    for key, value in metadata.get("labels", {}).items():
        prefix, _, name = key.rpartition("/")
        if prefix and not re.fullmatch(DNS_SUBDOMAIN, prefix):
            yield f"metadata.labels: prefix of {key}"
        if not re.fullmatch(LABEL_VALUE, name) or not re.fullmatch(LABEL_VALUE, value):
            yield f"metadata.labels: {key}: {value}"
    for value in document.get("data", {}):
        if not re.fullmatch(r"[\w.-]{1,253}", value):
            yield f"data: {value}"


def job_problems(spec: Document) -> Iterator[str]:
    """What the API server refuses of a Job beyond its schema."""
    pod = spec["template"]["spec"]
    names = {None, *(container["name"] for container in pod["containers"])}
    if pod.get("restartPolicy") not in {"Never", "OnFailure"}:
        yield "restartPolicy: a Job's pod is not restarted always"
    rules = spec.get("podFailurePolicy", {}).get("rules", [])
    if rules and pod.get("restartPolicy") != "Never":
        yield "podFailurePolicy: only with restartPolicy Never"
    if rules and spec.get("podReplacementPolicy", "Failed") != "Failed":
        yield "podReplacementPolicy: only Failed with a podFailurePolicy"
    for rule in rules:
        yield from (f"podFailurePolicy: {problem}" for problem in _rule_problems(rule, names))
    for field in ("backoffLimit", "activeDeadlineSeconds", "ttlSecondsAfterFinished"):
        if spec.get(field, 0) < 0:
            yield f"{field}: negative"


def _rule_problems(rule: Document, container_names: set[str | None]) -> Iterator[str]:
    if rule["action"] not in {"FailJob", "FailIndex", "Ignore", "Count"}:
        yield f"action {rule['action']}"
    if ("onExitCodes" in rule) == ("onPodConditions" in rule):
        yield "exactly one of onExitCodes and onPodConditions"
    codes = rule.get("onExitCodes")
    if codes and codes["values"] != sorted(set(codes["values"])):
        yield "values are not in order"
    if codes and codes["operator"] == "In" and 0 in codes["values"]:
        yield "0 is no failure"
    if codes and codes.get("containerName") not in container_names:
        yield f"no container {codes['containerName']}"


def pod_problems(pod: Document) -> Iterator[str]:
    """What the API server refuses of a pod beyond its schema."""
    volumes = [volume["name"] for volume in pod["volumes"]]
    if len(volumes) != len(set(volumes)):
        yield "volumes: a name twice"
    for volume in pod["volumes"]:
        if len(volume) != 2:
            yield f"volumes: {volume['name']}: exactly one source"
        if not 0 <= volume.get("secret", {}).get("defaultMode", 0) <= 0o777:
            yield f"volumes: {volume['name']}: defaultMode"
    for container in pod["containers"]:
        yield from _container_problems(container, set(volumes))


def _container_problems(container: Document, volumes: set[str]) -> Iterator[str]:
    mounts = container["volumeMounts"]
    paths = [mount["mountPath"] for mount in mounts]
    if len(paths) != len(set(paths)):
        yield "volumeMounts: a path twice"
    for mount in mounts:
        if mount["name"] not in volumes:
            yield f"volumeMounts: no volume {mount['name']}"
    for kind, amounts in container.get("resources", {}).items():
        for name, amount in amounts.items():
            if not re.fullmatch(QUANTITY, amount):
                yield f"resources.{kind}.{name}: {amount}"
    if container.get("restartPolicyRules") and "restartPolicy" not in container:
        yield "restartPolicyRules: only with a restartPolicy of the container"


def restricted_problems(pod: Document) -> Iterator[str]:
    """The controls of the Pod Security Standard `restricted` that the pod breaks."""
    own = pod.get("securityContext", {})
    if any(pod.get(field) for field in ("hostNetwork", "hostPID", "hostIPC")):
        yield "restricted: host namespaces"
    if own.get("sysctls"):
        yield "restricted: sysctls"
    for volume in pod["volumes"]:
        if not set(volume) - {"name"} <= RESTRICTED_VOLUMES:
            yield f"restricted: volume type of {volume['name']}"
    for container in [*pod["containers"], *pod.get("initContainers", [])]:
        # a container's word goes before its pod's
        context = own | container.get("securityContext", {})
        yield from (f"restricted: {name}" for name, holds in CONTROLS.items() if not holds(context))
        if any(port.get("hostPort") for port in container.get("ports", [])):
            yield "restricted: hostPort"


CONTROLS: Mapping[str, Callable[[Document], bool]] = {
    "privileged": lambda context: not context.get("privileged"),
    "allowPrivilegeEscalation": lambda c: c.get("allowPrivilegeEscalation") is False,
    "runAsNonRoot": lambda context: context.get("runAsNonRoot") is True,
    "runAsUser": lambda context: context.get("runAsUser") != 0,
    "capabilities.drop": lambda c: "ALL" in c.get("capabilities", {}).get("drop", []),
    "capabilities.add": lambda c: set(c.get("capabilities", {}).get("add", [])) <= {BIND},
    "procMount": lambda context: context.get("procMount", "Default") == "Default",
    "seccompProfile": lambda context: _seccomp_holds(context.get("seccompProfile", {})),
}
"""By the name of its field; each is given a container's security context."""


def _seccomp_holds(profile: Document) -> bool:
    local = profile.get("type") == "Localhost"
    return (local or profile.get("type") == "RuntimeDefault") and (
        local == bool(profile.get("localhostProfile"))
    )


def promise_problems(pod: Document) -> Iterator[str]:
    """What this project promises of its pods beyond what a cluster asks, and does not hold."""
    if pod.get("automountServiceAccountToken") is not False:
        yield "promise: no token"
    for container in pod["containers"]:
        limits = container["resources"].get("limits", {})
        requests = container["resources"].get("requests", {})
        if "cpu" in limits:
            yield "promise: no CPU limit"
        if not {"cpu", "memory"} <= set(requests) or "memory" not in limits:
            yield "promise: a CPU request, a memory request and a memory limit"
        if not container["securityContext"].get("readOnlyRootFilesystem"):
            yield "promise: a root that is only read"
        if _source_at(pod, container, "/dev/shm").get("emptyDir", {}).get("medium") != "Memory":
            yield "promise: /dev/shm in memory"
        taken = [variable.get("valueFrom", {}) for variable in container.get("env", [])]
        if container.get("envFrom") or any("secretKeyRef" in source for source in taken):
            yield "promise: no Secret in the environment"


def _source_at(pod: Document, container: Document, path: str) -> Document:
    names = [mount["name"] for mount in container["volumeMounts"] if mount["mountPath"] == path]
    return next((volume for volume in pod["volumes"] if volume["name"] in names), {})


def leaks(documents: Sequence[Document], secrets: Iterable[str]) -> list[str]:
    """The secrets that are to be read anywhere but in the data of a Secret, also in part of it."""
    open_parts = [
        {key: value for key, value in document.items() if key != "data"}
        if document["kind"] == "Secret"
        else document
        for document in documents
    ]
    words = [*_words(open_parts)]
    return [secret for secret in secrets if any(secret in word for word in words)]


def _words(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, child in value.items():
            yield str(key)
            yield from _words(child)
    elif isinstance(value, list):
        for child in value:
            yield from _words(child)
    else:
        yield str(value)
