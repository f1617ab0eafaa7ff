"""What somebody sent when they first had to say who they are: kept, and given back to them.

A session runs out while somebody writes, or an act asks for a fresh proof. What was posted
is sealed and kept for its author, through whatever way they then sign in.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from breachdesk.domain.errors import NotFound
from breachdesk.models import KeptForm
from breachdesk.services.acting import Desk

# As long as a session lasts at most: whoever comes back the next day begins anew.
KEPT_FOR = timedelta(hours=12)
MOST_KEPT = 5
# In characters, of all names and values. Five of the longest texts we take.
LARGEST_KEPT = 200_000


@dataclass(frozen=True)
class Kept:
    """A form as it was sent.

    Args:
        path: where it goes, with its query.
        fields: names and values in order, without the token against forgery.
        files: the names of the files that were with it; they are not kept.
    """

    id: int
    path: str
    fields: list[tuple[str, str]]
    files: list[str]
    kept_at: datetime


def keep_form(
    session: Session,
    desk: Desk,
    user_id: int,
    *,
    path: str,
    fields: list[tuple[str, str]],
    files: list[str],
    now: datetime,
) -> int | None:
    """Keep a form for its author, and commit; its id, or None where it is too large."""
    if sum(len(name) + len(value) for name, value in fields) > LARGEST_KEPT:
        return None
    content = {"path": path, "fields": fields, "files": files}
    kept = KeptForm(user_id=user_id, sealed=desk.vault.seal_json(content), kept_at=now)
    session.add(kept)
    session.flush()
    _forget_surplus(session, user_id)
    session.commit()
    return kept.id


def _forget_surplus(session: Session, user_id: int) -> None:
    newest = (
        select(KeptForm.id)
        .where(KeptForm.user_id == user_id)
        .order_by(KeptForm.id.desc())
        .limit(MOST_KEPT)
    )
    keep = list(session.scalars(newest))
    session.execute(delete(KeptForm).where(KeptForm.user_id == user_id, KeptForm.id.not_in(keep)))


def kept_form_ids(session: Session, user_id: int, *, now: datetime) -> list[int]:
    """The forms kept for somebody, the newest first."""
    return list(
        session.scalars(
            select(KeptForm.id)
            .where(KeptForm.user_id == user_id, KeptForm.kept_at > now - KEPT_FOR)
            .order_by(KeptForm.id.desc())
        )
    )


def find_kept_form(
    session: Session, desk: Desk, user_id: int, form_id: int, *, now: datetime
) -> Kept:
    """A form kept for somebody.

    Raises:
        NotFound: there is none, or it is another's, or its time is up.
    """
    kept = session.get(KeptForm, form_id)
    if kept is None or kept.user_id != user_id or now - kept.kept_at >= KEPT_FOR:
        raise NotFound("unknown_kept_form")
    content = desk.vault.open_json(kept.sealed)
    fields = [(name, value) for name, value in content["fields"]]
    return Kept(kept.id, content["path"], fields, content["files"], kept.kept_at)


def forget_kept_form(session: Session, user_id: int, form_id: int) -> None:
    """Forget a form that its author sent again or gave up, and commit."""
    session.execute(delete(KeptForm).where(KeptForm.id == form_id, KeptForm.user_id == user_id))
    session.commit()


def sweep_kept_forms(session: Session, *, now: datetime) -> None:
    """Throw away what nobody came back for; does not commit."""
    session.execute(delete(KeptForm).where(KeptForm.kept_at <= now - KEPT_FOR))
