"""Hypothesis strategies over whole cases: any mix of facts in any state, and what was filed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from breachdesk.domain.authority_case_values import FilingAnswers
from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.case_record import CaseRecord, FactRecord
from breachdesk.domain.facts import FACTS, FactKind, FactState
from tests.documents.sample_case import AWARE, KARIM, NOTICED, sample_case

MOMENTS = st.datetimes(
    min_value=datetime(2026, 1, 1),
    max_value=datetime(2026, 12, 31),
    timezones=st.just(UTC),
)


def value_for(key: str) -> st.SearchStrategy[object]:
    """Any value that a fact can hold."""
    fact = FACTS[key]
    codes = [code.value for code in fact.options or ()]
    return {
        FactKind.LINE: st.text(max_size=40),
        FactKind.TEXT: st.text(max_size=200),
        FactKind.CHOICE: st.sampled_from(codes or [""]),
        FactKind.CHOICES: st.lists(st.sampled_from(codes or [""]), unique=True, max_size=4),
        FactKind.COUNT: st.integers(min_value=0, max_value=10**7),
        FactKind.HOURS: st.floats(min_value=0, max_value=1000),
        FactKind.DAYS: st.floats(min_value=0, max_value=1000),
        FactKind.YES_NO: st.booleans(),
        FactKind.INSTANT: MOMENTS.map(datetime.isoformat),
    }[fact.kind]


@st.composite
def any_facts(draw: st.DrawFn) -> tuple[FactRecord, ...]:
    """Some facts, in any state."""
    facts = []
    for key, definition in FACTS.items():
        states = [
            state
            for state in FactState
            if state is not FactState.NOT_APPLICABLE or definition.may_not_apply
        ]
        state = draw(st.sampled_from(states))
        if state is FactState.NOT_ASKED and draw(st.booleans()):
            continue
        has_value = state in (FactState.KNOWN, FactState.ESTIMATED)
        value = draw(value_for(key)) if has_value else None
        facts.append(FactRecord(key, state.value, value, "", KARIM, NOTICED, 1))
    return tuple(facts)


@st.composite
def any_cases(draw: st.DrawFn) -> CaseRecord:
    """The sample case with any facts, and more or less of everything else."""
    case = sample_case()
    decisions = tuple(
        replace(
            each,
            decided_notify=draw(st.booleans()),
            decided_communicate=draw(st.sampled_from(["owed", "voluntary", "none"])),
            decision_reason=draw(st.sampled_from(["", "Peu de données."])),
        )
        for each in case.decisions
    )
    return replace(
        case,
        facts=draw(any_facts()),
        decisions=decisions if draw(st.booleans()) else (),
        **{
            name: getattr(case, name) if draw(st.booleans()) else ()
            for name in ("qualifications", "assessments", "phases", "notices", "attachments")
        },
        organisation=replace(
            case.organisation,
            country=draw(st.sampled_from(["France", "", "Suisse", "Martinique"])),
            contact_function=draw(st.sampled_from(["", "DPO", "gérante"])),
            address=draw(st.sampled_from(["", "12 rue X, 33000 Bordeaux", "ailleurs"])),
            has_dpo=draw(st.booleans()),
            timezone=draw(st.sampled_from(["Europe/Paris", "Nowhere/None"])),
        ),
        made_at=AWARE + timedelta(hours=draw(st.sampled_from([1, 71, 73, 500]))),
    )


ANY_FILINGS = st.builds(
    FilingAnswers,
    kind=st.sampled_from([None, *NotificationKind]),
    is_complete=st.sampled_from([None, True, False]),
    filed_at=st.sampled_from([None, AWARE + timedelta(hours=1), AWARE + timedelta(hours=80)]),
    reasons_for_delay=st.sampled_from(["", "Le prestataire n’a répondu que tard."]),
    withdrawal_reason=st.sampled_from(["", "Ce n’était pas une violation."]),
)
