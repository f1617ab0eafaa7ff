"""Asking a real name server."""

import socket
from dataclasses import replace
from ipaddress import ip_address

import pytest

from breachdesk.domain.mail_domain import Kind, Standing, check_mail_domain
from breachdesk.domain.spf import LookupFailed
from breachdesk.mail import name_servers
from breachdesk.mail.name_servers import NameServers
from tests.domain.test_dkim_dmarc import LONG_ENOUGH
from tests.mail.dns_server import SERVFAIL, serving_dns

RECORDS = {
    ("girandole.example", "TXT"): ['"v=spf1 a:" "smtp.girandole.example -all"', '"other"'],
    ("girandole.example", "MX"): ["20 mx2.girandole.example.", "10 mx1.girandole.example."],
    ("nomail.example", "MX"): ["0 ."],
    ("smtp.girandole.example", "A"): ["198.51.100.7", "198.51.100.8"],
    ("smtp.girandole.example", "AAAA"): ["2001:db8::7"],
    ("default._domainkey.girandole.example", "TXT"): [
        " ".join(
            f'"{part}"'
            for part in ("v=DKIM1; p=", LONG_ENOUGH[:200], LONG_ENOUGH[200:])
        )
    ],
    ("_dmarc.girandole.example", "TXT"): ['"v=DMARC1; p=reject"'],
    ("silent.example", "TXT"): None,
    ("broken.example", "TXT"): SERVFAIL,
    ("elsewhere.example", "A"): ["192.0.2.1"],
    ("long.example", "TXT"): [f'"{letter * 250}"' for letter in "abcdef"],
}  # fmt: skip


@pytest.fixture
def dns():
    with serving_dns(RECORDS) as served:
        yield served


def test_records_come_as_they_were_published(dns):
    zone = dns[0].zone()

    assert sorted(zone.texts("girandole.example")) == [
        "other",
        "v=spf1 a:smtp.girandole.example -all",
    ]
    assert zone.mail_hosts("Girandole.example.") == [
        "mx1.girandole.example",
        "mx2.girandole.example",
    ]
    assert set(zone.addresses("smtp.girandole.example", 4)) == {
        ip_address("198.51.100.7"),
        ip_address("198.51.100.8"),
    }
    assert zone.addresses("smtp.girandole.example", 6) == [ip_address("2001:db8::7")]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("nowhere.example", id="no such name"),
        pytest.param("elsewhere.example", id="a name without such a record"),
        pytest.param("a" * 64 + ".example", id="a label too long"),
        pytest.param("a..example", id="an empty label"),
        pytest.param(".".join(["abcdefgh"] * 40), id="a name too long"),
    ],
)
def test_where_there_is_none_the_answer_is_empty(dns, name):
    assert dns[0].zone().texts(name) == []


def test_a_domain_that_takes_no_mail_has_no_mail_host(dns):
    assert dns[0].zone().mail_hosts("nomail.example") == []


def test_an_answer_too_long_for_one_packet_comes_whole(dns):
    assert len(dns[0].zone().texts("long.example")) == 6


def test_a_server_in_trouble_is_no_answer(dns):
    with pytest.raises(LookupFailed, match=r"broken\.example"):
        dns[0].zone().texts("broken.example")


def test_silence_is_no_answer_and_is_not_waited_for_twice(dns):
    asked = replace(dns[0], answer_within=0.3)
    zone = asked.zone()

    for _ in range(3):
        with pytest.raises(LookupFailed):
            zone.texts("silent.example")

    assert dns[1].asked.count(("silent.example", "TXT")) <= 2


def test_no_server_at_all_is_no_answer():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        nobody = NameServers(("127.0.0.1",), free.getsockname()[1], answer_within=0.3)

        with pytest.raises(LookupFailed):
            nobody.zone().texts("girandole.example")


def test_each_name_is_asked_for_once(dns):
    zone = dns[0].zone()

    for _ in range(3):
        zone.texts("girandole.example")
        zone.texts("nowhere.example")

    assert sorted(dns[1].asked) == [("girandole.example", "TXT"), ("nowhere.example", "TXT")]


def test_all_answers_to_one_check_have_a_time_together(monkeypatch):
    monkeypatch.setattr(name_servers, "CHECK_WITHIN", 0.5)
    records = {(f"n{n}.example", "TXT"): None for n in range(20)}

    with serving_dns(records) as (asked, server):
        zone = replace(asked, answer_within=0.2).zone()
        for number in range(20):
            with pytest.raises(LookupFailed):
                zone.texts(f"n{number}.example")

    # In half a second there is room for no more silences of a fifth.
    assert 1 <= len(set(server.asked)) <= 4


def test_a_whole_check_against_a_real_server(dns):
    zone = dns[0].zone()

    found = check_mail_domain(
        zone,
        sender="desk@girandole.example",
        host="smtp.girandole.example",
        addresses=[*zone.addresses("smtp.girandole.example", 4)],
    )

    assert {each.kind: each.standing for each in found} == dict.fromkeys(Kind, Standing.GOOD)
