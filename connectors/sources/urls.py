"""The address under which an article is known: the link without what only tells who followed it from where.

Only query parameters that are known to track, in the query and in a fragment made of nothing else, are removed; everything else
is returned byte for byte, so that an address is never broken by being tidied. The names were collected from the public
documentation of the campaigns' own makers (Google, Meta, Microsoft, Matomo, AT Internet, HubSpot, Mailchimp, …).
"""

import re
from functools import lru_cache
from urllib.parse import SplitResult, unquote_plus, urljoin, urlsplit, urlunsplit

URL_CHARS_MAX = 2_048
"""Longer addresses are no addresses of articles (browsers and Media Cloud draw the line there)."""

LINKS_KEPT = 1024
"""Addresses whose form is remembered: one document is asked for each of its own again and again."""

TRACKING_PREFIXES = (
    "utm_", "utm-", "mtm_", "matomo_", "pk_", "piwik_", "hsa_", "ns_", "at_custom", "at_campaign", "at_medium", "at_source",
    "wt_mc", "wt.mc", "wt_zmc", "__hs", "_hs", "oly_", "vero_", "mc_", "ml_sub", "dm_i", "trk_", "pf_rd_", "ga_", "stm_", "itm_", "cm_mmc",
)  # fmt: skip
TRACKING_NAMES = frozenset(
    {
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
    absolute = resolve(url, base) or ""
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
    if name not in REFERRER_NAMES:
        return False
    said = unquote_plus(value).strip().lower().removesuffix("/")
    said_host = _host(said) if "://" in said else said.removeprefix("www.")
    return said_host in own_hosts


def _clean_fragment(parts: SplitResult, own_hosts: set[str]) -> str:
    """Without a text fragment (`#:~:text=`), and without a fragment that is nothing but tracking (`#xtor=RSS-1`)."""
    fragment = parts.fragment.partition(":~:")[0]
    if "=" in fragment and all(_is_tracking(pair, own_hosts) for pair in fragment.split("&")):
        return ""
    return fragment
