"""The command line. Commands are imported when they are called: `--help` stays quick."""

from importlib import import_module

import click

COMMANDS = {
    "run": "breachdesk.cli.run:run",
    "worker": "breachdesk.cli.run:worker",
    "demo": "breachdesk.cli.demo:demo",
    "create-user": "breachdesk.cli.people:create_user",
    "db": "breachdesk.cli.database:database",
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


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """The desk where a personal-data breach is opened, decided, timed, told and proven."""
