"""Articles about software, markets, cooking and the like speak of killing and attacks and mean none; reports of violence keep theirs."""

import pytest

from pipeline.text.events.find import find_events_and_claims


@pytest.mark.parametrize(
    "text",
    [
        "How we killed our slowest query. The database was under attack from our own code, and every deploy blew up the memory of the server.",
        "Our app crashed, so I shot a quick message to the developers. My bug was executed twice, and you can hijack the thread.",
        "Stocks were hammered as investors fled. The market crash destroyed savings, and traders braced for another raid on prices.",
        "Beat the eggs, strike the dough, and release the sauce into the oven dish. The chicken will explode with flavour.",
        "The band stormed the charts; fans rioted for tickets, and the singer's album killed the competition.",
        "The coach said his team would attack. They were ambushed by the visitors in the final, and the champion surrendered the title.",
        "Senators killed the amendment after the vote. The candidate came under attack from critics, and the budget talks exploded.",
    ],
)
def test_figures_make_no_event_and_no_claim(text: str) -> None:
    events, claims = find_events_and_claims(text)
    assert [e.subtype for e in events if e.type not in {"Other", "Cyber"}] == []
    assert claims == ()


@pytest.mark.parametrize(
    ("text", "subtype"),
    [
        ("A gunman killed two fans outside the stadium after the match on Sunday, police said.", "Attack"),
        (
            "A bomb exploded at a concert as the band played its last song, killing nine people.",
            "Remote explosive/landmine/IED",
        ),
        ("Soldiers opened fire on voters at a polling station during the election and killed three people.", "Attack"),
        (
            "Hackers leaked the personal data of the app's users and encrypted the systems of the software company.",
            "Ransomware",
        ),
    ],
)
def test_violence_among_peaceful_words_is_still_told(text: str, subtype: str) -> None:
    assert subtype in [e.subtype for e in find_events_and_claims(text)[0]]
