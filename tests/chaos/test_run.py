"""A short run of the whole system under faults (`make chaos SECONDS=300 SEED=…` is the long one)."""

from pathlib import Path

import pytest

from tests.chaos.run import run
from tests.chaos.story import tell

pytestmark = [pytest.mark.chaos, pytest.mark.integration, pytest.mark.timeout(1200)]

SECONDS = 60.0
SEED = 2026


def test_a_minute_of_faults_costs_nothing(tmp_path: Path) -> None:
    result = run(SEED, SECONDS, tmp_path)
    print(result.report())
    assert not result.findings, tell(result.history, result.findings)
    # How many versions a minute brings depends on the machine; the long run holds that too.
    assert not [weakness for weakness in result.weaknesses if "versions" not in weakness]
