"""A worker that stands still in the middle of a tick does not keep a case to itself for ever."""

import time

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from breachdesk.models import Incident, Reminder, base
from breachdesk.services.reminders import emit_due_reminders
from tests.cases import MONDAY_NINE, incident, make_organisation, open_case
from tests.workers.beating import ON_POSTGRESQL

NOW = MONDAY_NINE
PATIENCE_SECONDS = 20


@ON_POSTGRESQL
def test_every_connection_asks_the_server_to_let_go_of_what_it_held(engine):
    with engine.connect() as connection:
        found = {
            name: connection.scalar(text("SELECT current_setting(:name)"), {"name": name})
            for name in base.LET_GO
        }

    assert found.pop("idle_in_transaction_session_timeout") == "5min"
    # Through the tests' socket there are no keepalives: 0 is what the server then says.
    assert set(found.values()) <= {"0", "3", "5", "15"}


@ON_POSTGRESQL
def test_what_it_held_is_done_by_another_and_nothing_of_its_own_is_kept(work, engine):
    """SIGSTOP, or a machine lost with a transaction open: no line says that it has gone."""
    make_organisation(work, now=NOW)
    reference = open_case(work, now=NOW)
    planned = select(Reminder).where(Reminder.emitted_at.is_(None)).order_by(Reminder.remind_at)
    first = work.session.scalars(planned.limit(1)).one()
    due_at, first_id = first.remind_at, first.id
    work.session.commit()

    with Session(engine) as stopped:
        case = incident(work, reference).id
        work.session.commit()
        stopped.execute(text("SET LOCAL idle_in_transaction_session_timeout = '300ms'"))
        stopped.execute(select(Incident.id).where(Incident.id == case).with_for_update())
        stopped.execute(text("UPDATE incident SET title = 'half-way'"))
        assert emit_due_reminders(work.session, now=due_at) == 0
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not emit_due_reminders(work.session, now=due_at):
            assert time.monotonic() < give_up, "It is held for ever."
            time.sleep(0.05)
        with pytest.raises(DBAPIError):
            stopped.commit()

    work.session.expire_all()
    assert work.session.get_one(Reminder, first_id).emitted_at == due_at
    assert incident(work, reference).title != "half-way"
