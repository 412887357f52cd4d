"""A stated line as plain values, with each element's chance and words beside it: what `tocsin assess` prints."""

from typing import Any

from pipeline.records import Element, Line


def plain_line(line: Line, told: str) -> dict[str, Any]:
    """Strings and numbers alone."""
    return {
        "what": line.what.value if line.what else None,
        "realis": line.realis,
        "by": [e.value for e in line.by],
        "by_how": line.by_how,
        "against": [e.value for e in line.against],
        "where": line.where[0].value if line.where else None,
        "when": line.when.value if line.when else None,
        "counts": [
            {
                "kind": c.kind,
                "low": c.low,
                "high": c.high,
                "hedge": c.hedge,
                "by": c.by.value if c.by else None,
                "object": c.object,
            }
            for c in line.counts
        ],
        "told": told,
    }


def evidence_of(line: Line) -> list[dict[str, Any]]:
    """Of each stated element its chance and where the text says it."""
    named: list[tuple[str, int, Element]] = [("what", 0, line.what)] if line.what else []
    named += [("by", k, e) for k, e in enumerate(line.by)]
    named += [("against", k, e) for k, e in enumerate(line.against)]
    named += [("where", 0, e) for e in line.where[:1]]
    named += [("when", 0, line.when)] if line.when else []
    out = [{"element": n, "index": k, "p": e.p, "start": e.start, "end": e.end} for n, k, e in named]
    return out + [
        {"element": "counts", "index": k, "p": c.p, "start": c.start, "end": c.end} for k, c in enumerate(line.counts)
    ]
