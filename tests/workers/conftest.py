"""The application as a worker is given it, and a worker that beats when a test says so."""

from datetime import timedelta

import pytest

from breachdesk.domain.access import Role
from breachdesk.services.monitor import Monitor
from tests.cases import at_desk, make_organisation, open_case
from tests.services.test_monitor import listening
from tests.web.conftest import _quick_hashing, app, clock, mailer  # noqa: F401 - fixtures
from tests.workers.beating import NOW, waiting, workers


@pytest.fixture
def example(app):  # noqa: F811 - the fixture
    """An example organisation with a report, and no mail server but the catcher."""
    with at_desk(app) as work:
        make_organisation(work, now=NOW, roles=(Role.HANDLER, Role.DECIDER), is_example=True)
        open_case(work, now=NOW)
    return app


@pytest.fixture
def done(example, tmp_path):
    """A worker that has done all there is to do."""
    with workers(example, tmp_path) as (worker,):
        worker.beat()
        assert waiting(example) == 0
        yield worker


@pytest.fixture
def outside(example):
    """A monitor that this worker is to tell every five minutes."""
    with listening() as found:
        example.extensions["monitor"] = Monitor(found.url, timedelta(minutes=5))
        yield found
