"""The language of a text: told from it, else from its feed, else unknown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.language import tell_language

TEXTS = [
    ("Police said on Tuesday that two men had been arrested after the attack in the city.", "en"),
    ("Mustang Panda activity: sideloading trojans with temporary servers were found in the wild by a lab.", "en"),
    ("La police a annoncé mardi que deux hommes avaient été arrêtés après l'attaque dans la ville.", "fr"),
    ("La policía anunció el martes que dos hombres fueron detenidos tras el ataque en la ciudad.", "es"),
    (
        "Die Polizei teilte am Dienstag mit, dass zwei Männer in der Stadt festgenommen wurden, und sie was im Haus.",
        "de",
    ),
    ("Полиция сообщила во вторник о задержании двух мужчин после нападения в городе.", "ru"),
    ("У вівторок поліція повідомила про затримання двох чоловіків після нападу в місті.", "uk"),
    ("أعلنت الشرطة يوم الثلاثاء اعتقال رجلين بعد الهجوم في المدينة.", "ar"),
    ("警方星期二表示，袭击发生后两名男子被捕。", "zh"),
    ("Polis salı günü yaptığı açıklamada saldırının ardından iki kişinin gözaltına alındığını söyledi.", "tr"),
]


@pytest.mark.parametrize(("text", "language"), TEXTS)
def test_told_from_the_text(text: str, language: str) -> None:
    assert tell_language(text) == language


def test_the_text_outweighs_the_feed() -> None:
    assert tell_language(TEXTS[2][0], "en") == "fr"
    assert tell_language(TEXTS[0][0], "fr") == "en"


@pytest.mark.parametrize(("hint", "language"), [(None, None), ("en-GB", "en"), ("pt_BR", "pt")])
def test_a_short_text_is_what_its_feed_says(hint: str | None, language: str | None) -> None:
    assert tell_language("Kabul: 2021", hint) == language


@given(st.text(max_size=300), st.one_of(st.none(), st.sampled_from(["en", "ar"])))
def test_any_text_is_answered(text: str, hint: str | None) -> None:
    language = tell_language(text, hint)
    assert language is None or len(language) == 2
