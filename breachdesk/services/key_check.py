"""Whether the encryption key at hand is the one that the database was written with."""

from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from sqlalchemy import inspect, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from breachdesk.models import Installation, reading
from breachdesk.models.sealed import SEALED, STORED_NAMES
from breachdesk.models.vault import Vault

THE_ROW = 1


class WrongKey(Exception):
    """The key at hand does not open what the database holds."""


def demand_right_key(session: Session, vault: Vault) -> None:
    """Refuse a key that is not the database's; one query once the check is kept.

    The first time, the key must open a sample of what is sealed; its check is then kept.

    Raises:
        WrongKey: nothing was written.
    """
    with reading():
        kept = session.scalar(select(Installation.key_check).where(Installation.id == THE_ROW))
        is_right = vault.is_checked_by(kept) if kept else opens_sample(session, vault)
    session.rollback()
    if not is_right:
        raise WrongKey
    if not kept:
        note_key(session, vault)
        session.commit()


def opens_sample(session: Session, vault: Vault) -> bool:
    """Whether the keys open one sealed value of each column that has any."""
    return all(_opens(vault, sealed) for sealed in sample_of_sealed(session))


def note_key(session: Session, vault: Vault) -> None:
    """Keep the check of the newest key; does not commit."""
    engine = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    check = vault.check()
    session.execute(
        engine.insert(Installation)
        .values(id=THE_ROW, key_check=check)
        .on_conflict_do_update(index_elements=["id"], set_={"key_check": check})
    )


def sample_of_sealed(session: Session) -> Iterator[bytes]:
    """One sealed value of each column that has any, the newest there is."""
    for column in SEALED:
        newest = column.class_.id.desc()
        found = session.scalar(select(column).where(column.is_not(None)).order_by(newest).limit(1))
        if found is not None:
            yield found


def _opens(vault: Vault, sealed: bytes) -> bool:
    try:
        vault.open(sealed)
    except InvalidTag:
        return False
    return True


def holds_sealed_things(session: Session) -> bool:
    """Whether anything here was written with an encryption key; no tables hold nothing.

    Asked before a first key is made: what was sealed under a lost one must not be forgotten.
    """
    tables = set(inspect(session.connection()).get_table_names())
    if Installation.__tablename__ not in tables:
        # Version 0001, or nothing at all.
        return _has_rows_of_the_first_version(session, tables)
    kept = session.scalar(select(Installation.key_check).where(Installation.id == THE_ROW))
    named = (
        session.scalar(select(column).where(column.is_not(None)).limit(1))
        for column in STORED_NAMES
    )
    return bool(kept) or any(named) or any(True for _ in sample_of_sealed(session))


def _has_rows_of_the_first_version(session: Session, tables: set[str]) -> bool:
    return (
        "users" in tables
        and session.connection().exec_driver_sql("SELECT count(*) FROM users").scalar_one() > 0
    )
