"""The flow as a job on a Flink cluster: hand it to Beam's job server, watch it through Flink's REST interface, cancel it at the end.

A job keeps nothing that the store and the committed offsets don't have: one that is gone is handed in anew, and one left by a submitter that
was killed is cancelled first, because two would share the cluster's slots. The options that a correct stream needs are set here:

- checkpoints, for without one Flink never finalizes a bundle, and no offset is committed;
- bundles ended before each checkpoint. Flink otherwise keeps what a bundle gives during a checkpoint until the next bundle of the
  same step begins; the step that names the partitions has only one, so that nothing is ever read (7 starts of 8, runner 2.62).
"""

import http.client
import json
import time
import urllib.request
from collections.abc import Sequence

import grpc
import structlog
from apache_beam.runners.runner import PipelineResult, PipelineState
from msgspec import Struct

from pipeline.errors import RetryableError, UsageError
from pipeline.process import probes

CHECKPOINT_MS = 10_000
TIMEOUT_S = 10.0
CANCEL_S_MAX = 60.0
AWAY_S_MAX = 60.0
"""For so long the REST interface may stay away, or know nothing of the job, while a JobManager is started anew."""
WATCH_S = 2.0
OVER = frozenset({"FINISHED", "CANCELED", "FAILED"})

log = structlog.get_logger()


class JobOverError(RetryableError):
    """The job has ended; handed in anew it goes on where it was."""


class Job(Struct, frozen=True):
    """A job as the overview has it."""

    id: str
    name: str
    state: str


def with_defaults(options: Sequence[str], job_name: str) -> list[str]:
    """Beam's options with those that a correct stream on Flink needs; an interval of checkpoints that the operator has given stays."""
    interval = "--checkpointing_interval"
    added = [] if any(option.startswith(interval) for option in options) else [f"{interval}={CHECKPOINT_MS}"]
    return [*options, *added, f"--job_name={job_name}", "--finish_bundle_before_checkpointing"]


class Flink:
    """The REST interface of one cluster, for the job of one name. Every method raises `RetryableError` when it can't be reached or refuses."""

    def __init__(self, address: str, job_name: str) -> None:
        """`address` as in http://flink-rest:8081. Raises `UsageError` for anything else.

        `job_name` is the consumer group: two installations may share a cluster, and must leave each other's job alone.
        """
        if not address.startswith(("http://", "https://")):
            raise UsageError(f"--flink {address!r} is not an address as in http://flink-rest:8081")
        self._address = address.rstrip("/")
        self.job_name = job_name

    def find(self) -> list[Job]:
        """Our jobs that are not over."""
        overview = self._ask("/jobs/overview")
        jobs = [Job(job["jid"], job["name"], job["state"]) for job in overview.get("jobs", [])]
        return [job for job in jobs if job.name == self.job_name and job.state not in OVER]

    def cancel(self) -> int:
        """Cancel our jobs and wait until they are over; how many there were."""
        jobs = self.find()
        for job in jobs:
            log.info("job_cancelled", job=job.id, state=job.state)
            self._ask(f"/jobs/{job.id}?mode=cancel", method="PATCH")
        deadline = time.monotonic() + CANCEL_S_MAX
        while jobs and self.find():
            if time.monotonic() > deadline:
                raise RetryableError(
                    f"Flink at {self._address} has not cancelled job {jobs[0].id} within {CANCEL_S_MAX:.0f} s"
                )
            time.sleep(WATCH_S / 4)
        return len(jobs)

    def watch(self, result: PipelineResult) -> None:
        """Stay while the job runs. Raises `RetryableError` when it is over, or has been unknown for `AWAY_S_MAX`.

        Every round that sees the job is a beat of this process, for its probes.
        """
        seen = time.monotonic()
        while True:
            is_over, reason = False, ""
            try:
                is_over = PipelineState.is_terminal(result.state)
                if not self.find():
                    reason = "no job of ours is there"
            except grpc.RpcError as error:
                reason = f"the job server: {error}"
            except RetryableError as error:
                reason = str(error)
            if is_over:
                _tell_end(result)
            if not reason:
                seen = time.monotonic()
                probes.beat()
            elif time.monotonic() - seen > AWAY_S_MAX:
                raise RetryableError(f"the job can't be seen for {AWAY_S_MAX:.0f} s: {reason}")
            time.sleep(WATCH_S)

    def _ask(self, path: str, *, method: str = "GET") -> dict[str, list[dict[str, str]]]:
        request = urllib.request.Request(self._address + path, method=method)  # noqa: S310 - http or https, see above
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
                found: dict[str, list[dict[str, str]]] = json.loads(answer.read() or b"{}")
        except (OSError, http.client.HTTPException, ValueError) as error:  # refused, away, cut off; no JSON
            raise RetryableError(f"Flink at {self._address}{path}: {error}") from error
        return found


def _tell_end(result: PipelineResult) -> None:
    """Raise with the runner's own reason for the end of a job that is meant to have none."""
    try:
        result.wait_until_finish()
    except RuntimeError as error:  # Beam's for a job that failed or was cancelled
        raise JobOverError(f"the job is over: {str(error).strip().splitlines()[0]}") from error
    raise JobOverError("the job is over, without an error")
