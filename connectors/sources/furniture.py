"""Which lines of a page are its furniture rather than the article.

Told by form first (the title again, a line that is nothing but a link, a heading with nothing under it) and by a few set phrases after that. A
sentence that tells of others is the article's, whatever phrase stands in it: "copyright cases rose by a third", "no comment came from the ministry".
"""

import re

from connectors.sources.pagelines import Line

TITLE_WITHIN_LINES = 4
"""How far down the title may be repeated: what stands above it is the page's."""
LEAD_WORDS_MIN = 8
"""A line above the title that is kept is a sentence of at least this many words."""
LINK_SHARE_MIN = 0.9
"""A line with at least this share of its characters in links is a pointer to another page."""
LINK_LINE_WORDS_MIN = 4
"""Shorter ones may be names in a list of the article's own."""
PHRASE_LINE_CHARS_MAX = 300
"""Set phrases make a line furniture only in lines up to this length: a paragraph may quote them."""
DISCLOSURE_CHARS_MAX = 450
TAIL_LINES = 6
"""How many lines from the end the phrases of endings are looked for."""
TOLD_WORDS_MIN = 7
"""A line with fewer words may be a set phrase with a full stop."""
FLASH_WORDS_MIN = 4
"""Fewer words without a full stop are no text (a date, a place)."""

_SAYS = re.compile(
    r"\b(?:said|says|told|tells|reported|according to|warned|claimed|announced|confirmed|denied|teilte|sagten?|erklärten?|meldeten?|laut|a dit|ont dit|a déclaré|selon"
    r"|dijo|dijeron|declaró|según|disse|disseram|segundo|ha detto|secondo|zei|volgens|powiedział\w*|сказал\w*|сообщил\w*|заявил\w*|dedi|açıkladı)\b",
    re.IGNORECASE,
)
"""Verbs of those who tell, in the languages of the phrases below."""
_READER = re.compile(
    r"\b(?:you|your|yours|we|our|us|please|sie|ihre?[nmr]?|wir|uns|unsere?[nmr]?|vous|votre|vos|nous|notre|nos|tu|tus|su|usted|nosotros|nuestr[oa]s?|voi|noi|nostr[oaie]"
    r"|você|nossos?|nossas?|jij|je|onze|uw|вы|ваш\w*|мы|наш\w*|rights reserved(?=[.,;]|$)|permission|affiliate)\b",
    re.IGNORECASE,
)
"""By these a site speaks to its reader or of itself and its rights."""
_PAST = re.compile(
    r"(?<=\s)(?:was|were|had|did|has|have|rose|fell|shot|hit|[a-z]{2,20}(?<!relat)(?<!updat)(?<!recommend)ed)\b"
)
_CALL = re.compile(
    r"(?:subscribe|sign|follow|share|join|like|find|read|see|click|get|download|support|tweet|leave|log|register|don'?t|abonnieren|folgen|teilen|lesen|siehe|suscríbete|síguenos|suivez|lire)\b",
    re.IGNORECASE,
)
"""How a call to the reader begins."""
_SENTENCE_ENDS = (".", "!", "?", "…", "。", "؟", "।")

_SHARE = r"(?:share|tweet|follow|like|join|find|sigue|síguenos|siguenos|suivez|folge|segui|siga)"
_NETWORKS = r"(?:facebook|twitter|instagram|telegram|whatsapp|youtube|linkedin|pinterest|tiktok|google news|mastodon|bluesky|x\b)"
_FURNITURE = re.compile(
    r"^(?:click here (?:to|for)\b.*|sign up (?:for|to|here)\b.*|subscribe (?:to|now|here)\b.*|advertisement|anzeige|publicité|publicidad|werbung"
    r"|comments?|kommentare?|keine kommentare|no comments|leave a (?:comment|reply)|\d+ comments"
    r"|(?:related|also on|see more|read more|see also|read also|also read|don'?t miss|más información|lea también|lee también|leia também|leia mais"
    r"|à lire aussi|lire aussi|lesen sie (?:auch|mehr)|mehr (?:dazu|zum thema)|auch interessant|puedes ver|te puede interesar|leggi anche|baca juga"
    r"|читайте также|zobacz także|okumadan geçmeyin|contenido relacionado|related (?:articles?|stories|content|posts?))\s*[:：].*"
    r"|don'?t miss|related (?:articles?|stories|content|posts?)|contenido relacionado|artículos relacionados|articles? liés|recommended|you may (?:also )?like.*"
    r"|(?:©|\(c\)).*|copyright\b.*(?:(?:19|20)\d\d|rights|reserved).*|copyright(?: by)? [^.]{0,40}|all rights reserved\.?.*|filed under:.*|tags?:.*|posted in:?.*|last (?:modified|updated):?.*"
    r"|(?:photo|image|picture|foto|bild|titelbild|photo credit|image credit)s?\s*:.*|[_\-=*~ ]{3,})$",
    re.IGNORECASE,
)
"""Lines that are furniture as a whole, wherever they stand."""
_LABEL = re.compile(
    r"(?:photo|image|picture|foto|bild|titelbild|photo credit|image credit|tags?|filed under|posted in)s?\s*:",
    re.IGNORECASE,
)
"""What stands behind these is a picture's or the page's, however it is told."""
_POINTER = re.compile(
    r"^(?:(?:read|see) (?:also|more|next)|also read|lesen sie (?:auch|mehr|hier|dazu)|mehr (?:dazu|zum thema)|siehe auch|à lire (?:aussi|également)|lire (?:aussi|également)"
    r"|lea también|le(?:e|é) también|leia também|leggi anche|lees ook|läs (?:också|mer)|læs også|les også|czytaj (?:też|także|również)|читайте (?:также|ещё)"
    r"|ayrıca okuyun|baca juga)\b[^.!?]{0,120}[:：](?:\s|$)",
    re.IGNORECASE,
)
"""Lines that send the reader to another page, with some words between the call and its colon."""
_DISCLOSURE = re.compile(
    r"^(?=.*\b(?:links?|products?|purchases?|buy|click|advertisers|produkte?|käufe)\b).*\b(?:affiliate (?:links?|commissions?)|independent review process"
    r"|(?:may|might|can|sometimes) (?:earn|receive|get|be paid) (?:an? )?(?:affiliate |small )?(?:commissions?|compensation)"
    r"|references to products from|(?:erhalten|bekommen) wir .{0,40}provision)\b",
    re.IGNORECASE,
)
"""Notices of who is paid for what a page links to."""
_HEADLINE_BOX = re.compile(
    r"^(?:[\w'’.&-]+ ){0,3}newsletters?$|^(?:top-?themen|top stories|most (?:read|popular|viewed)|meistgelesen(?:e artikel)?|meist gelesen|lo más (?:leído|visto)"
    r"|les plus lus|più letti|mais lidas|trending(?: now)?|editor'?s'? picks?|popular posts)\b.{0,40}$"
    r"|^(?:no|keine|sin|aucun|nessun|geen|inga|ingen|brak|nenhum) (?:comments?|kommentare?|comentarios?|commentaires?|commento|reacties|kommentarer|komentarzy|comentário)\b.{0,100}$",
    re.IGNORECASE,
)
"""Short lines that are the names of boxes beside the article."""
BOX_WORDS_MAX = 12
_ENDING = re.compile(
    rf"\b{_SHARE}\b.{{0,60}}\b{_NETWORKS}|newsletter|like this story\?|share it with|delivered (?:straight )?to your (?:inbox|letterbox)|if you buy something|affiliate (?:links?|commissions?)"
    r"|last (?:modified|updated)\s*:|cancel (?:at )?any ?time|cancela cuando quieras|jederzeit kündbar|sans engagement|annuler à tout moment|disdici quando vuoi"
    r"|tell us what you think|what do you think\?|support our (?:work|journalism)|unterstütze(?:n sie)? |(?:^|\s)suscríbete|abonnieren sie|download (?:our|the) app",
    re.IGNORECASE,
)
"""Phrases that make a line near the end furniture."""


def drop_furniture(lines: list[Line], titles: tuple[str, ...]) -> list[Line]:
    """The lines without the title (or any of `titles`) and what stands above it, without pointers to other pages, calls to subscribe and share."""
    kept = [line for line in _below_title(lines, titles) if not _is_furniture(line)]
    tail_from = len(kept) - TAIL_LINES
    kept = [
        line
        for number, line in enumerate(kept)
        if number < max(1, tail_from)
        or len(line.text) > PHRASE_LINE_CHARS_MAX
        or not _ENDING.search(line.text)
        or tells_of_others(line.text)
    ]
    while kept and kept[-1].is_heading:  # a heading with nothing under it
        kept.pop()
    if any(len(line.text.split()) >= FLASH_WORDS_MIN or _is_sentence(line.text) for line in kept):
        return kept
    return _flash(lines, titles) or kept


def _flash(lines: list[Line], titles: tuple[str, ...]) -> list[Line]:
    """The one sentence of a page that has it for its title as well."""
    wanted = [_words(title) for title in titles]
    told = [line for line in lines if _words(line.text) in wanted and _is_sentence(line.text)]
    return [Line(line.text, line.blocks) for line in told if len(line.text.split()) >= TOLD_WORDS_MIN][-1:]


def _below_title(lines: list[Line], titles: tuple[str, ...]) -> list[Line]:
    wanted = [words for title in titles if (words := _words(title))]
    below = lines
    for number, line in enumerate(lines[:TITLE_WITHIN_LINES]):
        if _words(line.text) in wanted:
            above = [line for line in lines[:number] if _words(line.text) not in wanted]
            below = (above if all(map(is_lead, above)) else []) + lines[number + 1 :]
    return below


def is_lead(line: Line) -> bool:
    """Whether a line beside the title is a sentence of the report (its standfirst) rather than the page's."""
    is_sentence = _is_sentence(line.text) and len(line.text.split()) >= LEAD_WORDS_MIN
    return is_sentence and not line.is_heading and line.link_share < LINK_SHARE_MIN / 2 and not _is_furniture(line)


def tells_of_others(text: str) -> bool:
    """Whether the line is a whole sentence about others: somebody says it, or it is told as past and addresses no reader."""
    if not _is_sentence(text) or len(text.split()) < TOLD_WORDS_MIN:
        return False
    if _SAYS.search(text):
        return True
    return not _READER.search(text) and not _CALL.match(text) and _PAST.search(text) is not None


def says(text: str) -> bool:
    """Whether somebody says something in it."""
    return _SAYS.search(text) is not None


def _is_sentence(text: str) -> bool:
    return text.rstrip("\"'”’»)").endswith(_SENTENCE_ENDS)


def _is_furniture(line: Line) -> bool:
    if line.link_share >= LINK_SHARE_MIN and len(line.text.split()) >= LINK_LINE_WORDS_MIN:
        return True
    if tells_of_others(line.text) and line.link_share < LINK_SHARE_MIN / 2 and not _LABEL.match(line.text):
        return False
    if len(line.text) <= PHRASE_LINE_CHARS_MAX and (_FURNITURE.match(line.text) or _POINTER.match(line.text)):
        return True
    if len(line.text) <= DISCLOSURE_CHARS_MAX and _DISCLOSURE.search(line.text):
        return True
    return len(line.text.split()) <= BOX_WORDS_MAX and _HEADLINE_BOX.match(line.text) is not None


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
