"""One event in several organisations: the linked cases, and telling them facts once."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response
from wtforms import SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from breachdesk.domain.access import Action
from breachdesk.domain.deadlines import Deadline
from breachdesk.domain.sharing import SharedFact, Sharing
from breachdesk.services.acting import Acting
from breachdesk.services.cases import Case, deadline_of
from breachdesk.services.shared_incidents import (
    LinkedCase,
    link_organisations,
    linked_cases,
    organisations_to_link,
    share_facts,
    sharing_plan,
)
from breachdesk.web.case_pages import case_page
from breachdesk.web.forms import DeskForm, choices, faults_on
from breachdesk.web.language import labels, say, say_later, timezone, wording
from breachdesk.web.request import case_or_404, desk, now, seats, session

pages = Blueprint("shared_incidents", __name__, url_prefix="/incidents/<reference>/shared")


class FactsForm(DeskForm):
    """Which facts to tell the linked cases."""

    facts = SelectMultipleField(
        say_later("Faits à partager"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


class OrganisationsForm(DeskForm):
    """In which organisations to open a case of the same event."""

    organisations = SelectMultipleField(
        say_later("Organisations concernées"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


@dataclass(frozen=True)
class LinkedLine:
    """A linked case as the page lists it."""

    case: LinkedCase
    state: str
    deadline: Deadline | None


@pages.route("", methods=["GET", "POST"])
def show(reference: str) -> str | Response | tuple[str, int]:
    """The linked cases; what can be told to them."""
    case, seat = case_or_404(reference, Action.SHARE_INCIDENT)
    plan = sharing_plan(session(), case.incident, by=seat, seats=seats())
    asked = FactsForm()
    asked.facts.choices = choices(*((fact.key, _label(fact)) for fact in plan if fact.is_news))
    if not asked.is_submitted():
        asked.facts.data = [fact.key for fact in plan if fact.is_news]
        return _page(case, seat, asked, plan)
    if asked.validate():
        with faults_on(asked) as attempt:
            done = share_facts(
                session(),
                case.incident,
                asked.facts.data or [],
                by=seat,
                seats=seats(),
                now=now(),
            )
        if attempt.succeeded:
            flash(_told(done.get(Sharing.TOLD, 0)))
            return redirect(url_for("shared_incidents.show", reference=reference), 303)
    return _page(case, seat, asked, plan), 422


def _told(count: int) -> str:
    return wording().plural(
        "Un fait a été enregistré dans un autre dossier.",
        "%(count)s faits ont été enregistrés dans les autres dossiers.",
        count,
        count=count,
    )


def _label(fact: SharedFact) -> str:
    value = labels.value_text(fact.key, fact.answer.value, wording(), timezone())
    label = say(
        "%(fact)s : %(value)s", fact=labels.fact_label(fact.key, wording()), value=_short(value)
    )
    apart = fact.outcomes.get(Sharing.AMENDED_APART, 0)
    if not apart:
        return label
    kept = wording().plural(
        "un dossier dit autre chose et le garde",
        "%(count)s dossiers disent autre chose et le gardent",
        apart,
        count=apart,
    )
    return f"{label} ({kept})"


LONGEST_VALUE = 120


def _short(text: str) -> str:
    """A value that fits a line; the case itself has the whole of it."""
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1].rstrip() + "…"


def _page(case: Case, seat: Acting, asked: FactsForm, plan: tuple[SharedFact, ...]) -> str:
    linked = linked_cases(session(), case.incident, seats())
    return case_page(
        "shared_incidents/show.html",
        case,
        seat,
        form=asked,
        lines=[_line(found) for found in linked],
        apart=[
            labels.fact_label(fact.key, wording())
            for fact in plan
            if not fact.is_news and fact.outcomes.get(Sharing.AMENDED_APART)
        ],
        can_link=bool(organisations_to_link(session(), case.incident, seats())),
    )


def _line(found: LinkedCase) -> LinkedLine:
    state = labels.case_state_label(found.incident.stage, wording())
    return LinkedLine(
        found, state, deadline_of(found.clock, now(), withdrawn_at=found.withdrawn_at)
    )


@pages.route("/organisations", methods=["GET", "POST"])
def organisations(reference: str) -> str | Response | tuple[str, int]:
    """Open cases of the same event in other organisations."""
    case, seat = case_or_404(reference, Action.SHARE_INCIDENT)
    open_to = organisations_to_link(session(), case.incident, seats())
    asked = OrganisationsForm()
    asked.organisations.choices = choices(
        *((other.organisation.code, other.organisation.name) for other in open_to)
    )
    if not asked.is_submitted():
        return _organisations_page(case, seat, asked)
    if asked.validate():
        with faults_on(asked) as attempt:
            opened = link_organisations(
                session(),
                desk(),
                case.incident,
                asked.organisations.data or [],
                by=seat,
                seats=seats(),
                now=now(),
            )
        if attempt.succeeded:
            flash(_opened([incident.reference for incident in opened]))
            return redirect(url_for("shared_incidents.show", reference=reference), 303)
    return _organisations_page(case, seat, asked), 422


def _opened(references: list[str]) -> str:
    return wording().plural(
        "Un dossier est ouvert : %(references)s.",
        "%(count)s dossiers sont ouverts : %(references)s.",
        len(references),
        count=len(references),
        references=", ".join(references),
    )


def _organisations_page(case: Case, seat: Acting, asked: OrganisationsForm) -> str:
    return case_page("shared_incidents/organisations.html", case, seat, form=asked)
