"""Typography is made plain without moving a single character."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.model import normalise_typography


@given(st.text())
def test_length_is_kept_and_a_second_pass_changes_nothing(text: str) -> None:
    plain = normalise_typography(text)
    assert len(plain) == len(text)
    assert normalise_typography(plain) == plain


def test_quotes_hyphens_and_spaces_become_plain() -> None:
    assert normalise_typography("Mali’s “north”\u00a0is non\u2011aligned") == 'Mali\'s "north" is non-aligned'


def test_line_breaks_and_dashes_between_clauses_stay() -> None:
    text = "Two died — no one claimed it –\nor so they say.\tEnd"
    assert normalise_typography(text) == text
