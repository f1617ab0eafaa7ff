"""Which clocks a case calls for: what is known against what each file asks for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.domain.clock_offers import (
    Because,
    ClockSeen,
    OfferReason,
    Situation,
    offers_for,
)
from breachdesk.domain.deadlines import StopReason
from breachdesk.domain.facts import Answer, FactState
from breachdesk.domain.regimes import Circumstance, StartEvent, regimes

NOTICED = datetime(2026, 11, 24, 9, tzinfo=UTC)
AWARE = NOTICED + timedelta(hours=3)
OPENED = Situation(facts={}, moments={StartEvent.NOTICED: NOTICED})
QUALIFIED = replace(
    OPENED,
    moments={StartEvent.NOTICED: NOTICED, StartEvent.AWARE: AWARE},
    is_breach=True,
    came_about=frozenset({Circumstance.QUALIFIED}),
)
NOT_A_BREACH = replace(OPENED, is_breach=False)
BY_DESK = {"gdpr_art_33", "provisional"}


def knowing(situation: Situation, **values: object) -> Situation:
    """The situation with these facts known."""
    facts = {key: Answer(FactState.KNOWN, value) for key, value in values.items()}
    return replace(situation, facts=facts)


def called_for(situation: Situation) -> list[str]:
    """The codes of what a situation calls for."""
    return [each.regime.code for each in offers_for(situation, regimes().values()).called_for]


def others(situation: Situation) -> set[str]:
    """The codes of what can be started besides."""
    return {each.regime.code for each in offers_for(situation, regimes().values()).others}


def seen(regime: str, reason: StopReason | None, stopped_at: datetime | None = None) -> ClockSeen:
    """A clock of a regime; it runs where there is no reason."""
    return ClockSeen(regime, reason is None, reason, stopped_at)


TELECOM = replace(OPENED, traits=frozenset({"telecom_provider"}))
NIS2 = replace(OPENED, traits=frozenset({"nis2_entity"}))
QUEBEC = replace(OPENED, traits=frozenset({"quebec_enterprise"}))
INITIAL = replace(
    QUALIFIED, moments={**QUALIFIED.moments, StartEvent.INITIAL_FILED: AWARE + timedelta(hours=9)}
)
OWED = replace(
    QUALIFIED, came_about=frozenset({Circumstance.QUALIFIED, Circumstance.COMMUNICATION_OWED})
)


@pytest.mark.parametrize(
    ("situation", "codes"),
    [
        pytest.param(OPENED, [], id="nothing is known: nothing is called for"),
        pytest.param(QUALIFIED, [], id="a breach alone: the desk starts its clock itself"),
        pytest.param(knowing(OPENED, vector="ransomware"), ["insurance_complaint"], id="an attack"),
        pytest.param(
            knowing(OPENED, origins=["other", "hacking"]),
            ["insurance_complaint"],
            id="an attack, said as the CNIL's form asks",
        ),
        pytest.param(knowing(OPENED, vector="device_theft"), [], id="a theft is no such attack"),
        pytest.param(
            knowing(NOT_A_BREACH, vector="ransomware"),
            ["insurance_complaint"],
            id="an attack is one even where no personal data are touched",
        ),
        pytest.param(
            knowing(OPENED, role="processor"), ["gdpr_art_33_2"], id="a processor, at once"
        ),
        pytest.param(
            knowing(NOT_A_BREACH, role="processor"), [], id="without a breach it owes nothing"
        ),
        pytest.param(TELECOM, ["telecom_611"], id="24 hours do not wait for the qualification"),
        pytest.param(
            knowing(TELECOM, role="processor"),
            ["gdpr_art_33_2"],
            id="for another provider it tells that one alone",
        ),
        pytest.param(replace(TELECOM, is_breach=False), [], id="a telecom provider, and no breach"),
        pytest.param(NIS2, ["nis2_early_warning", "nis2_notification"], id="NIS 2"),
        pytest.param(
            replace(NIS2, is_breach=False),
            ["nis2_early_warning", "nis2_notification"],
            id="NIS 2 asks nothing of personal data",
        ),
        pytest.param(
            replace(NIS2, clocks=(seen("nis2_notification", StopReason.DONE, AWARE),)),
            ["nis2_early_warning", "nis2_final_report"],
            id="the report follows the notification",
        ),
        pytest.param(
            replace(NIS2, clocks=(seen("nis2_notification", StopReason.NOT_OWED, AWARE),)),
            ["nis2_early_warning"],
            id="no notification, no report on it",
        ),
        pytest.param(QUEBEC, [], id="Québec once it is a breach"),
        pytest.param(
            replace(QUALIFIED, traits=frozenset({"quebec_enterprise"})), ["quebec_cai"], id="Québec"
        ),
        pytest.param(INITIAL, ["gdpr_follow_up"], id="an initial notification asks for more"),
        pytest.param(
            replace(
                INITIAL,
                traits=frozenset({"telecom_provider"}),
                clocks=(seen("telecom_611", StopReason.FILED, AWARE),),
            ),
            ["gdpr_follow_up", "telecom_611_second"],
            id="of a telecom provider, within three days",
        ),
        pytest.param(OWED, ["gdpr_art_34"], id="people are to be told"),
        pytest.param(knowing(OWED, role="processor"), ["gdpr_art_33_2"], id="not by a processor"),
        pytest.param(
            knowing(OWED, role="joint_controller"), ["gdpr_art_34"], id="by a joint controller"
        ),
    ],
)
def test_what_is_known_calls_for_clocks(situation, codes):
    assert called_for(situation) == codes


def test_what_is_not_called_for_can_be_started_all_the_same():
    assert others(OPENED) == set(regimes()) - BY_DESK
    assert others(knowing(OPENED, vector="ransomware")) == set(regimes()) - BY_DESK - {
        "insurance_complaint"
    }


@pytest.mark.parametrize(
    ("state", "is_called_for"),
    [
        (FactState.KNOWN, True),
        (FactState.ESTIMATED, True),
        (FactState.NOT_KNOWN_YET, False),
        (FactState.NOT_ASKED, False),
        (FactState.NOT_APPLICABLE, False),
    ],
)
def test_only_what_is_known_calls_for_a_clock(state, is_called_for):
    situation = replace(OPENED, facts={"vector": Answer(state, "hacking")})

    assert bool(called_for(situation)) is is_called_for


@pytest.mark.parametrize(
    ("situation", "regime", "reasons"),
    [
        pytest.param(
            knowing(OPENED, vector="phishing", origins=["hacking"]),
            "insurance_complaint",
            (
                OfferReason(Because.FACT, "vector", ("phishing",)),
                OfferReason(Because.FACT, "origins", ("hacking",)),
            ),
            id="every fact that says so",
        ),
        pytest.param(
            TELECOM,
            "telecom_611",
            (
                OfferReason(Because.TRAIT, "telecom_provider"),
                OfferReason(Because.ROLE_ASSUMED, "controller"),
            ),
            id="what the organisation said",
        ),
        pytest.param(
            OWED,
            "gdpr_art_34",
            (
                OfferReason(Because.ROLE_ASSUMED, "controller"),
                OfferReason(Because.CIRCUMSTANCE, "communication_owed"),
            ),
            id="the role counts as a controller's until somebody says, and that is said",
        ),
        pytest.param(
            knowing(OWED, role="controller"),
            "gdpr_art_34",
            (
                OfferReason(Because.ROLE, "controller"),
                OfferReason(Because.CIRCUMSTANCE, "communication_owed"),
            ),
            id="the role that somebody said",
        ),
        pytest.param(
            INITIAL,
            "gdpr_follow_up",
            (OfferReason(Because.EVENT, "initial_filed"),),
            id="what has come about",
        ),
    ],
)
def test_an_offer_says_why(situation, regime, reasons):
    offer = offers_for(situation, regimes().values()).of(regime)

    assert offer.reasons == reasons


def test_a_clock_that_runs_is_not_offered():
    situation = replace(
        knowing(OPENED, vector="hacking"), clocks=(seen("insurance_complaint", None),)
    )

    assert called_for(situation) == []
    assert "insurance_complaint" not in others(situation)
    assert offers_for(situation, regimes().values()).of("insurance_complaint") is None


@pytest.mark.parametrize(
    ("reason", "again"),
    [
        (StopReason.DONE, False),
        (StopReason.NOT_OWED, False),
        (StopReason.FILED, False),
        (StopReason.COMMUNICATED, False),
        (StopReason.NOT_A_BREACH, True),
    ],
)
def test_what_was_answered_is_not_asked_again(reason, again):
    attacked = knowing(OPENED, vector="hacking")
    situation = replace(attacked, clocks=(seen("insurance_complaint", reason, AWARE),))

    assert bool(called_for(situation)) is again
    assert ("insurance_complaint" in others(situation)) is not again


def test_what_was_refused_is_not_offered_again_and_can_still_be_started():
    situation = replace(
        knowing(OPENED, vector="hacking"), refused=frozenset({"insurance_complaint"})
    )

    assert called_for(situation) == []
    assert "insurance_complaint" in others(situation)


@pytest.mark.parametrize(
    ("situation", "regime", "starts_at"),
    [
        pytest.param(OPENED, "telecom_611", NOTICED, id="not qualified: the strictest start"),
        pytest.param(QUALIFIED, "telecom_611", AWARE, id="awareness"),
        pytest.param(QUALIFIED, "insurance_complaint", NOTICED, id="of the attack, a proposal"),
        pytest.param(QUALIFIED, "nis2_early_warning", NOTICED, id="the first notice"),
        pytest.param(INITIAL, "gdpr_follow_up", AWARE + timedelta(hours=9), id="the filing"),
        pytest.param(QUALIFIED, "gdpr_follow_up", None, id="nothing filed: only a person knows"),
        pytest.param(QUALIFIED, "nis2_final_report", None, id="not notified: only a person knows"),
    ],
)
def test_a_start_is_proposed(situation, regime, starts_at):
    assert offers_for(situation, regimes().values()).of(regime).starts_at == starts_at


facts = st.fixed_dictionaries(
    {},
    optional={
        "vector": st.sampled_from(["hacking", "device_theft", "email_open_cc"]),
        "role": st.sampled_from(["controller", "processor"]),
        "origins": st.lists(st.sampled_from(["hacking", "other"])),
    },
)
clocks = st.lists(
    st.builds(
        seen,
        st.sampled_from(sorted(regimes())),
        st.none() | st.sampled_from(StopReason),
        st.just(AWARE),
    ),
    max_size=4,
)


@given(
    facts,
    clocks,
    st.sets(st.sampled_from(["telecom_provider", "nis2_entity", "quebec_enterprise"])),
    st.sets(st.sampled_from(sorted(regimes()))),
    st.sampled_from([None, True, False]),
    st.sets(st.sampled_from(Circumstance)),
)
def test_each_regime_is_in_one_place_alone(values, clocks, traits, refused, is_breach, came_about):
    situation = replace(
        knowing(OPENED, **values),
        clocks=tuple(clocks),
        traits=frozenset(traits),
        refused=frozenset(refused),
        is_breach=is_breach,
        came_about=frozenset(came_about),
    )
    offers = offers_for(situation, regimes().values())
    called = [each.regime.code for each in offers.called_for]
    rest = [each.regime.code for each in offers.others]
    running = {clock.regime for clock in clocks if clock.is_running}

    assert sorted([*called, *rest]) == sorted(set(regimes()) - BY_DESK - running)
    assert all(each.reasons and each.starts_at for each in offers.called_for)
    assert not set(called) & refused
