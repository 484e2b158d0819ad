"""Accepted as they are, refused as soon as one thing is broken: by schema, API and standard."""

import json
from collections.abc import Callable

import pytest

from tests.bot.kubernetes import Document, leaks, problems
from tests.bot.manifests import JOB, VARIANTS, objects, of_kind, pod_of


@pytest.mark.parametrize("version", ["1.35", "1.36", "1.37"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_a_restricted_cluster_accepts_them(variant: str, version: str) -> None:
    """Each variant passes the release's schema, the API's rules and the restricted standard."""
    assert problems(VARIANTS[variant](), version) == []


@pytest.mark.parametrize("version", ["1.29", "1.33", "1.34"])
def test_older_clusters_accept_them_without_restarts_in_place(version: str) -> None:
    """The rule for restarting a container is all that clusters before 1.34 do not know."""
    assert problems(objects(restart_in_place=False), version) == []
    told = problems(objects(), version)
    assert ("restartPolicyRules" in "".join(told)) == (version != "1.34")


Breaking = Callable[[Document, Document, Document], object]
BROKEN: dict[str, tuple[Breaking, str]] = {
    "unknown field": (lambda job, pod, box: box.update(cpuLimit=1), "cpuLimit"),
    "misspelt field of the Job": (
        lambda job, pod, box: job["spec"].update(backofLimit=1),
        "backofLimit",
    ),
    "text for a number": (lambda job, pod, box: job["spec"].update(backoffLimit="2"), "'2'"),
    "text for a boolean": (
        lambda job, pod, box: pod.update(automountServiceAccountToken="no"),
        "'no'",
    ),
    "number for text": (lambda job, pod, box: box["env"][0].update(value=5), "5 is not"),
    "environment as an object": (lambda job, pod, box: box.update(env={"A": "b"}), "'A'"),
    "no name": (lambda job, pod, box: box.pop("name"), "'name' is a required"),
    "a name in capitals": (
        lambda job, pod, box: job["metadata"].update(name="Bot"),
        "metadata.name",
    ),
    "a label with a space": (
        lambda job, pod, box: job["metadata"]["labels"].update({"bot-name": "My bot"}),
        "metadata.labels",
    ),
    "restarted by the pod": (
        lambda job, pod, box: pod.update(restartPolicy="OnFailure"),
        "podFailurePolicy: only with",
    ),
    "two pods at once": (
        lambda job, pod, box: job["spec"].update(podReplacementPolicy="TerminatingOrFailed"),
        "podReplacementPolicy",
    ),
    "a rule for another container": (
        lambda job, pod, box: box.update(name="other"),
        "no container meetbot",
    ),
    "codes out of order": (
        lambda job, pod, box: job["spec"]["podFailurePolicy"]["rules"][0]["onExitCodes"].update(
            values=[4, 1]
        ),
        "not in order",
    ),
    "a mount without a volume": (lambda job, pod, box: pod["volumes"].pop(), "no volume"),
    "two sources": (
        lambda job, pod, box: pod["volumes"][0].update(secret={"secretName": "x"}),
        "exactly one source",
    ),
    "an odd amount": (
        lambda job, pod, box: box["resources"]["limits"].update(memory="2 GB"),
        "resources.limits.memory",
    ),
    "rules without a policy": (lambda job, pod, box: box.pop("restartPolicy"), "restartPolicyRul"),
    "no seccomp": (
        lambda job, pod, box: pod["securityContext"].pop("seccompProfile"),
        "restricted: seccompProfile",
    ),
    "seccomp off": (
        lambda job, pod, box: box["securityContext"].update(seccompProfile={"type": "Unconfined"}),
        "restricted: seccompProfile",
    ),
    "may be root": (
        lambda job, pod, box: pod["securityContext"].pop("runAsNonRoot"),
        "restricted: runAsNonRoot",
    ),
    "is root": (
        lambda job, pod, box: box["securityContext"].update(runAsUser=0),
        "restricted: runAsUser",
    ),
    "may become more": (
        lambda job, pod, box: box["securityContext"].pop("allowPrivilegeEscalation"),
        "restricted: allowPrivilegeEscalation",
    ),
    "keeps capabilities": (
        lambda job, pod, box: box["securityContext"].pop("capabilities"),
        "restricted: capabilities.drop",
    ),
    "adds a capability": (
        lambda job, pod, box: box["securityContext"]["capabilities"].update(add=["SYS_ADMIN"]),
        "restricted: capabilities.add",
    ),
    "privileged": (
        lambda job, pod, box: box["securityContext"].update(privileged=True),
        "restricted: privileged",
    ),
    "the node's disk": (
        lambda job, pod, box: pod["volumes"].append(
            {"name": "node", "hostPath": {"path": "/dev/shm"}}
        ),
        "restricted: volume type",
    ),
    "the node's network": (lambda job, pod, box: pod.update(hostNetwork=True), "host namespaces"),
    "a CPU limit": (
        lambda job, pod, box: box["resources"]["limits"].update(cpu="1"),
        "promise: no CPU limit",
    ),
    "no memory limit": (
        lambda job, pod, box: box["resources"]["limits"].pop("memory"),
        "promise: a CPU request",
    ),
    "a root that can be written": (
        lambda job, pod, box: box["securityContext"].update(readOnlyRootFilesystem=False),
        "promise: a root",
    ),
    "shared memory on disk": (
        lambda job, pod, box: pod["volumes"][0]["emptyDir"].pop("medium"),
        "promise: /dev/shm",
    ),
    "a Secret as environment": (
        lambda job, pod, box: box.update(envFrom=[{"secretRef": {"name": "aws"}}]),
        "promise: no Secret",
    ),
    "a key as a variable": (
        lambda job, pod, box: box["env"].append(
            {"name": "K", "valueFrom": {"secretKeyRef": {"name": "aws", "key": "secret"}}}
        ),
        "promise: no Secret",
    ),
    "a token": (
        lambda job, pod, box: pod.pop("automountServiceAccountToken"),
        "promise: no token",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_refused(name: str) -> None:
    """One thing changed, and the validation says which: it is able to fail."""
    break_it, words = BROKEN[name]
    found = objects()
    break_it(of_kind("Job", found), pod_of(found), pod_of(found)["containers"][0])
    told = problems(found)
    assert any(words in problem for problem in told), told


@pytest.mark.parametrize(
    "leak",
    [
        lambda box: box["env"].append({"name": "MEETBOT_JOB", "value": json.dumps(JOB)}),
        lambda box: box.update(args=["run", json.dumps(JOB)]),
        lambda box: box.update(args=["worker", "--secret", "PLANTED-SECRET"]),
    ],
)
def test_a_job_in_environment_or_arguments_is_found(leak: Callable[[Document], object]) -> None:
    """The search for secrets is able to find one."""
    found = objects()
    leak(pod_of(found)["containers"][0])
    assert "PLANTED-SECRET" in leaks(found, ["PLANTED-SECRET"])
