"""Who owns an outlet: outlets of one owner are one voice when independent sources are counted.

A feed's `owner` in the configuration stands first. Else the address tells: outlets in the table belong to who is named there, any
other outlet owns itself, under its registrable domain, so that two feeds of one site count once. A platform on which anybody
publishes owns nobody. The table is of facts of public record as of early 2026, kept short: outlets that turn up in feeds on
conflict and security and whose common owner is easily overlooked. Ownership changes; the configuration overrules it.
"""

from functools import lru_cache

import tldextract

from pipeline.records.identity import canonical_link

OWNERS: dict[str, str] = {
    "Government of Russia": "ria.ru rian.ru sputniknews.com sputnikglobe.com inosmi.ru rt.com tass.com tass.ru rg.ru vesti.ru",
    "Government of China": "news.cn xinhuanet.com globaltimes.cn people.cn people.com.cn chinadaily.com.cn cgtn.com cctv.com ecns.cn",
    "Government of Iran": "irna.ir presstv.ir presstv.com iribnews.ir alalam.ir",
    "Revolutionary Guards": "tasnimnews.com tasnimnews.ir farsnews.ir farsnews.com",
    "Government of Syria": "sana.sy",
    "Government of Türkiye": "aa.com.tr trt.net.tr trtworld.com trthaber.com",
    "Government of Qatar": "aljazeera.com aljazeera.net qna.org.qa",
    "US Agency for Global Media": "voanews.com rferl.org svoboda.org radiosvoboda.org currenttime.tv rfa.org alhurra.com",
    "France Médias Monde": "rfi.fr france24.com mc-doualiya.com",
    "BBC": "bbc.com bbc.co.uk",
    "Guardian Media Group": "theguardian.com guardian.co.uk",
    "News Corp": "wsj.com nypost.com marketwatch.com barrons.com thetimes.com thetimes.co.uk thesun.co.uk theaustralian.com.au "
    "news.com.au skynews.com.au dailytelegraph.com.au heraldsun.com.au",
    "Fox Corporation": "foxnews.com foxbusiness.com",
    "Axel Springer": "bild.de welt.de politico.com politico.eu businessinsider.com",
    "Gannett": "usatoday.com azcentral.com freep.com indystar.com",
    "Hearst": "sfchronicle.com houstonchronicle.com sfgate.com",
    "McClatchy": "miamiherald.com sacbee.com kansascity.com charlotteobserver.com newsobserver.com",
    "Alden Global Capital": "chicagotribune.com nydailynews.com orlandosentinel.com sun-sentinel.com mercurynews.com denverpost.com",
    "DMG Media": "dailymail.co.uk mailonline.com metro.co.uk inews.co.uk",
    "Reach": "mirror.co.uk express.co.uk dailystar.co.uk dailyrecord.co.uk manchestereveningnews.co.uk liverpoolecho.co.uk",
    "Nikkei": "nikkei.com ft.com",
    "Prisa": "elpais.com cadenaser.com as.com huffingtonpost.es",
    "RCS MediaGroup": "corriere.it elmundo.es expansion.com",
    "GEDI": "repubblica.it lastampa.it huffingtonpost.it",
    "Der Spiegel": "spiegel.de manager-magazin.de",
    "Saudi Research and Media Group": "arabnews.com aawsat.com independentarabia.com",
    "Demirören": "hurriyet.com.tr hurriyetdailynews.com milliyet.com.tr cnnturk.com posta.com.tr",
    "Turkuvaz": "sabah.com.tr dailysabah.com ahaber.com.tr",
    "Yedioth Ahronoth": "ynet.co.il ynetnews.com calcalist.co.il",
    "Haaretz": "haaretz.com haaretz.co.il themarker.com",
    "Jerusalem Post Group": "jpost.com maariv.co.il walla.co.il",
    "Ukrainska Pravda": "pravda.com.ua epravda.com.ua eurointegration.com.ua",
    "Times Group": "indiatimes.com timesnownews.com",
    "HT Media": "hindustantimes.com livemint.com",
    "Network18": "news18.com moneycontrol.com firstpost.com cnbctv18.com",
    "Indian Express Group": "indianexpress.com financialexpress.com jansatta.com loksatta.com",
    "India Today Group": "indiatoday.in aajtak.in businesstoday.in",
    "Dawn Media": "dawn.com dawnnews.tv",
    "Jang Group": "jang.com.pk thenews.com.pk geo.tv",
    "Express Media": "tribune.com.pk express.pk express.com.pk",
    "Nation Media Group": "nation.africa theeastafrican.co.ke monitor.co.ug thecitizen.co.tz",
    "Arena Holdings": "timeslive.co.za sowetanlive.co.za businesslive.co.za dispatchlive.co.za",
    "Media24": "news24.com netwerk24.com",
    "Condé Nast": "wired.com arstechnica.com newyorker.com vanityfair.com",
    "Ziff Davis": "pcmag.com mashable.com cnet.com zdnet.com",
    "Future": "techradar.com tomshardware.com itpro.com",
    "Informa TechTarget": "darkreading.com techtarget.com computerweekly.com",
    "Recorded Future": "recordedfuture.com therecord.media",
    "Cisco": "cisco.com talosintelligence.com",
    "Palo Alto Networks": "paloaltonetworks.com unit42.com",
}
"""Owner to the registrable domains of its outlets."""

AGENCY_OWNERS: dict[str, str] = {
    "TASS": "Government of Russia",
    "RIA Novosti": "Government of Russia",
    "Xinhua": "Government of China",
    "IRNA": "Government of Iran",
    "Tasnim": "Revolutionary Guards",
    "SANA": "Government of Syria",
    "Anadolu": "Government of Türkiye",
}
"""Agencies (as in `agency.AGENCIES`) whose owner has outlets in the table."""

PLATFORMS = frozenset(
    "medium.com substack.com wordpress.com blogspot.com tumblr.com youtube.com youtu.be t.me telegram.me telegram.org x.com "
    "twitter.com facebook.com instagram.com reddit.com linkedin.com github.com gitlab.com github.io google.com yahoo.com msn.com "
    "bsky.app vk.com feedburner.com pastebin.com archive.org".split()
)
"""Registrable domains on which anybody publishes, and aggregators: one domain, many voices."""

_OWNER_BY_DOMAIN = {domain: owner for owner, domains in OWNERS.items() for domain in domains.split()}
_suffixes = tldextract.TLDExtract(
    suffix_list_urls=(), cache_dir=None, fallback_to_snapshot=True, include_psl_private_domains=True
)


def owner_of(url: str | None, agency: str | None = None) -> str | None:
    """The owner of a text: of the agency that wrote it, else of the outlet at `url`; None where the address tells nothing."""
    if agency is not None:
        return AGENCY_OWNERS.get(agency)
    return _owner_of_host(canonical_link(url).partition("/")[0]) if url else None


@lru_cache(maxsize=8192)
def _owner_of_host(host: str) -> str | None:
    domain = _suffixes(host).top_domain_under_public_suffix
    if not domain or domain in PLATFORMS:
        return None
    return _OWNER_BY_DOMAIN.get(domain, domain)
