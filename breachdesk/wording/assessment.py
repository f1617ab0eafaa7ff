"""The assessment in words: what a case's record of codes says, in French or in English."""

from collections.abc import Mapping, Sequence

from breachdesk.domain.fact_schema import FactFault, FaultKind
from breachdesk.domain.facts import FACTS, FactKind
from breachdesk.domain.flips import Flip
from breachdesk.wording import N_, Wording
from breachdesk.wording.assessment_flips import (
    ADDED,
    CHANGES,
    FIGURES,
    OUTCOMES,
    REMOVED,
    TWO_CHANGES,
)
from breachdesk.wording.assessment_questions import WHY_IT_MATTERS
from breachdesk.wording.assessment_reasons import REASONS
from breachdesk.wording.assessment_sources import cite, official_document
from breachdesk.wording.labels import option_label
from breachdesk.wording.precedents import NOTE, PRECEDENTS, listed, why_similar
from breachdesk.wording.times import number

Record = Mapping[str, object]

# Of a key that is none of ours, what a fault shows of it: characters.
LONGEST_KEY = 60

# ENISA's bands of severity, as used within a sentence.
_LEVELS: Mapping[str, str] = {
    "low": N_("faible"),
    "medium": N_("moyenne"),
    "high": N_("élevée"),
    "very_high": N_("très élevée"),
}
# The risk, as used within a sentence.
_RISKS: Mapping[str, str] = {
    "unlikely": N_("risque peu probable"),
    "risk": N_("risque"),
    "high_risk": N_("risque élevé"),
}
# Why ENISA's base score of a class of data was adjusted.
_ADJUSTMENTS: Mapping[tuple[str, str], str] = {
    ("simple", "social_or_financial_status"): N_(
        "le volume ou le contexte permet un profil social ou financier"
    ),
    ("simple", "sensitive_assumptions"): N_(
        "le contexte permet de supposer une information sensible"
    ),
    ("simple", "personal_safety"): N_(
        "la situation des personnes met en jeu leur sécurité ou leur santé"
    ),
    ("behavioural", "no_insight"): N_("les données ne disent presque rien des habitudes"),
    ("behavioural", "detailed_profile"): N_("les données dressent un profil détaillé"),
    ("behavioural", "sensitive_profile"): N_("les données permettent un profil sensible"),
    ("financial", "no_insight"): N_("les données ne disent presque rien des finances"),
    ("financial", "little_insight"): N_("les données disent peu des finances"),
    ("financial", "fraud_or_detailed_profile"): N_(
        "une fraude ou un profil financier détaillé est possible"
    ),
    ("sensitive", "no_insight"): N_("les données ne disent presque rien de sensible"),
    ("sensitive", "general_assumptions"): N_(
        "les données ne permettent que des suppositions générales"
    ),
    ("sensitive", "sensitive_assumptions"): N_("les données permettent des suppositions sensibles"),
}
# What is wrong with a fact read from a file.
_FAULTS: Mapping[str, str] = {
    "not_an_object": N_("%(key)s : un objet JSON est attendu, et non %(value)s."),
    "unknown_key": N_("%(key)s : ce fait n’existe pas dans le vocabulaire."),
    "may_not_be_not_applicable": N_("%(key)s : la réponse « sans objet » n’est pas admise ici."),
    "not_an_option": N_(
        "%(key)s : %(value)s n’est pas une réponse admise. Réponses admises : %(options)s."
    ),
    "not_a_list": N_("%(key)s : une liste est attendue, et non %(value)s."),
    "not_yes_or_no": N_("%(key)s : true ou false est attendu, et non %(value)s."),
    "not_a_count": N_("%(key)s : un nombre entier positif ou nul est attendu, et non %(value)s."),
    "not_a_duration": N_("%(key)s : un nombre positif ou nul est attendu, et non %(value)s."),
}


def describe(record: Record, wording: Wording) -> dict[str, object]:
    """Say an assessment's record (`AssessmentResult.as_record`) in a language.

    The answer keeps every code of the record and adds the sentences: `text` and `source`
    of reasons, `why` of open questions, `title`, `summary` and `why_similar` of precedents.
    """
    return {
        **record,
        "severity": _severity(_mapping(record["severity"]), wording),
        "reasons": [_reason(each, wording) for each in _mappings(record["reasons"])],
        "open_questions": [
            _question(each, wording) for each in _mappings(record["open_questions"])
        ],
        "precedents": [_precedent(each, wording) for each in _mappings(record["precedents"])],
        "precedents_note": wording.text(NOTE),
    }


def fault_text(fault: FactFault, wording: Wording) -> str:
    """One line that names the key at fault and how to mend it."""
    parameters = {"key": printable(fault.key), "value": fault.value}
    if fault.kind is FaultKind.NOT_AN_OPTION:
        parameters["options"] = ", ".join(_accepted(fault.key))
    return wording.text(_FAULTS[fault.kind], **parameters)


def printable(key: str) -> str:
    """A key as it stands, or escaped where it would break the line; cut where it is long."""
    shown = key if key.isprintable() and key else ascii(key)
    return shown if len(shown) <= LONGEST_KEY else shown[: LONGEST_KEY - 1] + "…"


def flip_text(flip: Flip, facts: Record, wording: Wording) -> str:
    """What would flip a duty, in one sentence; `facts` are those the flip was found for."""
    changes = [
        _change(fact, value, facts, wording)
        for fact, value in ((flip.fact, flip.value), *flip.also)
    ]
    if len(changes) == 1:
        said = changes[0]
    else:
        said = wording.text(TWO_CHANGES, one=changes[0], two=changes[1])
    return wording.text(OUTCOMES[flip.duty, flip.becomes.value], changes=said)


def _change(fact: str, value: object, facts: Record, wording: Wording) -> str:
    if isinstance(value, bool):
        return wording.text(CHANGES[fact, "yes" if value else "no"])
    if isinstance(value, int | float):
        return wording.text(FIGURES[fact], figure=number(value, wording))
    if isinstance(value, list):
        return _category_change(fact, value, list(facts[fact]), wording)  # type: ignore[call-overload]
    return wording.text(CHANGES[fact, str(value)])


def _category_change(
    fact: str, after: Sequence[object], before: Sequence[object], wording: Wording
) -> str:
    added = [code for code in after if code not in before]
    changed, said = (added, ADDED) if added else ([c for c in before if c not in after], REMOVED)
    return wording.text(said[fact], category=option_label(fact, str(changed[0]), wording))


def _accepted(key: str) -> list[str]:
    fact = FACTS[key]
    codes = [option.value for option in fact.options or ()]
    if fact.kind is FactKind.CHOICES:
        return codes
    return [*codes, "unknown", *(["not_applicable"] if fact.may_not_apply else [])]


def _reason(reason: Record, wording: Wording) -> dict[str, object]:
    code = str(reason["code"])
    parameters = {
        name: _parameter(name, value, wording)
        for name, value in _mapping(reason["parameters"]).items()
    }
    return {
        **reason,
        "text": wording.text(REASONS[code], **parameters) if code in REASONS else code,
        "source": listed([cite(str(code), wording) for code in _list(reason["source"])], wording),
    }


def _parameter(name: str, value: object, wording: Wording) -> str:
    if isinstance(value, list):
        return ", ".join(_short_label(str(code), wording) for code in value)
    if isinstance(value, int | float):
        return number(value, wording)
    words = _LEVELS if name == "level" else _RISKS
    return wording.text(words[str(value)]) if str(value) in words else str(value)


def _short_label(code: str, wording: Wording) -> str:
    """A category within a sentence: no capital, no examples in brackets."""
    label = option_label("data", code, wording).split(" (")[0]
    return label[:1].lower() + label[1:]


def _question(question: Record, wording: Wording) -> dict[str, object]:
    fact = str(question["fact"])
    return {**question, "why": wording.text(WHY_IT_MATTERS[fact])}


def _precedent(precedent: Record, wording: Wording) -> dict[str, object]:
    words = PRECEDENTS[str(precedent["id"])]
    return {
        **precedent,
        "title": wording.text(words.title),
        "summary": wording.text(words.summary),
        "why_similar": why_similar(precedent, wording),
        "official_document": official_document(str(precedent["id"])),
    }


def _severity(severity: Record, wording: Wording) -> dict[str, object]:
    adjustments = _mappings(severity["adjustments"])
    return {
        **severity,
        "adjustments": [{**each, "text": _adjustment(each, wording)} for each in adjustments],
    }


def _adjustment(adjustment: Record, wording: Wording) -> str:
    key = (str(adjustment["context"]), str(adjustment["code"]))
    category = option_label("data", str(adjustment["category"]), wording)
    return wording.text(
        N_("%(category)s : %(why)s (%(points)s)"),
        category=category.split(" (")[0],
        why=wording.text(_ADJUSTMENTS[key]),
        points=f"{adjustment['points']:+d}",
    )


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else [value]


def _mapping(value: object) -> Record:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: object) -> list[Record]:
    return [each for each in _list(value) if isinstance(each, Mapping)]
