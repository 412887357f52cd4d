"""Every kind in true and in false forms: what must be found, with its value, and what only looks like it."""

import pytest

from pipeline.text.indicators import find_indicators

XMR = "888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H"
ONION = "facebookwkhpilnemxj7asaniu7vnjjbiltxjqhye3mhbshg7kx5tfyd.onion"
HEX = "0123456789abcdef"


def found(text: str) -> list[tuple[str, str]]:
    return [(one.type, one.value) for one in find_indicators(text)]


TRUE: dict[str, list[tuple[str, str]]] = {
    "ipv4": [("45.9.148.3", "45.9.148.3"), ("IP:45.9.148.3,", "45.9.148.3"), ("<45.9.148.3>", "45.9.148.3"), ("ip=45.9.148.03", "45.9.148.3")],
    "ipv6": [("2A02:4780:0:0::7", "2a02:4780::7"), ("::ffff:45.9.148.3", "::ffff:45.9.148.3"), ("fe80::1%eth0", "fe80::1"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8")],
    "cidr": [("45.9.148.0/24", "45.9.148.0/24"), ("2a02:4780::/32.", "2a02:4780::/32")],
    "domain": [("Kettle-Works.CO.UK", "kettle-works.co.uk"), ("*.kettle.com", "kettle.com"), ("_dmarc.kettle.com", "_dmarc.kettle.com"), ("kettle.com's", "kettle.com"), ("xn--bcher-kva.de", "xn--bcher-kva.de"), ("bücher.de", "bücher.de"), ("kettle.photography", "kettle.photography")],
    "url": [("wss://kettle.com:9001/x", "wss://kettle.com:9001/x"), ("s3://kettle-bucket/key", "s3://kettle-bucket/key"), ("ssh://git@kettle.com:22/r.git", "ssh://git@kettle.com:22/r.git"), ("view-source:http://kettle.com", "http://kettle.com"), ("kettle.com/a/b?c=d", "kettle.com/a/b?c=d")],
    "email": [("o'brien@kettle.com", "o'brien@kettle.com"), ("'pot@kettle.com'", "pot@kettle.com"), ("mailto:pot@kettle.com", "pot@kettle.com"), ("üser@bücher.de", "üser@bücher.de"), ("a+b_c@x.kettle.com", "a+b_c@x.kettle.com")],
    "md5": [(HEX * 2, HEX * 2), (f"MD5={HEX.upper() * 2};", HEX * 2), (f"{HEX * 2}.exe", HEX * 2)],
    "sha1": [(f"{HEX * 2}01234567", f"{HEX * 2}01234567")],
    "sha224": [(f"{HEX * 3}01234567", f"{HEX * 3}01234567")],
    "sha256": [(HEX * 4, HEX * 4)],
    "sha384": [(HEX * 6, HEX * 6)],
    "sha512": [(HEX * 8, HEX * 8)],
    "sha3-256": [(f"SHA3-256: {HEX * 4}", HEX * 4), (f"sha3_256 hash {HEX * 4}", HEX * 4)],
    "imphash": [(f"imphash: {HEX * 2}", HEX * 2), (f"Import hash is {HEX * 2}", HEX * 2)],
    "authentihash": [(f"Authentihash {HEX * 4}", HEX * 4)],
    "ja3": [(f"JA3: {HEX * 2}", HEX * 2), (f"JA3S hash {HEX * 2}", HEX * 2)],
    "ssdeep": [("3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C", "3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C")],
    "tlsh": [("T1" + "A4B5C6D7E8" * 7, "T1" + "A4B5C6D7E8" * 7)],
    "cve": [("CVE2021-44228", "CVE-2021-44228"), ("CVE–2021–44228", "CVE-2021-44228"), ("cve_2021_44228", "CVE-2021-44228"), ("CVE-2021-1234567", "CVE-2021-1234567")],
    "cwe": [("CWE-79.", "CWE-79"), ("cwe 79", "CWE-79")],
    "ghsa": [("GHSA-JFH8-C2JP-5V3Q", "GHSA-jfh8-c2jp-5v3q")],
    "cvss": [("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"), ("(AV:N/AC:L/Au:N/C:P/I:P/A:P)", "AV:N/AC:L/Au:N/C:P/I:P/A:P")],
    "cpe": [("cpe:2.3:a:kettle:pot:2.14.1:*:*:*:*:*:*:*", "cpe:2.3:a:kettle:pot:2.14.1:*:*:*:*:*:*:*"), ("cpe:/a:kettle:pot:2.14.", "cpe:/a:kettle:pot:2.14")],
    "attack-technique": [("T1003", "T1003"), ("T1059.001,", "T1059.001")],
    "attack-tactic": [("TA0043", "TA0043")],
    "attack-software": [("MITRE lists it as S0154", "S0154")],
    "attack-group": [("ATT&CK calls them G0016", "G0016")],
    "attack-mitigation": [("MITRE's M1036", "M1036")],
    "attack-campaign": [("MITRE's C0017", "C0017")],
    "advisory": [("VU#930724", "VU#930724"), ("JVN#12345678", "JVN#12345678"), ("CNVD-2021-95919", "CNVD-2021-95919"), ("BDU:2021-06135", "BDU:2021-06135"), ("ZDI-CAN-15333", "ZDI-CAN-15333"), ("SUSE-SU-2021:4111-1", "SUSE-SU-2021:4111-1"), ("TALOS-2021-1234", "TALOS-2021-1234"), ("SNYK-JS-KETTLE-590103", "SNYK-JS-KETTLE-590103"), ("CERTFR-2021-ALE-022", "CERTFR-2021-ALE-022"), ("EUVD-2024-1234", "EUVD-2024-1234"), ("ICSA-21-357-02", "ICSA-21-357-02"), ("KB4012598", "KB4012598"), ("CB-K21/1264", "CB-K21/1264")],
    "asn": [("ASN: 15169", "AS15169"), ("(AS15169 Kettle)", "AS15169")],
    "mac": [("00:11:22:AA:bb:55", "00:11:22:aa:bb:55"), ("0011.2233.4455", "0011.2233.4455")],
    "file-path": [("c:/windows/temp/a.exe", "c:/windows/temp/a.exe"), (r"$env:TEMP\x.ps1", r"$env:TEMP\x.ps1"), (r"\\server\share\a.doc", r"\\server\share\a.doc"), ("~/.ssh/id_rsa", "~/.ssh/id_rsa"), (r"\\.\pipe\kettle", r"\\.\pipe\kettle")],
    "file-name": [('"My File 2.exe"', "My File 2.exe"), ("\u201cImportant Notice.pdf.lnk\u201d", "Important Notice.pdf.lnk"), ("run 1.exe now", "1.exe"), ("invoice.pdf.exe", "invoice.pdf.exe"), ("setup.py", "setup.py")],
    "registry-key": [(r"hklm\software\kettle", r"HKLM\software\kettle"), (r"[HKEY_CURRENT_USER\Software\X]", r"HKEY_CURRENT_USER\Software\X"), (r"Computer\HKEY_USERS\S-1-5-21", r"HKEY_USERS\S-1-5-21"), (r'"HKCU\Software\Classes\ms-settings" /v', r"HKCU\Software\Classes\ms-settings")],
    "mutex": [("mutex: Kettle_42", "Kettle_42"), (r"Global\Kettle", r"Global\Kettle")],
    "service": [("Service name: KettleSvc", "KettleSvc")],
    "user-agent": [("curl/7.68.0", "curl/7.68.0"), ("Wget/1.20.3 (linux-gnu)", "Wget/1.20.3 (linux-gnu)"), ("Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/99.0.", "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/99.0"), ("Microsoft-CryptoAPI/10.0", "Microsoft-CryptoAPI/10.0")],
    "btc": [("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"), ("3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"), ("bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"), ("bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr", "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr")],
    "eth": [("0xde0B295669a9FD93d5F28D9Ec85E40f4cb697BAe", "0xde0B295669a9FD93d5F28D9Ec85E40f4cb697BAe")],
    "tron": [("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t")],
    "ltc": [("LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc1", "LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc1")],
    "doge": [("DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L", "DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L")],
    "dash": [("XpESxaUmonkq8RaLLp46Brx2K39ggQe226", "XpESxaUmonkq8RaLLp46Brx2K39ggQe226")],
    "zec": [("t1VmmGiyjVNeCjxDZzg7vZmd99WyzVby9yC", "t1VmmGiyjVNeCjxDZzg7vZmd99WyzVby9yC")],
    "xtz": [("tz1VSUr8wwNhLAzempoch5d6hLRiTh8Cjcjb", "tz1VSUr8wwNhLAzempoch5d6hLRiTh8Cjcjb")],
    "xrp": [("rEb8TK3gBgk5auZkwc6sHnwrGVJH8DuaLh", "rEb8TK3gBgk5auZkwc6sHnwrGVJH8DuaLh")],
    "bch": [("bitcoincash:qr6m7j9njldwwzlg9v7v53unlr4jkmx6eylep8ekg2", "qr6m7j9njldwwzlg9v7v53unlr4jkmx6eylep8ekg2")],
    "ada": [("addr1vx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzers66hrl8", "addr1vx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzers66hrl8")],
    "atom": [("cosmos1fl48vsnmsdzcv85q5d2q4z5ajdha8yu34mf0eh", "cosmos1fl48vsnmsdzcv85q5d2q4z5ajdha8yu34mf0eh")],
    "xlm": [("GAAZI4TCR3TY5OJHCTJC2A4QSY6CJWJH5IAJTGKIN2ER7LBNVKOCCWN7", "GAAZI4TCR3TY5OJHCTJC2A4QSY6CJWJH5IAJTGKIN2ER7LBNVKOCCWN7")],
    "sol": [("Solana wallet 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q", "7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q")],
    "xmr": [(XMR, XMR)],
    "onion": [(ONION, ONION), (f"www.{ONION}", f"www.{ONION}")],
    "iban": [("DE89 3704 0044 0532 0130 00", "DE89370400440532013000"), ("GB29NWBK60161331926819", "GB29NWBK60161331926819")],
    "phone": [("+1 (202) 555-0123", "+12025550123"), ("tel:+12025550123", "+12025550123")],
    "telegram": [("Telegram channel @kettle_ops", "@kettle_ops")],
    "twitter": [("on Twitter @kettle_ops", "@kettle_ops"), ("Twitter: @kettle_ops", "@kettle_ops")],
    "discord": [("Discord user kettle#1234", "kettle#1234")],
    "tox": [("76518406F6A9F2217E8DC487CC783C25CC16A15EB36FF32E335A235342C48A39218F515C39A6", "76518406f6a9f2217e8dc487cc783c25cc16a15eb36ff32e335a235342c48a39218f515c39a6")],
    "google-analytics": [("UA-12345678-1", "UA-12345678-1"), ("GTM-AB12CD3", "GTM-AB12CD3")],
    "google-adsense": [("ca-pub-1234567890123456", "ca-pub-1234567890123456")],
    "purl": [("pkg:golang/kettle.com/foo@v1.0#sub", "pkg:golang/kettle.com/foo@v1.0#sub")],
    "arn": [("arn:aws:s3:::kettle-bucket/x.", "arn:aws:s3:::kettle-bucket/x")],
    "android-package": [("the Android app com.kettle.pot.tea", "com.kettle.pot.tea")],
    "certificate-serial": [("Serial Number: 0f:e9:73:75:20:22:a6:06:ad:f2:a3:6e:34:5d:c0:ed", "0fe973752022a606adf2a36e345dc0ed")],
    "port": [("over TCP port 4443", "4443"), ("listens on port 8080", "8080")],
}  # fmt: skip


@pytest.mark.parametrize("kind", TRUE)
def test_true_forms(kind: str) -> None:
    for text, value in TRUE[kind]:
        for frame in ("{}", "before {} after", "({})", "- {}\n"):
            if frame == "- {}\n" and ":" in text[:8] and text[0] in "(<":
                continue
            assert (kind, value) in found(frame.format(text)), (frame.format(text), found(frame.format(text)))


FALSE = [
    # addresses
    "10.0.19041.1", "256.1.1.1", "1.2.3", "FileVersion 1.0.0.1", "product version 1.2.3.4", "section 4.1.2.3 of the norm", "OID 1.3.6.1.4.1", "at 12:30:45", "std::string::npos", "10:20", "a::b",
    "45.9.148.3a", "00:11:22:33:44", "00:11:22:33:44:55:66",
    # hosts and programs
    "System.Diagnostics.Process.Start", "java.lang.Runtime", "os.system() was called", "ws2_32.connect", "e.g. this", "U.S. and U.K.", "J.R.R. Tolkien", "Mr.Smith went", "it ended.The rest",
    "ASP.NET and VB.NET", "self.assertEqual", "Trojan.Win32.Kettle.ws", "HEUR:Trojan.Script.Kettle.me", "Win32/Kettle.PO", "the .com boom", "a popular .net shop", "the dot com bubble",
    "com.kettle.pot.tea", "p < .05", "3.5.org.chart",
    # digests and numbers
    HEX * 2 + "g", HEX + "0", "D41D8CD9-8F00-B204-E980-0998ECF8427E", "7:abcdefgh:ijk", "CVE-99-1", "CVE-1998-0001", "CWE", "T99", "T12345", "T1003.0012", "AT1003", "S0154 and G0016 are seats", "AS400", "BAS15169",
    "GHSA-aaaa-aaaa-aaaa", "KB12", "VU#12", "UA-12-1", "G-ABCDEFGHIJ", "pub-123", "cpe:9",
    # wallets and accounts: one character changed
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdz", "0xDe0B295669a9FD93d5F28D9Ec85E40f4cb697BAe", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6u", XMR[:-1] + "J",
    "bitcoincash:qr6m7j9njldwwzlg9v7v53unlr4jkmx6eylep8ekg3", "GAAZI4TCR3TY5OJHCTJC2A4QSY6CJWJH5IAJTGKIN2ER7LBNVKOCCWN6", "7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q", "DE89 3704 0044 0532 0130 01",
    "addr1vx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzers66hrl9", "tz1VSUr8wwNhLAzempoch5d6hLRiTh8Cjcjc", "rEb8TK3gBgk5auZkwc6sHnwrGVJH8DuaLi",
    "+12", "+1 234", "it rose +10.25 and +3.5 points",
    # machines and handles
    "and/or", "TCP/IP", "24/7", "he/she", "/r/kettle", "a: b", "HKLM", "the mutex is free", "a service is running", "port of Hamburg", "the @ sign", "Telegram said", "Twitter and Discord",
    "arn:aws", "pkg:x", "Mozilla Firefox", "user agents are strings",
]  # fmt: skip


@pytest.mark.parametrize("text", FALSE)
def test_false_forms(text: str) -> None:
    for frame in ("{}", "before {} after", "It was {}, they said."):
        assert found(frame.format(text)) == []
