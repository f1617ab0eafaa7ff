"""The application as a worker is given it."""

from tests.web.conftest import _quick_hashing, app, clock, mailer  # noqa: F401 - fixtures
