"""The options that a job on Flink gets, and what the watch of it says; a real cluster is in tests/flink."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from apache_beam.runners.runner import PipelineState

from pipeline.errors import RetryableError, UsageError
from pipeline.flow import flink
from pipeline.flow.flink import Flink, JobOverError, with_defaults
from pipeline.process import probes

JOBS: list[dict[str, str]] = []
CANCELLED: list[str] = []


class Rest(BaseHTTPRequestHandler):
    """Answers as Flink's REST interface does."""

    def do_GET(self) -> None:
        self._answer({"jobs": JOBS})

    def do_PATCH(self) -> None:
        job = self.path.split("/")[2].partition("?")[0]
        CANCELLED.append(job)
        JOBS[:] = [{**found, "state": "CANCELED"} if found["jid"] == job else found for found in JOBS]
        self._answer({})

    def _answer(self, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def cluster() -> Iterator[Flink]:
    JOBS.clear()
    CANCELLED.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Rest)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Flink(f"http://127.0.0.1:{server.server_address[1]}/", "tocsin")
    server.shutdown()
    server.server_close()


class Result:
    """A job's result that goes through these states."""

    def __init__(self, *states: str) -> None:
        self._states = list(states)

    @property
    def state(self) -> str:
        return self._states.pop(0) if len(self._states) > 1 else self._states[0]

    def wait_until_finish(self) -> None:
        raise RuntimeError("Pipeline tocsin failed in state FAILED: slots are missing\nat java.lang")


def test_bundles_end_before_checkpoints_whatever_is_given() -> None:
    assert "--finish_bundle_before_checkpointing" in with_defaults([], "tocsin")
    assert "--checkpointing_interval=10000" in with_defaults(["--parallelism=2"], "tocsin")
    given = with_defaults(["--checkpointing_interval=2000"], "tocsin")
    assert [option for option in given if "interval" in option] == ["--checkpointing_interval=2000"]


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="flink-rest"):
        Flink("flink-rest:8081", "tocsin")


def test_only_our_jobs_are_cancelled_and_waited_for(cluster: Flink) -> None:
    JOBS.extend(
        {"jid": jid, "name": name, "state": state}
        for jid, name, state in (
            ("1", "tocsin", "RUNNING"),
            ("2", "tocsin-of-others", "RUNNING"),
            ("3", "tocsin", "FINISHED"),
        )
    )
    assert cluster.cancel() == 1
    assert CANCELLED == ["1"]
    assert cluster.find() == []


def test_the_end_of_a_job_is_told_with_its_reason(cluster: Flink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flink, "WATCH_S", 0.01)
    JOBS.append({"jid": "1", "name": "tocsin", "state": "RUNNING"})
    with pytest.raises(JobOverError, match=r"slots are missing$"):
        cluster.watch(Result(PipelineState.RUNNING, PipelineState.RUNNING, PipelineState.FAILED))  # type: ignore[arg-type]


def test_rounds_that_see_the_job_keep_the_submitter_alive_for_its_probes(
    cluster: Flink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flink, "WATCH_S", 0.01)
    heart = probes.Heart()
    monkeypatch.setattr(probes, "HEART", heart)
    with pytest.raises(JobOverError):  # over in the first round, and nothing seen of it
        cluster.watch(Result(PipelineState.FAILED))  # type: ignore[arg-type]
    assert not heart.is_ready()
    JOBS.append({"jid": "1", "name": "tocsin", "state": "RUNNING"})
    with pytest.raises(JobOverError):
        cluster.watch(Result(PipelineState.RUNNING, PipelineState.FAILED))  # type: ignore[arg-type]
    assert heart.is_ready()


@pytest.mark.parametrize("away", [False, True])
def test_a_job_that_nobody_knows_is_given_up_after_a_while(
    cluster: Flink, monkeypatch: pytest.MonkeyPatch, away: bool
) -> None:
    monkeypatch.setattr(flink, "WATCH_S", 0.01)
    monkeypatch.setattr(flink, "AWAY_S_MAX", 0.1)
    watched = Flink("http://127.0.0.1:9", "tocsin") if away else cluster
    with pytest.raises(RetryableError, match="refused" if away else "no job of ours"):
        watched.watch(Result(PipelineState.RUNNING))  # type: ignore[arg-type]
