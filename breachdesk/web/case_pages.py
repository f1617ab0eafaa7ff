"""What every page of a case shows around its own content: clock, steps, links."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import render_template, url_for

from breachdesk.domain.access import ALLOWED, Action, Role
from breachdesk.domain.clock_turns import task_before
from breachdesk.domain.lifecycle import FilingProgress, NextStep, Step, next_step, steps
from breachdesk.domain.regimes import GDPR_FOLLOW_UP
from breachdesk.services.acting import Acting
from breachdesk.services.cases import Case, deadline_of
from breachdesk.services.clock_offers import CaseClocks, read_case_clocks
from breachdesk.services.outside_reports import outside_report_of
from breachdesk.web.language import labels, say, wording
from breachdesk.web.request import now, seats, session
from breachdesk.wording import N_
from breachdesk.wording.clock_words import said

# As many changed facts as a sentence names before it stops.
FACTS_NAMED = 4

# Where each step of the line leads.
STEP_PAGES: Mapping[Step, str] = {
    Step.OPEN: "facts.listing",
    Step.QUALIFY: "qualification.form",
    Step.ASSESS: "assessments.show",
    Step.DECIDE: "assessments.decision",
    Step.NOTIFY: "authority.assistant",
    Step.COMMUNICATE: "notices.draft",
}

# The one next step: what to do, why, the button, its page, and who may do it.
NEXT_STEPS: Mapping[NextStep, tuple[str, str, str, str, Action]] = {
    NextStep.QUALIFY: (
        N_("Qualifier l’incident"),
        N_("Dites si c’est une violation de données personnelles, et depuis quand on le sait."),
        N_("Qualifier l’incident"),
        "qualification.form",
        Action.QUALIFY,
    ),
    NextStep.ASSESS: (
        N_("Évaluer le risque"),
        N_("Complétez ce qui est connu, puis évaluez : le résultat dit ce qui est dû et pourquoi."),
        N_("Évaluer le risque"),
        "assessments.show",
        Action.ASSESS,
    ),
    NextStep.REASSESS: (
        N_("Évaluer de nouveau"),
        N_("Des faits pris en compte ont changé depuis la dernière évaluation."),
        N_("Voir ce qui a changé et évaluer de nouveau"),
        "assessments.show",
        Action.ASSESS,
    ),
    NextStep.REOPEN: (
        N_("Reprendre la décision de ne pas notifier"),
        N_(
            "Ce que l’on sait ne va plus dans le sens de cette décision. Dites depuis quand vous "
            "le savez : le délai repartira de là."
        ),
        N_("Voir ce qui a changé et reprendre la décision"),
        "reopening.form",
        Action.QUALIFY,
    ),
    NextStep.ADVISE: (
        N_("Donner un avis"),
        N_("L’évaluation est faite. Dites si vous en suivez les conclusions."),
        N_("Lire l’évaluation et donner un avis"),
        "assessments.advice",
        Action.ADVISE,
    ),
    NextStep.DECIDE: (
        N_("Signer la décision"),
        N_("L’avis est rendu. La décision revient au responsable du traitement."),
        N_("Lire l’avis et décider"),
        "assessments.decision",
        Action.DECIDE,
    ),
    NextStep.NOTIFY_AUTHORITY: (
        N_("Notifier la CNIL"),
        N_("Déposez la notification sur le téléservice de la CNIL, puis enregistrez le dépôt ici."),
        N_("Préparer la notification"),
        "authority.assistant",
        Action.RECORD_FILING,
    ),
    NextStep.DRAFT_NOTICE: (
        N_("Rédiger le message aux personnes"),
        N_("Un premier texte est préparé d’après le dossier. Relisez-le et complétez-le."),
        N_("Rédiger le message"),
        "notices.draft",
        Action.DRAFT_NOTICE,
    ),
    NextStep.IMPORT_RECIPIENTS: (
        N_("Indiquer les destinataires"),
        N_("Le message est complet. Joignez la liste des personnes à informer."),
        N_("Ajouter les destinataires"),
        "recipients.upload",
        Action.IMPORT_RECIPIENTS,
    ),
    NextStep.APPROVE_NOTICE: (
        N_("Approuver le message"),
        N_("Une seconde personne relit le message avant qu’il parte."),
        N_("Relire et approuver"),
        "notices.approval",
        Action.APPROVE_NOTICE,
    ),
    NextStep.SEND_NOTICE: (
        N_("Envoyer le message"),
        N_("Le message est approuvé et les destinataires sont connus."),
        N_("Vérifier et envoyer"),
        "notices.sending",
        Action.SEND_NOTICE,
    ),
    NextStep.WATCH_DELIVERY: (
        N_("Suivre l’envoi"),
        N_("L’envoi est en cours et continue sans vous."),
        N_("Voir l’avancement"),
        "notices.delivery",
        Action.SEE_CASE,
    ),
    NextStep.COMPLETE_FILING: (
        N_("Compléter la notification à la CNIL"),
        N_(
            "Ce qui n’était pas connu ou pas dit reste dû, sans autre retard indu (RGPD, "
            "art. 33(4)). Déposez le complément sur le téléservice, puis enregistrez-le ici."
        ),
        N_("Enregistrer le complément"),
        "authority.filing",
        Action.RECORD_FILING,
    ),
    NextStep.SETTLE_CLOCKS: (
        N_("Dire où en sont les autres délais"),
        N_(
            "Des délais courent encore dans ce dossier. Dites de chacun qu’il est tenu, ou "
            "pourquoi il n’est pas dû."
        ),
        N_("Voir les délais"),
        "clocks.listing",
        Action.MANAGE_CLOCKS,
    ),
    NextStep.MAKE_DOSSIER: (
        N_("Établir le dossier"),
        N_("Tout ce qui a été décidé est fait. Le dossier en garde la preuve."),
        N_("Établir le dossier"),
        "dossiers.listing",
        Action.MAKE_DOSSIER,
    ),
    NextStep.CLOSE: (
        N_("Clore le dossier"),
        N_("Il ne reste rien à faire. Un dossier clos ne change plus."),
        N_("Clore le dossier"),
        "incidents.close",
        Action.CLOSE,
    ),
}


def case_page(
    template: str,
    case: Case,
    seat: Acting,
    *,
    clocks: CaseClocks | None = None,
    **context: object,
) -> str:
    """Render a page of a case: `template` extends templates/case_frame.html.

    Args:
        clocks: those of the case, where the page has read them already.
    """
    reference = case.incident.reference
    outside = outside_report_of(session(), case.incident)
    clocks = clocks or read_case_clocks(session(), case)
    return render_template(
        template,
        case=case,
        seat=seat,
        deadline=case.deadline(now()),
        clocks=clocks,
        boxed=case.seen(clocks.boxed, now()),
        other_deadlines=clocks.beside(now()),
        clocks_url=url_for("clocks.listing", reference=reference),
        step_states=steps(case.progress),
        step_urls={
            step.value: url_for(page, reference=reference) for step, page in STEP_PAGES.items()
        },
        case_links=_links(case, seat),
        access_url=url_for("case_access.show", reference=reference)
        if seat.may(Action.RESTRICT_CASE)
        else None,
        reopening_url=url_for("reopening.form", reference=reference)
        if case.holds_no and seat.may(Action.QUALIFY)
        else None,
        outside=outside,
        # What whoever reported without an account is called.
        outsider=labels.reporter_without_account(outside.processor, wording()) if outside else "",
        **context,
    )


def _links(case: Case, seat: Acting) -> list[tuple[str, str, str, int | None]]:
    reference = case.incident.reference
    links: list[tuple[str, str, str, int | None]] = [
        ("case", say("Vue d’ensemble"), url_for("incidents.show", reference=reference), None),
        ("facts", say("Ce que l’on sait"), url_for("facts.listing", reference=reference), None),
        ("clocks", say("Délais"), url_for("clocks.listing", reference=reference), None),
        (
            "attachments",
            say("Pièces"),
            url_for("attachments.listing", reference=reference),
            case.counts["attachments"],
        ),
        *_messages_link(case, seat),
        (
            "dossiers",
            say("Dossiers établis"),
            url_for("dossiers.listing", reference=reference),
            case.counts["dossiers"],
        ),
    ]
    if seat.may(Action.SHARE_INCIDENT) and (case.incident.group_id or len(seats()) > 1):
        shared = url_for("shared_incidents.show", reference=reference)
        links.append(("shared", say("Même événement ailleurs"), shared, None))
    if seat.may(Action.SEE_JOURNAL):
        journal = url_for("journal.listing", reference=reference)
        links.append(("journal", say("Journal"), journal, case.counts["journal"]))
    if seat.may(Action.RESTRICT_CASE):
        access = url_for("case_access.show", reference=reference)
        links.append(("access", say("Accès"), access, None))
    return links


def _messages_link(case: Case, seat: Acting) -> list[tuple[str, str, str, int | None]]:
    if not seat.may(Action.ANSWER_REPORTER):
        return []
    address = url_for("report_messages.listing", reference=case.incident.reference)
    return [("messages", say("Échanges"), address, case.counts["messages"])]


def roles_for(action: Action) -> str:
    """Whose turn it is, in the words for their roles."""
    roles = [role for role in Role if role in ALLOWED[action]]
    said = [labels.role_label(role, wording()) for role in roles]
    return say(" ou ").join(said)


# A step as the page shows it; `also`: links that help, each with its words.
StepShown = dict[str, Any]


def next_step_of(case: Case, seat: Acting) -> StepShown | None:
    """The next step as the page shows it; `url` is absent where it falls to another role.

    Where something else is due first that the desk does not see done, that is the step.
    """
    step = next_step(case.progress)
    found = NEXT_STEPS.get(step)
    if found is None:
        return None
    title, text, label, page, action = found
    ahead = deadline_of(case.next_clock, now())
    task = task_before(step, ahead, case.deadline(now()))
    if task is not None:
        return _task_first(case, seat, said(task, wording()), after=step)
    shown: StepShown = {"title": say(title), "text": say(text), "label": say(label), "also": ()}
    if step is NextStep.COMPLETE_FILING:
        shown |= {"text": _what_completing_asks(case, shown["text"]), "also": _also(case, seat)}
    if step is NextStep.MAKE_DOSSIER and case.progress.filing is FilingProgress.WITHDRAWN:
        shown["text"] = say(
            "La notification a été retirée, et rien d’autre n’est à faire. Le dossier en garde la "
            "preuve."
        )
    if case.changed and page in ("assessments.show", "reopening.form"):
        shown["text"] = f"{shown['text']} {_what_changed(case)}"
    if seat.may(action):
        shown["url"] = url_for(page, reference=case.incident.reference)
    else:
        shown["action"] = action.value
    return shown


def _what_completing_asks(case: Case, usual: str) -> str:
    """To complete what stands, or to take it back; and what waits until then."""
    if not case.progress.must_notify:
        usual = say(
            "Une notification reste ouverte auprès de la CNIL, alors qu’il est décidé de ne pas "
            "notifier : complétez-la ou retirez-la sur le téléservice, puis enregistrez-le ici."
        )
    then = next_step(replace(case.progress, filing=FilingProgress.COMPLETE))
    return f"{usual} {_then(then)}" if not case.progress.is_told else usual


def _then(step: NextStep) -> str:
    later = say(NEXT_STEPS[step][0])
    return say("Ensuite : %(step)s.", step=later[:1].lower() + later[1:])


def _also(case: Case, seat: Acting) -> list[tuple[str, str]]:
    """What a filing left open, and where to say that nothing more is owed."""
    assert case.phase is not None
    reference, number = case.incident.reference, case.phase.sequence
    filed = url_for("filings.show", reference=reference, number=number)
    found = [(say("Voir ce que le dépôt n° %(number)s a laissé ouvert", number=number), filed)]
    if seat.may(Action.MANAGE_CLOCKS):
        words = say("Rien de plus n’est dû ? Le dire, avec la raison")
        found.append((words, _url_of_no_follow_up(case)))
    return found


def _url_of_no_follow_up(case: Case) -> str:
    """Where one says that no follow-up is owed: of its clock, where it runs."""
    reference, running = case.incident.reference, (case.next_clock, case.then_clock)
    clock = next((each for each in running if each and each.regime == GDPR_FOLLOW_UP), None)
    if clock is not None:
        return url_for("clocks.stop", reference=reference, clock_id=clock.id)
    if case.progress.has_other_clocks:
        return url_for("clocks.listing", reference=reference)
    return url_for("clocks.refuse", reference=reference, regime=GDPR_FOLLOW_UP)


def _task_first(case: Case, seat: Acting, task: str, *, after: NextStep) -> StepShown:
    """What is to be done outside the desk, and to be said here; the step waits until then."""
    assert case.next_clock is not None
    text = say("C’est ce qui est dû en premier. Faites-le, puis dites-le ici, avec le numéro reçu.")
    if after is not NextStep.SETTLE_CLOCKS:
        text = f"{text} {_then(after)}"
    shown: StepShown = {
        "title": say("%(task)s, puis le dire ici", task=task),
        "text": text,
        "label": say("Dire que c’est fait"),
        "also": (),
    }
    if seat.may(Action.MANAGE_CLOCKS):
        reference = case.incident.reference
        shown["url"] = url_for("clocks.stop", reference=reference, clock_id=case.next_clock.id)
    else:
        shown["action"] = Action.MANAGE_CLOCKS.value
    return shown


def _what_changed(case: Case) -> str:
    """The facts that changed since the assessment, the first few by name."""
    named, more = case.changed[:FACTS_NAMED], len(case.changed) - FACTS_NAMED
    said = " · ".join(labels.fact_label(key, wording()) for key in named)
    return say("Changé : %(facts)s.", facts=f"{said} …" if more > 0 else said)
