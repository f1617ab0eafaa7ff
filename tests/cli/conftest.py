"""Commands, as an operator types them."""

import os

import pytest
from click.testing import CliRunner, Result

from breachdesk.cli import main
from tests.databases import engines_closed


@pytest.fixture
def call(monkeypatch, tmp_path):
    """`call("deadline", …, VARIABLE=…)`: a command on an instance of its own."""
    for name in [name for name in os.environ if name.startswith("BREACHDESK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr("breachdesk.cli.installation.ENV_FILE", tmp_path / "none.env")

    def run(*arguments: str, **settings: str) -> Result:
        given = {"INSTANCE": str(tmp_path / "instance"), **settings}
        environment = {f"BREACHDESK_{name}": value for name, value in given.items()}
        return CliRunner().invoke(main, arguments, env=environment)

    # A command leaves its connections to the end of its process; here there is none.
    with engines_closed():
        yield run
