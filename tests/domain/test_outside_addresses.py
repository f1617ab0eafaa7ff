"""Which addresses the desk calls when an organisation names a server: public ones alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.domain.outside_addresses import is_this_machine, may_be_called

PRIVATE = [
    pytest.param("127.0.0.1", id="this machine"),
    pytest.param("::1", id="this machine, IPv6"),
    pytest.param("10.1.2.3", id="a private network"),
    pytest.param("172.16.0.1", id="a private network of the middle size"),
    pytest.param("192.168.1.1", id="a private network at home"),
    pytest.param("100.64.0.1", id="a provider's shared addresses"),
    pytest.param("fd00::1", id="a private network, IPv6"),
    pytest.param("::ffff:10.0.0.1", id="IPv4 written as IPv6"),
    pytest.param("64:ff9b::a00:1", id="IPv4 behind NAT64"),
    pytest.param("2002:a00:1::", id="IPv4 inside 6to4"),
    pytest.param("240.0.0.1", id="reserved"),
]
NEVER = [
    pytest.param("169.254.169.254", id="where cloud machines tell their secrets"),
    pytest.param("::ffff:169.254.169.254", id="the same, written as IPv6"),
    pytest.param("fe80::1", id="link-local"),
    pytest.param("fe80::1%eth0", id="link-local with its interface"),
    pytest.param("0.0.0.0", id="any address"),
    pytest.param("::", id="any address, IPv6"),
    pytest.param("224.0.0.1", id="many at once"),
    pytest.param("ff02::1", id="many at once, IPv6"),
    pytest.param("localhost", id="a name"),
    pytest.param("", id="nothing"),
]
PUBLIC = ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"]


@pytest.mark.parametrize("address", PRIVATE)
def test_the_desks_own_network_is_called_only_where_the_operator_opened_it(address):
    assert not may_be_called(address, private_too=False)
    assert may_be_called(address, private_too=True)


@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_are_never_called(address):
    assert not may_be_called(address, private_too=False)
    assert not may_be_called(address, private_too=True)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_called(address):
    assert may_be_called(address, private_too=False)


@given(st.ip_addresses(v=4))
def test_no_ipv4_address_is_opened_by_writing_it_as_ipv6(address):
    open_plain = may_be_called(str(address), private_too=False)

    assert may_be_called(f"::ffff:{address}", private_too=False) == open_plain
    assert may_be_called(f"64:ff9b::{address}", private_too=False) == open_plain


@pytest.mark.parametrize(
    ("host", "is_own"),
    [
        ("localhost", True),
        ("LOCALHOST", True),
        ("127.0.0.9", True),
        ("::1", True),
        ("localhost.example", False),
        ("10.0.0.1", False),
    ],
)
def test_this_machine_is_known_by_its_looks(host, is_own):
    assert is_this_machine(host) is is_own
