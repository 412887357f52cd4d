"""The Helm chart: every example renders as before, is valid, and keeps the rules for pods.

helm and the definitions of custom resources are built once where Go is (`make chart-tools`); elsewhere the tests that need them are skipped
and say so. After a change that is meant:
`TOCSIN_UPDATE_GOLDEN=1 pytest tests/deploy/test_chart.py`, then read the difference.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase

from deploy.local import jars
from pipeline.config import parse
from pipeline.process import metrics
from pipeline.records.codec import MESSAGE_BYTES_MAX
from pipeline.records.topics import TOPICS
from tests.deploy import tools
from tests.support import debian

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy" / "helm" / "tocsin"
EXAMPLES = sorted((ROOT / "deploy" / "helm" / "examples").glob("*.yaml"))
GOLDEN = ROOT / "tests" / "data" / "golden" / "chart"
KUBERNETES = "1.33"
UPDATE = bool(os.environ.get("TOCSIN_UPDATE_GOLDEN"))

Manifest = dict[str, Any]

CORE = {"v1", "apps/v1", "policy/v1", "networking.k8s.io/v1", "rbac.authorization.k8s.io/v1"}


@pytest.fixture(scope="module")
def chart_tools() -> None:
    """helm and the definitions, built if need be."""
    try:
        tools.ensure()
    except (tools.ToolError, jars.JarError) as error:
        pytest.skip(f"no helm and no definitions here: {error}")


def needs_tools(test: Any) -> Any:
    """A test for which the tools may have to be built first, which takes minutes."""
    return pytest.mark.usefixtures("chart_tools")(pytest.mark.timeout(2 * tools.SECONDS_MAX)(test))


def helm(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([tools.TOOLS / "helm", *words], capture_output=True, text=True)


def render(values: Path, *more: str) -> str:
    done = helm(
        "template",
        "tocsin",
        str(CHART),
        "--namespace",
        "tocsin",
        "--kube-version",
        f"{KUBERNETES}.0",
        "-f",
        str(values),
        *more,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def manifests(text: str) -> list[Manifest]:
    return [document for document in yaml.safe_load_all(text) if document]


def pods(found: list[Manifest]) -> Iterator[tuple[str, Manifest]]:
    """Every pod specification that is ours, by name; the FlinkDeployment's pods too."""
    for manifest in found:
        name = f"{manifest['kind']}/{manifest['metadata']['name']}"
        if manifest["kind"] in {"Deployment", "StatefulSet"}:
            yield name, manifest["spec"]["template"]["spec"]
        elif manifest["kind"] == "FlinkDeployment":
            yield name, manifest["spec"]["taskManager"]["podTemplate"]["spec"]


@needs_tools
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda p: p.stem)
def test_renders_as_before(example: Path) -> None:
    text = render(example)
    path = GOLDEN / f"{example.stem}.yaml"
    if UPDATE:
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@needs_tools
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda p: p.stem)
def test_helm_finds_nothing_to_say(example: Path) -> None:
    done = helm("lint", "--strict", "--kube-version", f"{KUBERNETES}.0", str(CHART), "-f", str(example))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda p: p.stem)
def test_what_was_rendered_is_valid_kubernetes(example: Path) -> None:
    validate = pytest.importorskip("kubernetes_validate")
    for manifest in manifests((GOLDEN / f"{example.stem}.yaml").read_text(encoding="utf-8")):
        if manifest["apiVersion"] in CORE:
            validate.validate(manifest, KUBERNETES, strict=True)


@needs_tools
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda p: p.stem)
def test_custom_resources_fit_their_definitions(example: Path) -> None:
    schemas = definitions()
    found = manifests((GOLDEN / f"{example.stem}.yaml").read_text(encoding="utf-8"))
    custom = [m for m in found if m["apiVersion"] not in CORE]
    jsonschema = pytest.importorskip("jsonschema")
    for manifest in custom:
        # Not the definitions themselves: some use regular expressions of Go.
        jsonschema.Draft202012Validator(schemas[manifest["apiVersion"], manifest["kind"]]).validate(manifest)


class Loader(yaml.CSafeLoader):
    """Takes a bare `=` for a word, as YAML 1.2 does."""


Loader.add_constructor("tag:yaml.org,2002:value", lambda _, node: node.value)


@cache
def definitions() -> dict[tuple[str, str], Manifest]:
    """The schema of each custom resource that is defined, by version and kind."""
    found = {}
    for path in tools.DEFINITIONS.glob("*.yaml"):
        for document in yaml.load_all(path.read_text(encoding="utf-8"), Loader=Loader):
            if document and document["kind"] == "CustomResourceDefinition":
                spec = document["spec"]
                for version in spec["versions"]:
                    key = f"{spec['group']}/{version['name']}", spec["names"]["kind"]
                    schema = _strict(version["schema"]["openAPIV3Schema"])
                    for name in (
                        "apiVersion",
                        "kind",
                        "metadata",
                    ):  # every object has them; some generators leave them out
                        schema.setdefault("properties", {}).setdefault(name, {})
                    found[key] = schema
    return found


def _strict(schema: Manifest) -> Manifest:
    """The schema as an API server takes it that refuses unknown fields."""
    if isinstance(properties := schema.get("properties"), dict):
        schema["properties"] = {name: _strict(inner) for name, inner in properties.items()}
        if (
            not schema.get("x-kubernetes-preserve-unknown-fields")
            and "additionalProperties" not in schema
            and "metadata" not in properties
        ):
            schema["additionalProperties"] = False
    for inner in ("items", "additionalProperties"):
        if isinstance(schema.get(inner), dict):
            schema[inner] = _strict(schema[inner])
    if schema.get("x-kubernetes-int-or-string"):
        schema.pop("anyOf", None)
        schema.pop("pattern", None)
    return schema


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda p: p.stem)
def test_every_pod_keeps_the_rules(example: Path) -> None:
    found = manifests((GOLDEN / f"{example.stem}.yaml").read_text(encoding="utf-8"))
    seen = 0
    for name, pod in pods(found):
        seen += 1
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            security = container["securityContext"]
            assert security["runAsNonRoot"], name
            assert not security["allowPrivilegeEscalation"], name
            assert security["capabilities"] == {"drop": ["ALL"]}, name
            if container["name"] == "flink-main-container":
                continue  # Flink writes its configuration at start; the operator gives it its resources
            assert security["readOnlyRootFilesystem"], name
            assert container["resources"]["limits"]["memory"], name
            assert container["resources"]["requests"]["cpu"], name
    assert seen >= 3


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda p: p.stem)
def test_every_part_is_fenced_and_counted(example: Path) -> None:
    found = manifests((GOLDEN / f"{example.stem}.yaml").read_text(encoding="utf-8"))
    fenced = [m["spec"]["podSelector"]["matchLabels"] for m in found if m["kind"] == "NetworkPolicy"]
    budgeted = [m["spec"]["selector"]["matchLabels"] for m in found if m["kind"] == "PodDisruptionBudget"]
    for manifest in found:
        if manifest["kind"] in {"Deployment", "StatefulSet"}:
            labels = manifest["spec"]["template"]["metadata"]["labels"]
            assert labels in fenced
            assert labels in budgeted or labels["app.kubernetes.io/component"] == "submit"
        if manifest["kind"] == "NetworkPolicy":
            ports = [p["port"] for rule in manifest["spec"].get("ingress", []) for p in rule["ports"]]
            assert 50000 not in ports, "the worker pool executes code for whoever reaches it"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda p: p.stem)
def test_the_configuration_made_is_one_that_tocsin_takes(example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TOCSIN_STORE_URL", "WEBHOOK_SECRET", "ANN_PASSWORD_HASH"):
        monkeypatch.setenv(name, "x")
    found = manifests((GOLDEN / f"{example.stem}.yaml").read_text(encoding="utf-8"))
    [text] = [m["data"]["tocsin.toml"] for m in found if m["kind"] == "ConfigMap" and "tocsin.toml" in m["data"]]
    config = parse(text, example.name)
    assert config.kafka.bootstrap_servers
    assert config.sources
    has_sinks = any(m["metadata"]["name"].endswith("-sinks") and m["kind"] == "Deployment" for m in found)
    assert bool(config.sinks) == has_sinks


@needs_tools
@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("pipeline.workers=0", "workers"),
        ("pipline.workers=2", "pipline"),
        ("image.digest=latest", "digest"),
        ("store.existingSecret=", "existingSecret"),
        ("kafka.bootstrapServers=", "bootstrapServers"),
    ],
)
def test_a_wrong_value_is_refused_by_name(value: str, said: str) -> None:
    example = next(path for path in EXAMPLES if path.stem == "minimal")
    done = helm("template", "x", str(CHART), "--kube-version", f"{KUBERNETES}.0", "-f", str(example), "--set", value)
    assert done.returncode != 0
    assert said in done.stderr


def test_its_topics_are_ours() -> None:
    path = CHART / "files" / "topics.yaml"
    head = "# Made from pipeline/records/topics.py; see tests/deploy/test_chart.py.\n"
    rows = [
        {"name": t.name}
        | ({"partitions": t.partitions} if t.partitions else {})
        | ({"days": t.keep_days} if t.keep_days else {})
        for t in TOPICS
    ]
    text = head + yaml.safe_dump(rows, sort_keys=False)
    if UPDATE:
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text
    assert str(MESSAGE_BYTES_MAX) in (CHART / "templates" / "strimzi.yaml").read_text(encoding="utf-8")


def test_rules_and_dashboard_ask_for_metrics_there_are() -> None:
    known = {m.describe()[0].name for m in vars(metrics).values() if isinstance(m, MetricWrapperBase)}
    files = CHART / "files"
    rules = yaml.safe_load((files / "alert-rules.yaml").read_text(encoding="utf-8"))["groups"][0]["rules"]
    panels = json.loads((files / "dashboard.json").read_text(encoding="utf-8"))["panels"]
    asked = [rule["expr"] for rule in rules] + [t["expr"] for panel in panels for t in panel["targets"]]
    for expression in asked:
        for name in re.findall(r"tocsin_\w+", expression):
            assert re.sub(r"_(?:total|bucket|sum|count)$", "", name) in known, expression


def test_alert_rules_ring_for_what_they_say(tmp_path: Path) -> None:
    try:
        promtool = tools.promtool()
    except debian.NotHereError as error:
        pytest.skip(f"no promtool here ({error}): make chart-tools builds it (six minutes, needs Go)")
    shutil.copy(CHART / "files" / "alert-rules.yaml", tmp_path)
    shutil.copy(Path(__file__).with_name("alert-rules.test.yaml"), tmp_path)
    tested = set(re.findall(r"alertname: (\w+)", (tmp_path / "alert-rules.test.yaml").read_text(encoding="utf-8")))
    assert tested == set(re.findall(r"alert: (\w+)", (tmp_path / "alert-rules.yaml").read_text(encoding="utf-8")))
    done = subprocess.run(
        [promtool, "test", "rules", "alert-rules.test.yaml"], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stdout + done.stderr
