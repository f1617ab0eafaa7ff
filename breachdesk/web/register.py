"""The register of Art. 33(5): every incident, notified or not, with its state and clock."""

from dataclasses import asdict, replace

from flask import Blueprint, render_template, request, url_for

from breachdesk.domain.access import Action
from breachdesk.domain.lifecycle import Stage
from breachdesk.services.cases import deadline_of
from breachdesk.services.register import RegisterFilter, list_register
from breachdesk.web.language import labels, say, wording
from breachdesk.web.request import now, seat_or_404, session
from breachdesk.wording import N_

pages = Blueprint("register", __name__, url_prefix="/organisations/<code>")

FIRST = RegisterFilter()
LONGEST_SEARCH = 100
CLOCKS = (
    ("", N_("Tous")),
    ("running", N_("Le délai court")),
    ("soon", N_("Moins de 24 h")),
    ("late", N_("En retard")),
)
# What a head sorts by first: the newest, the most urgent; references and states upwards.
HEADS = (
    (N_("Référence"), "time", "reference", ""),
    (N_("Incident"), None, None, ""),
    (N_("Ouvert le"), "time", "opened_at", "-"),
    (N_("État"), None, "stage", ""),
    (N_("Délai"), None, "due_at", ""),
)

Head = tuple[str, str | None, str | None, str | None]


@pages.get("/register")
def listing(code: str) -> str:
    """A page of the register, filtered and sorted as the address says."""
    seat = seat_or_404(code, Action.SEE_REGISTER)
    wanted = _wanted()
    found = list_register(session(), seat, wanted, now=now())
    return render_template(
        "register/listing.html",
        seat=seat,
        found=found,
        rows=[
            (
                incident,
                deadline_of(clock, now(), withdrawn_at=withdrawn_at),
                [deadline_of(each, now()) for each in later],
            )
            for incident, clock, later, withdrawn_at in found.rows
        ],
        wanted=wanted,
        is_filtered=bool(wanted.stage or wanted.clock or wanted.text),
        stages=[(stage.value, labels.case_state_label(stage, wording())) for stage in Stage],
        clocks=[(key, say(label)) for key, label in CLOCKS],
        heads=[_head(code, wanted, *head) for head in HEADS],
        page_url=lambda page: _url(code, replace(wanted, page=page)),
    )


def _wanted() -> RegisterFilter:
    """The filter of the address; what it does not know is passed by."""
    given = request.args
    page = given.get("page", "")
    return RegisterFilter(
        stage=next((stage for stage in Stage if stage == given.get("stage")), None),
        clock=next((key for key, _ in CLOCKS if key == given.get("clock")), ""),
        text=given.get("text", "").strip()[:LONGEST_SEARCH],
        sort=next((sort for sort in _sorts() if sort == given.get("sort")), FIRST.sort),
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 9 else 1,
    )


def _sorts() -> list[str]:
    return [sign + key for _, _, key, _ in HEADS if key for sign in ("", "-")]


def _url(code: str, wanted: RegisterFilter) -> str:
    """The address of a filter; what is as it is at first is left out."""
    first = asdict(FIRST)
    given = {
        name: value for name, value in asdict(wanted).items() if value and value != first[name]
    }
    return url_for("register.listing", code=code, **given)


def _head(
    code: str, wanted: RegisterFilter, label: str, kind: str | None, key: str | None, sign: str
) -> Head:
    """A column's head as macros/tables.html takes it: a link that sorts, then turns round."""
    if key is None:
        return say(label), kind, None, None
    is_sorted = wanted.sort.lstrip("-") == key
    is_descending = wanted.sort.startswith("-")
    then = ("" if is_descending else "-") if is_sorted else sign
    state = ("descending" if is_descending else "ascending") if is_sorted else None
    return say(label), kind, _url(code, replace(wanted, sort=then + key, page=1)), state
