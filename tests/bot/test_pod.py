"""The pod: what it is given, asks for and keeps."""

from typing import Any

import pytest

from bot.errors import SettingError
from bot.pod import FILES
from bot.settings import Settings
from tests.bot.kubernetes import leaks
from tests.bot.manifests import (
    ORCHESTRATOR,
    PLANTED,
    VARIANTS,
    container_of,
    given_settings,
    objects,
    pod_of,
)


def test_an_orchestrators_job_is_not_there_at_all() -> None:
    """The worker takes it over ZeroMQ with mounted keys; no Secret is made."""
    found = VARIANTS["from an orchestrator"]()
    assert [document["kind"] for document in found] == ["ServiceAccount", "Job"]
    assert leaks(found, [*PLANTED, "abc-defg-hij"]) == []
    container = container_of(found)
    assert container["args"] == ["worker", "--connect", ORCHESTRATOR]
    env = {variable["name"]: variable.get("value") for variable in container["env"]}
    assert env["MEETBOT_CURVE_SECRET_KEY_FILE"] == "/run/secrets/curve/worker.key_secret"
    secrets = [volume["secret"] for volume in pod_of(found)["volumes"] if "secret" in volume]
    assert [secret["secretName"] for secret in secrets] == ["meetbot-curve"]


def test_a_killed_container_is_restarted_beside_its_spool() -> None:
    """137 alone restarts it, in a pod whose spool is a volume that outlives containers."""
    found = objects()
    (rule,) = container_of(found)["restartPolicyRules"]
    assert rule == {"action": "Restart", "exitCodes": {"operator": "In", "values": [137]}}
    (spool,) = [volume for volume in pod_of(found)["volumes"] if volume["name"] == "spool"]
    assert set(spool) == {"name", "emptyDir"}
    assert "restartPolicyRules" not in container_of(objects(restart_in_place=False))


def test_files_of_the_cluster_are_where_the_settings_say() -> None:
    """Identity, proxy and evidence are mounted, each setting names its file, and it is read."""
    found = VARIANTS["every option"]()
    container = container_of(found)
    env = {variable["name"]: variable.get("value") for variable in container["env"]}
    assert env["MEETBOT_IDENTITY"] == "/run/secrets/identity/identity.json"
    assert env["MEETBOT_PROXY_FILE"] == "/run/secrets/proxy/proxy"
    assert env["MEETBOT_EVIDENCE_FILE"] == "/run/secrets/evidence/evidence.json"
    mounts = {mount["mountPath"] for mount in container["volumeMounts"] if mount.get("readOnly")}
    assert {f"/run/secrets/{name}" for name in ("identity", "proxy")} <= mounts
    volumes = {volume["name"]: volume for volume in pod_of(found)["volumes"]}
    assert volumes["identity"]["secret"]["secretName"] == "notes-account"
    assert volumes["evidence"]["configMap"] == {"name": "mended"}


@pytest.mark.parametrize("bound_bytes", [64 * 2**20, 4 * 2**30, 4 * 2**30 + 1])
def test_the_spools_own_bound_comes_before_eviction(bound_bytes: int) -> None:
    """The volume is larger than the bound, and the node is asked for it."""
    found = objects(given=given_settings(spool_max_bytes=bound_bytes))
    (spool,) = [volume for volume in pod_of(found)["volumes"] if volume["name"] == "spool"]
    size = int(spool["emptyDir"]["sizeLimit"].removesuffix("Mi"))
    asked = container_of(found)["resources"]["requests"]["ephemeral-storage"]
    assert size * 2**20 >= bound_bytes + 2**30
    assert int(asked.removesuffix("Mi")) > size


@pytest.mark.parametrize("grace_s", [1.0, 60.0, 90.5])
def test_kubernetes_waits_longer_than_the_bot_needs(grace_s: float) -> None:
    """The grace period of the pod is over the setting, and the setting is passed on."""
    found = objects(given=given_settings(grace_s=grace_s))
    assert pod_of(found)["terminationGracePeriodSeconds"] >= grace_s + 30
    env = {variable["name"]: variable.get("value") for variable in container_of(found)["env"]}
    assert float(env["MEETBOT_GRACE_S"]) == grace_s


@pytest.mark.parametrize(
    ("placement", "option"),
    [
        ({"name": "Standup"}, "--name"),
        ({"name": "a" * 64}, "--name"),
        ({"name": "a\n"}, "--name"),
        ({"namespace": "a.b"}, "--namespace"),
        ({"service_account": "-x"}, "--service-account"),
        ({"aws_secret": "x y"}, "--aws-secret"),
        ({"aws_region": "eu central"}, "--aws-region"),
        ({"curve_secret": ""}, "--curve-secret"),
        ({"proxy_secret": "x/y"}, "--proxy-secret"),
        ({"image": "x y"}, "--image"),
    ],
)
def test_a_name_no_cluster_takes_is_an_options_error(
    placement: dict[str, Any], option: str
) -> None:
    """Refused here, by the option's name, not by the cluster."""
    with pytest.raises(SettingError) as caught:
        objects(**placement)
    assert caught.value.setting == option


@pytest.mark.parametrize(("given", "passed_on"), [({}, None), ({"capture": "tab"}, "tab")])
def test_how_it_records_is_the_images_unless_asked_for(
    given: dict[str, Any], passed_on: str | None
) -> None:
    """A default of the machine that writes the manifest says nothing of the image."""
    container = container_of(objects(given=given_settings(**given)))
    env = {variable["name"]: variable.get("value") for variable in container["env"]}
    assert env.get("MEETBOT_CAPTURE") == passed_on


def test_every_setting_is_passed_on_or_the_pods_own() -> None:
    """Each field that is given reaches the pod, or is one of a machine: none is forgotten."""
    values = {
        name: field.get_default(call_default_factory=True)
        for name, field in Settings.model_fields.items()
    }
    everything = given_settings(
        **values | {"storage": "s3://b/p", "connect": ORCHESTRATOR, "simulator": "http://x"}
    )
    in_files: dict[str, Any] = {file.option: "x" for file in FILES}
    found = container_of(objects(given=everything, **in_files))
    env = {variable["name"] for variable in found["env"]}
    of_the_machine = {"connect", "browser", "browser_mode", "proxy"}
    missing = {name for name in Settings.model_fields if f"MEETBOT_{name.upper()}" not in env}
    assert missing <= of_the_machine
