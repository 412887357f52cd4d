"""XML feeds whose elements are called what feedparser calls its own lists."""

import pytest

from connectors.sources.drafts import read_feed

ITEM = (
    "<rss version='2.0'><channel><title>T</title><item><title>A</title><guid>1</guid><{0}>x y</{0}>"
    "<enclosure url='https://n.example/a.mp3' type='audio/mpeg' length='3'/></item></channel></rss>"
)


@pytest.mark.parametrize("name", ["authors", "tags", "links", "enclosures", "content", "contributors"])
def test_an_element_called_like_a_list_of_feedparser_s_costs_no_entry(name: str) -> None:
    (draft,) = read_feed(ITEM.format(name).encode(), url="https://n.example/feed", content_type=None).drafts
    assert (draft.guid, draft.title) == ("1", "A")
