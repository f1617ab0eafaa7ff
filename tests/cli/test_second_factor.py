"""`reset-second-factor`, as an operator types it."""

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, event, select

from breachdesk import create_app, utc_now
from breachdesk.cli import main
from breachdesk.config import load_settings
from breachdesk.models import UserSession
from breachdesk.services.journal import journal_of
from breachdesk.services.second_factor import has_second_factor
from tests.people import at_desk, make_organisation, organisation
from tests.services.factors import enrol_totp, person, told_changes
from tests.web.conftest import _quick_hashing  # noqa: F401 - a fixture


@pytest.fixture
def settings(database_url, tmp_path, monkeypatch):
    """The variables of an installation, of which the command knows too."""
    monkeypatch.setattr("breachdesk.cli.installation.ENV_FILE", tmp_path / "none.env")
    given = {"INSTANCE": str(tmp_path / "instance"), "DATABASE_URL": database_url}
    return {f"BREACHDESK_{name}": value for name, value in given.items()}


@pytest.fixture
def call(settings):
    """`call(…)`: a command on that installation."""
    used = set()
    note = lambda connection: used.add(connection.engine)  # noqa: E731
    event.listen(Engine, "engine_connect", note)
    yield lambda *arguments: CliRunner().invoke(main, arguments, env=settings)
    event.remove(Engine, "engine_connect", note)
    # A command leaves its connections to the end of its process; here there is none.
    for engine in used:
        engine.dispose()


@pytest.fixture
def app(settings, call):
    """The installation's application; somebody there has an application of codes."""
    made = create_app(load_settings(settings))
    with at_desk(made) as work:
        make_organisation(work, now=utc_now())
        enrol_totp(work, person(work), now=utc_now())
    return made


def test_the_command_takes_every_factor_and_says_so(app, call):
    given = call("reset-second-factor", "DPO@gir.example")

    assert given.exit_code == 0, given.output
    assert given.output.startswith("dpo@gir.example has no second factor any more")
    with at_desk(app) as work:
        assert not has_second_factor(work.session, person(work))
        assert told_changes(work, person(work))[-1] == "second_factor_reset"
        assert journal_of(work.session, organisation(work))[-1].parameters == {
            "user": person(work).id,
            "rules": ["second_factor_reset"],
        }
        assert all(kept.ended_at for kept in work.session.scalars(select(UserSession)))


def test_an_unknown_address_is_said_and_changes_nothing(app, call):
    given = call("reset-second-factor", "nobody@gir.example")

    assert given.exit_code == 1
    assert "nobody@gir.example" in given.output
    assert "Traceback" not in given.output
    with at_desk(app) as work:
        assert has_second_factor(work.session, person(work))


def test_the_help_says_what_will_happen():
    given = CliRunner().invoke(main, ["reset-second-factor", "--help"])

    assert "Make sure first that it is they who ask" in given.output
