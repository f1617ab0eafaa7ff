"""A letter that cannot be written holds up its own delivery, and nobody else's."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from breachdesk.domain.deliveries import DeliveryState, MailKind
from breachdesk.models import Delivery, Incident
from tests.cases import MONDAY_NINE, make_organisation, open_case, qualify
from tests.services.desks import let_work

NOW = MONDAY_NINE
MINUTE = timedelta(minutes=1)


@pytest.fixture
def cases(work) -> tuple[str, str]:
    """A breach of each of two organisations, whose mail has not left yet."""
    references = []
    for code in ("BAD", "GIR"):
        make_organisation(work, code, now=NOW)
        references.append(open_case(work, now=NOW, code=code))
        qualify(work, references[-1], now=NOW)
    return references[0], references[1]


def states_of(work, reference: str, *kinds: MailKind) -> set[DeliveryState]:
    return set(
        work.session.scalars(
            select(Delivery.state)
            .join(Incident, Incident.id == Delivery.incident_id)
            .where(Incident.reference == reference, Delivery.kind.in_(kinds or list(MailKind)))
        )
    ) - {DeliveryState.CANCELLED}


def run(work, statement: str, **values: object) -> None:
    """Change rows past the program, as a fault or another version would."""
    work.session.execute(text(statement), values)
    work.session.commit()
    work.session.expire_all()


def test_mail_of_an_organisation_in_no_timezone_leaves_all_the_same_in_utc(work, cases):
    bad, good = cases
    run(
        work,
        "UPDATE organisation SET timezone = :zone WHERE code = 'BAD'",
        zone="Europe/Nowhere",
    )

    let_work(work, NOW + MINUTE)

    assert states_of(work, good) == states_of(work, bad) == {DeliveryState.SENT}
    told = [each for each in work.desk.mailer.letters if each.subject.startswith(bad)]
    assert any("UTC" in each.text for each in told)
    assert any(each.attachments for each in told)


def test_a_row_that_cannot_be_read_for_a_batch_holds_up_its_own_case(work, cases, caplog):
    bad, good = cases
    reason = (
        "UPDATE clock SET stop_reason = :reason WHERE incident_id ="
        " (SELECT id FROM incident WHERE reference = :reference)"
    )
    # As a later version of the program may have written it.
    run(work, reason, reason="carrier_pigeon", reference=bad)

    let_work(work, NOW + MINUTE)

    assert states_of(work, good) == {DeliveryState.SENT}
    assert states_of(work, bad, MailKind.CLOCK_STARTED) == {DeliveryState.QUEUED}
    assert any("ValueError" in line for line in caplog.messages)
    assert not any("carrier_pigeon" in line for line in caplog.messages)

    run(work, reason, reason=None, reference=bad)
    let_work(work, NOW + timedelta(minutes=10))
    assert states_of(work, bad) == {DeliveryState.SENT}
