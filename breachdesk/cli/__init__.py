"""The command line. Commands are imported when they are called: `--help` stays quick."""

from importlib import import_module
from typing import Any

import click

from breachdesk.config import SettingsError

COMMANDS = {
    "run": "breachdesk.cli.run:run",
    "worker": "breachdesk.cli.run:worker",
    "status": "breachdesk.cli.status:status",
    "demo": "breachdesk.cli.demo:demo",
    "create-user": "breachdesk.cli.people:create_user",
    "create-operator": "breachdesk.cli.operators:create_operator",
    "reset-password": "breachdesk.cli.operators:reset_password",
    "reset-second-factor": "breachdesk.cli.second_factor:reset_second_factor",
    "db": "breachdesk.cli.database:database",
    "backup": "breachdesk.cli.backup:backup",
    "restore": "breachdesk.cli.backup:restore",
    "rotate-key": "breachdesk.cli.keys:rotate_key",
    "verify": "breachdesk.cli.verify:verify",
    "seal": "breachdesk.cli.seal:seal",
    "import-published": "breachdesk.cli.published:import_published",
    "assess": "breachdesk.cli.assess:assess",
    "deadline": "breachdesk.cli.deadline:deadline",
    "dossier": "breachdesk.cli.dossier:dossier",
}


class LazyGroup(click.Group):
    """A group that imports a command's module only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order in which one meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; faults of the settings, keys among them, are said and end it."""
        try:
            return super().invoke(ctx)
        except SettingsError as faults:
            click.echo(str(faults), err=True)
            ctx.exit(2)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """The desk where a personal-data breach is opened, decided, timed, told and proven."""
