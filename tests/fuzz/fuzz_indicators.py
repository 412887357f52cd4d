"""Coverage-guided fuzzing of the indicator search: no exception, right offsets, no input that takes too long.

    python tests/fuzz/fuzz_indicators.py -max_total_time=600 -max_len=4096 CORPUS_DIR

Needs atheris (no dependency of the project: install it beside). A slow input is one that takes more than
`SECONDS_PER_CHARACTER_MAX` on the best of three tries, so that a busy machine is no finding.
"""

import sys
import time

import atheris

with atheris.instrument_imports(include=["pipeline.text.indicators"]):
    from pipeline.text.indicators import find_indicators

SECONDS_PER_CHARACTER_MAX = 5e-3
"""Of CPU time, under instrumentation; a superlinear input passes it at any length that is worth anything."""
SECONDS_MIN = 2.0
TRIES = 3

PIECES = (
    "http://", "hxxps[:]//", "[.]", "(dot)", " at ", "@", "kettle", ".com", "45.9.148.3", "::", "2a02:", "0123456789abcdef", "CVE-2024-", "T1059.", "AS64500",
    "HKLM\\", "C:\\Users\\", "/etc/", "%TEMP%\\", "Mozilla/5.0 (", "mutex: ", "rule a { condition: ", "title: a\nlogsource:\ndetection:\n", "aHR0cDovL", "687474703a2f2f",
    "pkg:npm/", "arn:aws:s3:::", "GB82 WEST ", "+44 20 ", "bc1q", "0x", "3:abc:def", "serial number ", "port ", "telegram @", "\u200b", "\uff0e", "\n", " ", "|", "<", ">", '"',
)  # fmt: skip


def text_from(data: bytes) -> str:
    """Text out of the fuzzer's bytes: values from 0x80 on stand for pieces that real texts are made of."""
    return "".join(PIECES[byte - 0x80] if 0x80 <= byte < 0x80 + len(PIECES) else chr(byte) for byte in data)


def check(data: bytes) -> None:
    """One input."""
    text = text_from(data)
    best = float("inf")
    for _ in range(TRIES):
        start = time.process_time()
        found = find_indicators(text)
        best = min(best, time.process_time() - start)
        if best <= SECONDS_MIN:
            break
    assert best <= max(SECONDS_MIN, len(text) * SECONDS_PER_CHARACTER_MAX), f"slow: {best:.2f} s for {len(text)}"
    for one in found:
        assert text[one.start : one.end] == one.text, one
        assert one.value, one
        assert one.reason, one


if __name__ == "__main__":
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()
