"""What is known of a case: everything at a glance, and each section to complete."""

from collections import Counter
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, url_for
from werkzeug.wrappers import Response

from breachdesk.domain.access import Action
from breachdesk.domain.errors import ChangedMeanwhile, InvalidInput
from breachdesk.domain.facts import FACTS, FactDefinition, FactState, Section
from breachdesk.models import Fact, db
from breachdesk.services.acting import Acting
from breachdesk.services.cases import Case, latest_facts
from breachdesk.services.facts import FactHistory, fact_histories
from breachdesk.services.incidents import record_facts
from breachdesk.web.case_pages import case_page
from breachdesk.web.fact_forms import SectionForm, facts_of, section_form
from breachdesk.web.language import say, timezone, wording
from breachdesk.web.request import case_or_404, now, session
from breachdesk.wording import labels

pages = Blueprint("facts", __name__, url_prefix="/incidents/<reference>/facts")


@dataclass(frozen=True)
class KnownFact:
    """A fact somebody has spoken of, as the page shows it."""

    definition: FactDefinition
    fact: Fact

    @property
    def label(self) -> str:
        """What the fact is called."""
        return labels.fact_label(self.definition.key, wording())

    @property
    def value(self) -> str:
        """Its value in words."""
        return labels.value_text(self.definition.key, self.fact.value, wording(), timezone())


@dataclass(frozen=True)
class SectionView:
    """A section: what was said, and the names of what nobody has spoken of."""

    section: Section
    said: list[KnownFact]
    not_asked: list[str]

    @property
    def title(self) -> str:
        """Its heading."""
        return labels.section_label(self.section, wording())

    @property
    def not_known_yet(self) -> int:
        """How many of its facts are still to be found out."""
        return sum(known.fact.state is FactState.NOT_KNOWN_YET for known in self.said)


@pages.get("")
def listing(reference: str) -> str:
    """Everything that is known, by section."""
    case, seat = case_or_404(reference)
    facts = latest_facts(session(), case.incident)
    states = Counter(facts[key].state if key in facts else FactState.NOT_ASKED for key in FACTS)
    return case_page(
        "facts/listing.html",
        case,
        seat,
        sections=[_view(section, facts) for section in Section],
        states={state.value: states[state] for state in FactState},
        may_record=may_record(case, seat),
    )


def may_record(case: Case, seat: Acting) -> bool:
    """Whether the person may still change what is known."""
    return seat.may(Action.RECORD_FACTS) and case.incident.closed_at is None


def _view(section: Section, facts: dict[str, Fact]) -> SectionView:
    said, not_asked = [], []
    for definition in facts_of(section):
        fact = facts.get(definition.key)
        if fact is None or fact.state is FactState.NOT_ASKED:
            not_asked.append(labels.fact_label(definition.key, wording()))
        else:
            said.append(KnownFact(definition, fact))
    return SectionView(section, said, not_asked)


@pages.route("/<section>", methods=["GET", "POST"])
def section(reference: str, section: str) -> str | Response | tuple[str, int]:
    """Ask what is known of one section, then record what was changed."""
    case, seat = case_or_404(reference, Action.RECORD_FACTS)
    if section not in set(Section):
        abort(404)
    asked = section_form(Section(section))()
    keys = [fact.key for fact in asked.facts]
    histories = fact_histories(session(), case.incident, keys)
    if not asked.is_submitted():
        asked.show(histories)
        return _page(case, seat, section, asked)
    answers = asked.changed_answers(histories) if asked.validate() else {}
    if asked.errors:
        return _page(case, seat, section, asked), 422
    try:
        changed = record_facts(
            session(),
            case.incident,
            answers,
            seen_versions=asked.seen_versions(),
            by=seat,
            now=now(),
            source=(asked.source.data or "").strip(),
        )
    except InvalidInput as fault:
        db.session.rollback()
        asked.refuse(str(fault.field), fault)
        return _page(case, seat, section, asked), 422
    except ChangedMeanwhile as fault:
        db.session.rollback()
        return _conflict(reference, section, asked, fault)
    flash(_recorded(len(changed)))
    return redirect(url_for("facts.listing", reference=reference, _anchor=section))


def _recorded(changed: int) -> str:
    if not changed:
        return say("Rien n’a changé.")
    return wording().plural(
        "Une réponse est enregistrée.", "%(n)s réponses sont enregistrées.", changed
    )


def _conflict(
    reference: str, section: str, asked: SectionForm, fault: ChangedMeanwhile
) -> tuple[str, int]:
    """What was typed beside what somebody else recorded; the next save is knowing."""
    case, seat = case_or_404(reference, Action.RECORD_FACTS)
    overtaken = [str(key) for key in fault.parameters["keys"]]  # type: ignore[attr-defined]
    histories = fact_histories(session(), case.incident, overtaken)
    meanwhile = {
        key: KnownFact(FACTS[key], history.latest)
        for key, history in histories.items()
        if history.latest
    }
    asked.see(asked.seen_versions() | _versions(histories))
    for key in overtaken:
        asked.refuse(key, ChangedMeanwhile("fact_changed_meanwhile"))
    return _page(case, seat, section, asked, meanwhile), 409


def _versions(histories: dict[str, FactHistory]) -> dict[str, int]:
    return {key: history.latest.version for key, history in histories.items() if history.latest}


def _page(
    case: Case,
    seat: Acting,
    section: str,
    asked: SectionForm,
    meanwhile: dict[str, KnownFact] | None = None,
) -> str:
    sections = list(Section)
    return case_page(
        "facts/section.html",
        case,
        seat,
        form=asked,
        rows=asked.rows(meanwhile),
        section=section,
        section_title=labels.section_label(section, wording()),
        place=sections.index(Section(section)) + 1,
        places=len(sections),
    )
