"""What the desk's mails say.

A mail lies in a mailbox that we do not guard. So the subject says what is due and when,
the text names the next step, and everything else stays behind the sign-in: no personal
data, and nothing that anybody wrote about the incident.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from breachdesk.wording import N_, Wording

CNIL_COMPLAINTS = "www.cnil.fr/fr/plaintes"
# Of every mail to our own people about a case.
NO_DETAIL = N_(
    "Ce message est automatique. Ce que contient le dossier ne se lit qu’une fois connecté."
)
CYBER_VICTIMS = "www.cybermalveillance.gouv.fr"


class Mail(NamedTuple):
    """What a mail says."""

    subject: str
    text: str


@dataclass(frozen=True)
class CaseMail:
    """What a mail about a case may tell, already said in the reader's language and zone.

    Args:
        link: the page of the case, behind the sign-in.
        due_at: like "lundi 30 novembre 2026 à 18 h 30".
    """

    reference: str
    organisation: str
    link: str
    due_at: str = ""


@dataclass(frozen=True)
class CommunicationFrame:
    """What surrounds the text of a communication to a data subject.

    Args:
        recipient_name: empty where we do not know it, or more than one person reads the box.
        sender_address: the address that real messages come from.
        contact: where to ask a question, a full sentence or an address and a number.
    """

    reference: str
    organisation: str
    sender_address: str
    contact: str
    recipient_name: str = ""


def receipt(words: Wording, case: CaseMail) -> Mail:
    """To the reporter: what you told us is in good hands."""
    subject = words.text(
        "%(reference)s : votre signalement est enregistré", reference=case.reference
    )
    return _case_mail(
        words,
        case,
        subject,
        words.text(
            "Merci d’avoir signalé cet incident. Il est enregistré sous la référence "
            "%(reference)s et les personnes chargées de la protection des données de "
            "%(organisation)s sont prévenues.",
            reference=case.reference,
            organisation=case.organisation,
        ),
        words.text(
            "Gardez tout ce qui s’y rapporte : messages, fichiers, captures d’écran. Si vous "
            "apprenez autre chose, ajoutez-le à votre signalement :"
        ),
    )


def alert(words: Wording, case: CaseMail) -> Mail:
    """To the DPO and the handlers: somebody has opened an incident."""
    subject = (
        words.text(
            "%(reference)s : nouveau signalement à qualifier avant le %(due_at)s",
            reference=case.reference,
            due_at=case.due_at,
        )
        if case.due_at
        else words.text("%(reference)s : nouveau signalement à qualifier", reference=case.reference)
    )
    return _case_mail(
        words,
        case,
        subject,
        words.text(
            "Un incident vient d’être signalé chez %(organisation)s. S’il s’agit d’une violation "
            "de données personnelles, les 72 heures ont peut-être déjà commencé.",
            organisation=case.organisation,
        ),
        words.text("Prochaine étape : lire le signalement et le qualifier."),
    )


def report_completed(words: Wording, case: CaseMail) -> Mail:
    """To those who follow the case: the reporter has added something."""
    return _case_mail(
        words,
        case,
        words.text(
            "%(reference)s : complément reçu de l’auteur du signalement", reference=case.reference
        ),
        words.text(
            "La personne qui a signalé cet incident chez %(organisation)s vient d’ajouter quelque "
            "chose à son signalement.",
            organisation=case.organisation,
        ),
        words.text("Prochaine étape : le lire, sous « Échanges » dans le dossier."),
    )


def report_question(words: Wording, case: CaseMail) -> Mail:
    """To a reporter who has an account: the team asks them something."""
    return _case_mail(
        words,
        case,
        words.text("%(reference)s : une question sur votre signalement", reference=case.reference),
        words.text(
            "L’équipe qui suit l’incident que vous avez signalé chez %(organisation)s vous pose "
            "une question.",
            organisation=case.organisation,
        ),
        words.text("Prochaine étape : lire la question et y répondre, en quelques mots :"),
    )


def _case_mail(words: Wording, case: CaseMail, subject: str, *paragraphs: str) -> Mail:
    """A greeting, the paragraphs, the link under the last of them, and who writes."""
    *before, last = paragraphs
    text = _paragraphs(
        words.text("Bonjour,"),
        *before,
        f"{last}\n{case.link}",
        words.text(NO_DETAIL)
        + " "
        + words.text(
            "Il vous parvient en raison de votre rôle auprès de %(organisation)s.",
            organisation=case.organisation,
        ),
    )
    return Mail(subject, text)


def communication(words: Wording, frame: CommunicationFrame, *, subject: str, body: str) -> Mail:
    """The whole letter to one data subject: its approved text in its frame.

    Source of what the frame adds: good practice beside Art. 34(2), and Art. 77 for the
    right to complain.
    """
    text = _paragraphs(
        communication_opening(words, frame), body.strip(), communication_closing(words, frame)
    )
    return Mail(subject, text)


def communication_opening(words: Wording, frame: CommunicationFrame) -> str:
    """The greeting; by name only where the name is known."""
    if frame.recipient_name:
        return words.text("Bonjour %(name)s,", name=frame.recipient_name)
    return words.text("Bonjour,")


def communication_closing(words: Wording, frame: CommunicationFrame) -> str:
    """How to know a real message from a forged one, where to complain, and who writes."""
    return _paragraphs(
        _how_to_recognise_us(words, frame),
        _where_to_turn(words),
        words.text(
            "%(organisation)s\nRéférence à rappeler : %(reference)s",
            organisation=frame.organisation,
            reference=frame.reference,
        ),
    )


def _how_to_recognise_us(words: Wording, frame: CommunicationFrame) -> str:
    heading = words.text("Comment reconnaître nos messages ?")
    warning = words.text(
        "Des fraudeurs peuvent se servir de cet événement comme prétexte. Nos messages à ce sujet "
        "viennent de %(sender_address)s. Ils ne contiennent ni pièce jointe ni lien qu’il "
        "faudrait suivre, et nous ne vous y demanderons jamais un mot de passe, un code ou des "
        "coordonnées bancaires.",
        sender_address=frame.sender_address,
    )
    doubt = words.text(
        "En cas de doute, ne répondez pas au message et adressez-vous à nous : %(contact)s",
        contact=frame.contact,
    )
    return f"{heading}\n{warning}\n{doubt}"


def _where_to_turn(words: Wording) -> str:
    heading = words.text("Vos droits")
    complaint = words.text(
        "Si vous estimez que vos droits ne sont pas respectés, vous pouvez adresser une "
        "réclamation à la CNIL (%(site)s).",
        site=CNIL_COMPLAINTS,
    )
    victims = words.text(
        "Si vous pensez être victime d’une escroquerie en ligne, le service public "
        "%(site)s vous aide à réagir.",
        site=CYBER_VICTIMS,
    )
    return f"{heading}\n{complaint}\n{victims}"


def _paragraphs(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def journal_head(words: Wording, lines: int, head: str) -> str:
    """The last line of a journal, below a mail: its number, and its hash in groups of eight."""
    said = words.plural(
        "Gardez ce message. Le journal du dossier a une ligne ; son empreinte prouvera qu’elle "
        "n’a pas été changée :",
        "Gardez ce message. Le journal du dossier a %(lines)s lignes ; l’empreinte de la dernière "
        "prouvera qu’aucune n’a été changée :",
        lines,
        lines=lines,
    )
    return f"{said}\n{_in_groups(head)}"


def journal_heads(words: Wording, heads: Iterable[tuple[str, int, str]]) -> str:
    """The last line of the journals of several cases, below a mail: reference, number, hash."""
    said = words.text(
        "Gardez ce message. Voici, pour chaque dossier, combien de lignes a son journal, et "
        "l’empreinte de la dernière, qui prouvera qu’aucune n’a été changée :"
    )
    lines = (
        words.plural(
            "%(reference)s, %(n)s ligne :", "%(reference)s, %(n)s lignes :", n, reference=reference
        )
        + f"\n{_in_groups(head)}"
        for reference, n, head in heads
    )
    return "\n".join([said, *lines])


def _in_groups(head: str) -> str:
    return " ".join(head[start : start + 8] for start in range(0, len(head), 8))
