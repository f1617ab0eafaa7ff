"""A copy of the dossier for somebody else: choosing what is removed from it."""

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response
from wtforms import StringField

from breachdesk.domain.access import Action
from breachdesk.domain.redaction import Part, Redaction
from breachdesk.models import Attachment
from breachdesk.services.acting import Acting
from breachdesk.services.attachments import attachments_of
from breachdesk.services.cases import Case
from breachdesk.services.dossiers import LONGEST_FOR_WHOM, RedactedCopy
from breachdesk.services.job_requests import ask_for_dossier
from breachdesk.services.known_facts import latest_facts
from breachdesk.web.case_pages import case_page
from breachdesk.web.fact_forms import Checkboxes
from breachdesk.web.forms import AtMost, DeskForm, choices, faults_on
from breachdesk.web.language import say_later, wording
from breachdesk.web.proof import demand_recent_proof
from breachdesk.web.request import case_or_404, now, session
from breachdesk.wording.dossiers import part_label
from breachdesk.wording.labels import fact_label

pages = Blueprint("dossier_copies", __name__, url_prefix="/incidents/<reference>/dossiers/copy")

LONGEST_WHY = 300


class CopyForm(DeskForm):
    """Who a copy is for, what is removed from it, and why."""

    for_whom = StringField(
        say_later("Pour qui ?"),
        [AtMost(LONGEST_FOR_WHOM)],
        description=say_later("Inscrit dans la liste des dossiers, pas dans la copie."),
    )
    parts = Checkboxes(say_later("Parties à retirer"), validate_choice=False)
    facts = Checkboxes(say_later("Faits à retirer"), validate_choice=False)
    attachments = Checkboxes(
        say_later("Pièces jointes à retirer"), coerce=int, validate_choice=False
    )
    why = StringField(
        say_later("Pourquoi ?"),
        [AtMost(LONGEST_WHY)],
        description=say_later(
            "Dit dans la copie, à côté de chaque retrait, comme « secret des affaires »."
        ),
    )


@pages.route("", methods=["GET", "POST"])
def choose(reference: str) -> str | Response | tuple[str, int]:
    """Choose what is removed; the copy is then made like any dossier."""
    case, seat = case_or_404(reference, Action.MAKE_DOSSIER)
    files = attachments_of(session(), case.incident)
    form = _form_for(case, files)
    if not form.is_submitted():
        return _page(case, seat, form)
    demand_recent_proof()
    if form.validate():
        with faults_on(form) as attempt:
            job = ask_for_dossier(
                session(),
                case.incident,
                wording().locale,
                by=seat,
                now=now(),
                copy=RedactedCopy(form.for_whom.data or "", _redaction(form, len(files))),
            )
        if attempt.succeeded:
            return redirect(url_for("dossiers.listing", reference=reference, job=job.id))
    return _page(case, seat, form), 422


def _form_for(case: Case, files: list[Attachment]) -> CopyForm:
    form = CopyForm()
    form.parts.choices = choices(*((part.value, part_label(part, wording())) for part in Part))
    form.facts.choices = choices(
        *((key, fact_label(key, wording())) for key in latest_facts(session(), case.incident))
    )
    form.attachments.choices = choices(
        *((number, file.name) for number, file in enumerate(files, 1))
    )
    return form


def _redaction(form: CopyForm, attachments: int) -> Redaction:
    """What was chosen; a box that is none of ours is left aside, or refused by the service."""
    own = {part.value for part in Part}
    return Redaction(
        facts=frozenset(form.facts.data or ()),
        parts=frozenset(Part(code) for code in form.parts.data or () if code in own),
        attachments=frozenset(n for n in form.attachments.data or () if 1 <= n <= attachments),
        why=(form.why.data or "").strip(),
    )


def _page(case: Case, seat: Acting, form: CopyForm) -> str:
    return case_page("dossiers/copy.html", case, seat, form=form)
