"""Sanctions lists: bodies only. Persons are left out and counted: a bare personal name in the news is seldom the listed one.

- EU: the consolidated list as CSV (columns `Entity_…`, `NameAlias_WholeName`), or the acts' annexes as OpenSanctions keeps them (`celex`, …);
- UN: the consolidated list as XML (`ENTITIES/ENTITY`), https://main.un.org/securitycouncil/en/content/un-sc-consolidated-list;
- US: the Treasury's SDN list as XML (`sdnEntry`), https://ofac.treasury.gov/specially-designated-nationals-list-data-formats-data-schemas;
- OpenSanctions: `targets.simple.csv`, https://www.opensanctions.org/docs/bulk/csv/.
"""

from collections.abc import Iterator
from datetime import datetime
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from pipeline.text.knowledge.lists.plain import read_rows
from pipeline.text.knowledge.lists.records import Listed, ListError, Reading, clean_names, split_name

PERSON = "persons"
BODIES = {"LegalEntity", "Organization", "Company", "E", "enterprise", "Entity"}


def read_eu(raw: bytes, file: str) -> Reading:
    """The bodies of the EU's list in either form."""
    header = raw[:4096].decode("utf-8", "replace").partition("\n")[0]
    return _read_eu_files(raw, file) if "NameAlias_WholeName" in header else _read_eu_acts(raw, file)


def _read_eu_acts(raw: bytes, file: str) -> Reading:
    records, persons = [], 0
    for row in read_rows(raw, file, needs="celex"):
        if row.get("schema") not in BODIES:
            persons += 1
            continue
        name, short = split_name(row["name"])
        records.append(
            Listed(
                key=f"{row['celex']}/{row.get('recordId') or name}",
                name=name,
                family="group",
                kind="designated",
                names=clean_names((*short, *_split(row.get("alias"))), of=name),
                weak=clean_names(_split(row.get("weakAlias")), of=name),
                former=clean_names(_split(row.get("previousName")), of=name),
                designation=row.get("programKey") or None,
                since=_day(row.get("startDate", ""), "%d.%m.%Y"),
            )
        )
    return Reading(tuple(records), _skipped(persons))


def _read_eu_files(raw: bytes, file: str) -> Reading:
    found: dict[str, tuple[dict[str, str], list[str]]] = {}
    persons: set[str] = set()
    for row in read_rows(raw, file, needs="NameAlias_WholeName"):
        key, name = row.get("Entity_LogicalId", ""), row["NameAlias_WholeName"]
        if not key or not name:
            continue
        if row.get("Entity_SubjectType_ClassificationCode", row.get("Entity_SubjectType")) not in BODIES:
            persons.add(key)
            continue
        found.setdefault(key, (row, []))[1].append(name)
    records = tuple(
        _named(key, names, designation=row.get("Entity_Regulation_Programme") or None)
        for key, (row, names) in found.items()
    )
    return Reading(records, _skipped(len(persons)))


def read_un(raw: bytes, file: str) -> Reading:
    """The bodies of the UN's list; aliases of low quality are weak."""
    root = _parse(raw, file)
    records = []
    for entity in root.iter("ENTITY"):
        name, short = split_name(_text(entity, "FIRST_NAME"))
        if not name:
            continue
        aliases = [(_text(a, "ALIAS_NAME"), _text(a, "QUALITY").casefold()) for a in entity.iter("ENTITY_ALIAS")]
        former = {"f.k.a.", "formerly known as"}
        records.append(
            Listed(
                key=_text(entity, "DATAID") or name,
                name=name,
                family="group",
                kind="designated",
                names=clean_names((*short, *(n for n, q in aliases if q not in {"low", *former})), of=name),
                weak=clean_names((n for n, q in aliases if q == "low"), of=name),
                former=clean_names((n for n, q in aliases if q in former), of=name),
                designation=f"UN {_text(entity, 'UN_LIST_TYPE')}".strip(),
                since=_text(entity, "LISTED_ON")[:10] or None,
            )
        )
    if not records:
        raise ListError(f"{file}: no ENTITY in it: is it the UN's consolidated list?")
    return Reading(tuple(records), _skipped(sum(1 for _ in root.iter("INDIVIDUAL"))))


def read_us(raw: bytes, file: str) -> Reading:
    """The bodies of the SDN list; aliases of category "weak" are weak."""
    root = _parse(raw, file)
    records, persons = [], 0
    for entry in _named_so(root, "sdnEntry"):
        if _text(entry, "sdnType") != "Entity":
            persons += 1
            continue
        name, short = split_name(_text(entry, "lastName"))
        akas = [(_text(a, "lastName"), _text(a, "category"), _text(a, "type")) for a in _named_so(entry, "aka")]
        programs = [(p.text or "").strip() for p in _named_so(entry, "program")]
        records.append(
            Listed(
                key=_text(entry, "uid") or name,
                name=name,
                family="group",
                kind="designated",
                names=clean_names((*short, *(n for n, c, t in akas if c != "weak" and t != "f.k.a.")), of=name),
                weak=clean_names((n for n, c, _ in akas if c == "weak"), of=name),
                former=clean_names((n for n, c, t in akas if c != "weak" and t == "f.k.a."), of=name),
                designation=", ".join(["US", *programs]),
            )
        )
    if not records and not persons:
        raise ListError(f"{file}: no sdnEntry in it: is it the SDN list as XML?")
    return Reading(tuple(records), _skipped(persons))


def read_opensanctions(raw: bytes, file: str) -> Reading:
    """The bodies of `targets.simple.csv`."""
    records, persons = [], 0
    for row in read_rows(raw, file, needs="schema"):
        if row["schema"] not in BODIES:
            persons += 1
            continue
        name, short = split_name(row.get("name", ""))
        records.append(
            Listed(
                key=row.get("id") or name,
                name=name,
                family="group",
                kind="designated",
                names=clean_names((*short, *_split(row.get("aliases"))), of=name),
                area=tuple(code.upper() for code in _split(row.get("countries")) if len(code) == 2),
                designation=row.get("dataset") or None,
            )
        )
    return Reading(tuple(record for record in records if record.name), _skipped(persons))


def _named(key: str, names: list[str], *, designation: str | None) -> Listed:
    name, short = split_name(names[0])
    return Listed(
        key=key,
        name=name,
        family="group",
        kind="designated",
        names=clean_names((*short, *names[1:]), of=name),
        designation=designation,
    )


def _parse(raw: bytes, file: str) -> Element:
    try:
        root: Element = fromstring(raw, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise ListError(f"{file}: not XML that can be read: {error}") from error
    return root


def _named_so(under: Element, name: str) -> Iterator[Element]:
    """The elements of a name in whatever namespace."""
    return (element for element in under.iter() if element.tag.rpartition("}")[2] == name)


def _text(under: Element, name: str) -> str:
    """The text of the first child of a name, in whatever namespace."""
    for child in under:
        if child.tag.rpartition("}")[2] == name:
            return " ".join((child.text or "").split())
    return ""


def _split(names: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (names or "").split(";") if part.strip())


def _day(written: str, form: str) -> str | None:
    try:
        return datetime.strptime(written, form).date().isoformat()  # noqa: DTZ007 - a day, not an instant
    except ValueError:
        return None


def _skipped(persons: int) -> dict[str, int]:
    return {PERSON: persons} if persons else {}
