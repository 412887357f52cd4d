"""When a response says to come back."""

from datetime import UTC, datetime

import pytest

from connectors.sources.freshness import FRESH_S_MAX, RETRY_AFTER_S_MAX, fresh_for_s, retry_after_s

NOW = datetime(2024, 5, 6, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Cache-Control": "public, max-age=600"}, 600),
        ({"Cache-Control": 'max-age="600"', "Age": "100"}, 500),
        ({"Cache-Control": "max-age=60", "Age": "100"}, 0),
        ({"Cache-Control": "max-age=31536000"}, FRESH_S_MAX),
        ({"Cache-Control": "no-store"}, None),
        ({"Cache-Control": "max-age=soon"}, None),
        ({"Cache-Control": "max-age=60", "Expires": "Mon, 06 May 2024 13:00:00 GMT"}, 60),
        ({"Expires": "Mon, 06 May 2024 12:10:00 GMT"}, 600),
        ({"Expires": "Mon, 06 May 2024 12:10:00 GMT", "Date": "Mon, 06 May 2024 12:05:00 GMT"}, 300),
        ({"Expires": "0"}, None),
        ({"Expires": "Mon, 06 May 2020 12:00:00 GMT"}, 0),
    ],
)
def test_fresh(headers: dict[str, str], expected: int | None) -> None:
    assert fresh_for_s(headers, NOW) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", 120),
        ("317100", RETRY_AFTER_S_MAX),
        ("Mon, 06 May 2024 12:02:00 GMT", 120),
        ("Mon, 06 May 2024 11:00:00 GMT", 0),
        ("", None),
        ("later", None),
        ("-5", None),
        ("9" * 400, None),
    ],
)
def test_retry_after(value: str, expected: int | None) -> None:
    assert retry_after_s({"Retry-After": value}, NOW) == expected
