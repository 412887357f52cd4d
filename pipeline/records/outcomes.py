"""What travels between the steps: batches of outcomes, rejects among them.

A step works on what is good and passes rejects through, so the chain stays linear and fused: a side output joined again
later would put its writer into a stage of its own, which on an endless stream never runs. `work_on` is the one place where
an error becomes a reject: a bad article costs no other.
"""

import base64
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from pipeline import __version__
from pipeline.errors import RejectedError, RetryableError
from pipeline.process.metrics import STEP
from pipeline.records import Analysed, Article, Linked, Reject, Scored
from pipeline.records.codec import encode
from pipeline.records.identity import digest

STACK_CHARS_MAX = 4000
PAYLOAD_BYTES_MAX = 1024 * 1024
"""How much of the original bytes a reject keeps; longer payloads are cut, and the message says so."""

Good = Article | Linked | Analysed | Scored
"""An article at some stage."""
Outcome = Good | Reject
Batch = tuple[Outcome, ...]
"""At most `partitions.BATCH_MESSAGES_MAX` outcomes: the element of the flow."""

In = TypeVar("In", bound=Good)
Out = TypeVar("Out", bound=Good)


def article_of(outcome: Good) -> Article:
    """The article inside an outcome of any stage."""
    if isinstance(outcome, Scored):
        outcome = outcome.analysed
    if isinstance(outcome, Analysed):
        outcome = outcome.linked
    if isinstance(outcome, Linked):
        outcome = outcome.article
    return outcome


def reject(
    step: str,
    error: BaseException,
    *,
    payload: bytes,
    article: Article | None = None,
    position: tuple[str, int, int] | None = None,
) -> Reject:
    """The one constructor of rejects. `position` is topic, partition and offset of the message, where known.

    An error other than `RejectedError` marks the reject as crashed: nobody expected it.
    """
    topic, partition, offset = position or (None, None, None)
    crashed = not isinstance(error, RejectedError)
    cut = len(payload) > PAYLOAD_BYTES_MAX
    note = f" (payload of {len(payload)} bytes cut to {PAYLOAD_BYTES_MAX})" if cut else ""
    where = f"{topic}/{partition}/{offset}" if position else base64.b64encode(payload).decode()
    return Reject(
        reject_id=f"rej:{digest(step, where)}",
        step=error.step if isinstance(error, RejectedError) else step,
        error=type(error).__name__,
        message=f"{error}{note}",
        crashed=crashed,
        article_id=article.article_id if article else None,
        version_id=article.version_id if article else None,
        topic=topic,
        partition=partition,
        offset=offset,
        payload=payload[:PAYLOAD_BYTES_MAX],
        stack="".join(traceback.format_exception(error))[-STACK_CHARS_MAX:] if crashed else "",
        code_version=__version__,
        at=datetime.now(UTC),
    )


def reject_article(step: str, error: BaseException, article: Article) -> Reject:
    """The reject of an article that was read well and then failed in a step."""
    return reject(step, error, payload=encode(article), article=article)


def work_on(step: str, batch: Batch, kind: type[In], work: Callable[[list[In]], Sequence[Out | Reject]]) -> Batch:
    """The batch after `work` has seen those outcomes in it that are of `kind`; the others pass.

    `work` gets them together; if it fails on them, it gets them one by one, and what fails alone becomes a reject.
    `RetryableError` is no failure of an article and is raised on.
    """
    passed = [outcome for outcome in batch if not isinstance(outcome, kind)]
    todo: list[In] = [outcome for outcome in batch if isinstance(outcome, kind)]
    with STEP.labels(step).time():
        return (*passed, *_attempt(step, todo, work))


def _attempt(step: str, items: list[In], work: Callable[[list[In]], Sequence[Out | Reject]]) -> Sequence[Out | Reject]:
    if not items:
        return ()
    try:
        return work(items)
    except RetryableError:
        raise
    except Exception as error:  # noqa: BLE001 - the outermost place of a step: a poison article must not stop the flow
        if len(items) == 1:
            return (reject_article(step, error, article_of(items[0])),)
        return tuple(outcome for item in items for outcome in _attempt(step, [item], work))


def to_json(value: object) -> bytes:
    """JSON of a record that stands in the store only."""
    return msgspec.json.encode(value)
