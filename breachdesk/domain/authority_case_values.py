"""What a case says, as the authorities' forms ask for it: one model under every layout.

A field of a form is filled from a fact (`fact.description`), a detail of the organisation
(`organisation.siren`) or one of the values made here (`case.aware_at`). Each has a state:
not known yet is an answer, missing is the lack of one.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.authority_form_rules import Circumstances
from breachdesk.domain.case_record import CaseRecord, DecisionRecord, FactRecord, PhaseRecord
from breachdesk.domain.facts import FactState
from breachdesk.domain.form_layout import FieldSource, FieldStatus, SourceKind
from breachdesk.domain.regimes import GDPR_ART_33, PROVISIONAL

GIVEN, UNKNOWN, MISSING = FieldStatus.GIVEN, FieldStatus.UNKNOWN, FieldStatus.MISSING

_STATUS = {
    FactState.NOT_ASKED: MISSING,
    FactState.NOT_KNOWN_YET: UNKNOWN,
    FactState.ESTIMATED: GIVEN,
    FactState.KNOWN: GIVEN,
    FactState.NOT_APPLICABLE: FieldStatus.NOT_APPLICABLE,
}


@dataclass(frozen=True)
class CaseValue:
    """A value with its state and where it comes from. `value` is a JSON value, or None.

    Args:
        is_estimated: the fact behind it was given as an estimate.
    """

    status: FieldStatus
    value: object
    source: FieldSource
    is_estimated: bool = False

    def __bool__(self) -> bool:
        """Whether there is something to rely on."""
        return self.status is GIVEN

    def as_value(self, value: object) -> "CaseValue":
        """The same, told otherwise; still as known as it was."""
        return replace(self, value=value) if self else self

    def given(self, value: object) -> "CaseValue":
        """Something that follows from it, whatever its own state."""
        return replace(self, status=GIVEN, value=value)


AT_FILING = CaseValue(FieldStatus.AT_FILING, None, FieldSource(SourceKind.AT_FILING))


@dataclass(frozen=True)
class FilingAnswers:
    """What is said only when a notification is filed; None or empty: not said yet.

    Args:
        kind: None: the one that the case as it stands calls for.
        is_complete: of a follow-up; None: whether anything is still open decides.
    """

    kind: NotificationKind | None = None
    is_complete: bool | None = None
    filed_at: datetime | None = None
    reasons_for_delay: str = ""
    withdrawal_reason: str = ""


@dataclass(frozen=True)
class CaseView:
    """A case with what is said at its filing, as the values below read it.

    Args:
        has_open_ends: something the form asks for is missing or not known yet.
    """

    record: CaseRecord
    filing: FilingAnswers = field(default_factory=FilingAnswers)
    has_open_ends: bool = True

    @cached_property
    def _facts(self) -> Mapping[str, FactRecord]:
        return {fact.key: fact for fact in self.record.facts}

    def fact(self, key: str) -> CaseValue:
        """A fact as it stands."""
        found = self._facts.get(key)
        if found is None:
            return CaseValue(MISSING, None, FieldSource(SourceKind.FACT, key))
        source = FieldSource(SourceKind.FACT, key, found.author, found.recorded_at)
        state = FactState(found.state)
        status = _STATUS[state]
        if status is GIVEN and found.value in (None, "", []):
            status = MISSING
        value = found.value if status is GIVEN else None
        return CaseValue(status, value, source, state is FactState.ESTIMATED)

    def organisation(self, name: str) -> CaseValue:
        """A detail of the organisation, as a text."""
        text = str(getattr(self.record.organisation, name)).strip()
        source = FieldSource(SourceKind.ORGANISATION, name)
        return CaseValue(GIVEN, text, source) if text else CaseValue(MISSING, None, source)

    def joined(self, names: Iterable[str]) -> CaseValue:
        """Details of the organisation, one a line; as missing as the first of them is."""
        found = [self.organisation(name) for name in names]
        lines = [str(each.value) for each in found if each]
        return found[0].given("\n".join(lines)) if lines else found[0]

    @cached_property
    def standing_phases(self) -> tuple[PhaseRecord, ...]:
        """What was filed and stands: after a withdrawal the next filing is a first one again."""
        withdrawn = [
            place
            for place, phase in enumerate(self.record.phases, start=1)
            if phase.kind == NotificationKind.WITHDRAWAL
        ]
        return self.record.phases[withdrawn[-1] :] if withdrawn else self.record.phases

    @property
    def decision(self) -> DecisionRecord | None:
        """The last signed decision; None before any, and once it was taken up again."""
        signed, again = self.record.decisions, self.record.reopenings
        is_taken_up = bool(again) and again[-1].decision == len(signed)
        return signed[-1] if signed and not is_taken_up else None

    @property
    def kind(self) -> NotificationKind:
        """Follow-up once something was filed; initial while something is open."""
        if self.filing.kind is not None:
            return self.filing.kind
        if self.standing_phases:
            return NotificationKind.FOLLOW_UP
        return NotificationKind.INITIAL if self.has_open_ends else NotificationKind.COMPLETE

    @property
    def is_incomplete(self) -> bool:
        """Whether the notification says of itself that more is to follow."""
        if self.kind is NotificationKind.FOLLOW_UP:
            said = self.filing.is_complete
            return self.has_open_ends if said is None else not said
        return self.kind is NotificationKind.INITIAL

    @property
    def aware(self) -> CaseValue:
        """When the controller became aware, by the clock that counts now."""
        found = [each for each in self.record.qualifications if each.aware_at]
        if not found:
            return CaseValue(MISSING, None, FieldSource(SourceKind.QUALIFICATION))
        last = found[-1]
        source = FieldSource(SourceKind.QUALIFICATION, "", last.by, last.at)
        aware_at = last.aware_at
        if self.record.reopenings:
            # Where its start was corrected since, the clock says it.
            again = [each for each in self.record.clocks if each.regime == GDPR_ART_33]
            reopened = self.record.reopenings[-1]
            aware_at = again[-1].started_at if again else reopened.aware_at
            source = replace(source, author=reopened.by, at=reopened.at)
        assert aware_at is not None
        return CaseValue(GIVEN, aware_at.isoformat(), source)

    @property
    def is_late(self) -> bool:
        """Whether it is, or the first filing was, after the deadline of Art. 33(1)."""
        if self.standing_phases:
            return self.standing_phases[0].was_late
        # The clock of its day says when: awareness and the hours of the rule in force then.
        due = [
            clock.due_at
            for clock in self.record.clocks
            if clock.regime in (GDPR_ART_33, PROVISIONAL) and clock.due_at is not None
        ]
        moment = self.filing.filed_at or self.record.made_at
        return bool(due) and moment > due[-1]

    @property
    def circumstances(self) -> Circumstances:
        """What the rules of a form may ask of the case as a whole."""
        return Circumstances(
            late=self.is_late,
            incomplete=self.is_incomplete,
            in_eea=is_in_eea(self.record.organisation.country),
        )


# Members of the Union, and Iceland, Liechtenstein and Norway; an organisation's country is a
# text, in French or in English. Source: EEA Agreement, as of 2026.
_EEA_CODES = """
at be bg cy cz de dk ee es fi fr gr hr hu ie is it li lt lu lv mt nl no pl pt ro se si sk
"""
_EEA_NAMES = """
allemagne germany autriche austria belgique belgium bulgarie bulgaria chypre cyprus croatie
croatia danemark denmark espagne spain estonie estonia finlande finland france grèce grece greece
hongrie hungary irlande ireland italie italy lettonie latvia lituanie lithuania luxembourg malte
malta pays-bas netherlands pologne poland portugal roumanie romania slovaquie slovakia slovénie
slovenie slovenia suède suede sweden tchèque tchéquie tchequie czech czechia islande iceland
liechtenstein norvège norvege norway guadeloupe guyane martinique mayotte réunion reunion
"""
_EEA = frozenset((*_EEA_CODES.split(), *_EEA_NAMES.split()))


def is_in_eea(country: str) -> bool:
    """Whether a country lies in the European Economic Area; one that nobody named does.

    The GDPR holds in France's overseas departments too (TFEU Art. 349).
    """
    words = country.lower().replace("(", " ").replace(",", " ").split()
    # A code stands alone: "is" may be a word of a name.
    return not words or any(word in _EEA for word in words if len(word) > 2 or len(words) == 1)


Maker = Callable[[CaseView], CaseValue]
