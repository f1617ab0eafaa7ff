"""Opening an incident: a reference, a clock that chases, the mails that tell of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from breachdesk.domain.access import ORGANISATION_ROLES, Role
from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.errors import InvalidInput, NotAllowed, WrongStep
from breachdesk.domain.facts import Answer, FactState
from breachdesk.domain.journal import Entry
from breachdesk.domain.lifecycle import Communicate, Stage
from breachdesk.domain.regimes import PROVISIONAL
from breachdesk.models import Attachment, Delivery, Fact, Incident, JournalEntry, User
from breachdesk.services.attachments import Upload
from breachdesk.services.cases import case_of, latest_facts
from breachdesk.services.incidents import Report, close_incident, open_incident, title_from
from breachdesk.services.journal import first_broken_entry, journal_of
from tests.cases import (
    FACTS_OF_THE_SHOP,
    MONDAY_NINE,
    advise,
    assess,
    decide,
    incident,
    know,
    make_organisation,
    open_case,
    qualify,
    seat,
)


def test_references_are_consecutive_in_each_organisation_and_year(work):
    for code in ("GIR", "BUT"):
        make_organisation(work, code, now=MONDAY_NINE)

    references = [
        open_case(work, code=code, now=now)
        for code, now in (
            ("GIR", MONDAY_NINE),
            ("GIR", MONDAY_NINE),
            ("BUT", MONDAY_NINE),
            ("GIR", MONDAY_NINE + timedelta(days=365)),
            ("GIR", MONDAY_NINE),
        )
    ]

    assert references == [
        "GIR-2026-0001",
        "GIR-2026-0002",
        "BUT-2026-0001",
        "GIR-2027-0001",
        "GIR-2026-0003",
    ]


@pytest.mark.parametrize(
    ("timezone", "reference"),
    [
        pytest.param("Europe/Paris", "GIR-2027-0001", id="half past midnight in Paris"),
        pytest.param("America/Martinique", "GIR-2026-0001", id="still the old year in Martinique"),
    ],
)
def test_the_year_of_a_reference_is_that_of_the_organisation(work, timezone, reference):
    make_organisation(work, now=MONDAY_NINE, timezone=timezone)

    opened = open_case(work, now=datetime(2026, 12, 31, 23, 30, tzinfo=UTC))

    assert opened == reference


def test_a_report_that_is_refused_takes_no_number(work):
    make_organisation(work, now=MONDAY_NINE)
    with pytest.raises(InvalidInput):
        open_case(work, now=MONDAY_NINE, uploads=(Upload("vide.txt", b""),))
    work.session.rollback()

    assert open_case(work, now=MONDAY_NINE) == "GIR-2026-0001"
    assert work.session.scalar(select(func.count(Attachment.id))) == 0


def _mails(work, kind: MailKind) -> list[str]:
    return list(
        work.session.scalars(
            select(User.email)
            .join(Delivery, Delivery.user_id == User.id)
            .where(Delivery.kind == kind)
            .order_by(User.id)
        )
    )


@pytest.mark.parametrize(
    ("roles", "told"),
    [
        pytest.param(ORGANISATION_ROLES, ["handler", "dpo", "decider", "manager"], id="the line"),
        pytest.param(
            (Role.REPORTER, Role.HANDLER, Role.DECIDER),
            ["handler", "decider"],
            id="without a DPO the one who decides",
        ),
        pytest.param((Role.REPORTER, Role.DECIDER), ["decider"], id="the only one left, once"),
    ],
)
def test_the_reporter_gets_a_receipt_and_whoever_follows_cases_one_mail(work, roles, told):
    make_organisation(work, now=MONDAY_NINE, roles=roles)

    open_case(work, now=MONDAY_NINE, by=Role.REPORTER)

    assert _mails(work, MailKind.RECEIPT) == ["reporter@gir.example"]
    started = _mails(work, MailKind.CLOCK_STARTED)
    assert sorted(started) == sorted(f"{role}@gir.example" for role in told)
    assert _mails(work, MailKind.ALERT) == []


def test_an_unqualified_incident_is_chased_from_the_moment_it_was_noticed(work):
    make_organisation(work, now=MONDAY_NINE)

    reference = open_case(
        work, now=MONDAY_NINE, noticed_at=MONDAY_NINE - timedelta(hours=2, minutes=7)
    )

    case = case_of(work.session, incident(work, reference))
    assert case.clock is not None
    assert case.clock.regime == PROVISIONAL
    assert case.clock.due_at == MONDAY_NINE + timedelta(hours=69, minutes=53)
    assert case.incident.stage is Stage.OPENED


def test_the_journal_tells_of_the_opening_without_a_word_of_the_story(work):
    make_organisation(work, now=MONDAY_NINE)

    reference = open_case(
        work,
        now=MONDAY_NINE,
        description="Karim a perdu la clé.",
        uploads=(Upload("alerte.txt", b"partage public"),),
    )

    lines = journal_of(work.session, incident(work, reference))
    assert [line.code for line in lines] == [
        Entry.OPENED,
        Entry.FACT_RECORDED,
        Entry.FACT_RECORDED,
        Entry.ATTACHMENT_ADDED,
        Entry.CLOCK_STARTED,
    ]
    assert all(line.actor.email == "handler@gir.example" for line in lines)
    assert "Karim" not in str([line.parameters for line in lines])
    assert first_broken_entry(lines) is None


HOSTILE = [
    pytest.param("<script>alert('été')</script>\n\n<b>gras</b> & « guillemets »", id="pasted HTML"),
    pytest.param("Le fichier \u202egpj.exe\u202c était ouvert 😱👩‍👩‍👧", id="override and emoji"),
    pytest.param("שלום — تسرب البيانات من الخادم", id="right to left"),
    pytest.param("'; DROP TABLE incident; -- %s %(x)s {0} ${x} {{ 7*7 }}", id="other languages"),
    pytest.param("é" * 10_000, id="ten thousand characters without a space"),
    pytest.param("  \n\t premier mot\r\nsecond\u2028troisième", id="odd line ends"),
    pytest.param("#let x = 1; $x$ *gras* _it_ \\ #panic()", id="typesetting markup"),
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_story_is_kept_as_it_was_typed(work, text):
    make_organisation(work, now=MONDAY_NINE)

    reference = open_case(work, now=MONDAY_NINE, description=text)

    work.session.expire_all()
    opened = incident(work, reference)
    assert latest_facts(work.session, opened)["description"].value == text.strip()
    assert opened.title
    assert len(opened.title) <= 200


@pytest.mark.parametrize(
    ("story", "title"),
    [
        pytest.param("\n  Clé perdue. \nSuite", "Clé perdue.", id="the first line said"),
        pytest.param("mot " * 40, "mot " * 21 + "mot…", id="cut after a word"),
        pytest.param("a" * 91, "a" * 90 + "…", id="cut where no word ends"),
        pytest.param("a" * 90, "a" * 90, id="just short enough"),
    ],
)
def test_a_title_is_the_first_line_cut_at_a_word(story, title):
    assert title_from(story) == title


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        pytest.param({"description": " \n\t"}, "description_missing", "description", id="no story"),
        pytest.param(
            {"noticed_at": MONDAY_NINE + timedelta(seconds=1)},
            "noticed_in_future",
            "noticed_at",
            id="noticed in the future",
        ),
        pytest.param(
            {"facts": {"no_such_fact": Answer(FactState.KNOWN, 1)}},
            "unknown_fact",
            "no_such_fact",
            id="a fact nobody asks for",
        ),
    ],
)
def test_a_report_that_cannot_be_is_refused_and_leaves_nothing(work, changes, code, field):
    make_organisation(work, now=MONDAY_NINE)
    report = replace(Report("Clé perdue.", MONDAY_NINE), **changes)

    with pytest.raises(InvalidInput) as refused:
        open_incident(
            work.session, work.desk, report, by=seat(work, Role.REPORTER), now=MONDAY_NINE
        )

    work.session.rollback()
    assert (refused.value.code, refused.value.field) == (code, field)
    for kept in (Incident, Fact, Delivery):
        assert work.session.scalar(select(func.count(kept.id))) == 0


def test_what_happened_at_the_very_moment_of_reporting_is_not_the_future(work):
    make_organisation(work, now=MONDAY_NINE)

    assert open_case(work, now=MONDAY_NINE, noticed_at=MONDAY_NINE)


def test_a_case_is_closed_only_when_all_that_was_decided_is_done(work):
    make_organisation(work, now=MONDAY_NINE)
    reference = open_case(work, now=MONDAY_NINE)
    case = incident(work, reference)
    dpo = seat(work, Role.DPO)
    with pytest.raises(WrongStep, match="cannot_close_yet"):
        close_incident(work.session, case, by=dpo, now=MONDAY_NINE)
    know(work, reference, now=MONDAY_NINE, **FACTS_OF_THE_SHOP)
    qualify(work, reference, now=MONDAY_NINE)
    assess(work, reference, now=MONDAY_NINE)
    advise(work, reference, now=MONDAY_NINE, notify=False, communicate=Communicate.NONE)
    with pytest.raises(WrongStep, match="cannot_close_yet"):
        close_incident(work.session, case, by=dpo, now=MONDAY_NINE)
    decide(work, reference, now=MONDAY_NINE, notify=False, communicate=Communicate.NONE)

    close_incident(work.session, case, by=dpo, now=MONDAY_NINE)

    assert case.stage is Stage.CLOSED
    with pytest.raises(WrongStep, match="case_closed"):
        know(work, reference, now=MONDAY_NINE, system="après")


def test_a_reporter_neither_records_nor_closes(work):
    make_organisation(work, now=MONDAY_NINE)
    reference = open_case(work, now=MONDAY_NINE, by=Role.REPORTER)

    with pytest.raises(NotAllowed):
        know(work, reference, now=MONDAY_NINE, by=Role.REPORTER, system="x")
    with pytest.raises(NotAllowed):
        close_incident(
            work.session, incident(work, reference), by=seat(work, Role.REPORTER), now=MONDAY_NINE
        )

    work.session.rollback()
    assert (
        work.session.scalar(
            select(func.count(JournalEntry.id)).where(JournalEntry.code == Entry.CLOSED)
        )
        == 0
    )
