"""What an article says of the use of each vulnerability, kept per number."""

import pytest

from pipeline.text.cyber import with_states
from pipeline.text.indicators import find_indicators


def states(text: str) -> dict[str, str | None]:
    return {one.value: one.state for one in with_states(text, find_indicators(text)) if one.type == "cve"}


def test_of_a_list_of_flaws_each_has_its_own_state() -> None:
    text = (
        "November's updates fix 63 flaws. Two of them, CVE-2026-62215 and CVE-2026-62220, are being exploited in the wild. "
        "CVE-2026-62301 and CVE-2026-62302 are rated critical but have not been exploited. "
        "There is no evidence that CVE-2026-62304 was used in attacks. A proof of concept exists for CVE-2026-62305."
    )
    assert states(text) == {
        "CVE-2026-62215": "exploited",
        "CVE-2026-62220": "exploited",
        "CVE-2026-62301": "none known",
        "CVE-2026-62302": "none known",
        "CVE-2026-62304": "none known",
        "CVE-2026-62305": "poc",
    }


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("The vendor fixed CVE-2026-41101 in May. The flaw is being exploited by a botnet.", "exploited"),
        ("CVE-2026-41101 could allow an attacker to run code if exploited.", None),
        ("Version 4.2 patches CVE-2026-41101.", "patched"),
        ("Proof-of-concept code for CVE-2026-41101 is public, but no one has used it in attacks.", "poc"),
    ],
)
def test_state_of_one_flaw(text: str, state: str | None) -> None:
    assert states(text) == {"CVE-2026-41101": state}
