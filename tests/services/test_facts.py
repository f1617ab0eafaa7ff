"""What is known of an incident: version by version, nobody's word lost or overwritten."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.domain.errors import ChangedMeanwhile, InvalidInput
from breachdesk.domain.facts import Answer, FactState
from breachdesk.domain.journal import Entry, commitment_to
from breachdesk.models import Fact
from breachdesk.services.cases import case_of, latest_facts
from breachdesk.services.facts import fact_histories
from breachdesk.services.incidents import canonical_value, fact_versions, record_facts
from breachdesk.services.journal import first_broken_entry, journal_of
from tests.cases import MONDAY_NINE, incident, know, make_organisation, open_case, qualify, seat

KNOWN, ESTIMATED = FactState.KNOWN, FactState.ESTIMATED


@pytest.fixture
def case(work):
    """An incident just opened."""
    make_organisation(work, now=MONDAY_NINE)
    return incident(work, open_case(work, now=MONDAY_NINE))


def _record(work, case, answers, seen=None, by=Role.HANDLER, **options):
    versions = fact_versions(latest_facts(work.session, case).values())
    return record_facts(
        work.session,
        case,
        answers,
        seen_versions=versions if seen is None else seen,
        by=seat(work, by),
        now=MONDAY_NINE,
        **options,
    )


def test_a_changed_fact_is_a_new_version_and_the_old_one_stays(work, case):
    answers = (Answer(ESTIMATED, 3000), Answer(KNOWN, 3412), Answer(KNOWN, 3412))

    changed = [_record(work, case, {"n_subjects": answer}) for answer in answers]

    assert changed == [["n_subjects"], ["n_subjects"], []]
    history = fact_histories(work.session, case, ["n_subjects"])["n_subjects"]
    assert [(fact.version, fact.state, fact.value) for fact in history.versions] == [
        (1, ESTIMATED, 3000),
        (2, KNOWN, 3412),
    ]


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        pytest.param("n_subjects", Answer(KNOWN, 0), id="none is a number"),
        pytest.param("cross_border", Answer(KNOWN, False), id="no is an answer"),
        pytest.param("data", Answer(KNOWN, ["contact", "health"]), id="several codes"),
        pytest.param("unavailable_hours", Answer(ESTIMATED, 1.5), id="an estimate"),
        pytest.param("system", Answer(KNOWN, "Ché « l’hôte » \u202f😕"), id="words"),
        pytest.param("exfiltration", Answer(FactState.NOT_KNOWN_YET), id="not known yet"),
        pytest.param("backup", Answer(FactState.NOT_APPLICABLE), id="does not arise"),
    ],
)
def test_a_fact_comes_back_as_it_was_given(work, case, key, answer):
    _record(work, case, {key: answer}, source="journal de l'hébergeur")

    work.session.expire_all()
    kept = latest_facts(work.session, case)[key]
    assert (kept.state, kept.value) == (answer.state, answer.value)
    assert type(kept.value) is type(answer.value)
    assert (kept.source, kept.author.email) == ("journal de l'hébergeur", "handler@gir.example")
    assert _record(work, case, {key: answer}) == []


def test_what_was_never_asked_is_no_fact(work, case):
    assert _record(work, case, {"backup": Answer(FactState.NOT_ASKED)}) == []
    assert "backup" not in latest_facts(work.session, case)


def test_a_value_that_is_unknown_again_is_forgotten_but_its_version_stays(work, case):
    _record(work, case, {"n_subjects": Answer(KNOWN, 12)})

    _record(work, case, {"n_subjects": Answer(FactState.NOT_KNOWN_YET, 12)})

    kept = latest_facts(work.session, case)["n_subjects"]
    assert (kept.version, kept.value) == (2, None)
    assert _record(work, case, {"n_subjects": Answer(FactState.NOT_KNOWN_YET, 12)}) == []


def test_of_two_who_edit_the_same_fact_the_second_records_nothing_and_learns_which(work, case):
    seen = fact_versions(latest_facts(work.session, case).values())
    _record(work, case, {"system": Answer(KNOWN, "Boutique")}, seen, by=Role.DPO)
    lines = len(journal_of(work.session, case))

    with pytest.raises(ChangedMeanwhile) as conflict:
        _record(
            work,
            case,
            {"system": Answer(KNOWN, "Sauvegarde"), "n_subjects": Answer(KNOWN, 3)},
            seen,
        )
    work.session.rollback()

    assert conflict.value.parameters["keys"] == ("system",)
    facts = latest_facts(work.session, case)
    assert facts["system"].value == "Boutique"
    assert "n_subjects" not in facts
    assert len(journal_of(work.session, case)) == lines


def test_two_who_edit_different_facts_or_say_the_same_do_not_conflict(work, case):
    seen = fact_versions(latest_facts(work.session, case).values())
    _record(work, case, {"system": Answer(KNOWN, "Boutique")}, seen, by=Role.DPO)

    changed = _record(
        work, case, {"system": Answer(KNOWN, "Boutique"), "n_subjects": Answer(KNOWN, 3)}, seen
    )

    assert changed == ["n_subjects"]


def test_two_who_save_at_the_same_instant_are_told_apart(work, case, at_once):
    reference = case.reference
    work.session.commit()

    def save(role, value):
        return lambda own: _record(
            own, incident(own, reference), {"system": Answer(KNOWN, value)}, {}, by=role
        )

    results = at_once(save(Role.HANDLER, "Boutique"), save(Role.DPO, "Sauvegarde"))

    assert sorted(type(result).__name__ for result in results) == ["ChangedMeanwhile", "list"]
    assert len(fact_histories(work.session, case, ["system"])["system"].versions) == 1


@pytest.mark.parametrize("value", [3412, True, ["contact"], "été \u202e", 2.5, None])
def test_the_journal_commits_to_the_value_under_its_salt(work, case, value):
    _record(work, case, {"system": Answer(KNOWN, value)})
    work.session.expire_all()

    fact = work.session.scalars(select(Fact).where(Fact.key == "system")).one()
    line = journal_of(work.session, case)[-1]

    assert line.code == Entry.FACT_RECORDED
    assert line.parameters["value"] == commitment_to(canonical_value(fact.value), fact.salt)
    assert line.parameters["value"] != commitment_to(canonical_value(fact.value), "")


def test_erasing_a_value_with_its_salt_leaves_the_chain_whole(work, case):
    _record(work, case, {"system": Answer(KNOWN, "L'ordinateur de Mme Petit")})
    fact = latest_facts(work.session, case)["system"]

    fact.value = fact.salt = None
    work.session.commit()

    work.session.expire_all()
    assert latest_facts(work.session, case)["system"].value is None
    assert first_broken_entry(journal_of(work.session, case)) is None


def test_a_correction_of_when_it_was_noticed_moves_the_provisional_clock(work, case):
    earlier = MONDAY_NINE - timedelta(hours=5)

    know(work, case.reference, now=MONDAY_NINE, noticed_at=earlier.isoformat())

    clock = case_of(work.session, case).clock
    assert case.noticed_at == earlier
    assert clock.due_at == earlier + timedelta(hours=72)
    assert clock.stopped_at is None


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        pytest.param(Answer(FactState.NOT_KNOWN_YET), "noticed_missing", id="unknown"),
        pytest.param(
            Answer(KNOWN, (MONDAY_NINE + timedelta(minutes=1)).isoformat()),
            "noticed_in_future",
            id="still to come",
        ),
        pytest.param(
            Answer(KNOWN, (MONDAY_NINE - timedelta(minutes=30)).isoformat()),
            "noticed_after_aware",
            id="later than awareness",
        ),
    ],
)
def test_a_date_that_cannot_be_is_refused(work, case, answer, code):
    an_hour_ago = MONDAY_NINE - timedelta(hours=1)
    know(work, case.reference, now=MONDAY_NINE, noticed_at=an_hour_ago.isoformat())
    qualify(work, case.reference, now=MONDAY_NINE, aware_at=an_hour_ago)

    with pytest.raises(InvalidInput, match=code):
        _record(work, case, {"noticed_at": answer})
