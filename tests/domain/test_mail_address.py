"""Which addresses can be written to."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachdesk.domain.mail_address import AddressFault, address_fault
from breachdesk.mail.letters import ascii_address


@pytest.mark.parametrize(
    "address",
    ["a@x.example", "A.B+c_d-e@sub.x.example", "o'brien@x.example", "a@société.example",
     "a@例え.example", "a@xn--socit-esab.example", "1@2.example", "a" * 64 + "@x.example"],
)  # fmt: skip
def test_an_address_in_use_has_no_fault(address):
    assert address_fault(address) is None


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("", AddressFault.NOT_AN_ADDRESS),
        ('"a b"@x.example', AddressFault.NOT_AN_ADDRESS),
        ("a..b@x.example", AddressFault.NOT_AN_ADDRESS),
        ("a@x.example\n", AddressFault.NOT_AN_ADDRESS),
        ("a@x_y.example", AddressFault.BAD_DOMAIN),
        ("a@[127.0.0.1]", AddressFault.BAD_DOMAIN),
        ("a@x.", AddressFault.BAD_DOMAIN),
        ("a@ab--c.example", AddressFault.BAD_DOMAIN),
        ("a@x.123", AddressFault.BAD_DOMAIN),
        ("é@x.example", AddressFault.NON_ASCII_LOCAL_PART),
        ("a" * 65 + "@x.example", AddressFault.TOO_LONG),
    ],
)
def test_what_nobody_can_be_reached_at_has_a_fault(address, fault):
    assert address_fault(address) is fault


ASCII_ADDRESS = st.builds(
    "{}@{}.{}".format,
    *(st.text(st.sampled_from("ab.-_+@ 1é'"), max_size=8) for _ in range(2)),
    st.sampled_from(["example", "fr", "1", ""]),
)


@settings(max_examples=1000)
@given(ASCII_ADDRESS)
def test_an_address_without_fault_can_be_written_on_a_letter(address):
    if address_fault(address) is not None or not address.isascii():
        return

    assert ascii_address(address).casefold() == address.casefold()
