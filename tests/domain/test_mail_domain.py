"""What is said of the records of a sender's domain, and what is to be published."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.domain import spf
from breachdesk.domain.mail_domain import Finding, Kind, Standing, check_mail_domain
from breachdesk.wording import ENGLISH, FRENCH
from breachdesk.wording.mail_accounts import FINDINGS, finding_sentence
from tests.domain.test_dkim_dmarc import LONG_ENOUGH, SHORT
from tests.domain.zones import TableZone

HOST = "smtp.girandole.example"
ADDRESS = ip_address("198.51.100.7")
DOMAIN = "girandole.example"
HOSTS = {HOST: str(ADDRESS)}
GOOD = {
    DOMAIN: ["site-verification=x", f"v=spf1 a:{HOST} -all"],
    f"default._domainkey.{DOMAIN}": f"v=DKIM1; p={LONG_ENOUGH}",
    f"_dmarc.{DOMAIN}": "v=DMARC1; p=quarantine",
}


def check(texts, *, host=HOST, selector="", sender=f"desk@{DOMAIN}", addresses=(ADDRESS,)):
    zone = TableZone(texts, HOSTS)
    found = check_mail_domain(
        zone, sender=sender, host=host, addresses=list(addresses), selector=selector
    )
    assert [finding.kind for finding in found] == list(Kind)
    return dict(zip(Kind, found, strict=True))


def test_three_good_records_are_in_order():
    found = check(GOOD)

    assert {finding.standing for finding in found.values()} == {Standing.GOOD}
    assert found[Kind.SPF].parameters["lookups"] == 1
    assert found[Kind.DKIM].parameters == {"selector": "default", "bits": 2048}


def test_of_a_bare_domain_everything_to_publish_is_said():
    found = check({})

    assert [each.standing for each in found.values()] == ["fault", "unknown", "fault"]
    assert (found[Kind.SPF].name, found[Kind.SPF].record) == (DOMAIN, f"v=spf1 a:{HOST} -all")
    dmarc = found[Kind.DMARC]
    assert (dmarc.name, dmarc.record) == (
        f"_dmarc.{DOMAIN}",
        f"v=DMARC1; p=none; rua=mailto:postmaster@{DOMAIN}",
    )


@pytest.mark.parametrize(
    ("record", "standing", "code", "to_publish"),
    [
        pytest.param(
            f"v=spf1 ip4:{ADDRESS} ~all", Standing.GOOD, "spf_good", "", id="by its address"
        ),
        pytest.param(
            "v=spf1 mx ~all",
            Standing.FAULT,
            "spf_without_host",
            f"v=spf1 mx a:{HOST} ~all",
            id="another host alone",
        ),
        pytest.param(
            "v=spf1 redirect=other.example",
            Standing.FAULT,
            "spf_without_host",
            f"v=spf1 a:{HOST} redirect=other.example",
            id="before a redirect",
        ),
        pytest.param(
            "v=spf1 +all",
            Standing.FAULT,
            "spf_lets_everyone",
            "v=spf1 -all",
            id="everybody may",
        ),
        pytest.param(
            f"v=spf1 a:{HOST}",
            Standing.ADVICE,
            "spf_forbids_nothing",
            f"v=spf1 a:{HOST} ~all",
            id="nobody is forbidden",
        ),
        pytest.param(
            f"v=spf1 a:{HOST} ?all",
            Standing.ADVICE,
            "spf_forbids_nothing",
            f"v=spf1 a:{HOST} ~all",
            id="expressly",
        ),
        pytest.param("v=spf1 ip4:x -all", Standing.FAULT, "spf_syntax", "", id="broken"),
        pytest.param(
            "v=spf1 include:two.example -all",
            Standing.FAULT,
            "spf_included_several",
            "",
            id="includes a name with two records",
        ),
        pytest.param(
            "v=spf1 include:silent.example -all", Standing.UNKNOWN, "dns_silent", "", id="silence"
        ),
    ],
)
def test_what_is_wrong_with_spf_and_what_to_publish(record, standing, code, to_publish):
    texts = {
        **GOOD,
        DOMAIN: record,
        "other.example": "v=spf1 -all",
        "two.example": ["v=spf1 -all", "v=spf1 +all"],
        "silent.example": None,
    }

    finding = check(texts)[Kind.SPF]

    assert (finding.standing, finding.code) == (standing, code)
    assert finding.record == to_publish
    assert finding.found == record


def test_two_records_are_made_one():
    texts = {**GOOD, DOMAIN: ["v=spf1 a mx ~all", f"v=spf1 mx a:{HOST} -all"]}

    finding = check(texts)[Kind.SPF]

    assert finding.code == "spf_several"
    assert finding.record == f"v=spf1 a mx a:{HOST} ~all"


@pytest.mark.parametrize(
    ("host", "record", "code"),
    [
        ("smtp.gmail.com", "v=spf1 include:_spf.google.com ~all", "spf_good"),
        ("smtp-relay.gmail.com", "v=spf1 ip4:192.0.2.9 ~all", "spf_without_provider"),
        ("smtp.office365.com", "v=spf1 redirect=spf.protection.outlook.com", "spf_good"),
        ("ssl0.ovh.net", "v=spf1 include:mx.ovh.com -all", "spf_good"),
        ("mail.gandi.net", "v=spf1 -all", "spf_without_provider"),
        ("mail.notgandi.net", "v=spf1 -all", "spf_without_host"),
    ],
)
def test_a_provider_sends_from_other_machines_and_says_which_record_it_wants(host, record, code):
    others = ("_spf.google.com", "spf.protection.outlook.com", "mx.ovh.com")
    texts = {**dict.fromkeys(others, "v=spf1 ip4:203.0.113.0/24 -all"), DOMAIN: record}

    finding = check(texts, host=host)[Kind.SPF]

    assert finding.code == code
    if code == "spf_without_provider":
        assert "include:" in finding.record


def test_every_address_of_the_host_must_be_let():
    other = ip_address("2001:db8::7")
    finding = check(GOOD, addresses=(ADDRESS, other))[Kind.SPF]

    assert finding.code == "spf_without_host"


def test_a_host_without_an_address_is_not_judged():
    assert check(GOOD, addresses=())[Kind.SPF].code == "spf_host_without_address"


def test_a_server_named_by_its_address_is_let_by_its_address():
    assert check({}, host="198.51.100.7")[Kind.SPF].record == "v=spf1 ip4:198.51.100.7 -all"


@pytest.mark.parametrize(
    ("selector", "record", "standing", "code"),
    [
        pytest.param("s9", None, Standing.UNKNOWN, "dns_silent", id="silence"),
        pytest.param("s9", (), Standing.FAULT, "dkim_missing", id="no such key"),
        pytest.param("s9", "hello", Standing.FAULT, "dkim_missing", id="a text, but no key"),
        pytest.param("s9", "v=DKIM1; p=", Standing.FAULT, "dkim_revoked", id="revoked"),
        pytest.param("s9", f"v=DKIM1; p={SHORT}", Standing.ADVICE, "dkim_short", id="short"),
        pytest.param("s9", f"v=DKIM1; p={LONG_ENOUGH}", Standing.GOOD, "dkim_good", id="good"),
    ],
)
def test_what_is_wrong_with_the_key_that_is_named(selector, record, standing, code):
    texts = {**GOOD, f"{selector}._domainkey.{DOMAIN}": record}

    finding = check(texts, selector=selector)[Kind.DKIM]

    assert (finding.standing, finding.code) == (standing, code)


@pytest.mark.parametrize(
    ("sender", "records", "standing", "code", "to_publish"),
    [
        pytest.param(
            f"desk@{DOMAIN}",
            {f"_dmarc.{DOMAIN}": "v=DMARC1; p=none; rua=mailto:x@y.example"},
            Standing.ADVICE,
            "dmarc_only_watches",
            "v=DMARC1; p=quarantine; rua=mailto:x@y.example",
            id="only watches",
        ),
        pytest.param(
            f"desk@info.{DOMAIN}",
            {f"_dmarc.{DOMAIN}": "v=DMARC1; p=reject; sp=quarantine"},
            Standing.GOOD,
            "dmarc_good",
            "",
            id="the domain above speaks for those below",
        ),
        pytest.param(
            f"desk@info.{DOMAIN}",
            {f"_dmarc.{DOMAIN}": "v=DMARC1; p=reject; sp=none"},
            Standing.ADVICE,
            "dmarc_only_watches",
            "v=DMARC1; p=quarantine",
            id="and may let them pass",
        ),
        pytest.param(
            f"desk@{DOMAIN}",
            {f"_dmarc.{DOMAIN}": ["v=DMARC1; p=none", "v=DMARC1; p=reject"]},
            Standing.FAULT,
            "dmarc_several",
            "",
            id="two of them",
        ),
        pytest.param(
            f"desk@{DOMAIN}",
            {f"_dmarc.{DOMAIN}": "v=DMARC1; p=block"},
            Standing.FAULT,
            "dmarc_syntax",
            f"v=DMARC1; p=none; rua=mailto:postmaster@{DOMAIN}",
            id="no such policy",
        ),
        pytest.param(
            f"desk@{DOMAIN}",
            {f"_dmarc.{DOMAIN}": "v=DMARC1; p=reject; pct=20"},
            Standing.ADVICE,
            "dmarc_in_part",
            "",
            id="of a share only",
        ),
    ],
)
def test_what_is_wrong_with_the_policy(sender, records, standing, code, to_publish):
    finding = check(records, sender=sender)[Kind.DMARC]

    assert (finding.standing, finding.code, finding.record) == (standing, code, to_publish)


def test_what_is_to_be_published_mends_what_was_wrong():
    first = check({})
    second = check({each.name: each.record for each in first.values() if each.record})

    assert second[Kind.SPF].standing is Standing.GOOD
    third = check({second[Kind.DMARC].name: second[Kind.DMARC].record})
    assert third[Kind.DMARC].standing is Standing.GOOD


RECORDS = st.sampled_from(
    [
        *("v=spf1 -all", "v=spf1 +all", "v=spf1 a mx ?all", "v=spf1 include:x.example ~all"),
        *("v=spf1 redirect=x.example", "v=spf1 exp=%", "v=DMARC1; p=none", "v=DMARC1; p="),
        *(f"v=DKIM1; p={SHORT}", "v=DKIM1; p=", "v=DKIM1; k=x; p=a", f"v=spf1 a:{HOST} -all"),
    ]
)
NAMES = st.sampled_from(
    [DOMAIN, f"_dmarc.{DOMAIN}", f"default._domainkey.{DOMAIN}", "x.example", "other.example"]
)


@given(st.dictionaries(NAMES, st.one_of(st.none(), st.lists(RECORDS, max_size=3))))
def test_whatever_is_published_each_finding_is_said_kept_and_read_again(texts):
    for finding in check(texts).values():
        assert Finding.from_record(finding.as_record()) == finding
        assert finding.code in FINDINGS
        for wording in (FRENCH, ENGLISH):
            assert finding_sentence(finding, wording)
        assert (finding.name == "") == (finding.record == "")


@given(st.dictionaries(NAMES, st.lists(RECORDS, max_size=2)))
def test_a_record_to_publish_can_be_read(texts):
    record = check(texts)[Kind.SPF].record
    if record:
        spf.parse(record)
