"""Pages whose text the search for one article would miss: live blogs of many posts, and leads in a box called teaser.

Both are mended in the page's tree, before the article is looked for.
"""

from lxml import etree

POSTS_MIN = 3
"""So many sibling articles are the posts of one page."""
POST_WORDS_MIN = 12
LEAD_WORDS_MIN = 10

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def join_posts(tree: etree._Element) -> None:
    """Make sibling posts one article, in place; cards that lead to other pages are no posts."""
    for parent in {article.getparent() for article in tree.iter("article")} - {None}:
        posts = [child for child in parent if child.tag == "article"]
        if (
            len(posts) < POSTS_MIN
            or next(parent.iterancestors("article"), None) is not None
            or not all(map(_is_post, posts))
        ):
            continue
        whole = etree.Element("article")
        parent.insert(parent.index(posts[0]), whole)
        for post in posts:
            post.tag = "div"
            post.attrib.pop("class", None)
            whole.append(post)


def _is_post(article: etree._Element) -> bool:
    """Whether it has a text of its own and its heading leads nowhere else."""
    words = sum(len("".join(p.itertext()).split()) for p in article.iter("p"))
    headings = (anchor for heading in article.iter(*_HEADINGS) for anchor in heading.iter("a"))
    around = (anchor for anchor in article.iterancestors("a"))
    leads_away = any(not (a.get("href") or "#").startswith("#") for links in (headings, around) for a in links)
    return words >= POST_WORDS_MIN and not leads_away


def keep_leads(tree: etree._Element) -> None:
    """Take the name from a box called teaser that holds sentences of the article itself, in place."""
    for article in tree.iter("article", "main"):
        for element in article.iter("div", "section", "p", "header"):
            if (
                "teaser" not in f"{element.get('class')} {element.get('id')}".lower()
                or next(element.iter("a"), None) is not None
            ):
                continue
            if any(
                len(text.split()) >= LEAD_WORDS_MIN and text.rstrip().endswith(".") for text in _paragraphs(element)
            ):
                element.attrib.pop("class", None)
                element.attrib.pop("id", None)


def _paragraphs(element: etree._Element) -> list[str]:
    return ["".join(p.itertext()) for p in element.iter("p")]
