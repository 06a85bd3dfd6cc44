"""The Helm chart, rendered by Helm's engine and held against Kubernetes' schemas of three releases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import yaml

from tests.systems.deploying.conftest import PLANTS, ROOT, Objects, named

pytestmark = pytest.mark.systems

Rendering = Callable[[list[Mapping[str, Any]]], dict[str, Any]]
WORKLOADS = [("Deployment", "copilot-server"), ("Deployment", "copilot-worker"), ("Job", "copilot-migrate")]

REFUSED: dict[str, dict[str, Any]] = {
    "an unknown value": {"sever": {"replicas": 2}},
    "no replica of the server": {"server": {"replicas": 0}},
    "a secret among the settings": {"settings": {"PLANTWRIGHT_OIDC_CLIENT_SECRET": "x"}},
    "the database among the settings": {"settings": {"DATABASE_URL": "postgresql://x"}},
    "a token of Slack among the settings": {"settings": {"PLANTWRIGHT_SLACK_TOKEN": "xoxb-1"}},
    "the secret of Teams among the settings": {"settings": {"PLANTWRIGHT_TEAMS_SECRET": "env:X"}},
    "a digest that is none": {"image": {"digest": "latest"}},
    "an ingress without TLS": {"ingress": {"enabled": True, "host": "a.example"}},
    "plants without ports": {"network": {"plantSystems": [{"to": [{}], "ports": []}]}},
    "no secret of the service": {"secrets": {"service": ""}},
}


def pod(workload: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = workload["spec"]["template"]["spec"]
    return found


def test_it_is_sound_and_values_that_cannot_be_are_refused(rendering: Rendering) -> None:
    """The linter finds nothing, every object is valid in three releases, and a typo is no silent default."""
    more = {"metrics": {"enabled": False}, "network": {"enabled": False}, "worker": {"replicas": 1}}
    found = rendering([{}, PLANTS, more, *REFUSED.values()])
    assert found["lint"]["errors"] == []
    assert [each for each in found["lint"]["messages"] if each["severity"] > 1] == []
    for each in found["rendered"][:3]:
        assert each["wrong"] == []
    outcomes = dict(zip(REFUSED, found["rendered"][3:], strict=True))
    assert [name for name, each in outcomes.items() if "refused" not in each] == []
    # One replica cannot be kept available: a budget for it would only block the drain of its node.
    budgets = [
        each["metadata"]["name"]
        for each in found["rendered"][2]["objects"]
        if each["kind"] == "PodDisruptionBudget"
    ]
    assert budgets == ["copilot-server"]


def test_containers_can_do_nothing_but_their_work(release: Objects) -> None:
    """No root, no capability, no writable file system, no token of the cluster, a limit on memory."""
    for kind, name in WORKLOADS:
        spec = pod(named(release, kind, name))
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] >= 10000
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
        (container,) = spec["containers"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "privileged": False,
            "capabilities": {"drop": ["ALL"]},
        }
        assert "memory" in container["resources"]["limits"]
        assert not [each for each in spec["volumes"] if "hostPath" in each]


def test_chat_platforms_are_set_as_their_pages_say(rendering: Rendering) -> None:
    """Servers and workers get the same settings, and secrets only from where the service's own is mounted."""
    pages = [(ROOT / "docs" / f"{each}.md").read_text(encoding="utf-8") for each in ("slack", "teams")]
    values = [yaml.safe_load(page.partition("```yaml\n")[2].partition("```")[0]) for page in pages]
    found = rendering(values)["rendered"]
    for given, each in zip(values, found, strict=True):
        assert each["wrong"] == []
        for kind, name in WORKLOADS[:2]:
            spec = pod(named(each["objects"], kind, name))
            env = {one["name"]: one["value"] for one in spec["containers"][0]["env"]}
            assert given["settings"].items() <= env.items()
            (mount,) = [one for one in spec["containers"][0]["volumeMounts"] if one["name"] == "secrets"]
            held = [value for value in given["settings"].values() if value.startswith("file:")]
            assert held
            assert all(value.startswith(f"file:{mount['mountPath']}/") for value in held)


def test_secrets_are_named_and_each_part_has_only_its_own(release: Objects) -> None:
    """None is written there; the owner's address is for the migration; servers log in at no plant."""
    assert not [each for each in release if each["kind"] == "Secret"]
    held = {}
    for kind, name in WORKLOADS:
        spec = pod(named(release, kind, name))
        held[name] = {each["secret"]["secretName"] for each in spec["volumes"] if "secret" in each} | {
            source["secret"]["name"]
            for each in spec["volumes"]
            for source in each.get("projected", {}).get("sources", ())
        }
        assert not [each for each in spec["containers"][0]["env"] if "valueFrom" in each]
        assert not [each for each in spec["containers"][0]["env"] if "postgresql:" in each["value"]]
    assert held == {
        "copilot-server": {"plantwright", "plantwright-audit-keys", "plants", "record"},
        "copilot-worker": {"plantwright", "plantwright-audit-keys", "plants", "loader"},
        "copilot-migrate": {"plantwright-owner"},
    }
    (plants,) = [
        each["secret"]
        for each in pod(named(release, "Deployment", "copilot-server"))["volumes"]
        if each["name"] == "systems"
    ]
    assert [each["path"] for each in plants["items"]] == ["systems.toml"]


def test_plant_systems_are_parted_from_what_people_reach(release: Objects) -> None:
    """By itself nothing goes in or out; only the worker reaches plants, and nobody reaches the worker."""
    policies = {each["metadata"]["name"]: each["spec"] for each in release if each["kind"] == "NetworkPolicy"}
    nothing = policies["copilot-nothing"]
    assert sorted(nothing["policyTypes"]) == ["Egress", "Ingress"]
    assert not {"ingress", "egress"} & set(nothing)
    everything = nothing["podSelector"]["matchLabels"].items()
    for kind, name in WORKLOADS:
        labels = named(release, kind, name)["spec"]["template"]["metadata"]["labels"]
        assert everything <= labels.items()
    plants = [{"ipBlock": {"cidr": "10.20.0.0/16"}}]
    reach = {
        name for name, spec in policies.items() for rule in spec.get("egress", []) if rule["to"] == plants
    }
    assert reach == {"copilot-worker"}
    worker = policies["copilot-worker"]
    assert worker["ingress"] == []
    assert worker["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "worker"
    # Named ports of a policy have to be those of the container.
    ports = {each["name"] for each in _ports(release)}
    assert {each["port"] for rule in policies["copilot-server"]["ingress"] for each in rule["ports"]} == ports


def _ports(release: Objects) -> list[dict[str, Any]]:
    (container,) = pod(named(release, "Deployment", "copilot-server"))["containers"]
    found: list[dict[str, Any]] = container["ports"]
    return found


def test_an_upgrade_migrates_first_and_takes_nobody_away_before_another_is_there(release: Objects) -> None:
    """The schema comes before the programs, and a server ends what it began within its time."""
    migration = named(release, "Job", "copilot-migrate")
    assert "pre-upgrade" in migration["metadata"]["annotations"]["helm.sh/hook"]
    assert pod(migration)["containers"][0]["args"] == ["store", "migrate"]
    server = named(release, "Deployment", "copilot-server")
    assert server["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    grace = {each["name"]: each["value"] for each in pod(server)["containers"][0]["env"]}[
        "PLANTWRIGHT_GRACE_S"
    ]
    assert pod(server)["terminationGracePeriodSeconds"] >= int(grace) + 10
    for kind in ("liveness", "startup"):
        assert pod(server)["containers"][0][f"{kind}Probe"]["httpGet"]["path"] == "/healthz"
    assert pod(server)["containers"][0]["readinessProbe"]["httpGet"]["path"] == "/readyz"
