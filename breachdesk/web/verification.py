"""Checking a sealed file that somebody brings back: a file in, what holds out; nothing is kept.

For people of the desk, of any role. To an outsider this page would prove nothing: it is the
organisation's own. They run `python -m breachdesk verify`, which needs nothing of ours.
"""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, current_app, g, render_template
from wtforms import FileField, StringField
from wtforms.validators import ValidationError

from breachdesk.domain.dossier_check import read_hash
from breachdesk.services.verification import Busy, check_apart
from breachdesk.web.forms import DeskForm
from breachdesk.web.language import say, say_later, wording
from breachdesk.web.request import desk
from breachdesk.wording import N_
from breachdesk.wording.dossier_check import check_words

pages = Blueprint("verification", __name__, url_prefix="/verify")

# A form of this page holds one file: as large as all the files that another may.
ROOM_BESIDE = 1_000_000


class FileGiven:
    """Demand a file that is not empty."""

    def __call__(self, _form: Any, field: FileField) -> None:
        if not getattr(field.data, "filename", ""):
            raise ValidationError(say(N_("Choisissez le PDF ou le ZIP à vérifier.")))


class AHash:
    """Demand a SHA-256 hash where anything was typed."""

    def __call__(self, _form: Any, field: StringField) -> None:
        if (field.data or "").strip() and read_hash(field.data) is None:
            raise ValidationError(
                say(N_("Une empreinte a 64 chiffres ou lettres de a à f ; les espaces sont admis."))
            )


class VerificationForm(DeskForm):
    """A file, and what the reader knows from elsewhere."""

    file = FileField(say_later("Dossier, en PDF ou en ZIP ; ou dépôt, en PDF"), [FileGiven()])
    trust = StringField(
        say_later("Empreinte du certificat attendu"),
        [AHash()],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    head = StringField(
        say_later("Empreinte du journal, si un message vous en a donné une"),
        [AHash()],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )


@pages.route("", methods=["GET", "POST"])
def show() -> str | tuple[str, int]:
    """A file to check; what was found."""
    # Whoever is signed in: `security` lets nobody else come here.
    assert g.person is not None
    asked = VerificationForm()
    if not asked.is_submitted():
        return _page(VerificationForm(data={"trust": desk().seal.shown_fingerprint}))
    if not asked.validate():
        return _page(asked), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        check = check_apart(
            asked.file.data.read(),
            trust=read_hash(asked.trust.data or ""),
            head=read_hash(asked.head.data or ""),
        )
    except Busy:
        fault = say("D’autres dossiers sont en cours de vérification. Réessayez dans une minute.")
        asked.file.errors = [*asked.file.errors, fault]
        return _page(asked), HTTPStatus.SERVICE_UNAVAILABLE
    return _page(
        asked,
        words=check_words(check, wording()),
        verdict=check.verdict.value,
        name=asked.file.data.filename,
    )


def _page(asked: VerificationForm, **found: Any) -> str:
    largest = current_app.config["MAX_CONTENT_LENGTH"] - ROOM_BESIDE
    return render_template(
        "verification/show.html",
        form=asked,
        limit=largest // 1_000_000,
        own_fingerprint=desk().seal.shown_fingerprint,
        **{"words": None, "verdict": "", "name": "", **found},
    )
