"""Mail to our own people carries the journal's head: a later forgery contradicts it."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.journal_file import read_journal_file
from breachdesk.models import Delivery
from breachdesk.sealing.embedded import embedded_files
from breachdesk.services.dossiers import read_dossier
from breachdesk.services.journal import heads_of, journal_of
from tests.cases import MONDAY_NINE, incident, make_dossier, make_organisation, open_case, qualify
from tests.services.desks import let_work

NOW = MONDAY_NINE
MINUTE = timedelta(minutes=1)


@pytest.fixture
def reference(work) -> str:
    """A breach just qualified: receipts, an alert and the mail of a start wait to leave."""
    make_organisation(work, now=NOW)
    opened = open_case(work, now=NOW, by=Role.REPORTER)
    let_work(work, NOW + MINUTE)
    qualify(work, opened, now=NOW + MINUTE)
    return opened


def hash_in(text: str) -> str:
    """The last line of a mail: eight groups of eight."""
    groups = text.rstrip().splitlines()[-1].split()
    assert [len(group) for group in groups] == [8] * 8, text
    return "".join(groups)


def test_receipts_and_mails_about_deadlines_carry_the_last_line_of_the_journal(work, reference):
    let_work(work, NOW + 2 * MINUTE)

    kinds = set(work.session.scalars(select(Delivery.kind)))
    assert {MailKind.RECEIPT, MailKind.CLOCK_STARTED} <= kinds
    chain = {
        line.hash: line.sequence for line in journal_of(work.session, incident(work, reference))
    }
    letters = [each for each in work.desk.mailer.letters if reference in each.subject]
    assert len(letters) >= 3
    for letter in letters:
        line = chain[hash_in(letter.text)]
        assert line == 1 or f"{line} lignes" in letter.text


def test_what_was_mailed_is_found_again_in_a_dossier_made_later(work, reference):
    let_work(work, NOW + 2 * MINUTE)
    mailed = hash_in(work.desk.mailer.letters[0].text)
    make_dossier(work, reference, now=NOW + 3 * MINUTE)

    _, pdf = read_dossier(work.session, work.desk, incident(work, reference), 1)
    journal = read_journal_file(dict(embedded_files(pdf))["journal.json"])

    assert mailed in {each.hash for each in journal.lines}
    assert json.loads(dict(embedded_files(pdf))["manifest.json"])["journal"]["head"] != mailed


def test_many_heads_are_one_query(work, reference):
    second = open_case(work, now=NOW)
    ids = {incident(work, each).id for each in (reference, second)}

    heads = heads_of(work.session, ids)

    for each in (reference, second):
        found = incident(work, each)
        last = journal_of(work.session, found)[-1]
        head = heads[found.id]
        assert (head.lines, head.head) == (last.sequence, last.hash)
    assert heads_of(work.session, set()) == {}
