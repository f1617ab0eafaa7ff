"""Hypothesis strategies over the whole vocabulary of facts, and how facts get graver."""

from hypothesis import strategies as st

from breachdesk.domain.facts import ASSESSED_FACTS, FACTS, FactKind
from breachdesk.domain.vocabulary import GRAVITY_ORDER

# Art. 34(3) exemptions are the controller's to show: not shown is not claimed.
EXEMPTIONS = ("later_measures_remove_high_risk", "direct_contact_disproportionate")


def known_value(key: str) -> st.SearchStrategy[object]:
    """Any known value of a fact, "not applicable" included where it may be."""
    fact = FACTS[key]
    if fact.kind is FactKind.YES_NO:
        return st.booleans()
    if fact.kind is FactKind.COUNT:
        return st.sampled_from([0, 1, 2, 100, 101, 5000, 5001, 100_000])
    if fact.kind in (FactKind.HOURS, FactKind.DAYS):
        return st.sampled_from([0, 0.1, 3.9, 4, 13, 14, 23.9, 24, 71, 72, 1000])
    codes = [code.value for code in fact.options if code.value != "unknown"]
    if fact.kind is FactKind.CHOICES:
        return st.lists(st.sampled_from(codes), min_size=1, unique=True)
    return st.sampled_from([*codes, *(["not_applicable"] if fact.may_not_apply else [])])


def open_value(key: str) -> st.SearchStrategy[object]:
    """A known value, not known yet, or (in lists) known in part."""
    answers = [st.none(), st.just("unknown"), known_value(key)]
    if FACTS[key].kind is FactKind.CHOICES:
        answers.append(known_value(key).map(lambda codes: [*codes, "unknown"]))
    return st.one_of(*answers)


ALL_KNOWN = st.fixed_dictionaries({key: known_value(key) for key in ASSESSED_FACTS})
ANY_FACTS = st.fixed_dictionaries({}, optional={key: open_value(key) for key in ASSESSED_FACTS})


@st.composite
def partly_known(draw: st.DrawFn) -> tuple[dict[str, object], dict[str, object]]:
    """Facts of which some are open, and one completion of them."""
    complete = draw(ALL_KNOWN)
    opened = draw(st.sets(st.sampled_from([k for k in ASSESSED_FACTS if k not in EXEMPTIONS])))
    facts = dict(complete)
    for key in opened:
        if FACTS[key].kind is FactKind.CHOICES and draw(st.booleans()):
            kept = draw(st.lists(st.sampled_from(complete[key]), unique=True))
            facts[key] = [*kept, "unknown"]
        else:
            facts[key] = None
    return facts, complete


def steps_of(key: str) -> list[object] | None:
    """The values of a fact from mildest to gravest; None where they are not compared."""
    fact = FACTS[key]
    if fact.kind is FactKind.YES_NO:
        return None if key in EXEMPTIONS else [False, True]
    if fact.kind is FactKind.COUNT:
        return [0, 1, 100, 101, 5000, 5001, 10**6]
    if fact.kind in (FactKind.HOURS, FactKind.DAYS):
        return [0, 3.9, 4, 13.9, 14, 23.9, 24, 71.9, 72, 10**4]
    if fact.options in GRAVITY_ORDER:
        return [code.value for code in GRAVITY_ORDER[fact.options]]
    return None


def completions_of(key: str) -> list[object]:
    """What a fact not known yet may turn out to be.

    All answers of a choice, "not applicable" included; of a figure the steps that matter; of
    a list each category alone and all together, between which every other list lies.
    """
    fact = FACTS[key]
    codes = [code.value for code in fact.options or () if code.value != "unknown"]
    if fact.kind is FactKind.CHOICES:
        return [*([code] for code in codes), codes]
    if fact.kind is FactKind.CHOICE:
        return [*codes, *(["not_applicable"] if fact.may_not_apply else [])]
    return steps_of(key) or [False, True]


ORDERED_FACTS = tuple(key for key in ASSESSED_FACTS if steps_of(key) is not None)
