"""Lists that others publish: each form read, and what is no list refused by name. All bodies here are invented."""

import json

import pytest

from pipeline.text.knowledge.lists import READERS, Listed, ListError
from pipeline.text.knowledge.lists.records import Reading, clean_names

MISP = {
    "type": "threat-actor",
    "values": [
        {
            "value": "Quiet Heron",
            "uuid": "11111111-1111-4111-8111-111111111111",
            "meta": {
                "synonyms": ["UNC99999", "G9999", "The Reed Group"],
                "country": "XZ",
                "refs": ["https://attack.example/groups/G9999/"],
            },
        },
        {"value": "  "},
    ],
}
ATTACK = {
    "objects": [
        {
            "type": "intrusion-set",
            "name": "Quiet Heron",
            "aliases": ["Quiet Heron", "Reed Group"],
            "external_references": [{"source_name": "mitre-attack", "external_id": "G9999"}],
        },
        {
            "type": "malware",
            "name": "MARSHLIGHT",
            "x_mitre_aliases": ["Marsh Light"],
            "revoked": True,
            "external_references": [{"source_name": "mitre-attack", "external_id": "S9999"}],
        },
        {"type": "attack-pattern", "name": "Wading"},
    ]
}
EU_ACTS = (
    "celex,recordId,programKey,annex,measure,startDate,schema,name,alias,weakAlias,previousName,country,nationality\n"
    "39999R0001,7,EU-XX,I,Asset freeze,6.10.2001,LegalEntity,Lantern Brigade (LB),Brigade of the Lantern; Lamp Front,‘The Light’,Old Lantern,,\n"
    "39999R0001,8,EU-XX,I,Asset freeze,,Person,INVENTED Person,,,,,\n"
)
EU_FILES = (
    "Entity_LogicalId;Entity_SubjectType_ClassificationCode;Entity_Regulation_Programme;NameAlias_WholeName\n"
    "12;E;XX;Lantern Brigade\n12;E;XX;Brigade of the Lantern\n13;P;XX;Invented Person\n"
)
UN = """<CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL><DATAID>1</DATAID></INDIVIDUAL></INDIVIDUALS><ENTITIES><ENTITY>
<DATAID>42</DATAID><FIRST_NAME>LANTERN BRIGADE</FIRST_NAME><UN_LIST_TYPE>Xx</UN_LIST_TYPE><LISTED_ON>2001-10-06</LISTED_ON>
<ENTITY_ALIAS><QUALITY>a.k.a.</QUALITY><ALIAS_NAME>Lamp Front</ALIAS_NAME></ENTITY_ALIAS>
<ENTITY_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>The Light</ALIAS_NAME></ENTITY_ALIAS>
<ENTITY_ALIAS><QUALITY>f.k.a.</QUALITY><ALIAS_NAME>Old Lantern</ALIAS_NAME></ENTITY_ALIAS></ENTITY></ENTITIES></CONSOLIDATED_LIST>"""
US = """<sdnList xmlns="urn:example:sdn"><sdnEntry><uid>5</uid><lastName>LANTERN BRIGADE</lastName><sdnType>Entity</sdnType>
<programList><program>SDGT</program></programList><akaList><aka><type>a.k.a.</type><category>strong</category><lastName>Lamp Front</lastName></aka>
<aka><type>a.k.a.</type><category>weak</category><lastName>LIGHT</lastName></aka></akaList></sdnEntry>
<sdnEntry><uid>6</uid><lastName>PERSON</lastName><sdnType>Individual</sdnType></sdnEntry></sdnList>"""
OPEN = (
    "id,schema,name,aliases,countries,dataset\n"
    'Q1,Organization,Lantern Brigade,"Lamp Front;Brigade of the Lantern",xz;xy,Invented List\nQ2,Person,Somebody,,,X\n'
)
PLAIN = "name,aliases,kind,country\nLantern Brigade,Lamp Front;LBX,group,XZ XY\nMARSHLIGHT,,malware,\n"


def read(kind: str, raw: str) -> Reading:
    return READERS[kind][0](raw.encode(), f"{kind}.file")


def only(reading: Reading) -> Listed:
    assert len(reading.records) == 1
    return reading.records[0]


def test_misp_cluster() -> None:
    reading = read("misp", json.dumps(MISP))
    heron = only(reading)
    assert (heron.name, heron.family, heron.area) == ("Quiet Heron", "actor", ("XZ",))
    assert heron.names == ("UNC99999", "Reed Group"), "no ATT&CK ids, no articles"
    assert heron.attack == ("G9999",)
    assert reading.skipped == {"without a name": 1}


def test_attack_bundle() -> None:
    reading = read("attack", json.dumps(ATTACK))
    heron = only(reading)
    assert (heron.key, heron.names, heron.attack) == ("G9999", ("Reed Group",), ("G9999",))
    assert reading.skipped == {"revoked or deprecated": 1, "of another type": 1}


def test_eu_acts() -> None:
    reading = read("eu", EU_ACTS)
    brigade = only(reading)
    assert (brigade.name, brigade.names) == ("Lantern Brigade", ("LB", "Brigade of the Lantern", "Lamp Front"))
    assert (brigade.weak, brigade.former) == (("Light",), ("Old Lantern",))
    assert (brigade.designation, brigade.since) == ("EU-XX", "2001-10-06")
    assert reading.skipped == {"persons": 1}


def test_eu_files() -> None:
    reading = read("eu", EU_FILES)
    assert only(reading).names == ("Brigade of the Lantern",)
    assert reading.skipped == {"persons": 1}


def test_un() -> None:
    reading = read("un", UN)
    brigade = only(reading)
    assert (brigade.names, brigade.weak, brigade.former) == (("Lamp Front",), ("Light",), ("Old Lantern",))
    assert (brigade.designation, brigade.since) == ("UN Xx", "2001-10-06")
    assert reading.skipped == {"persons": 1}


def test_us_in_its_namespace() -> None:
    reading = read("us", US)
    brigade = only(reading)
    assert (brigade.names, brigade.weak, brigade.designation) == (("Lamp Front",), ("LIGHT",), "US, SDGT")
    assert reading.skipped == {"persons": 1}


def test_opensanctions() -> None:
    reading = read("opensanctions", OPEN)
    assert only(reading).area == ("XZ", "XY")
    assert reading.skipped == {"persons": 1}


def test_a_table_of_ones_own() -> None:
    brigade, light = read("csv", PLAIN).records
    assert (brigade.names, brigade.area) == (("Lamp Front", "LBX"), ("XZ", "XY"))
    assert light.family == "malware"


@pytest.mark.parametrize(
    ("kind", "raw", "said"),
    [
        ("misp", "{", "not JSON"),
        ("misp", '{"type": "threat-actor"}', "no list of values"),
        ("misp", '{"type": "sector", "values": []}', "names no bodies"),
        ("attack", '{"objects": []}', "no groups or software"),
        ("un", "<html/>", "no ENTITY"),
        ("un", "<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", "not XML that can be read"),
        ("us", "<x/>", "no sdnEntry"),
        ("eu", "a,b\n1,2\n", "no column 'celex'"),
        ("csv", "name,colour\nx,y\n", "unknown column 'colour'"),
        ("csv", "name,kind\nx,sect\n", r":2: kind 'sect'"),
        ("opensanctions", "id,name\n", "no column 'schema'"),
    ],
)
def test_what_is_no_such_list_is_refused_by_name(kind: str, raw: str, said: str) -> None:
    with pytest.raises(ListError, match=rf"{kind}\.file.*{said}"):
        read(kind, raw)


def test_not_utf8_is_refused() -> None:
    with pytest.raises(ListError, match="not UTF-8"):
        READERS["csv"][0](b"name\n\xff\xfe\n", "x.csv")


def test_names_are_cleaned_of_what_no_article_writes() -> None:
    raw = [
        "  the Lamp  Front ",
        "and the Lamp Front",
        "‘Lanterns’",
        "Lamp Front (LF)",
        "G0001",
        "CVE-2021–1",
        "x" * 200,
        "7",
    ]
    assert clean_names(raw, of="Lanterns") == ("Lamp Front", "LF")
