"""`breachdesk assess`: judge the facts of a file and print the verdict as JSON."""

import json
import sys
from typing import IO, Any, NoReturn

import click

from breachdesk.domain.duties import assess as assess_facts
from breachdesk.domain.fact_schema import faults_of
from breachdesk.wording import N_, Wording, wording_for
from breachdesk.wording.assessment import describe, fault_text

BAD_FACTS = 2


@click.command("assess")
@click.argument("facts_file", metavar="FACTS.json", type=click.File("r", encoding="utf-8"))
@click.option("--lang", type=click.Choice(["fr", "en"]), default="fr", help="Language of the text.")
def assess(facts_file: IO[str], lang: str) -> None:
    """Assess the facts in FACTS.json ("-" reads standard input) and print JSON.

    The file holds one object of facts, or a list of them; a list gives a list. Facts not
    known yet are left out, null or "unknown". Facts that break the vocabulary end the
    command with status 2 and one line per fault on standard error.
    """
    wording = wording_for(lang)
    given = _read(facts_file, wording)
    _demand_valid(given, wording)
    cases = given if isinstance(given, list) else [given]
    described = [describe(assess_facts(facts).as_record(), wording) for facts in cases]
    answer = described if isinstance(given, list) else described[0]
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2))


def _read(facts_file: IO[str], wording: Wording) -> Any:
    try:
        return json.load(facts_file)
    except json.JSONDecodeError as error:
        message = N_("Ce n’est pas du JSON valide : ligne %(line)s, colonne %(column)s.")
        _refuse([wording.text(message, line=error.lineno, column=error.colno)])
    except (UnicodeDecodeError, RecursionError) as error:
        _refuse([wording.text(N_("Fichier illisible : %(reason)s"), reason=type(error).__name__)])


def _demand_valid(given: object, wording: Wording) -> None:
    """End the command with every fault of every case; a list's are numbered from 1."""
    if isinstance(given, list):
        lines = [
            f"[{number}] {fault_text(fault, wording)}"
            for number, facts in enumerate(given, start=1)
            for fault in faults_of(facts)
        ]
    else:
        lines = [fault_text(fault, wording) for fault in faults_of(given)]
    if lines:
        _refuse(lines)


def _refuse(lines: list[str]) -> NoReturn:
    for line in lines:
        click.echo(line, err=True)
    sys.exit(BAD_FACTS)
