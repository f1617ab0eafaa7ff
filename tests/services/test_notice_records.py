"""Communications as the dossier tells them: counted by the database, over time too."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, select, text, update

from breachdesk.domain.access import Role
from breachdesk.models import Delivery, JournalEntry
from breachdesk.services.case_records import read_case_for_form, read_case_record
from breachdesk.services.deliveries import finish_notices
from breachdesk.services.notice_records import read_notices
from breachdesk.wording import FRENCH
from breachdesk.wording.journal import journal_line
from tests.cases import MONDAY_NINE, incident, seat, start_sending
from tests.services.letters_to_many import approved_notice

SENT_AT = MONDAY_NINE + timedelta(hours=1)


@pytest.fixture
def reference(work) -> str:
    """Ten mails queued: eight taken over three minutes, one refused, one waits."""
    made = approved_notice(work, 10)
    start_sending(work, made, now=SENT_AT)
    ids = list(work.session.scalars(select(Delivery.id).where(Delivery.notice_id.is_not(None))))
    for place, number in enumerate(ids[:8]):
        at = SENT_AT + timedelta(minutes=place // 3, seconds=59, microseconds=place)
        end(work, number, "sent", at)
    end(work, ids[8], "refused", SENT_AT + timedelta(hours=3))
    work.session.commit()
    return made


def end(work, delivery_id: int, state: str, at: datetime) -> None:
    work.session.execute(
        update(Delivery).where(Delivery.id == delivery_id).values(state=state, finished_at=at)
    )


def test_what_became_of_the_mails_and_when_is_counted(work, reference):
    (notice,) = read_notices(work.session, incident(work, reference), over_time=True)
    course = notice.course

    assert notice.deliveries == {"queued": 1, "refused": 1, "sent": 8}
    assert notice.first_sent_at == SENT_AT + timedelta(seconds=59)
    assert course.begins_at == SENT_AT
    assert course.step_minutes == 10
    assert [(s.accepted, s.refused, s.waiting) for s in (course.steps[0], course.steps[-1])] == [
        (8, 0, 2),
        (8, 1, 1),
    ]
    assert course.steps[-1].until == SENT_AT + timedelta(hours=3, minutes=10)


def test_a_minute_is_that_of_utc_whatever_the_session_s_zone(work, reference):
    """PostgreSQL would tell a moment in the zone of whoever asks."""
    if work.session.get_bind().dialect.name == "postgresql":
        work.session.execute(text("SET LOCAL TIME ZONE 'Asia/Kolkata'"))
    (notice,) = read_notices(work.session, incident(work, reference), over_time=True)

    assert notice.course.begins_at == SENT_AT
    assert notice.course.begins_at.tzinfo == UTC


def test_only_the_dossier_looks_at_each_mail(work, reference):
    case, by = incident(work, reference), seat(work, Role.HANDLER).user
    form = read_case_for_form(work.session, case, by=by, now=SENT_AT)
    whole = read_case_record(work.session, case, by=by, now=SENT_AT)

    assert form.notices[0].course is None
    assert whole.notices[0].course is not None


@pytest.mark.parametrize("over_time", [True, False])
def test_many_mails_ask_the_database_no_more_often(work, reference, over_time):
    case = incident(work, reference)
    said: list[str] = []
    event.listen(
        work.session.get_bind(), "before_cursor_execute", lambda *args: said.append(args[2])
    )
    work.session.expire_all()
    str(case.organisation.timezone)
    said.clear()

    read_notices(work.session, case, over_time=over_time)

    assert len(said) == (3 if over_time else 2)


KEPT = {"answer_code": 250, "answer": "Kept as 17-a"}


def make_example(work, reference: str) -> None:
    incident(work, reference).organisation.is_example = True
    work.session.flush()


def keep_here(work, *states: str) -> None:
    work.session.execute(update(Delivery).where(Delivery.state.in_(states)).values(**KEPT))


def test_what_an_example_kept_here_is_counted_apart_and_the_record_says_that_nothing_left(
    work, reference
):
    case, by = incident(work, reference), seat(work, Role.HANDLER).user
    make_example(work, reference)
    keep_here(work, "sent", "refused")

    record = read_case_record(work.session, case, by=by, now=SENT_AT)
    (notice,) = record.notices

    assert notice.deliveries == {"queued": 1, "refused": 1, "sent": 8}
    assert notice.outcomes == {"queued": 1, "refused": 1, "kept_here": 8}
    assert notice.stayed_here
    assert record.organisation.is_example
    assert record.no_mail_left


def test_of_an_example_whose_mail_left_nothing_else_is_said(work, reference):
    case, by = incident(work, reference), seat(work, Role.HANDLER).user
    make_example(work, reference)

    record = read_case_record(work.session, case, by=by, now=SENT_AT)

    assert record.notices[0].outcomes == {"queued": 1, "refused": 1, "sent": 8}
    assert not record.no_mail_left


def test_the_journal_says_that_a_communication_of_an_example_stayed_here(work, reference):
    make_example(work, reference)
    keep_here(work, "sent")
    for number in work.session.scalars(select(Delivery.id).where(Delivery.state == "queued")):
        end(work, number, "cancelled", SENT_AT)

    finish_notices(work.session, now=SENT_AT + timedelta(hours=4))

    line = work.session.scalars(
        select(JournalEntry).where(JournalEntry.code == "sending_finished")
    ).one()
    assert line.parameters["counts"]["kept_here"] == 8
    assert "sent" not in line.parameters["counts"]
    said = journal_line(line.code, line.parameters, FRENCH, "Europe/Paris")
    assert "Retenu ici (organisation d’exemple)" in said
