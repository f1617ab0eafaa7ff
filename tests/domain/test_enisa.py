"""ENISA 2013: every worked example of the document, and vectors that we composed.

The document's examples are told in our words; it holds none with a whole score.
"""

import pytest

from breachdesk.domain import enisa
from breachdesk.domain.enisa import Circumstances, DataContext, Level

SIMPLE, BEHAVIOURAL = DataContext.SIMPLE, DataContext.BEHAVIOURAL
FINANCIAL, SENSITIVE = DataContext.FINANCIAL, DataContext.SENSITIVE

# (what the data are, class, adjustment or none, score)
CONTEXTS = [
    ("customers' names and phones: a restaurant", SIMPLE, "", 1),
    ("customers' names and phones: luxury cars", SIMPLE, "social_or_financial_status", 2),
    ("customers' names and phones: a diabetics' pharmacy", SIMPLE, "sensitive_assumptions", 3),
    ("names and phones: undercover police", SIMPLE, "personal_safety", 4),
    ("CVs: an open career site", SIMPLE, "", 1),
    ("CVs: help for the unemployed", SIMPLE, "social_or_financial_status", 2),
    ("CVs: a gay rights institution", SIMPLE, "sensitive_assumptions", 3),
    ("CVs: work for recovering addicts", SIMPLE, "personal_safety", 4),
    ("addresses: a florist's customers", SIMPLE, "", 1),
    ("addresses: an investment bank's customers", SIMPLE, "social_or_financial_status", 2),
    ("addresses: an adult bookshop's deliveries", SIMPLE, "sensitive_assumptions", 3),
    ("addresses: people accused of child abuse", SIMPLE, "personal_safety", 4),
    ("calls to a technical helpdesk", BEHAVIOURAL, "no_insight", 1),
    ("subscribers' calls, a week", BEHAVIOURAL, "", 2),
    ("subscribers' calls, a year", BEHAVIOURAL, "detailed_profile", 3),
    ("calls to a serious-illness support line", BEHAVIOURAL, "sensitive_profile", 4),
    ("loyalty card: points", BEHAVIOURAL, "no_insight", 1),
    ("loyalty card: a month's purchases", BEHAVIOURAL, "", 2),
    ("transport card: a year's journeys", BEHAVIOURAL, "detailed_profile", 3),
    ("pharmacy card: recent purchases", BEHAVIOURAL, "sensitive_profile", 4),
    ("social network: public pictures", BEHAVIOURAL, "no_insight", 1),
    ("social network: a month's preferences", BEHAVIOURAL, "", 2),
    ("social network: a year's preferences", BEHAVIOURAL, "detailed_profile", 3),
    ("social network: private messages", BEHAVIOURAL, "sensitive_profile", 4),
    ("bank: being a customer", FINANCIAL, "no_insight", 1),
    ("bank: a day's transactions, no detail", FINANCIAL, "little_insight", 2),
    ("bank: a month's balances", FINANCIAL, "", 3),
    ("bank: a year of detailed transactions", FINANCIAL, "fraud_or_detailed_profile", 4),
    ("tax: a return was filed", FINANCIAL, "no_insight", 1),
    ("tax: the rate", FINANCIAL, "little_insight", 2),
    ("tax: one year's return", FINANCIAL, "", 3),
    ("tax: ten years' returns", FINANCIAL, "fraud_or_detailed_profile", 4),
    ("card: expired for ten years", FINANCIAL, "no_insight", 1),
    ("card: partial number from a shop", FINANCIAL, "little_insight", 2),
    ("card: partial number and a year of purchases", FINANCIAL, "", 3),
    ("card: usable for payment", FINANCIAL, "fraud_or_detailed_profile", 4),
    ("blood: general tests were done", SENSITIVE, "no_insight", 1),
    ("blood: tests in an emergency room", SENSITIVE, "general_assumptions", 2),
    ("blood: a test for one disease, no result", SENSITIVE, "sensitive_assumptions", 3),
    ("blood: the results", SENSITIVE, "", 4),
    ("politics: publicly known members", SENSITIVE, "no_insight", 1),
    ("politics: guests of a party's charity event", SENSITIVE, "general_assumptions", 2),
    ("politics: attendance of a party conference", SENSITIVE, "sensitive_assumptions", 3),
    ("politics: opinions in a closed forum", SENSITIVE, "", 4),
    ("sex life: users of a relationships forum", SENSITIVE, "no_insight", 1),
    ("sex life: customers of a dating site", SENSITIVE, "general_assumptions", 2),
    ("sex life: a dating site for one orientation", SENSITIVE, "sensitive_assumptions", 3),
    ("sex life: the declared orientation", SENSITIVE, "", 4),
    # Credentials take the class of what they open.
    ("password of a music shop", SIMPLE, "", 1),
    ("password of a supermarket, with shopping lists", BEHAVIOURAL, "", 2),
    ("password of a social network", BEHAVIOURAL, "detailed_profile", 3),
    ("password of the tax office", FINANCIAL, "", 3),
    ("password of a bank, transfers possible", FINANCIAL, "fraud_or_detailed_profile", 4),
    ("password of a community on sexual preferences", SENSITIVE, "", 4),
]


@pytest.mark.parametrize(
    ("context", "adjustment", "score"), [row[1:] for row in CONTEXTS], ids=[r[0] for r in CONTEXTS]
)
def test_the_context_of_the_data_scores_as_in_the_document(context, adjustment, score):
    adjustments = (adjustment,) if adjustment else ()

    assert enisa.context_score(context, *adjustments) == score


def test_all_worked_examples_of_the_context_are_here():
    assert len(CONTEXTS) == 54


@pytest.mark.parametrize("context", DataContext)
def test_the_context_stays_from_one_to_four(context):
    up = [code for code, points in enisa.ADJUSTMENTS[context].items() if points > 0]
    down = [code for code, points in enisa.ADJUSTMENTS[context].items() if points < 0]

    assert enisa.context_score(context, *up * 4) == (4 if up else enisa.BASE_SCORES[context])
    assert enisa.context_score(context, *down * 4) == (1 if down else enisa.BASE_SCORES[context])


def test_an_adjustment_of_another_class_is_refused():
    with pytest.raises(KeyError):
        enisa.context_score(SENSITIVE, "personal_safety")


CIRCUMSTANCES = [
    ("a laptop lost in transit", enisa.CONFIDENTIALITY, "exposed", 0),
    ("equipment thrown away unwiped", enisa.CONFIDENTIALITY, "exposed", 0),
    ("an e-mail to known people", enisa.CONFIDENTIALITY, "known_recipients", 0.25),
    ("customers reach others' accounts", enisa.CONFIDENTIALITY, "known_recipients", 0.25),
    ("posted on a message board", enisa.CONFIDENTIALITY, "unknown_recipients", 0.5),
    ("shared between peers", enisa.CONFIDENTIALITY, "unknown_recipients", 0.5),
    ("sold on a disc", enisa.CONFIDENTIALITY, "unknown_recipients", 0.5),
    ("a site open by misconfiguration", enisa.CONFIDENTIALITY, "unknown_recipients", 0.5),
    ("altered, put right before use", enisa.INTEGRITY, "no_misuse", 0),
    ("a service must be asked for on paper", enisa.INTEGRITY, "misused_recoverable", 0.25),
    ("an online medical file changed", enisa.INTEGRITY, "misused_recoverable", 0.25),
    ("the same, the original gone", enisa.INTEGRITY, "misused_unrecoverable", 0.5),
    ("one copy lost of several", enisa.AVAILABILITY, "easily_recovered", 0),
    ("rebuilt with ease from others", enisa.AVAILABILITY, "easily_recovered", 0),
    ("rebuilt with some work", enisa.AVAILABILITY, "temporary", 0.25),
    ("people can give it again", enisa.AVAILABILITY, "temporary", 0.25),
    ("no backup, people cannot give it", enisa.AVAILABILITY, "full", 0.5),
]


@pytest.mark.parametrize(
    ("table", "code", "points"), [r[1:] for r in CIRCUMSTANCES], ids=[r[0] for r in CIRCUMSTANCES]
)
def test_circumstances_score_as_in_the_document(table, code, points):
    assert table[code] == points


def test_malice_scores_half_a_point():
    # Posted on purpose, sold, sent to relatives to harm: three examples, one figure.
    assert enisa.MALICIOUS_INTENT == 0.5
    assert Circumstances(malicious=enisa.MALICIOUS_INTENT).total == 0.5
    assert Circumstances().total == 0


# Composed by us: arithmetic and band edges.
VECTORS = [
    ("a list sent to known people", 1, 1, (0.25, 0, 0, 0), 1.25, Level.LOW),
    ("the list on the web", 1, 1, (0.5, 0, 0, 0), 1.5, Level.LOW),
    ("the list stolen and published", 1, 1, (0.5, 0, 0, 0.5), 2.0, Level.MEDIUM),
    ("a week of calls, stolen", 2, 1, (0.5, 0, 0, 0.5), 3.0, Level.HIGH),
    ("full cards, hacked", 4, 1, (0.5, 0, 0, 0.5), 5.0, Level.VERY_HIGH),
    ("test results to a known person", 4, 1, (0.25, 0, 0, 0), 4.25, Level.VERY_HIGH),
    ("coded results on a lost laptop", 4, 0.25, (0, 0, 0, 0), 1.0, Level.LOW),
    ("balances locked, no backup", 3, 1, (0, 0, 0.5, 0.5), 4.0, Level.VERY_HIGH),
    ("balances locked, restored", 3, 1, (0, 0, 0, 0.5), 3.5, Level.HIGH),
    ("an encrypted laptop", 1, 1, (0, 0, 0, 0), 1, Level.LOW),
    ("exactly two", 2, 1, (0, 0, 0, 0), 2, Level.MEDIUM),
    ("exactly three", 2, 1, (0.5, 0, 0, 0.5), 3.0, Level.HIGH),
    ("exactly four", 3, 1, (0.5, 0, 0, 0.5), 4.0, Level.VERY_HIGH),
    ("just under two", 2, 0.75, (0.25, 0, 0, 0), 1.75, Level.LOW),
    ("the most there is", 4, 1, (0.5, 0.5, 0.5, 0.5), 6.0, Level.VERY_HIGH),
    ("the least there is", 1, 0.25, (0, 0, 0, 0), 0.25, Level.LOW),
]


@pytest.mark.parametrize(
    ("dpc", "ei", "cb", "score", "level"), [r[1:] for r in VECTORS], ids=[r[0] for r in VECTORS]
)
def test_the_score_is_context_times_identification_plus_circumstances(dpc, ei, cb, score, level):
    total = enisa.severity_score(dpc, ei, Circumstances(*cb))

    assert total == score
    assert enisa.level_of(total) is level


@pytest.mark.parametrize(
    ("score", "level"),
    [(1.99, Level.LOW), (2.99, Level.MEDIUM), (3.99, Level.HIGH), (0, Level.LOW)],
)
def test_below_a_bound_the_lower_band_holds(score, level):
    assert enisa.level_of(score) is level
