"""What is changed in the runner, and that the runner still has it to change."""

import itertools

from apache_beam.runners.portability.fn_api_runner import fn_runner

from pipeline.flow.job import forget_beam_metrics


def test_the_runner_gathers_no_metrics_over_the_bundles() -> None:
    assert hasattr(fn_runner, "consolidate_monitoring_infos"), "Beam changed: measure the growth of an idle worker anew"
    forget_beam_metrics()
    kept: object = ()
    for _ in range(1000):  # as the runner does after each bundle
        kept = fn_runner.consolidate_monitoring_infos(itertools.chain(["a bundle's"], kept))  # type: ignore[call-overload]
    assert list(kept) == []  # type: ignore[call-overload]
