"""`verify --database`: every journal of this installation."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import click

from breachdesk.cli.installation import Progress, read_settings

if TYPE_CHECKING:
    from breachdesk.services.journal_guard import Guard
    from breachdesk.services.live_chains import LiveVerdict


def verify_database(*, as_json: bool) -> int:
    """Walk every journal, and say what was found; 1 if anything was altered."""
    from breachdesk import check_key, create_app
    from breachdesk.services.journal_guard import look_at_guard
    from breachdesk.services.live_chains import walk_chains

    app = create_app(read_settings())
    check_key(app)
    progress = Progress()
    with app.app_context():
        database = app.extensions["sqlalchemy"]
        try:
            found = walk_chains(database.session(), app.extensions["desk"].files, tell=progress)
        finally:
            progress.end()
        with database.engine.connect() as connection:
            guard = look_at_guard(connection)
    if as_json:
        value = {
            "holds": found.holds and guard.is_in_place,
            **dataclasses.asdict(found),
            "guard": dataclasses.asdict(guard),
        }
        click.echo(json.dumps(value, ensure_ascii=False, indent=2))
    else:
        _say(found, guard)
    return 0 if found.holds and guard.is_in_place else 1


def _say(found: LiveVerdict, guard: Guard) -> None:
    for chain, line in found.broken.items():
        click.echo(f"✗ The journal {chain} does not hold from line {line} on: it was altered.")
    for fault in found.faults:
        click.echo(f"✗ {fault}")
    if found.holds:
        click.echo(
            f"✓ All {found.chains} journals hold, {found.lines:,} lines; {found.facts:,} facts, "
            f"{found.attachments} attachments and {found.dossiers} dossiers are those they attest."
        )
    click.echo(
        f"· Erased since, their hashes kept: {found.erased} texts, {found.facts_erased} facts, "
        f"{found.dossiers_erased} dossiers."
    )
    if guard.is_in_place:
        click.echo("✓ The database itself refuses to change a line (trigger in place).")
    else:
        click.echo("✗ The trigger that keeps the journal is off or gone: run `db upgrade`.")
    if guard.our_role_may:
        click.echo("· Whom breachdesk connects as could take it off: see `db grants` (PostgreSQL).")
    else:
        click.echo("✓ Whom breachdesk connects as can neither take it off nor alter a line.")
    click.echo(
        "\nNot checked: whether what was written is true; whether the whole was written anew, "
        "which mails sent earlier and dossiers given out would contradict."
    )
