"""The public form's address: opened, moved, closed, one organisation each."""

import pytest

from breachdesk.domain.access import Role
from breachdesk.domain.errors import InvalidInput, NotAllowed, NotFound
from breachdesk.services.journal import first_broken_entry, journal_of
from breachdesk.services.outside_reports import find_public_organisation
from breachdesk.services.reporting import close_reporting, open_reporting
from tests.cases import MONDAY_NINE, make_organisation, organisation, seat

NOW = MONDAY_NINE


@pytest.fixture(autouse=True)
def _organisations(work):
    make_organisation(work, now=NOW)
    make_organisation(work, "VID", now=NOW)


def changes(work, code="GIR"):
    lines = journal_of(work.session, organisation(work, code))
    assert first_broken_entry(lines) is None
    return [line for line in lines if line.code == "reporting_changed"]


@pytest.mark.parametrize("role", [Role.ADMIN, Role.DPO])
def test_those_who_may_open_it_at_an_address_that_nobody_guesses(work, role):
    by = seat(work, role)

    address = open_reporting(work.session, None, by=by, now=NOW)
    again = open_reporting(work.session, None, by=by, now=NOW)

    assert len(address.replace("-", "")) == 28
    assert again != address
    assert find_public_organisation(work.session, again).code == "GIR"
    with pytest.raises(NotFound):
        find_public_organisation(work.session, address)
    assert [line.actor_id for line in changes(work)] == [by.user.id] * 2
    assert address not in repr([line.parameters for line in changes(work)])


@pytest.mark.parametrize(
    "role", [Role.REPORTER, Role.HANDLER, Role.DECIDER, Role.MANAGER, Role.AUDITOR]
)
def test_nobody_else_touches_it(work, role):
    by = seat(work, role)

    with pytest.raises(NotAllowed):
        open_reporting(work.session, None, by=by, now=NOW)
    with pytest.raises(NotAllowed):
        close_reporting(work.session, by=by, now=NOW)


def test_an_address_belongs_to_one_organisation(work):
    open_reporting(work.session, "girandole", by=seat(work, Role.DPO), now=NOW)

    with pytest.raises(InvalidInput) as refused:
        open_reporting(work.session, "Girandole", by=seat(work, Role.DPO, "VID"), now=NOW)

    assert refused.value.code == "public_address_taken"
    assert changes(work, "VID") == []


def test_of_two_who_take_one_address_at_once_one_gets_it(work, at_once):
    def take(code):
        return lambda own: open_reporting(
            own.session, "girandole", by=seat(own, Role.DPO, code), now=NOW
        )

    results = at_once(take("GIR"), take("VID"))

    refused = [result for result in results if isinstance(result, InvalidInput)]
    assert [fault.code for fault in refused] == ["public_address_taken"]
    assert results.count("girandole") == 1


def test_the_same_address_again_changes_nothing(work):
    by = seat(work, Role.DPO)
    open_reporting(work.session, "girandole", by=by, now=NOW)

    open_reporting(work.session, " GIRANDOLE ", by=by, now=NOW)

    assert len(changes(work)) == 1


def test_closed_it_leads_nowhere_and_closing_twice_is_told_once(work):
    by = seat(work, Role.DPO)
    open_reporting(work.session, "girandole", by=by, now=NOW)

    close_reporting(work.session, by=by, now=NOW)
    close_reporting(work.session, by=by, now=NOW)

    with pytest.raises(NotFound):
        find_public_organisation(work.session, "girandole")
    assert [line.parameters["is_open"] for line in changes(work)] == [True, False]
