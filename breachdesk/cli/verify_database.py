"""`verify --database`: every journal of this installation."""

import dataclasses
import json

import click

from breachdesk.cli.installation import Progress, read_settings
from breachdesk.cli.verify import SIGNS


def verify_database(*, as_json: bool, lang: str) -> int:
    """Walk every journal, and say what was found; 1 if anything was altered.

    Args:
        lang: "fr" or "en".
    """
    from breachdesk import check_key, create_app
    from breachdesk.services.journal_guard import look_at_guard
    from breachdesk.services.live_chains import walk_chains
    from breachdesk.wording import wording_for
    from breachdesk.wording.live_check import live_words

    app = create_app(read_settings())
    check_key(app)
    wording, progress = wording_for(lang), Progress()

    def tell(chains: int) -> None:
        progress(wording.plural("%(n)s journal parcouru", "%(n)s journaux parcourus", chains))

    with app.app_context():
        database = app.extensions["sqlalchemy"]
        try:
            found = walk_chains(database.session(), app.extensions["desk"].files, tell=tell)
        finally:
            progress.end()
        with database.engine.connect() as connection:
            guard = look_at_guard(connection)
    holds = found.holds and guard.is_in_place
    if as_json:
        value = {"holds": holds, **dataclasses.asdict(found), "guard": dataclasses.asdict(guard)}
        click.echo(json.dumps(value, ensure_ascii=False, indent=2))
        return 0 if holds else 1
    words = live_words(
        found, wording, is_guarded=guard.is_in_place, may_our_role=guard.our_role_may
    )
    for outcome, sentence in words.lines:
        click.echo(f"{SIGNS[outcome]} {sentence}")
    click.echo("\n" + wording.text("N’a pas été vérifié :"))
    for limit in words.not_checked:
        click.echo(f"- {limit}")
    return 0 if holds else 1
