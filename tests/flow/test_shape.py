"""The graph's labels and its fused shape: what the guarantee "offset after write" rests on."""

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.pipeline import PipelineVisitor
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner
from apache_beam.transforms import environments

from pipeline.config import Config, Kafka, Store
from pipeline.flow.build import build, steps

LABELS = ["ReadArticles", "LinkDuplicates", "ExtractFindings", "ScoreThreats", "WriteAlerts"]


def make_pipeline() -> beam.Pipeline:
    config = Config(kafka=Kafka(bootstrap_servers="localhost:1"), store=Store(url="postgresql://localhost:1/none"))
    p = beam.Pipeline(runner=FnApiRunner(), options=PipelineOptions(["--streaming"]))
    build(p, steps(config, list(range(12)), "test"))
    return p


def test_labels_are_the_words_of_the_design() -> None:
    seen = []

    class Labels(PipelineVisitor):
        def enter_composite_transform(self, transform_node: object) -> None:
            seen.append(transform_node.full_label)

    make_pipeline().visit(Labels())
    assert [label for label in seen if label and "/" not in label] == LABELS


def test_everything_after_the_split_is_one_stage() -> None:
    proto = make_pipeline().to_runner_api(default_environment=environments.EmbeddedPythonEnvironment.default())
    _, stages = FnApiRunner().create_stages(proto)
    bodies = [[t.unique_name for t in stage.transforms] for stage in stages]
    write = next(names for names in bodies if any("WriteAlerts" in name for name in names))
    assert any("ReadPartition" in name for name in write), bodies
    for label in LABELS:
        assert any(label in name for name in write), f"{label} is not in the stage that writes: {bodies}"
    urns = {t.spec.urn for stage in stages for t in stage.transforms}
    assert not {u for u in urns if "group_by_key" in u or "flatten" in u or "reshuffle" in u}, urns
