"""Every import points down; and the checks that say so are seen to fail."""

import pytest

from tests.architecture import ALLOWED, LINES_MAX, Module, circle, complaints, modules


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name or "__init__")
def test_a_module_keeps_the_rules_of_its_room(module):
    assert complaints(module) == []


def test_no_modules_import_each_other_in_a_circle():
    assert circle(list(modules())) == []


def test_every_room_of_the_house_is_looked_at():
    rooms = {module.room for module in modules()}

    assert set(ALLOWED) <= rooms


@pytest.mark.parametrize(
    ("name", "source", "complaint"),
    [
        pytest.param(
            "domain.deadlines",
            "from breachdesk.models import Clock",
            "domain.deadlines:1 domain must not import models",
            id="a rule that knows a table",
        ),
        pytest.param(
            "domain.deadlines",
            "def f():\n    import sqlalchemy",
            "domain.deadlines:2 domain imports sqlalchemy: it may use the standard library only",
            id="a lazy import is an import",
        ),
        pytest.param(
            "services.notices",
            "from breachdesk import web",
            "services.notices:1 services must not import web",
            id="a room imported from the package",
        ),
        pytest.param(
            "services.notices",
            "from flask import request",
            "services.notices:1 services must know nothing of the web: flask",
            id="a service that reads a request",
        ),
        pytest.param(
            "services.notices",
            "import breachdesk.wording.times",
            "services.notices:1 services must not import wording",
            id="a service that speaks",
        ),
        pytest.param(
            "mail.sending",
            "import smtplib",
            "mail.sending:1 imports smtplib: mail leaves through aiosmtplib",
            id="the blocking mail library",
        ),
        pytest.param(
            "mail.sending",
            "from smtplib import SMTP",
            "mail.sending:1 imports smtplib: mail leaves through aiosmtplib",
            id="a name out of it",
        ),
        pytest.param(
            "documents.dossier",
            "from sqlalchemy import select",
            "documents.dossier:1 documents must know nothing of databases: sqlalchemy",
            id="a document that asks the database",
        ),
        pytest.param(
            "web.notices",
            "from breachdesk.config import load_settings",
            "web.notices:1 web must not import config",
            id="a view that reads settings itself",
        ),
        pytest.param(
            "workers.notices",
            "from breachdesk.models import Notice",
            "workers.notices:1 workers must not import models",
            id="a worker that asks the database itself",
        ),
        pytest.param(
            "services.notices",
            "from breachdesk import create_app",
            "services.notices:1 services must not import create_app",
            id="a service that wires",
        ),
        pytest.param(
            "web.notices",
            "from . import forms",
            "web.notices:1 imports by a relative name",
            id="a relative import",
        ),
        pytest.param(
            "services.notices",
            "from datetime import datetime, UTC\nat = datetime.now(UTC)",
            "services.notices:2 reads the clock: `now` is an argument here",
            id="a service with a clock",
        ),
        pytest.param(
            "web.utils", "", "web.utils has a name that says nothing", id="a drawer for anything"
        ),
        pytest.param(
            "attic.notices", "", "attic.notices lies in no room of the house", id="a new room"
        ),
        pytest.param(
            "web.notices",
            "\n" * (LINES_MAX + 1),
            "web.notices has 401 lines, more than 400: split it",
            id="a long file",
        ),
    ],
)
def test_a_broken_rule_is_seen(name, source, complaint):
    assert complaint in complaints(Module(name, source))


@pytest.mark.parametrize(
    ("name", "source"),
    [
        pytest.param("", "from breachdesk.web import views", id="the wiring imports all"),
        pytest.param("__main__", "from breachdesk.cli import main", id="so does the entrance"),
        pytest.param("cli.run", "from breachdesk import create_app", id="the command line starts"),
        pytest.param("mail.sending", "from breachdesk.config import Settings", id="mail, settings"),
        pytest.param("services.a", "from breachdesk.services import b", id="its own room"),
        pytest.param("web.a", "from datetime import datetime\ndatetime.now", id="web has a clock"),
        pytest.param("web.a", "\n" * LINES_MAX, id="400 lines are not too many"),
    ],
)
def test_what_is_allowed_is_not_complained_about(name, source):
    assert complaints(Module(name, source)) == []


def test_a_circle_is_seen_and_a_lazy_import_breaks_it():
    one = Module("web.one", "from breachdesk.web.two import b")
    two = Module("web.two", "import breachdesk.web.one")
    lazy = Module("web.two", "def f():\n    import breachdesk.web.one")

    assert circle([one, two]) == ["breachdesk.web.one", "breachdesk.web.two"]
    assert circle([one, lazy]) == []
