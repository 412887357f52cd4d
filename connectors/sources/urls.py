"""The address under which an article is known: the link without what only tells who followed it from where.

Only query parameters that are known to track, in the query and in a fragment made of nothing else, are removed; everything else
is returned byte for byte, so that an address is never broken by being tidied. The names were collected from the public
documentation of the campaigns' own makers (Google, Meta, Microsoft, Matomo, AT Internet, HubSpot, Mailchimp, …).
"""

import re
from base64 import b64decode
from functools import lru_cache
from urllib.parse import SplitResult, parse_qs, unquote, unquote_plus, urljoin, urlsplit, urlunsplit

URL_CHARS_MAX = 2_048
"""Longer addresses are no addresses of articles (browsers and Media Cloud draw the line there)."""

LINKS_KEPT = 1024
"""Addresses whose form is remembered: one document is asked for each of its own again and again."""

TRACKING_PREFIXES = (
    "utm_", "utm-", "mtm_", "matomo_", "piwik_", "hsa_", "at_custom", "wt_mc", "wt.mc", "wt_zmc", "__hs", "pf_rd_", "cm_mmc",
)  # fmt: skip
"""Beginnings that their makers keep for campaigns; a short one (`pk_`, `ns_`) is anybody's, so those stand below as whole names."""
TRACKING_NAMES = frozenset(
    {
        # Matomo, AT Internet, comScore, Mailchimp, MailerLite, Dotdigital, Google's, HubSpot, Omeda, Vero: campaigns
        *(f"pk_{part}" for part in ("campaign", "kwd", "keyword", "source", "medium", "content", "cid", "group", "placement")),
        *(f"at_{part}" for part in ("campaign", "medium", "source", "campaign_type", "campaign_group")),
        *(f"ns_{part}" for part in ("campaign", "mchannel", "source", "linkname", "fee")),
        *(f"{who}_{part}" for who in ("ga", "stm", "itm") for part in ("source", "medium", "campaign", "content", "term", "place")),
        "mc_cid", "mc_eid", "mc_tc", "ml_subscriber", "ml_subscriber_hash", "dm_i", "_hsenc", "_hsmi", "_hstc", "_hsfp",
        "trk_contact", "trk_msg", "trk_module", "trk_sid", "oly_enc_id", "oly_anon_id", "vero_id", "vero_conv",
        # click ids of advertisers and networks
        "fbclid", "gclid", "gclsrc", "gbraid", "wbraid", "dclid", "msclkid", "yclid", "ymclid", "ysclid", "twclid", "ttclid", "tblci",
        "igshid", "igsh", "li_fat_id", "epik", "scclid", "sccid", "rdt_cid", "srsltid", "irclickid", "irgwc", "zanpid", "kclickid",
        "rb_clickid", "s_cid", "s_kwcid", "ef_id", "obclid", "outbrainclickid", "_openstat", "fb_action_ids", "fb_action_types",
        "fb_ref", "fb_source", "fb_comment_id", "yadclid", "wickedid", "mkt_tok", "mkevt", "mkcid", "_branch_match_id", "_branch_referrer",
        "hsctatracking", "hmb_campaign", "hmb_medium", "hmb_source", "sc_campaign", "sc_channel", "sc_content", "sc_medium", "sc_outcome",
        "sc_geo", "sc_country", "sscid", "_kx", "_ke", "_gl", "_ga", "guccounter", "guce_referrer", "guce_referrer_sig", "xtor", "at_format",
        "at_bbc_team", "at_link_id", "at_link_type", "at_link_origin", "at_ptr_name", "ocid", "ncid", "cmpid", "cmp_id",
        "campaign_id", "ito", "icid", "nr_email_referer", "smid", "smtyp", "taid", "trkcampaign", "spm", "share_source",
        "rss_source", "feedname", "feedtype", "wprov", "soc_src", "soc_trk", "mibextid", "__twitter_impression", "traffic_source",
        "tduid", "ck_subscriber_id", "bxid", "cndid", "ref_src", "ref_url", "echobox",
        "partner_source", "newsletter_id", "elqtrackid", "elqtrack", "elqaid", "elqat", "elqcampaignid",
    }
)  # fmt: skip
"""Query parameters that carry a campaign or a click, in lower case."""

REFERRER_NAMES = frozenset({"ref", "referrer", "referer", "source", "via"})
"""Parameters that may mean anything, but track when their value is the feed's or the site's own host."""

CHANNEL_NAMES = REFERRER_NAMES | {"partner", "emc", "mod", "from", "src", "channel", "origin", "medium", "cid", "cmp"}
"""Parameters that track when their value says that the reader came by the feed."""
WRAPPERS_MAX = 3
"""Wrappers around wrappers that are opened."""

_BY_FEED = re.compile(r"(?:rss|atom)(?:\d|feeds?)?(?:$|[-_.: ].*)")
_WRAPPERS = (
    (re.compile(r"(?:www\.)?google(?:\.[a-z]{2,3}){1,2}/url"), ("url", "q")),
    (re.compile(r"(?:www\.)?bing\.com/news/apiclick\.aspx", re.IGNORECASE), ("url",)),
    (re.compile(r"(?:[a-z0-9-]{1,63}\.)?safelinks\.protection\.outlook\.com/.*"), ("url",)),
    (re.compile(r"lm?\.facebook\.com/l\.php|l\.instagram\.com/"), ("u",)),
    (
        re.compile(
            r"out\.reddit\.com/.*|(?:www\.)?linkedin\.com/redir/redirect|slack-redir\.net/link|getpocket\.com/redirect"
        ),
        ("url",),
    ),
    (re.compile(r"(?:www\.)?youtube\.com/redirect"), ("q",)),
    (re.compile(r"(?:m\.)?vk\.com/away\.php"), ("to",)),
    (re.compile(r"linkprotect\.cudasvc\.com/url"), ("a",)),
    (re.compile(r"urldefense\.proofpoint\.com/v1/url"), ("u",)),
)
"""Host and path of what wraps an address, and the parameters that carry it."""
_PROOFPOINT_2 = re.compile(r"urldefense\.proofpoint\.com/v2/url")
_PROOFPOINT_3 = re.compile(r"https?://urldefense\.(?:us|com|proofpoint\.com)/v3/__(.+?)__;([\w-]*)")
_NO_SCHEME = re.compile(r"www\.[A-Za-z0-9-]+\.[A-Za-z0-9.-]*[A-Za-z](?=$|[/?#:])")
_HOST = re.compile(r"(?:[^\s<>\"'|\\^`{}%\[\]/?#@:]+|\[[0-9a-fA-F:.]+\])(?::\d{0,5})?")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_WHITE = re.compile(r"[\t\r\n]")


def resolve(link: str | None, base: str | None) -> str | None:
    """The link as an absolute address where `base` allows it, else as it stands; None where there is nothing in it.

    Line breaks and tabs inside are dropped and blanks around, as browsers do (WHATWG URL, section 4.4).
    """
    if link is None:
        return None
    link = _WHITE.sub("", link).strip()
    if not link:
        return None
    if _NO_SCHEME.match(link):
        return f"https://{link}"
    if not base or _SCHEME.match(link):
        return link
    try:
        return urljoin(base, link)
    except ValueError:
        return link


@lru_cache(maxsize=LINKS_KEPT)
def is_web_address(url: str | None) -> bool:
    """Whether this is an http or https address with a host that can be one."""
    if not url or len(url) > URL_CHARS_MAX:
        return False
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        return parts.scheme.lower() in ("http", "https") and _HOST.fullmatch(host) is not None
    except ValueError:
        return False


def clean_url(url: str, *, base: str | None = None, feed: str | None = None) -> str:
    """The address without tracking parameters; relative ones are resolved against `base` (the site's page).

    Parameters like `ref` go only where they name the host of `base` or `feed`. An address that is no web address (mailto:)
    is returned as it is; one that can't be an address at all gives an empty string.
    """
    absolute = unwrap(resolve(url, base) or "")
    try:
        parts = urlsplit(absolute)
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https"):
        return absolute if parts.scheme else ""
    if not is_web_address(absolute):
        return ""
    own_hosts = {host for address in (base, feed) if address and (host := _host(address))}
    query = _without_tracking(parts.query, own_hosts)
    fragment = _clean_fragment(parts, own_hosts)
    if query == parts.query and fragment == parts.fragment:
        return absolute
    return urlunsplit(parts._replace(query=query, fragment=fragment))


def unwrap(url: str) -> str:
    """The address inside an alert service's or a mail filter's wrapper; any other as it stands."""
    for _ in range(WRAPPERS_MAX):
        inner = _wrapped(url)
        if not is_web_address(inner):
            break
        url = inner or url
    return url


def _wrapped(url: str) -> str | None:
    if found := _PROOFPOINT_3.match(url):
        return _proofpoint_3(found[1], found[2])
    try:
        parts = urlsplit(url)
        place = f"{parts.hostname or ''}{parts.path}"
        names = next((names for pattern, names in _WRAPPERS if pattern.fullmatch(place)), ())
        if _PROOFPOINT_2.fullmatch(place):
            coded = parse_qs(parts.query).get("u", [""])[0]
            return unquote(coded.replace("-", "%").replace("_", "/"))
        given = parse_qs(parts.query) if names else {}
    except ValueError:
        return None
    return next((given[name][0] for name in names if name in given), None)


def _proofpoint_3(coded: str, dropped: str) -> str | None:
    """Proofpoint's third form: characters other than of an address are stars, and stand in base64 behind it."""
    coded = re.sub(r"^(https?):/+", r"\1://", coded)
    if "**" in coded:
        return None
    try:
        letters = iter(b64decode(dropped + "=" * (-len(dropped) % 4), altchars=b"-_").decode())
    except ValueError:
        return None
    return re.sub(r"\*", lambda star: next(letters, star[0]), coded)


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _without_tracking(query: str, own_hosts: set[str]) -> str:
    if not query:
        return query
    kept = [pair for pair in query.split("&") if not _is_tracking(pair, own_hosts)]
    return "&".join(kept)


def _is_tracking(pair: str, own_hosts: set[str]) -> bool:
    name, _, value = pair.partition("=")
    name = unquote_plus(name).strip().lower()
    if name in TRACKING_NAMES or name.startswith(TRACKING_PREFIXES):
        return True
    said = unquote_plus(value).strip().lower().removesuffix("/")
    if name in CHANNEL_NAMES and _BY_FEED.fullmatch(said):
        return True
    if name not in REFERRER_NAMES:
        return False
    said_host = _host(said) if "://" in said else said.removeprefix("www.")
    return said_host in own_hosts


def _clean_fragment(parts: SplitResult, own_hosts: set[str]) -> str:
    """Without a text fragment (`#:~:text=`), and without a fragment that is nothing but tracking (`#xtor=RSS-1`)."""
    fragment = parts.fragment.partition(":~:")[0]
    if "=" in fragment and all(_is_tracking(pair, own_hosts) for pair in fragment.split("&")):
        return ""
    return fragment
