"""Pages that stand where the article should be: consent, payment, log-in, bot walls. Told by set phrases on short pages, never on long ones.

A wall is short: where a whole article stands beside a banner or above an appeal to subscribe, the article is what counts.
"""

import re
from urllib.parse import urlsplit

from connectors.sources.document import Wall
from connectors.sources.furniture import says

WALL_CHARS_MAX = 1_500
"""A page with more text than this is an article, whatever else stands on it."""
CONSENT_PHRASES_MIN = 2
"""One alone may be a line of a banner that the cleaning left."""

REPORT_LINE_WORDS_MIN = 12
REPORT_WORDS_MIN = 25
"""Words in lines that tell of others from which on a page holds a report, whatever it is about."""

_ADDRESS = re.compile(
    r"\b(?:you|your|yours|we|our|please|sie|ihre?[nmr]?|wir|uns|unsere?[nmr]?|vous|votre|vos|nous|notre|nos|usted|ustedes|nosotros|nuestr[oa]s?"
    r"|voi|noi|nostr[oaie]|você|nossos?|nossas?|wij|onze|uw|вы|ваш|мы|наши?)\b",
    re.IGNORECASE,
)
"""Words by which a site speaks to its reader, or of itself."""
_CONSENT_HOST = re.compile(r"^(?:consent|guce|cmp|privacy|myprivacy|zustimmung|consentement)\.", re.IGNORECASE)
_CONSENT_PATH = re.compile(
    r"/(?:consent|cookie-?wall|gdpr|zustimmung|privacy-wall|collectConsent)(?:/|$|\?|\.)", re.IGNORECASE
)
_CONSENT = tuple(
    re.compile(words, re.IGNORECASE)
    for words in (
        r"before you continue",
        r"we (?:value|care about|respect) your privacy",
        r"we and our (?:\d+ )?partners",
        r"(?:accept|allow|reject|decline) all\b",
        r"(?:manage|cookie) (?:settings|preferences|choices|options)",
        r"(?:uses?|use of|store) cookies",
        r"consent to (?:the use|our use|cookies)|your consent",
        r"(?:wir|ihre) (?:schätzen|respektieren|privatsphäre)",
        r"alle (?:akzeptieren|ablehnen)|zustimmen und weiter|mit werbung weiterlesen",
        r"verwende[nt] (?:wir )?cookies|cookies? und ähnliche",
        r"tout (?:accepter|refuser)|accepter et continuer|nos partenaires",
        r"(?:utilise|utilisons|dépose) des cookies|vos choix en matière",
        r"aceptar (?:todo|todas|y continuar)|utilizamos cookies|nuestros socios",
        r"accetta(?: tutti| tutto| e continua)|utilizziamo i cookie|nostri partner",
        r"aceitar (?:todos|tudo|e continuar)|usamos cookies",
        r"alles accepteren|wij gebruiken cookies|onze partners",
        r"akceptuj(?:ę|emy)?|używamy plików cookie|zaufani partnerzy",
        r"принять все|используем (?:файлы )?cookie|прийняти всі",
        r"godta alle|acceptera alla|accepter alle|hyväksy kaikki",
        r"tüm(?:ünü)? kabul et|çerezleri",
        r"同意|クッキー|쿠키",
    )
)
_PAY = re.compile(
    r"subscribe (?:now )?to (?:continue|keep|read|unlock)|(?:to )?(?:continue|keep) reading,? (?:subscribe|sign up|start)|already a (?:subscriber|member)\?"
    r"|this (?:article|story|content) is (?:exclusive(?:ly)? )?(?:for|to|available (?:only )?to) (?:our )?(?:paying )?(?:subscribers|members)|(?:subscribers?|members?)[- ]only"
    r"|unlock (?:this|the full) (?:article|story)|you(?:'ve| have) (?:reached|read) (?:your|all|the) .{0,40}(?:free|limit)|remaining free articles?"
    r"|(?:nur|exklusiv) für abonnent|weiterlesen mit|bereits abonnent|artikel freischalten|jetzt abonnieren und|réservé aux abonnés|déjà abonné|pour lire la suite"
    r"|solo para suscriptores|ya eres suscriptor|suscríbete para (?:seguir|continuar)|contenuto riservato agli abbonati|sei già abbonato"
    r"|exclusivo para assinantes|já é assinante|alleen voor abonnees|al abonnee\?|tylko dla (?:prenumerat|subskrybent)",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"(?:log|sign) in to (?:continue|read|view|access|your account)|please (?:log|sign) in|you must be logged in|register (?:for free )?to (?:continue|read)"
    r"|create a free account to|bitte melden sie sich an|zum weiterlesen anmelden|connectez-vous pour|inicia(?:r)? sesión para",
    re.IGNORECASE,
)
_CHALLENGE = re.compile(
    r"^just a moment|checking (?:your|if the site) (?:browser|connection)|enable javascript and cookies to continue|verif(?:y|ying) (?:that )?you are (?:a )?human"
    r"|are you a robot|unusual traffic from your|access (?:to this page has been )?denied|attention required!|ddos protection by|pardon our interruption"
    r"|press (?:&|and) hold to confirm|request unsuccessful\. incapsula",
    re.IGNORECASE,
)


def _is_report(line: str) -> bool:
    """Whether a line tells of others: a whole sentence that, but for the phrases of walls, speaks to no reader."""
    if len(line.split()) < REPORT_LINE_WORDS_MIN or not line.rstrip("\"'”’»)").endswith((".", "!", "?", "。")):
        return False
    for phrase in (_PAY, _LOGIN, _CHALLENGE, *_CONSENT):
        line = phrase.sub(" ", line)
    return _ADDRESS.search(line) is None


def recognise_wall(title: str | None, text: str, *, visible: str, url: str | None, is_free: bool | None) -> Wall | None:
    """What stands there in place of the article, if anything does.

    `text` is what was taken for the article, `visible` the page's words (their beginning), `is_free` what its JSON-LD declares.
    """
    parts = urlsplit(url or "")
    if _CONSENT_HOST.match(parts.hostname or "") or _CONSENT_PATH.search(parts.path):
        return "consent"
    if len(text) > WALL_CHARS_MAX:
        return None
    reports = [line for line in text.split("\n") if _is_report(line)]
    words = f"{title or ''}\n{text}"
    told = sum(len(line.split()) for line in reports)
    if told >= REPORT_WORDS_MIN or (
        reports and all(map(says, reports))
    ):  # a report may be about walls, also in its title
        title, words = None, "\n".join(line for line in text.split("\n") if line not in reports)
        for line in reports:
            visible = visible.replace(line, "")
    if _CHALLENGE.search((title or "").strip()) or (_CHALLENGE.search(words) and len(visible) <= WALL_CHARS_MAX):
        return "challenge"
    if sum(bool(phrase.search(words)) for phrase in _CONSENT) >= CONSENT_PHRASES_MIN:
        return "consent"
    if is_free is False or _PAY.search(words) or (len(text) < WALL_CHARS_MAX // 2 and _PAY.search(visible)):
        return "paywall"
    if _LOGIN.search(words):
        return "login"
    return None
