"""What a SIEM reads: every value whole or told to be left out, in each form and within each limit."""

import re

import pytest
from hypothesis import HealthCheck, given, settings

from connectors.sinks.syslogforms import make_message
from pipeline.incidents.wording import clean
from pipeline.records import Alert, Indicator
from tests.support.alerts import make, on_wire, rich
from tests.support.generated import alerts

FORMS = ("rfc5424", "cef", "leef")
LIMITS = (2_048, 8_192)


def read(raw: bytes, form: str) -> dict[str, str]:
    """The fields, by their names in structured data, as a receiver reads them."""
    text = raw.decode()
    assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f\u2028]", text)
    if form == "rfc5424":
        found = re.fullmatch(
            r'<\d+>1 \S+ \S+ tocsin - alert \[alert@32473((?: [a-z]+="(?:[^"\\\]]|\\["\\\]])*")+)\] \ufeff(.*)', text
        )
        assert found, text
        pairs = re.findall(r' ([a-z]+)="((?:[^"\\\]]|\\.)*)"', found[1])
        return {k: re.sub(r"\\(.)", r"\1", v) for k, v in pairs} | {"what": found[2]}
    if form == "leef":
        head, *attributes = text.split("\t")
        assert re.search(r" - LEEF:2\.0\|tocsin\|tocsin\|[\d.]+\|[^|]*\|x09\|devTime=\S+$", head), head
        return {("id" if k == "externalId" else k): v for k, v in (a.split("=", 1) for a in attributes)}
    body = text.partition(" - CEF:0|")[2]
    columns = re.split(r"(?<!\\)(?:\\\\)*\|", body, maxsplit=6)
    assert len(columns) == 7, body
    pairs = re.split(r"(?:^| )([A-Za-z0-9]+)=", columns[6])[1:]
    given = {k: re.sub(r"\\(.)", r"\1", v) for k, v in zip(pairs[::2], pairs[1::2], strict=True)}
    labels = {k.removesuffix("Label"): v for k, v in given.items() if k.endswith("Label")}
    assert set(labels) <= set(given)  # no label without its value
    named = {labels.get(k, k): v for k, v in given.items() if not k.endswith("Label")}
    return {("id" if k == "externalId" else "left" if k == "left out" else k): v for k, v in named.items()}


@pytest.mark.parametrize("form", FORMS)
def test_an_address_is_whole_or_left_out_and_that_is_told(form: str) -> None:
    many = tuple(Indicator("ipv4", f"193.142.{n}.{n + 100}", "", 0, 1, False, "malicious") for n in range(100, 140))
    told = read(make_message(make(1, indicators=many), form, "host", 8_192), form)
    assert told["indicators"].split(", ") == [f"ipv4:{i.value}" for i in many]
    assert "left" not in told
    more = many * 12
    told = read(make_message(make(1, indicators=more), form, "host", 8_192), form)
    whole = told["indicators"].split(", ")
    assert set(whole) <= {f"ipv4:{i.value}" for i in many}
    assert told["left"] == f"{480 - len(whole)} of 480 indicators"


@pytest.mark.parametrize("form", FORMS)
def test_the_malicious_come_first_and_the_others_say_what_they_are(form: str) -> None:
    told = read(make_message(rich(1), form, "host", 8_192), form)
    values = told["indicators"].split(", ")
    assert values[0] == "domain:c2.evil.example"
    assert "ipv4:203.0.113.7 (suspicious)" in values
    assert (told["place"], told["actors"].split(", ")[0]) == ("Oskel (XX)", "The militia")
    assert "captured at least 12 guards - claims The militia" in told["claims"]


def test_a_rule_is_left_out_and_that_is_told() -> None:
    rule = Indicator("yara-rule", "rule x {\n condition: true }", "", 0, 1, False, "benign")
    assert read(make_message(make(1, indicators=(rule,)), "cef", "host", 8_192), "cef")["left"] == "1 rules"


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(alert=alerts())
def test_every_alert_that_can_exist_is_one_line_within_its_limit_with_whole_values(form: str, alert: Alert) -> None:
    alert = on_wire(alert)
    for most in LIMITS:
        raw = make_message(alert, form, "host", most)
        assert len(raw) <= most
        text = raw.decode()
        assert f"{alert.alert_id}" in text
        if form != "cef":  # in CEF a value that holds " x=" is read by each receiver in its own way
            told = read(raw, form)
            values = {f"{i.type}:{clean(i.value)}" for i in alert.indicators if not i.type.endswith("-rule")}
            if "left" not in told and values and form == "rfc5424":
                assert all(value in told["indicators"] for value in values)
