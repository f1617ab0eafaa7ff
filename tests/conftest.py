"""What every test may ask for. The databases are in `databases`, the browser in `browser`."""

import gc
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from breachdesk.models import begin_as_reader
from tests.browser import browser, live_server, page  # noqa: F401 - fixtures
from tests.databases import ENGINES, Databases
from tests.quick import share_what_is_compiled

# A busy machine is no reason to fail; a failure prints what brings it back.
settings.register_profile(
    "desk", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("desk")
share_what_is_compiled()
# While tests are collected nothing is garbage, and searching for it took a third of the time.
gc.disable()


# --- One folder per run, shared by the processes of xdist ------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.breachdesk_folder = tempfile.mkdtemp(prefix="desk-tests-")
        # Told to end, we end as on Ctrl-C: the server is stopped and nothing is left behind.
        signal.signal(signal.SIGTERM, signal.default_int_handler)


# What takes minutes, or mostly waits: it begins, so that no process is left alone with it.
LONGEST_FIRST = (
    "tests/e2e/test_pages.py",
    "tests/faults/test_faults.py",
    "tests/e2e/",
    "tests/services/test_killed_worker.py",
    "tests/cli/",
    "tests/test_key_files.py",
    "tests/test_settings.py",
    "tests/web/",
    "tests/services/",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first; a process of xdist takes one file after another."""

    def place(item: pytest.Item) -> int:
        return next((n for n, part in enumerate(LONGEST_FIRST) if part in item.nodeid), 99)

    items.sort(key=place)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """What is loaded now stays: it is not searched for garbage again and again, and what the
    tests make is searched less often. It was a fifth of their time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node) -> None:
    node.workerinput["breachdesk_folder"] = node.config.breachdesk_folder


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "breachdesk_folder"):
        Databases(Path(config.breachdesk_folder)).close()


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Iterator[Databases]:
    """The databases of this run."""
    worker = getattr(request.config, "workerinput", None)
    made = Databases(
        Path(worker["breachdesk_folder"] if worker else request.config.breachdesk_folder)
    )
    yield made
    made.let_go()


@pytest.fixture(autouse=True)
def begins_as_writer() -> None:
    """As in a process of its own: the last page a test read would else make the next one a reader,
    who on SQLite may not write once another process has."""
    begin_as_reader(False)


@pytest.fixture(params=ENGINES)
def database_url(request, databases: Databases, tmp_path: Path) -> Iterator[str]:
    """A migrated database of the test's own: each test runs on SQLite and on PostgreSQL."""
    with databases.migrated(request.param, tmp_path) as url:
        yield url


@pytest.fixture(params=ENGINES)
def empty_database_url(request, databases: Databases, tmp_path: Path) -> Iterator[str]:
    """An empty database of the test's own, on SQLite and on PostgreSQL."""
    with databases.empty(request.param, tmp_path) as url:
        yield url
