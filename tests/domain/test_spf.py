"""SPF as RFC 7208 has it; most tables come from its sections and appendix A."""

from contextlib import suppress
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.domain.spf import Fault, Result, check_host, expand, is_spf, parse
from tests.domain.zones import TableZone

SENDER = "strong-bad@email.example.com"

# RFC 7208, appendix A: example.com and its machines.
HOSTS = {
    "example.com": ["192.0.2.10", "192.0.2.11"],
    "amy.example.com": "192.0.2.65",
    "bob.example.com": "192.0.2.66",
    "mail-a.example.com": "192.0.2.129",
    "mail-b.example.com": "192.0.2.130",
    "mail-c.example.org": ["192.0.2.140", "2001:db8::140"],
}
MX = {
    "example.com": ["mail-a.example.com", "mail-b.example.com"],
    "example.org": ["mail-c.example.org"],
}


def result(record: str, address: str, **texts: object) -> Result:
    """What a record of example.com says of a machine at this address."""
    zone = TableZone({"example.com": record, **texts}, HOSTS, MX)
    return check_host(zone, ip_address(address), "desk@example.com").result


@pytest.mark.parametrize(
    ("record", "address", "expected"),
    [
        pytest.param("v=spf1 +all", "192.0.2.1", "pass", id="anybody"),
        pytest.param("v=spf1 a -all", "192.0.2.10", "pass", id="A: own address"),
        pytest.param("v=spf1 a -all", "192.0.2.65", "fail", id="A: another's address"),
        pytest.param("v=spf1 a:example.org -all", "192.0.2.10", "fail", id="A: no such address"),
        pytest.param("v=spf1 mx -all", "192.0.2.129", "pass", id="A: a mail host"),
        pytest.param("v=spf1 mx -all", "192.0.2.10", "fail", id="A: no mail host"),
        pytest.param("v=spf1 mx:example.org -all", "192.0.2.140", "pass", id="A: another's MX"),
        pytest.param("v=spf1 mx mx:example.org -all", "192.0.2.140", "pass", id="A: either"),
        pytest.param("v=spf1 mx/30 mx:example.org/30 -all", "192.0.2.131", "pass", id="A: near"),
        pytest.param("v=spf1 mx/30 mx:example.org/30 -all", "192.0.2.143", "pass", id="A: near 2"),
        pytest.param("v=spf1 mx/30 mx:example.org/30 -all", "192.0.2.144", "fail", id="A: far"),
        pytest.param("v=spf1 ip4:192.0.2.128/28 -all", "192.0.2.129", "pass", id="A: in range"),
        pytest.param("v=spf1 ip4:192.0.2.128/28 -all", "192.0.2.65", "fail", id="A: out of range"),
        pytest.param("v=spf1 ip4:192.0.2.1 ~all", "192.0.2.2", "softfail", id="softly"),
        pytest.param("v=spf1 ip4:192.0.2.1 ?all", "192.0.2.2", "neutral", id="says nothing"),
        pytest.param("v=spf1 ip4:192.0.2.1", "192.0.2.2", "neutral", id="no last word"),
        pytest.param("v=spf1 -ip4:192.0.2.2 +all", "192.0.2.2", "fail", id="first match counts"),
        pytest.param("v=spf1 ip6:2001:db8::/32 -all", "2001:db8::1", "pass", id="IPv6"),
        pytest.param("v=spf1 ip6:2001:db8::/32 -all", "192.0.2.1", "fail", id="not of IPv6"),
        pytest.param("v=spf1 a:mail-c.example.org -all", "2001:db8::140", "pass", id="AAAA"),
        pytest.param("v=spf1 a:mail-c.example.org//64 -all", "2001:db8::9", "pass", id="near, v6"),
        pytest.param("v=spf1 a:mail-c.example.org/24 -all", "2001:db8::9", "fail", id="only v4"),
        pytest.param("V=SPF1 IP4:192.0.2.1 -ALL", "192.0.2.1", "pass", id="in capitals"),
        pytest.param("v=spf1  ip4:192.0.2.1   -all", "192.0.2.1", "pass", id="more blanks"),
        pytest.param("v=spf1", "192.0.2.1", "neutral", id="empty"),
        pytest.param("v=spf10 +all", "192.0.2.1", "none", id="another version"),
        pytest.param("v=spf1 moo=x ip4:192.0.2.1 -all", "192.0.2.1", "pass", id="unknown modifier"),
        pytest.param("v=spf1 exists:%{i}.ok.example -all", "192.0.2.1", "pass", id="exists"),
        pytest.param("v=spf1 exists:%{i}.ok.example -all", "192.0.2.2", "fail", id="exists not"),
        pytest.param("v=spf1 ptr -all", "192.0.2.10", "fail", id="ptr is never trusted"),
    ],
)
def test_a_record_gives_the_result_of_the_standard(record, address, expected):
    hosts = HOSTS | {"192.0.2.1.ok.example": "127.0.0.2"}
    zone = TableZone({"example.com": record}, hosts, MX)

    assert check_host(zone, ip_address(address), "desk@example.com").result == expected


def test_an_include_lets_those_that_the_other_lets_and_nothing_else():
    texts = {"other.example": "v=spf1 ip4:192.0.2.1 -all"}
    record = "v=spf1 include:other.example ip4:192.0.2.2 ~all"

    found = [result(record, f"192.0.2.{n}", **texts) for n in (1, 2, 3)]

    assert found == ["pass", "pass", "softfail"]


def test_a_redirect_speaks_in_our_place_unless_something_matched():
    texts = {"other.example": "v=spf1 ip4:192.0.2.1 -all"}
    record = "v=spf1 ip4:192.0.2.2 redirect=other.example"

    found = [result(record, f"192.0.2.{n}", **texts) for n in (1, 2, 3)]

    assert found == ["pass", "pass", "fail"]


def test_all_before_a_redirect_has_the_last_word():
    assert result("v=spf1 redirect=nowhere.example -all", "192.0.2.1") == "fail"


@pytest.mark.parametrize(
    ("texts", "fault", "shown"),
    [
        pytest.param(
            ["v=spf1 -all", "v=spf1 +all"], Fault.SEVERAL, "example.com", id="two records"
        ),
        pytest.param("v=spf1 ip4:192.0.2.300 -all", Fault.SYNTAX, "ip4:192.0.2.300", id="address"),
        pytest.param("v=spf1 ipv4:192.0.2.3 -all", Fault.SYNTAX, "ipv4:192.0.2.3", id="mechanism"),
        pytest.param("v=spf1 include: -all", Fault.SYNTAX, "include:", id="no name"),
        pytest.param("v=spf1 a/33 -all", Fault.SYNTAX, "a/33", id="mask"),
        pytest.param("v=spf1 all:x", Fault.SYNTAX, "all:x", id="all with a value"),
        pytest.param("v=spf1 -all;", Fault.SYNTAX, "-all;", id="as in DMARC"),
        pytest.param("v=spf1 a:%x.example -all", Fault.SYNTAX, "a:%x.example", id="stray percent"),
        pytest.param(
            "v=spf1 redirect=a.example redirect=b.example",
            Fault.SYNTAX,
            "redirect=b.example",
            id="two redirects",
        ),
        pytest.param(
            "v=spf1 include:none.example -all",
            Fault.INCLUDES_NOTHING,
            "none.example",
            id="includes nothing",
        ),
        pytest.param(
            "v=spf1 redirect=none.example", Fault.INCLUDES_NOTHING, "none.example", id="leads off"
        ),
        pytest.param(
            "v=spf1 a:x.example a:y.example a:z.example -all",
            Fault.TOO_MANY_VOID,
            "z.example",
            id="three names that are not",
        ),
        pytest.param(
            "v=spf1 include:example.com -all",
            Fault.TOO_MANY_LOOKUPS,
            "include:example.com",
            id="includes itself",
        ),
    ],
)
def test_a_record_that_cannot_be_used_says_where(texts, fault, shown):
    zone = TableZone({"example.com": texts}, HOSTS, MX)

    found = check_host(zone, ip_address("192.0.2.99"), "desk@example.com")

    assert (found.result, found.fault, found.shown) == (Result.PERMERROR, fault, shown)


@pytest.mark.parametrize(("count", "expected"), [(10, "fail"), (11, "permerror")])
def test_no_more_than_ten_terms_may_ask_the_dns(count, expected):
    terms = " ".join(f"a:h{n}.example" for n in range(count))
    hosts = {f"h{n}.example": "192.0.2.1" for n in range(count)}
    zone = TableZone({"example.com": f"v=spf1 {terms} -all"}, hosts)

    found = check_host(zone, ip_address("198.51.100.1"), "desk@example.com")

    assert found.result == expected
    assert found.lookups == count


def test_lookups_of_included_records_count_together():
    texts = {
        "example.com": "v=spf1 include:a.example include:b.example -all",
        "a.example": "v=spf1 include:c.example a:h.example -all",
        "b.example": "v=spf1 a:h.example -all",
        "c.example": "v=spf1 ip4:192.0.2.9 -all",
    }
    zone = TableZone(texts, {"h.example": "192.0.2.1"})

    assert check_host(zone, ip_address("192.0.2.2"), "x@example.com").lookups == 5


def test_more_than_ten_mail_hosts_are_no_answer():
    zone = TableZone({"example.com": "v=spf1 mx -all"}, {}, {"example.com": ["h.example"] * 11})

    found = check_host(zone, ip_address("192.0.2.2"), "x@example.com")

    assert found.fault is Fault.TOO_MANY_LOOKUPS


@pytest.mark.parametrize(
    "zone",
    [
        pytest.param(TableZone({"example.com": None}), id="the record"),
        pytest.param(
            TableZone({"example.com": "v=spf1 a:h.example -all"}, {"h.example": None}), id="a host"
        ),
        pytest.param(
            TableZone({"example.com": "v=spf1 include:o.example -all", "o.example": None}),
            id="an include",
        ),
    ],
)
def test_a_dns_that_does_not_answer_is_no_verdict(zone):
    found = check_host(zone, ip_address("192.0.2.1"), "x@example.com")

    assert (found.result, found.fault) == (Result.TEMPERROR, Fault.DNS)


# RFC 7208, 7.4.
@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("%{s}", "strong-bad@email.example.com"),
        ("%{o}", "email.example.com"),
        ("%{d}", "email.example.com"),
        ("%{d4}", "email.example.com"),
        ("%{d3}", "email.example.com"),
        ("%{d2}", "example.com"),
        ("%{d1}", "com"),
        ("%{dr}", "com.example.email"),
        ("%{d2r}", "example.email"),
        ("%{l}", "strong-bad"),
        ("%{l-}", "strong.bad"),
        ("%{lr}", "strong-bad"),
        ("%{lr-}", "bad.strong"),
        ("%{l1r-}", "strong"),
        ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
        ("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"),
        (
            "%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}",
            "3.2.0.192.in-addr.strong.lp._spf.example.com",
        ),
        ("%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"),
        ("a%%b%_c%-d", "a%b c%20d"),
    ],
)
def test_macros_are_filled_in_as_in_the_standard(text, expanded):
    found = expand(text, domain="email.example.com", sender=SENDER, address=ip_address("192.0.2.3"))

    assert found == expanded


def test_an_address_of_ipv6_is_written_by_its_nibbles():
    address = ip_address("2001:db8::cb01")
    text = expand("%{ir}.%{v}._spf.%{d2}", domain="example.com", sender=SENDER, address=address)

    nibbles = "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"
    assert text == f"{nibbles}.ip6._spf.example.com"


TERMS = st.sampled_from(
    [
        *("all", "-all", "a", "mx", "ptr", "a:x.example", "mx:x.example/24", "ip4:192.0.2.0/24"),
        *("ip6:2001:db8::/32", "include:x.example", "exists:%{i}.x.example", "redirect=x.example"),
        *("exp=x.example", "x=y", "ip4:", "include:", "%", "a:%{", "//", "::", "é", "ip4:1/99"),
    ]
)


@given(st.lists(st.one_of(TERMS, st.text(max_size=12)), max_size=14))
def test_whatever_is_published_the_check_ends_with_a_result(terms):
    record = " ".join(["v=spf1", *terms])
    zone = TableZone({"example.com": record, "x.example": record}, HOSTS, MX)

    found = check_host(zone, ip_address("192.0.2.1"), "desk@example.com")

    assert found.lookups <= 11
    assert (found.fault is not None) == (found.result in (Result.PERMERROR, Result.TEMPERROR))


@given(st.text(max_size=40))
def test_a_record_is_read_or_refused_and_nothing_else(text):
    with suppress(ValueError):
        parse(f"v=spf1 {text}")

    assert is_spf(f"v=spf1 {text}")
