"""The one compiled pattern that finds candidates in the refanged view.

Each alternative is named after the recogniser that judges it (`recognise.py`). Every quantifier is possessive or bounded,
and every alternative but those that begin with a sign needs a word's edge before it, so the scan is linear in the text.

Groups are made atomic, `(?>(?:…)+)`, and not possessive, `(?:…)++`: Python before 3.11.5 matches the latter wrongly when the
group can backtrack (CPython issue 106052).
"""

import re
from collections.abc import Iterator

from pipeline.text.indicators.hosts import words
from pipeline.text.indicators.refang import places_of

_ROOTS = (
    "etc|tmp|var|usr|bin|sbin|home|opt|root|dev|proc|sys|mnt|media|srv|run|boot|lib|lib64|data|sdcard|storage|system|vendor|private|"
    "Library|System|Users|Applications|Volumes|Network|cores"
)
_DASH = r"[-\u2010-\u2015_ :]"

FILE_SUFFIXES = words("""exe dll sys scr com cpl ocx drv msi msp msix cab bat cmd ps1 psm1 psd1 vbs vbe js jse wsf wsh hta lnk url chm sct xsl inf reg job
    doc docx docm dot dotm xls xlsx xlsm xlsb xlt xltm xll ppt pptx pptm pps ppsx rtf pdf one odt ods csv xml json yaml yml conf cfg config ini
    log txt dat bin tmp bak db sqlite pst ost eml msg htm html xhtml php php5 phtml asp aspx ashx asmx jsp jspx cgi pl py pyc pyd rb lua go rs
    sh bash zsh elf so ko o a out dylib pkg dmg app ipa apk aab jar war class ear dex xpi crx zip rar 7z gz tgz tar bz2 xz lz iso img vhd vhdx
    gadget pif scf ttf png jpg jpeg gif bmp ico svg webp mp3 mp4 avi mov wav flv swf svc plist desktop service nib pem key crt cer pfx p12 kdbx
    sql md ps apk xapk nupkg whl tar cgi mjs jsm tsv pcap pcapng evtx dmp hwp hwpx wll wiz pub rdp library-ms appx appxbundle msix cmdline diagcab settingcontent-ms theme cur ani fon cat sig asc torrent ics vcf odp ott epub vbox ova ovf qcow2 vmdk wim wsb kext bundle""")
"""Extensions by which a dotted word is a file name."""

AGENTS = "Microsoft-CryptoAPI|Microsoft-Delivery-Optimization|Microsoft[ ]BITS|CertUtil|Apache-HttpClient|GuzzleHttp|node-fetch|fasthttp|HTTPie|nghttp2|PycURL|Scrapy|Expanse|ExchangeServicesClient|WindowsPowerShell|curl|Wget|python-requests|Python-urllib|Go-http-client|okhttp|libwww-perl|Java|WinHTTP|WinHttp|PostmanRuntime|axios|aiohttp|Dalvik|Opera|masscan|zgrab|Nuclei|sqlmap"

SCAN = re.compile(
    rf"""
    (?P<registry>(?<![A-Za-z0-9])(?:(?<!\\)|(?<=(?i:computer)\\))<?(?i:HKLM|HKCU|HKCR|HKU|HKCC|HKPD|HKEY_(?:LOCAL_MACHINE|CURRENT_USER|CLASSES_ROOT|USERS|CURRENT_CONFIG|PERFORMANCE_DATA))>?:?\\)
  | (?<![A-Za-z0-9_])(?:
      (?P<encoded>(?i:https?|s?ftps?|tcp|udp)(?:%3[Aa]|:)(?:%2[Ff]){{2}}[^\s"'<>\]\)]++)
    | (?P<yara>(?:private[ ]|global[ ]){{0,2}}rule[ ]{{1,4}}[A-Za-z_]\w{{0,127}}+\s{{0,4}}(?::[\w\x20]{{0,200}}+)?\s{{0,8}}\{{)
    | (?P<sigma>title:[ ])
    | (?P<url>[A-Za-z][A-Za-z0-9+.-]{{1,30}}+://(?=[^\s/]))
    | (?P<email>[^\W_][\w.+%-]{{0,63}}+@(?:\[[0-9A-Fa-f.:]{{3,45}}\]|[\w-]{{1,63}}+(?>(?:\.[\w-]{{1,63}}+)+)))
    | (?P<cve>(?i:cve){_DASH}{{0,2}}\d{{4}}[-\u2010-\u2015_ ]\d{{4,7}}+(?!\w))
    | (?P<cwe>(?i:cwe){_DASH}{{1,2}}\d{{1,4}}+(?!\w))
    | (?P<ghsa>(?i:ghsa)(?:-[23456789cfghjmpqrvwxCFGHJMPQRVWX]{{4}}){{3}}(?![\w-]))
    | (?P<cvss>CVSS:[234]\.\d(?:/[A-Za-z]{{1,3}}:[A-Za-z]{{1,2}}){{4,40}}+ | AV:[LANP](?:/[A-Za-z]{{1,3}}:[A-Za-z]{{1,2}}){{5,40}}+)
    | (?P<technique>[Tt]\d{{4}}(?>(?:\.\d{{3}})?)(?![\w@]|[.-]\d))
    | (?P<attack>TA0\d{{3}}|[SG][01]\d{{3}}|M[019]\d{{3}}|C00\d\d|DS00\d\d)(?![\w@]|[.-]\d)
    | (?P<tracker>UA-\d{{4,10}}-\d{{1,4}}|G-(?=[A-Z]{{0,9}}\d)[A-Z0-9]{{10}}|GTM-[A-Z0-9]{{5,8}}|(?:ca-)?pub-\d{{16}})(?![\w-])
    | (?P<asn>(?:ASN[ :-]{{0,2}}|AS|asn?)\d{{1,10}}+(?![\w.-]*\w))
    | (?P<advisory>(?:AA\d\d-\d{{3}}[A-Z] | ICSM?A-\d\d-\d{{3}}-\d\d[A-Z]? | MS\d\d-\d{{3}} | VU\#\d{{5,6}} | RH[SBE]A-\d{{4}}:\d{{4,6}} | USN-\d{{3,5}}-\d{{1,2}}
        | [DE]L?SA-\d{{3,5}}-\d{{1,2}} | GLSA-\d{{6}}-\d\d | ZDI-\d\d-\d{{3,4}} | cisco-sa-[\w-]{{4,80}} | KB\d{{6,7}} | FG-IR-\d\d-\d{{3}} | VMSA-\d{{4}}-\d{{4}}
        | CNN?VD-\d{{4,6}}-\d{{3,6}} | BDU:\d{{4}}-\d{{5}} | EUVD-\d{{4}}-\d{{3,6}} | GSD-\d{{4}}-\d{{4,7}} | GO-\d{{4}}-\d{{4}} | MAL-\d{{4}}-\d{{1,6}} | TALOS-(?:\d{{4}}|CAN)-\d{{4}} | ZDI-CAN-\d{{4,6}}
        | SNYK-[A-Z]{{2,10}}-[A-Z0-9]{{2,40}}-\d{{4,9}} | (?:DRUPAL-)?SA-(?:CORE|CONTRIB)-\d{{4}}-\d{{3}} | HPSB[A-Z]{{2}}\d{{5}} | SSA-\d{{6}} | ALAS(?:2[A-Z0-9.-]{{0,12}})?-\d{{4}}-\d{{1,5}} | ELSA-\d{{4}}-\d{{4,6}}
        | (?:open)?SUSE-[SR]U-\d{{4}}:\d{{1,6}}(?:-\d{{1,2}})? | FEDORA-(?:EPEL-)?\d{{4}}-[0-9a-f]{{10}} | MFSA[ ]?\d{{4}}-\d{{2,3}} | ADV\d{{6}} | XSA-\d{{1,4}} | NTAP-\d{{8}}-\d{{4}} | WID-SEC-(?:W-)?\d{{4}}-\d{{4}}
        | CERTFR-\d{{4}}-[A-Z]{{3}}-\d{{3}} | CERT-EU-(?:SA)?\d{{4}}-\d{{3}} | JVNDB-\d{{4}}-\d{{6}} | PAN-SA-\d{{4}}-\d{{4}} | SNWLID-\d{{4}}-\d{{4}} | INTEL-SA-\d{{5}} | DSA-\d{{4}}-\d{{3}} | A[LV]\d\d-\d{{3}} | CB-K\d\d/\d{{4}}
        | APSB\d\d-\d\d | CTX\d{{6}} | JVN\#\d{{8}} | JVNVU\#\d{{8}} | OSV-\d{{4}}-\d{{1,6}} | RUSTSEC-\d{{4}}-\d{{4}} | PYSEC-\d{{4}}-\d{{1,6}} | EDB-ID:[ ]?\d{{3,6}})(?!\w))
    | (?P<cpe>cpe:(?:2\.3:[aho*-]|/[aho]):[^\s"'<>()\[\],;|]{{2,400}}+)
    | (?P<purl>pkg:[a-z][a-z0-9.+-]{{1,20}}+/[^\s"'<>()\[\],;]++)
    | (?P<arn>arn:aws(?:-[a-z-]{{2,12}}+)?:[a-z0-9-]{{2,40}}+:[a-z0-9-]{{0,30}}+:\d{{0,12}}+:[^\s"'<>()\[\],;]++)
    | (?P<agent>Mozilla/\d\.\d{{1,2}}[ ]\( | (?:{AGENTS})/\d[\w.]{{0,20}}+ | (?i:user-agent)[ ]{{0,2}}[:=][ ]{{0,4}})
    | (?P<tlsh>T1[0-9A-F]{{70}}(?!\w))
    | (?P<ether>0x[0-9a-fA-F]{{40}}(?![0-9A-Za-z]))
    | (?P<mac>[0-9A-Fa-f]{{2}}(?:(?:-[0-9A-Fa-f]{{2}}){{5}}(?!-?\w)|(?::[0-9A-Fa-f]{{2}}){{5}}(?!:?\w))|[0-9A-Fa-f]{{4}}\.[0-9A-Fa-f]{{4}}\.[0-9A-Fa-f]{{4}}(?![\w.]))
    | (?P<ssdeep>\d{{1,12}}+:[A-Za-z0-9+/]{{6,128}}+:[A-Za-z0-9+/]{{3,128}}+)
    | (?P<colons>[0-9A-Fa-f]{{1,4}}+:[0-9A-Fa-f:]{{2,120}}+(?:\.\d{{1,3}}){{0,3}})
    | (?P<ipv4>(?<!\.)\d{{1,4}}+(?:\.\d{{1,4}}+){{3}}(?!\w|\.\w|-[A-Za-z]))
    | (?P<hex>(?:0[xX])?+[0-9a-fA-F]{{24,2048}}+(?![0-9A-Za-z]))
    | (?P<wallet>[1-9A-HJ-NP-Za-km-z]{{25,110}}+(?![A-Za-z0-9]))
    | (?P<bech32>(?i:bc1|ltc1|tb1|addr1|stake1|cosmos1|bnb1|osmo1|zil1)[02-9ac-hj-np-zAC-HJ-NP-Z]{{20,110}}+(?![A-Za-z0-9]))
    | (?P<cash>(?:bitcoincash:)?[qp][02-9ac-hj-np-z]{{41}}(?![A-Za-z0-9]))
    | (?P<stellar>G[A-Z2-7]{{55}}(?![A-Za-z0-9]))
    | (?P<iban>[A-Z]{{2}}\d\d(?:[ ]?[A-Z0-9]{{4}}){{2,7}}(?:[ ]?[A-Z0-9]{{1,3}})?(?![A-Za-z0-9]))
    | (?P<labelled>(?i:mutex(?:es)?|mutant|service(?:[ ]name)?|telegram|discord|twitter|serial|ports?)(?!\w|\.\w))
    | (?P<kernel>(?:Global|Local)\\(?=[\w{{(]))
    | (?P<path>[A-Za-z]:\\(?=[\w%$.{{(~*\\]))
    | (?P<drive>[A-Za-z]:/(?=[\w%$.{{(~]))
    | (?P<dotted>\w[\w-]{{0,62}}+(?>(?:\.[\w-]{{1,63}}+)+))
    )
  | (?P<bot>(?<![\w.@])@[A-Za-z][A-Za-z0-9_]{{1,28}}(?<=[Bb][Oo][Tt])(?![\w@]|\.\w))
  | (?P<v6tail>(?<![\w:.])::(?:[0-9A-Fa-f]{{1,4}}:){{0,6}}+(?:\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?!\w)|[0-9A-Fa-f]{{1,4}}(?!\w)))
  | (?P<envpath>(?<!\w)(?:%[A-Za-z_][A-Za-z_()0-9]{{2,40}}+%|\$\{{?(?i:env):\w{{2,40}}+\}}?)\\(?=[\w%$.{{(~*]))
  | (?P<unc>(?<![\w\\:])\\\\[\w.$-]{{1,63}}+\\(?=[\w$%]))
  | (?P<unix>(?<![\w/.)\]}}~:-])(?:~|\$HOME|/(?:{_ROOTS}))/(?=[\w.@{{<$-]))
  | (?P<phone>(?<![\w+])\+\d[\d\x20().-]{{7,20}}+)
    """,
    re.VERBOSE,
)

TRIGGER = re.compile(
    r"""[.:@\\%/+~$<0-9](?:
        (?<=[.:@\\%/+~$<])(?=[^\s])
      | (?<=[A-Za-z]\d) | (?<=[A-Za-z][-_\#\u2010-\u2015]\d)
      | (?<=\d)(?=[0-9A-Fa-f]?-[0-9A-Fa-f]{2}-)
    )""",
    re.VERBOSE,
)
LONG_RUN = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{24,}+")
KEYWORDS = ("mutex", "mutant", "service", "telegram", "discord", "serial", "port", "twitter", "user-agent", "rule ", "title: ", "cve", "cwe", "asn", "ghsa-", "edb-id", "cisco-sa")  # fmt: skip
"""Where `SCAN` is worth trying: these signs, runs and words stand in everything that it finds, and are found far faster."""

_SIGNS_INSIDE = frozenset("#\u2010\u2011\u2012\u2013\u2014\u2015")
_NUMBER_SIGNS = re.compile("(?:(?:JVNVU|JVN|VU)#|(?:[Cc][Vv][Ee]|[Cc][Ww][Ee])[\u2010-\u2015])\\Z")
"""What a number can stand behind though its last sign else ends a word."""

_WORD_BACKWARDS = re.compile(r"[\w-]*+")
WORD_CHARS_MAX = 256
"""How far back from a sign the word that it stands in is followed, characters."""


def find_starts(text: str) -> list[tuple[int, int]]:
    """Places where `SCAN` can match, each with the sign that says so, in the order of the signs."""
    spots = [(match.start(), match.start()) for match in LONG_RUN.finditer(text)]
    spots += [(place, place) for place in _keywords(text)]
    for match in TRIGGER.finditer(text):
        place = match.start()
        start = _word_start(text, place)
        spots.append((start, place))
        if start != place and not match[0].isdigit():
            spots.append((place, place))
    spots.sort()
    return spots


def _keywords(text: str) -> Iterator[int]:
    """Where a word of `KEYWORDS` begins."""
    lower = text.lower()
    if len(lower) != len(text):  # some capitals have two small letters
        lower = "".join(low if len(low := char.lower()) == 1 else char for char in text)
    for keyword in KEYWORDS:
        for at in places_of(lower, keyword):
            before = lower[at - 1 : at]
            if not (before == "_" or (before.isalnum() and before.isascii())):
                yield at


def _word_start(text: str, place: int) -> int:
    """Where the word that ends at `place` begins."""
    word = _WORD_BACKWARDS.match(text[max(0, place - WORD_CHARS_MAX) : place][::-1])
    start = place - (word.end() if word else 0)
    if text[start - 1 : start] in _SIGNS_INSIDE and (number := _NUMBER_SIGNS.search(text, max(0, start - 6), start)):
        return number.start()
    while start < place and text[start] == "-":
        start += 1
    return start
