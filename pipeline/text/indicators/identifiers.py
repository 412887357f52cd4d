"""Recognisers of digests, wallets, account numbers and catalogue numbers (CVE, CWE, ATT&CK, advisories, ...)."""

import re

from pipeline.text.indicators import checksums
from pipeline.text.indicators.candidate import Candidate, Found, Scene, nothing, one
from pipeline.text.indicators.urls import URL_CHARS_MAX

LABEL_CHARS_MAX = 48
"""How far before a digest its name is looked for, characters."""
TOX_DIGITS = 76
"""Length of a Tox ID, hexadecimal digits."""
ASN_MAX = 4294967295
"""RFC 6793."""

_BY_LENGTH = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512", 62: "jarm", 70: "tlsh"}
_NEEDS_LABEL = frozenset({"jarm", "tlsh"})
_NAMES = re.compile(
    r"(imp(?:ort)?[ _-]?hash|authenti[ _-]?hash|rich[ _-]?(?:pe[ _-]?)?(?:header[ _-]?)?hash|vhash|telfhash|dhash|ja4s?|ja3s?|jarm|sha-?3[-_ ]?(?:224|256|384|512)|keccak[-_ ]?256|"
    r"tlsh|serial(?:[ _-]?number)?|thumbprint|fingerprint|md5|sha-?1|sha-?224|sha-?256|sha-?384|sha-?512)"
    r"(?:\s(?:hash(?:es)?|digest|value|of|is|was|sum)){0,2}[^0-9A-Za-z]{0,12}\Z",
    re.IGNORECASE,
)
_HTTP_HEX = ("68747470", "667470", "746370", "756470")

_TECHNIQUES = re.compile(r"T(?:0[78]\d\d|1[0-7]\d\d)")


def hexadecimal(scene: Scene, match: re.Match[str]) -> Found:
    """A digest, told by its length and by the name before it; or a URL written in hexadecimal."""
    digits = match["hex"].lower().removeprefix("0x")
    if any(code in digits for code in _HTTP_HEX) and (plain := _decode_hex(digits)):
        return one("url", plain, *match.span())
    if len(digits) == TOX_DIGITS and checksums.is_tox(digits):
        return one("tox", digits, *match.span())
    kind = digest_kind(scene.text, match.start(), len(digits))
    return one(kind, digits, *match.span()) if kind else nothing(match)


def digest_kind(text: str, start: int, length: int) -> str | None:
    """The kind of the digest of `length` digits at `start`, or None where it is none."""
    label = _NAMES.search(text[max(0, start - LABEL_CHARS_MAX) : start])
    name = re.sub(r"[ _-]", "", label[1].lower()) if label else ""
    kind = _BY_LENGTH.get(length)
    if label is None and _NO_DIGEST.search(text[max(0, start - LABEL_CHARS_MAX) : start]):
        return None
    if name.startswith("imp"):
        return "imphash" if length == 32 else kind
    if name.startswith("authenti"):
        return "authentihash"
    if name.startswith(("ja3", "ja4")):
        return "ja3" if length == 32 else kind
    if name.startswith(("sha3", "keccak")) and name != "sha384":
        return "sha3-" + {56: "224", 64: "256", 96: "384", 128: "512"}[length] if length in (56, 64, 96, 128) else kind
    if name.startswith("serial"):
        return "certificate-serial" if 24 <= length <= 40 else kind
    if name in ("thumbprint", "fingerprint"):
        return "certificate-thumbprint" if length in (40, 64) else kind
    if name.startswith(("rich", "vhash", "telfhash", "dhash")):
        return None
    if kind in _NEEDS_LABEL and name != kind:
        return None
    return kind


_NO_DIGEST = re.compile(
    r"\b(?:(?:rc4|aes|xor|des|rsa|api|encryption|decryption|session|private|public|secret|license) keys?|key|iv|nonce|salt|tokens?|session(?: id)?|(?:campaign|build|bot|victim|affiliate|client|session|request|trace|user|tenant) ?ids?|guid|uuid|commits?(?: id| hash)?|revision|thumb ?print|(?:certificate|cert|key|ssh) fingerprint)\b(?:\s?[:=]\s?|\s(?:(?:is|was|of|to|as|value)\s)?)[\"'`(]{0,2}\Z",
    re.IGNORECASE,
)
"""Labels of hexadecimal numbers that are digests of no file: keys, ids, commits, certificates."""


def _decode_hex(digits: str) -> str | None:
    at = min(place for place in (digits.find(code) for code in _HTTP_HEX) if place >= 0)
    digits = digits[at % 2 : len(digits) - (len(digits) - at % 2) % 2]
    return url_in(bytes.fromhex(digits).decode("latin-1"))


_PLAIN_URL = re.compile(
    r"(?:https?|s?ftps?|tcp|udp)://[A-Za-z0-9][\w.-]{0,252}+(?::\d{1,5})?(?:[/?#][!-~]{0,2048}+)?", re.ASCII
)


def url_in(plain: str) -> str | None:
    """The first URL in decoded text, or None; control characters and blanks end it."""
    found = _PLAIN_URL.search(plain[:URL_CHARS_MAX])
    if found is None:
        return None
    return found[0].rstrip(".,;:!?'\")]}>")


def tlsh(_scene: Scene, match: re.Match[str]) -> Found:
    """A TLSH digest, version 1."""
    return one("tlsh", match["tlsh"], *match.span())


def ether(_scene: Scene, match: re.Match[str]) -> Found:
    """An Ethereum address."""
    return one("eth", match["ether"], *match.span()) if checksums.is_ethereum(match["ether"]) else nothing(match)


SOLANA_CHARS_MAX = 44
_SOLANA = re.compile(r"\b(?:SOL|[Ss]olana)\b[^.\n]{0,32}\Z")


def wallet(scene: Scene, match: re.Match[str]) -> Found:
    """A base-58 address of a coin, by its checksum."""
    text = match["wallet"]
    kind = (
        checksums.base58_kind(text)
        if len(text) <= 36
        else "xmr"
        if len(text) in (95, 106) and checksums.is_monero(text)
        else None
    )
    if (
        kind is None
        and len(text) <= SOLANA_CHARS_MAX
        and _SOLANA.search(scene.text, max(0, match.start() - LABEL_CHARS_MAX), match.start())
        and checksums.is_solana(text)
    ):
        kind = "sol"
    if kind is None and text[0] == "r" and checksums.is_ripple(text):
        kind = "xrp"
    return one(kind, text, *match.span()) if kind else nothing(match)


def bech32(_scene: Scene, match: re.Match[str]) -> Found:
    """A bech32 address (segwit, Cardano, Cosmos, ...), by its checksum."""
    kind = checksums.bech32_kind(match["bech32"])
    return one(kind, match["bech32"].lower(), *match.span()) if kind else nothing(match)


def cash(_scene: Scene, match: re.Match[str]) -> Found:
    """A Bitcoin Cash address, by its checksum."""
    value = match["cash"].removeprefix("bitcoincash:")
    return one("bch", value, *match.span()) if checksums.is_bitcoin_cash(value) else nothing(match)


def stellar(_scene: Scene, match: re.Match[str]) -> Found:
    """A Stellar public key, by its checksum."""
    return one("xlm", match["stellar"], *match.span()) if checksums.is_stellar(match["stellar"]) else nothing(match)


def iban(_scene: Scene, match: re.Match[str]) -> Found:
    """An IBAN, by country, length and remainder."""
    value = match["iban"].replace(" ", "")
    return one("iban", value, *match.span()) if checksums.is_iban(value) else nothing(match)


PHONE_DIGITS_MIN, PHONE_DIGITS_MAX = 8, 15
"""Digits of a telephone number (ITU-T E.164)."""


def phone(_scene: Scene, match: re.Match[str]) -> Found:
    """A telephone number in international form (ITU-T E.164: 8 to 15 digits here)."""
    written = match["phone"].rstrip(" ().-")
    again = written.find("(", 1)
    if again > 0 and sum(char.isdigit() for char in written[:again]) >= PHONE_DIGITS_MIN:
        written = written[:again].rstrip(" ().-")  # the next number begins
    digits = re.sub(r"\D", "", written)
    if (
        not PHONE_DIGITS_MIN <= len(digits) <= PHONE_DIGITS_MAX
        or digits[0] == "0"
        or re.search(r"\.\d{1,2}\Z", written)
    ):
        return nothing(match)
    return one("phone", "+" + digits, match.start(), match.start() + len(written))


_MORE_CVES = re.compile(r"(?:/|,\s(?:and\s|or\s)?|\s(?:and|or)\s)(?P<number>\d{4,7})(?![\w.-]*\w)")
_GOES_ON = re.compile(
    r"\s(?!and\b|or\b|are\b|is\b|was\b|were\b|in\b|have\b|has\b|affect|allow|which\b|that\b|could\b|can\b|may\b)\w"
)
"""A noun behind the number: it counts something."""
CVE_STEP_MAX = 5000
"""How far a shortened number may be from the one before it: a vendor's numbers of one day are near each other."""


def cve(scene: Scene, match: re.Match[str]) -> Found:
    """A CVE with its year and number, and the shortened numbers behind it ("CVE-2026-31201, 31202", "/40011")."""
    year, number = re.findall(r"\d+", match["cve"])
    if not 1999 <= int(year) <= 2099:
        return nothing(match)
    found, end = [Candidate("cve", f"CVE-{year}-{number}", *match.span())], match.end()
    while more := _MORE_CVES.match(scene.text, end):
        short = more["number"]
        is_near = len(short) == len(number) and short != year and 0 < abs(int(short) - int(number)) <= CVE_STEP_MAX
        if not is_near or (scene.text[end] != "/" and _GOES_ON.match(scene.text, more.end())):
            break
        found.append(Candidate("cve", f"CVE-{year}-{short}", *more.span("number")))
        number, end = short, more.end()
    return Found(tuple(found), end)


def cwe(_scene: Scene, match: re.Match[str]) -> Found:
    """A CWE number."""
    return one("cwe", "CWE-" + re.findall(r"\d+", match["cwe"])[0], *match.span())


def technique(_scene: Scene, match: re.Match[str]) -> Found:
    """An ATT&CK technique or sub-technique (enterprise, mobile and industrial numbers)."""
    value = match["technique"].upper()
    return one("attack-technique", value, *match.span()) if _TECHNIQUES.match(value) else nothing(match)


_CATALOGUES = {
    "TA": "attack-tactic",
    "S": "attack-software",
    "G": "attack-group",
    "M": "attack-mitigation",
    "C": "attack-campaign",
    "DS": "attack-data-source",
}


def attack(scene: Scene, match: re.Match[str]) -> Found:
    """Another number of ATT&CK: tactic, software, group, mitigation, campaign, data source. Only where a text names ATT&CK."""
    number = match["attack"]
    if not number.startswith("TA") and not scene.names_attack:
        return nothing(match)
    return one(_CATALOGUES[number.rstrip("0123456789")], number, *match.span())


def tracker(_scene: Scene, match: re.Match[str]) -> Found:
    """An account with Google's analytics or advertising: it ties sites to one owner."""
    number = match["tracker"]
    return one("google-adsense" if "pub-" in number else "google-analytics", number, *match.span())


def cpe(_scene: Scene, match: re.Match[str]) -> Found:
    """A name of a product (CPE 2.2 or 2.3)."""
    value = match["cpe"].rstrip(".")
    return one("cpe", value, match.start(), match.start() + len(value))


def asn(_scene: Scene, match: re.Match[str]) -> Found:
    """An autonomous system's number; `AS400` is a computer."""
    number = int(re.findall(r"\d+", match["asn"])[0])
    if not 0 < number <= ASN_MAX or match["asn"].upper() in ("AS400", "AS2", "AS3", "AS4", "AS1"):
        return nothing(match)
    return one("asn", f"AS{number}", *match.span())


def plain(kind: str, value: str, match: re.Match[str]) -> Found:
    """What its pattern already proves."""
    return Found((Candidate(kind, value, *match.span()),), match.end())


def ghsa(_scene: Scene, match: re.Match[str]) -> Found:
    """A GitHub security advisory's number."""
    return plain("ghsa", "GHSA" + match["ghsa"][4:].lower(), match)


def cvss(_scene: Scene, match: re.Match[str]) -> Found:
    """A CVSS vector."""
    return plain("cvss", match["cvss"], match)


def advisory(_scene: Scene, match: re.Match[str]) -> Found:
    """An advisory's or bulletin's number."""
    return plain("advisory", match["advisory"], match)


def purl(_scene: Scene, match: re.Match[str]) -> Found:
    """A package URL."""
    value = match["purl"].rstrip(".,:;")
    return one("purl", value, match.start(), match.start() + len(value))


def arn(_scene: Scene, match: re.Match[str]) -> Found:
    """An Amazon resource name."""
    value = match["arn"].rstrip(".,:;")
    return one("arn", value, match.start(), match.start() + len(value))
