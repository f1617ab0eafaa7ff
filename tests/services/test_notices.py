"""The communication: complete, approved by a second person, sent exactly once."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from breachdesk.domain.access import Role
from breachdesk.domain.errors import (
    ChangedMeanwhile,
    Incomplete,
    InvalidInput,
    NotAllowed,
    NotFound,
    WrongStep,
)
from breachdesk.domain.journal import Entry
from breachdesk.domain.lifecycle import Communicate
from breachdesk.domain.notices import NoticeParts, NoticeState
from breachdesk.models import Delivery, NoticeVersion, Recipient, RecipientImport
from breachdesk.models.append_only import WrittenOnceError
from breachdesk.services import notices
from breachdesk.services.cases import case_of
from breachdesk.services.journal import journal_of
from breachdesk.services.recipients import discard_recipients
from tests.cases import (
    COMPLETE_PARTS,
    MONDAY_NINE,
    advise,
    approve_notice,
    assess,
    confirm_recipients,
    decide,
    draft_notice,
    incident,
    seat,
    start_sending,
    upload_recipients,
)
from tests.services.desks import let_work
from tests.services.letters_to_many import approved_notice, decided_case, recipient_list

NOW = MONDAY_NINE


def _case(work, reference):
    return case_of(work.session, incident(work, reference))


def test_a_draft_may_be_incomplete_but_is_not_approved_until_it_holds_all_of_article_34(work):
    reference = decided_case(work)
    draft_notice(work, reference, now=NOW, parts=NoticeParts(nature=COMPLETE_PARTS.nature))
    line = journal_of(work.session, incident(work, reference))[-1]
    missing = ["data", "consequences", "measures", "advice", "contact"]
    assert line.parameters == {"version": 1, "missing": missing}

    with pytest.raises(Incomplete) as refused:
        approve_notice(work, reference, now=NOW)

    assert list(refused.value.parameters["parts"]) == missing


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        pytest.param({"subject": " \n "}, "subject_missing", "subject", id="no subject"),
        pytest.param({"subject": "x" * 151}, "text_too_long", "subject", id="too long a subject"),
        pytest.param(
            {"parts": NoticeParts(advice="x" * 5001)}, "text_too_long", "advice", id="too long"
        ),
    ],
)
def test_a_text_that_cannot_be_a_mail_is_refused(work, changes, code, field):
    reference = decided_case(work)

    with pytest.raises(InvalidInput) as refused:
        draft_notice(work, reference, now=NOW, **changes)

    assert (refused.value.code, refused.value.field) == (code, field)


def test_the_author_approves_their_own_text_only_with_a_reason_that_is_journaled(work):
    reference = decided_case(work)
    draft_notice(work, reference, now=NOW, by=Role.DPO)
    with pytest.raises(InvalidInput, match="waiver_reason_missing"):
        approve_notice(work, reference, now=NOW, by=Role.DPO)
    work.session.rollback()

    approve_notice(work, reference, now=NOW, by=Role.DPO, waiver_reason="Je suis seule ce soir.")

    line = journal_of(work.session, incident(work, reference))[-1]
    assert (line.code, line.reason) == (Entry.NOTICE_APPROVAL_WAIVED, "Je suis seule ce soir.")


def test_a_second_person_approves_without_a_waiver(work):
    reference = decided_case(work)
    draft_notice(work, reference, now=NOW, by=Role.HANDLER)

    approve_notice(work, reference, now=NOW, by=Role.DPO, waiver_reason="sans objet ici")

    line = journal_of(work.session, incident(work, reference))[-1]
    assert (line.code, line.reason) == (Entry.NOTICE_APPROVED, None)
    assert _case(work, reference).approval.waiver_reason == ""


def test_a_text_changed_after_its_approval_needs_a_new_one(work):
    reference = approved_notice(work, 2)
    assert draft_notice(work, reference, now=NOW, subject="Autre objet") == 2

    with pytest.raises(WrongStep, match="notice_not_approved"):
        start_sending(work, reference, now=NOW)
    approve_notice(work, reference, now=NOW)
    assert start_sending(work, reference, now=NOW) == 2

    let_work(work, NOW)
    sent = [mail for mail in work.desk.mailer.letters if "clients" in mail.recipient_address]
    assert {mail.subject for mail in sent} == {"Autre objet"}
    assert work.session.scalar(select(func.count(NoticeVersion.id))) == 2


def test_two_who_write_at_once_are_told_apart_and_the_first_text_stays(work):
    reference = decided_case(work)
    draft_notice(work, reference, now=NOW, subject="Le premier")

    with pytest.raises(ChangedMeanwhile, match="newer_notice_version"):
        notices.save_draft(
            work.session,
            incident(work, reference),
            subject="Le second",
            parts=COMPLETE_PARTS,
            locale="fr",
            seen_version=0,
            by=seat(work, Role.DPO),
            now=NOW,
        )

    work.session.rollback()
    assert _case(work, reference).notice_version.subject == "Le premier"


def test_a_version_is_written_once(work):
    reference = decided_case(work)
    draft_notice(work, reference, now=NOW)
    _case(work, reference).notice_version.subject = "Autre"

    with pytest.raises(WrittenOnceError):
        work.session.commit()


def test_everyone_is_written_to_exactly_once_even_when_sending_is_asked_twice(work, at_once):
    reference = approved_notice(work, 30)
    work.session.commit()

    results = at_once(*[lambda own: start_sending(own, reference, now=NOW)] * 2)

    assert sorted(str(result) for result in results)[0] == "30"
    assert [type(result).__name__ for result in results].count("WrongStep") == 1
    with pytest.raises(WrongStep, match="notice_already_sent"):
        start_sending(work, reference, now=NOW)
    work.session.rollback()
    let_work(work, NOW)
    people = [letter.recipient_address for letter in work.desk.mailer.letters]
    told = [address for address in people if address.endswith("@clients.example")]
    assert len(told) == len(set(told)) == 30
    assert _case(work, reference).notice.state is NoticeState.SENT


def test_what_changed_since_it_was_agreed_to_send_is_not_sent(work):
    reference = approved_notice(work, 2)
    case = _case(work, reference)
    kept = upload_recipients(work, reference, recipient_list(3), now=NOW)
    confirm_recipients(work, reference, kept, now=NOW)

    with pytest.raises(ChangedMeanwhile, match="notice_changed_before_sending"):
        notices.start_sending(
            work.session,
            incident(work, reference),
            by=seat(work, Role.DPO),
            now=NOW,
            seen=(case.notice_version.id, 2),
        )

    work.session.rollback()
    assert work.session.scalar(select(func.count(Delivery.notice_id))) == 0


@pytest.mark.parametrize("role", [Role.HANDLER, Role.DPO])
def test_only_the_dpo_or_the_decider_sends(work, role):
    reference = approved_notice(work, 1)

    if role is Role.HANDLER:
        with pytest.raises(NotAllowed):
            start_sending(work, reference, now=NOW, by=role)
    else:
        assert start_sending(work, reference, now=NOW, by=role) == 1


def test_nothing_is_sent_without_recipients_or_against_the_decision(work):
    reference = decided_case(work)
    draft_notice(work, reference, now=NOW)
    approve_notice(work, reference, now=NOW)
    with pytest.raises(WrongStep, match="no_recipients"):
        start_sending(work, reference, now=NOW)
    work.session.rollback()
    kept = upload_recipients(work, reference, now=NOW)
    confirm_recipients(work, reference, kept, now=NOW)
    assess(work, reference, now=NOW)
    with pytest.raises(WrongStep, match="communication_not_decided"):
        start_sending(work, reference, now=NOW)
    work.session.rollback()
    advise(work, reference, now=NOW, communicate=Communicate.NONE)
    decide(work, reference, now=NOW, communicate=Communicate.NONE)

    with pytest.raises(WrongStep, match="communication_not_decided"):
        start_sending(work, reference, now=NOW)


MIXED = """Prénom;Nom;Courriel
Élise;Garnier;elise@client.example
Sans;Adresse;
Luc;Faute;luc@@client.example
Élise;Garnier;ELISE@client.example
Noé;Vidal;noe@client.example
""".encode("cp1252")


def test_good_lines_are_kept_bad_ones_counted_and_duplicates_joined(work):
    reference = decided_case(work)
    draft_notice(work, reference, now=NOW)

    assert confirm_recipients(work, reference, upload_recipients(work, reference, MIXED, now=NOW),
                              now=NOW) == 2  # fmt: skip

    kept = work.session.scalars(select(RecipientImport)).one()
    assert (kept.good, kept.bad, kept.duplicates) == (2, 2, 1)
    line = journal_of(work.session, incident(work, reference))[-1]
    assert {"count": 2, "rejected": 2, "duplicates": 1}.items() <= line.parameters.items()


def test_a_second_list_joins_the_first(work):
    reference = decided_case(work)
    draft_notice(work, reference, now=NOW)
    first = upload_recipients(work, reference, MIXED, now=NOW)
    confirm_recipients(work, reference, first, now=NOW)
    more = b"Courriel\nNoe@client.example\nida@client.example\n"

    second = upload_recipients(work, reference, more, now=NOW)

    assert confirm_recipients(work, reference, second, now=NOW) == 1
    assert _case(work, reference).counts["recipients"] == 3


def test_who_is_affected_cannot_be_read_from_the_database(work):
    reference = decided_case(work)
    draft_notice(work, reference, now=NOW)
    kept = upload_recipients(work, reference, MIXED, now=NOW)
    row = work.session.get_one(RecipientImport, kept)
    assert b"elise" not in row.content.lower()

    confirm_recipients(work, reference, kept, now=NOW)

    person = work.session.scalars(select(Recipient).order_by(Recipient.id)).first()
    assert b"elise" not in person.sealed.lower()
    assert b"Garnier" not in person.sealed
    opened = work.desk.vault.open_json(person.sealed)
    assert (opened["address"], opened["name"]) == ("elise@client.example", "Élise Garnier")
    assert person.address_index == work.desk.vault.index("elise@client.example")
    assert len(person.address_index) == 64
    assert work.session.get_one(RecipientImport, kept).content is None


def test_a_list_is_taken_in_once_and_a_discarded_one_never(work):
    reference = decided_case(work)
    draft_notice(work, reference, now=NOW)
    first, second = (upload_recipients(work, reference, MIXED, now=NOW) for _ in range(2))
    confirm_recipients(work, reference, first, now=NOW)
    discard_recipients(work.session, incident(work, reference), second, by=seat(work, Role.HANDLER))

    for kept in (first, second):
        with pytest.raises(NotFound, match="unknown_import"):
            confirm_recipients(work, reference, kept, now=NOW)
        work.session.rollback()


def test_recipients_come_too_late_once_it_is_sent(work):
    reference = approved_notice(work, 1)
    kept = upload_recipients(work, reference, MIXED, now=NOW)
    start_sending(work, reference, now=NOW)

    with pytest.raises(WrongStep, match="notice_already_sent"):
        confirm_recipients(work, reference, kept, now=NOW)
    work.session.rollback()
    with pytest.raises(WrongStep, match="notice_already_sent"):
        draft_notice(work, reference, now=NOW)


def test_as_many_as_the_shop_has_are_queued_in_one_go(work):
    reference = approved_notice(work, 3412)

    assert start_sending(work, reference, now=NOW + timedelta(hours=1)) == 3412

    rows = work.session.execute(
        text("SELECT count(*), count(DISTINCT dedup_key), count(DISTINCT recipient_id)"
             " FROM delivery WHERE recipient_id IS NOT NULL")
    ).one()  # fmt: skip
    assert tuple(rows) == (3412, 3412, 3412)
