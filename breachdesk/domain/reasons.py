"""Why a verdict: one row per reason, each with its factor, its effect and its sources.

A row stands when it holds both at the best and at the worst reading of the facts: what
depends on a fact not known yet is no reason but an open question.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from breachdesk.domain.findings import Effect, Factor, Reason
from breachdesk.domain.risk_factors import (
    IDENTITY_PROOF,
    MEANS_OF_PAYMENT,
    SPECIAL_CATEGORIES,
    Exposure,
    Harm,
    Risk,
    allows_impersonation,
    completes_identity_theft,
    is_telling,
    loss,
    needs_care,
    protection_left,
    time_without,
    was_long_unnoticed,
)
from breachdesk.domain.situation import Codes, Range, Rank, Situation
from breachdesk.domain.verdict import IN_THE_BALANCE, Judgement, Scale, are_abroad, disclosure
from breachdesk.domain.vocabulary import DataCategory as Data

Parameters = Mapping[str, object]


def _nothing(_: Situation) -> Parameters:
    return {}


def _categories(codes: Codes) -> Callable[[Situation], Parameters]:
    return lambda situation: {"data": sorted(situation.data & codes)}


def _figure(name: str, fact: str) -> Callable[[Situation], Parameters]:
    return lambda situation: {name: getattr(situation, fact)}


@dataclass(frozen=True)
class _Row:
    factor: Factor
    effect: Effect
    code: str
    sources: tuple[str, ...]
    holds: Callable[[Situation, Judgement], bool]
    parameters: Callable[[Situation], Parameters] = _nothing


_hours = _figure("hours", "unavailable_hours")
_persons = _figure("n", "n_subjects")
_days = _figure("days", "undetected_days")

_F, _E = Factor, Effect
_REVEALING: Codes = frozenset(
    {Data.ECONOMIC, Data.TRANSACTIONS, Data.LOCATION, Data.COMMUNICATIONS}
)
_EVERYDAY = (Harm.MINIMAL, Harm.SMALL)
_PERSONAL_LIFE: Codes = frozenset(
    {Data.CONTRACT, Data.EDUCATION, Data.EMPLOYMENT, Data.FAMILY, Data.PHOTO, Data.BEHAVIOUR}
)


def _exposed_as(exposure: Exposure) -> Callable[[Situation, Judgement], bool]:
    # What nobody can read is said by the rows on protection.
    return lambda s, j: j.exposure is exposure and not s.is_unreadable


def _hashes_hold(s: Situation) -> bool:
    return protection_left(s) == Rank.STRONG_HASH


def _needs_ill_will(s: Situation, j: Judgement) -> bool:
    return Scale.TELLING in IN_THE_BALANCE.get((j.harm, j.exposure), ()) and not is_telling(s)


def _is_a_short_list(s: Situation, j: Judgement) -> bool:
    return j.exposure is Exposure.OPEN and j.harm in _EVERYDAY and not are_abroad(s)


def _is_out_of_reach_briefly(s: Situation, _: Judgement) -> bool:
    brief = loss(s) == time_without(s) == Risk.UNLIKELY
    return s.harms_availability and brief


def _numbers_tip(s: Situation, j: Judgement) -> bool:
    """Whether the same with nobody concerned would weigh less."""
    nobody = s._replace(n_subjects=0)
    return disclosure(s, j.harm, j.exposure) > disclosure(nobody, j.harm, j.exposure)


_ROWS: tuple[_Row, ...] = (
    _Row(
        _F.PROTECTION,
        _E.LOWERS,
        "unreadable",
        ("gdpr_34_3_a", "edpb_01_10", "edpb_9_b_i"),
        lambda s, j: s.is_unreadable,
    ),
    _Row(
        _F.PROTECTION,
        _E.RAISES,
        "key_compromised",
        ("edpb_9_b_i",),
        lambda s, j: s.key_compromised and s.data_unintelligible != Rank.READABLE,
    ),
    _Row(
        _F.DATA,
        _E.RAISES,
        "special_categories",
        ("gdpr_9_10", "edpb_9_section_iv"),
        lambda s, j: not s.data.isdisjoint(SPECIAL_CATEGORIES) and s.data_insight > Rank.TRIVIAL,
        _categories(SPECIAL_CATEGORIES),
    ),
    _Row(
        _F.DATA,
        _E.LOWERS,
        "sensitive_yet_trivial",
        ("edpb_01_15",),
        lambda s, j: not s.data.isdisjoint(SPECIAL_CATEGORIES) and s.data_insight == Rank.TRIVIAL,
        _categories(SPECIAL_CATEGORIES),
    ),
    _Row(
        _F.DATA,
        _E.RAISES,
        "private_life",
        ("edpb_01_17", "edpb_9_section_iv"),
        lambda s, j: not s.data.isdisjoint(_REVEALING) and s.data_insight > Rank.TRIVIAL,
        _categories(_REVEALING),
    ),
    _Row(
        _F.DATA,
        _E.RAISES,
        "personal_life",
        ("edpb_01_05", "edpb_9_section_iv"),
        lambda s, j: not s.data.isdisjoint(_PERSONAL_LIFE) and s.data_insight > Rank.TRIVIAL,
        _categories(_PERSONAL_LIFE),
    ),
    _Row(
        _F.DATA,
        _E.RAISES,
        "detailed_portrait",
        ("edpb_01_17", "enisa"),
        lambda s, j: s.data_insight == Rank.DETAILED,
    ),
    _Row(
        _F.DATA,
        _E.RAISES,
        "telling_context",
        ("edpb_9_b_x", "cjeu_184_20"),
        lambda s, j: s.context_reveals_sensitive,
    ),
    _Row(
        _F.DATA,
        _E.RAISES,
        "credentials_usable",
        ("edpb_01_07", "edpb_9_b_vi"),
        lambda s, j: Data.ACCESS_CREDENTIALS in s.data and not _hashes_hold(s),
    ),
    _Row(
        _F.DATA,
        _E.LOWERS,
        "credentials_hashed",
        ("edpb_01_06",),
        lambda s, j: Data.ACCESS_CREDENTIALS in s.data and _hashes_hold(s),
    ),
    _Row(
        _F.COMBINATION,
        _E.RAISES,
        "identity_theft_complete",
        ("edpb_01_04", "gdpr_recital_75"),
        lambda s, j: completes_identity_theft(s.data),
        _categories(IDENTITY_PROOF | MEANS_OF_PAYMENT),
    ),
    _Row(
        _F.COMBINATION,
        _E.RAISES,
        "identity_theft",
        ("edpb_01_14", "gdpr_recital_75"),
        lambda s, j: not s.data.isdisjoint(IDENTITY_PROOF) and not completes_identity_theft(s.data),
        _categories(IDENTITY_PROOF),
    ),
    _Row(
        _F.COMBINATION,
        _E.RAISES,
        "fraud",
        ("edpb_01_04", "gdpr_recital_75"),
        lambda s, j: (
            not s.data.isdisjoint(MEANS_OF_PAYMENT) and not completes_identity_theft(s.data)
        ),
        _categories(MEANS_OF_PAYMENT),
    ),
    _Row(
        _F.COMBINATION,
        _E.RAISES,
        "impersonation",
        ("edpb_01_17",),
        lambda s, j: allows_impersonation(s.data),
    ),
    _Row(
        _F.COMBINATION,
        _E.LOWERS,
        "everyday_data",
        ("edpb_01_08", "edpb_01_13"),
        lambda s, j: (
            bool(s.data) and j.harm <= Harm.SMALL and s.data.isdisjoint(SPECIAL_CATEGORIES)
        ),
    ),
    _Row(
        _F.IDENTIFIABILITY,
        _E.LOWERS,
        "unrecognisable",
        ("edpb_01_06", "edpb_9_section_iv"),
        lambda s, j: s.identifiability == Rank.NEGLIGIBLE,
    ),
    _Row(
        _F.IDENTIFIABILITY,
        _E.LOWERS,
        "hardly_recognisable",
        ("edpb_9_section_iv",),
        lambda s, j: s.identifiability == Rank.HARDLY,
    ),
    _Row(
        _F.PERSONS,
        _E.RAISES,
        "protected_persons",
        ("gdpr_recital_75", "edpb_9_section_iv"),
        lambda s, j: s.has_special_characteristics,
    ),
    _Row(
        _F.NUMBERS,
        _E.RAISES,
        "numbers_tip",
        ("edpb_9_section_iv", "edpb_01_11"),
        _numbers_tip,
        _persons,
    ),
    _Row(
        _F.RECIPIENTS,
        _E.LOWERS,
        "held_by_nobody",
        ("edpb_01_01", "edpb_9_b_iii"),
        _exposed_as(Exposure.NONE),
    ),
    _Row(
        _F.RECIPIENTS,
        _E.LOWERS,
        "held_by_trusted",
        ("edpb_01_09", "edpb_9_section_iv"),
        _exposed_as(Exposure.CONTAINED),
    ),
    _Row(
        _F.RECIPIENTS,
        _E.LOWERS,
        "recalled_from_one",
        ("edpb_01_13", "edpb_9_section_iv"),
        _exposed_as(Exposure.RECALLED),
    ),
    _Row(
        _F.RECIPIENTS,
        _E.NEUTRAL,
        "held_by_known",
        ("edpb_01_15", "edpb_01_16"),
        _exposed_as(Exposure.KNOWN),
    ),
    _Row(_F.RECIPIENTS, _E.LOWERS, "short_list_among_known", ("edpb_9_b_x",), _is_a_short_list),
    _Row(_F.RECIPIENTS, _E.LOWERS, "ill_will_needed", ("gdpr_recital_75",), _needs_ill_will),
    _Row(
        _F.RECIPIENTS,
        _E.RAISES,
        "held_by_anyone",
        ("edpb_01_14", "edpb_9_b_ix"),
        _exposed_as(Exposure.OPEN),
    ),
    _Row(
        _F.RECIPIENTS,
        _E.RAISES,
        "held_by_adversary",
        ("edpb_01_08",),
        _exposed_as(Exposure.ADVERSE),
    ),
    _Row(
        _F.RECIPIENTS,
        _E.RAISES,
        "held_by_criminals",
        ("edpb_01_04", "edpb_01_05"),
        _exposed_as(Exposure.HOSTILE),
    ),
    _Row(
        _F.RECIPIENTS,
        _E.RAISES,
        "still_open",
        ("edpb_9_b_v",),
        lambda s, j: s.access and not s.is_unreadable,
    ),
    _Row(
        _F.RECIPIENTS,
        _E.RAISES,
        "long_unnoticed",
        ("edpb_01_05", "edpb_01_18"),
        lambda s, j: s.is_malicious and was_long_unnoticed(s) and not s.is_unreadable,
        _days,
    ),
    _Row(
        _F.AVAILABILITY,
        _E.RAISES,
        "lost_for_good",
        ("edpb_9_b_iv", "edpb_01_12"),
        lambda s, j: s.harms_availability and s.permanent_loss,
    ),
    _Row(
        _F.AVAILABILITY,
        _E.RAISES,
        "care_waits",
        ("edpb_9_b_viii", "edpb_01_03"),
        lambda s, j: s.harms_availability and needs_care(s) and time_without(s) > Risk.UNLIKELY,
        _hours,
    ),
    _Row(
        _F.AVAILABILITY,
        _E.RAISES,
        "long_without",
        ("edpb_01_02",),
        lambda s, j: s.harms_availability and not needs_care(s) and time_without(s) > Risk.UNLIKELY,
        _hours,
    ),
    _Row(
        _F.AVAILABILITY,
        _E.LOWERS,
        "soon_restored",
        ("edpb_01_01", "edpb_9_b_iii"),
        _is_out_of_reach_briefly,
        _hours,
    ),
    _Row(
        _F.INTEGRITY,
        _E.RAISES,
        "altered_and_used",
        ("edpb_01_17",),
        lambda s, j: s.harms_integrity and s.integrity_outcome > Rank.UNTOUCHED,
    ),
    _Row(
        _F.INTEGRITY,
        _E.LOWERS,
        "altered_not_used",
        ("enisa",),
        lambda s, j: s.harms_integrity and s.integrity_outcome == Rank.UNTOUCHED,
    ),
    _Row(
        _F.EFFECTS,
        _E.RAISES,
        "critical_effects",
        ("gdpr_recital_85", "edpb_01_03"),
        lambda s, j: s.effect_on_persons == Rank.CRITICAL,
    ),
    _Row(
        _F.EFFECTS,
        _E.RAISES,
        "significant_effects",
        ("gdpr_recital_85",),
        lambda s, j: s.effect_on_persons == Rank.SIGNIFICANT,
    ),
    _Row(
        _F.MISUSE,
        _E.RAISES,
        "misuse_seen",
        ("edpb_01_08", "edpb_01_17"),
        lambda s, j: s.misuse_observed,
    ),
)


def reasons_for(span: Range, best: Judgement, worst: Judgement) -> Iterator[Reason]:
    """The reasons that stand, in the order of the rows: protection, data, people, holders."""
    for row in _ROWS:
        # A number that tips the mildest completion is why the verdict is sure, though a graver
        # one would not need it.
        at_worst = row.factor is _F.NUMBERS or row.holds(span.worst, worst)
        if row.holds(span.best, best) and at_worst:
            yield Reason(row.factor, row.effect, row.code, row.sources, row.parameters(span.best))
    yield from _numbers(span, best, worst)


def _numbers(span: Range, best: Judgement, worst: Judgement) -> Iterator[Reason]:
    """Say that the number was weighed and decided nothing, where that is sure."""
    known = "n_subjects" not in span.open_facts
    if known and not (_numbers_tip(span.best, best) or _numbers_tip(span.worst, worst)):
        yield Reason(
            _F.NUMBERS,
            _E.NEUTRAL,
            "numbers_alone",
            ("edpb_9_section_iv", "edpb_01_17"),
            _persons(span.best),
        )
