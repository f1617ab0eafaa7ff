"""Every reason for refusing a line or a file has its sentence."""

import re
from pathlib import Path

import pytest

from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.mail_address import AddressFault
from breachdesk.domain.recipient_list import LineFault, read_recipients
from breachdesk.wording import FRENCH
from breachdesk.wording.errors import SENTENCES, error_sentence
from breachdesk.wording.recipients import REASONS, line_reason

PACKAGE = Path(__file__).resolve().parents[2] / "breachdesk"


@pytest.mark.parametrize("fault", [*LineFault, *AddressFault])
def test_every_fault_of_a_line_is_said(fault):
    assert line_reason(fault.value, FRENCH).endswith(".")
    assert len(set(REASONS.values())) == len(REASONS)


def test_every_refusal_of_a_letter_or_a_list_has_its_sentence():
    sources = [*(PACKAGE / "mail").glob("*.py"), PACKAGE / "domain" / "csv_text.py"]
    codes = {
        code
        for source in sources
        for code in re.findall(r'InvalidInput\(\s*"(\w+)"', source.read_text("utf-8"))
    }

    assert len(codes) > 10
    assert codes - set(SENTENCES) == set()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"%PDF", b"a" * (50 * 1024 * 1024 + 1)])
def test_a_refused_list_is_said_with_nothing_left_to_fill_in(content):
    with pytest.raises(InvalidInput) as refused:
        read_recipients(content)

    assert "%" not in error_sentence(refused.value, FRENCH)
